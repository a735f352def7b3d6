// Everything of firn/firn.hpp, as a strict consumer compiles it (headers.cmake).
#include <array>
#include <vector>

#include "firn/firn.hpp"

static firn::Status fill(firn::Context &context, std::vector<float> &x, std::array<float, 4> &y) {
  if (firn::Status status = context.SetDims("x", {2, 3}); !status.ok())
    return status;
  if (firn::Status status = context.SetInput<float>("x", x); !status.ok())
    return status;
#if __cplusplus >= 202002L
  std::span<float> view = y;
  if (firn::Status status = context.SetOutput<float>("y", view); !status.ok())
    return status;
  const std::span<const float> back = firn::Span<const float>(view);
  return back.size() == y.size() ? context.Prepare() : firn::Status();
#else
  return context.SetOutput<float>("y", y);
#endif
}

static float run(firn::Context &context) {
  context.Run().value();
  float sum = 0;
  for (float value : context.Output<float>("y").value())
    sum += value;
  const firn::Result<firn::TensorView> view = context.Output("y");
  return view ? sum + view->As<const float>()[0] : 0;
}

int main(int count, char **arguments) {
  firn::Result<firn::Module> module = firn::Module::Open(count > 1 ? arguments[1] : "model.firn");
  if (!module)
    return module.code();
  for (std::uint32_t i = 0; i < module->input_count(); ++i)
    for (std::int64_t dim : module->input(i).dims())
      if (dim < 0)
        return 1;
  firn::Context context = firn::Context::Create(*module, {1, nullptr, nullptr}).value();
  std::vector<float> x(6);
  std::array<float, 4> y{};
  return fill(context, x, y).ok() && run(context) > 0 ? 0 : 1;
}

#include "compiler/pipeline/LoadedModule.h"

#include "absl/strings/str_cat.h"
#include "compiler/pipeline/Arrays.h"
#include "runtime/module/format.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace firn {

bool isModuleFile(const std::string &path) {
  constexpr size_t kLength = sizeof(firn_module_header::magic);
  char magic[kLength] = {};
  std::ifstream file(path, std::ios::binary);
  return file.read(magic, kLength) && std::memcmp(magic, FIRN_MODULE_MAGIC, kLength) == 0;
}

absl::Status expectModuleFile(const std::string &path) {
  if (isModuleFile(path))
    return absl::OkStatus();
  if (!std::ifstream(path))
    return absl::NotFoundError(absl::StrCat("can't open '", path, "': ", std::strerror(errno)));
  return absl::InvalidArgumentError(absl::StrCat("'", path,
                                                 "' is no module; 'firn compile MODEL -o OUT.firn' "
                                                 "makes one"));
}

absl::Status statusOf(const firn_status &status) {
  switch (status.code) {
  case FIRN_OK:
    return absl::OkStatus();
  case FIRN_UNREADABLE:
    return absl::NotFoundError(status.message);
  case FIRN_DAMAGED:
    return absl::DataLossError(status.message);
  case FIRN_OUT_OF_MEMORY:
    return absl::ResourceExhaustedError(status.message);
  case FIRN_VERSION:
  case FIRN_CPU:
  case FIRN_NOT_READY:
    return absl::FailedPreconditionError(status.message);
  default:
    return absl::InvalidArgumentError(status.message);
  }
}

static ModelTensor describe(const firn_port &port) {
  return {port.name, port.dtype, {port.dims, port.dims + port.rank}, true, false};
}

absl::StatusOr<LoadedModule> LoadedModule::open(const std::string &path,
                                                const ModuleOptions &options) {
  LoadedModule result;
  firn_status status;
  firn_module *module = nullptr;
  const firn_open_options opening = {options.withoutCode ? uint32_t(FIRN_OPEN_INSPECT) : 0, 0};
  if (firn_module_open(path.c_str(), &opening, &module, &status))
    return statusOf(status);
  result.handle.reset(module);
  for (uint32_t i = 0; i < firn_module_input_count(module); ++i)
    result.in.push_back(describe(*firn_module_input(module, i)));
  for (uint32_t i = 0; i < firn_module_output_count(module); ++i)
    result.out.push_back(describe(*firn_module_output(module, i)));
  if (options.withoutCode)
    return result;
  firn_context *context = nullptr;
  const firn_context_options settings = {options.threads, nullptr, nullptr};
  if (firn_context_create(module, &settings, &context, &status))
    return statusOf(status);
  result.state.reset(context);
  return result;
}

absl::Status LoadedModule::feed(const NamedArrays &feeds) {
  firn_status status;
  for (const ModelTensor &input : in) {
    const auto given = std::find_if(feeds.begin(), feeds.end(), [&](const auto &feed) {
      return tensorName(feed.first) == tensorName(input.name);
    });
    if (given == feeds.end())
      return absl::InvalidArgumentError(
          absl::StrCat("expected a value for the input '", input.name, "'"));
    const NpyArray &array = given->second;
    const auto dtype = firn_dtype(holdsDtype(array, input.dtype) ? input.dtype : array.dtype);
    if (firn_set_input_dims(context(), input.name.c_str(), array.shape.data(), array.shape.size(),
                            &status) ||
        firn_set_input(context(), input.name.c_str(), dtype, array.bytes.data(), array.bytes.size(),
                       &status))
      return statusOf(status);
  }
  return firn_prepare(context(), &status) ? statusOf(status) : absl::OkStatus();
}

absl::Status LoadedModule::run() {
  firn_status status;
  return firn_run(context(), &status) ? statusOf(status) : absl::OkStatus();
}

absl::StatusOr<NamedArrays> LoadedModule::results() const {
  NamedArrays arrays;
  for (const ModelTensor &output : out) {
    firn_status status;
    firn_tensor tensor;
    if (firn_get_output(context(), output.name.c_str(), &tensor, &status))
      return statusOf(status);
    NpyArray array{tensor.dtype, {tensor.dims, tensor.dims + tensor.rank}, "", {}};
    array.bytes.assign(static_cast<const char *>(tensor.data), tensor.bytes);
    arrays.emplace_back(output.name, std::move(array));
  }
  return arrays;
}

} // namespace firn

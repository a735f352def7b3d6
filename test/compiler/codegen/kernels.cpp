// Stand-ins for runtime/kernels, as small as the tests need them.
#include "runtime/abi/dispatch.h"

namespace {

#if defined(__AVX512F__)
constexpr int lanes = 16;
#elif defined(__AVX2__)
constexpr int lanes = 8;
#else
constexpr int lanes = 4;
#endif
typedef float V __attribute__((vector_size(lanes * 4)));
typedef float Unaligned __attribute__((vector_size(lanes * 4), aligned(4)));

struct scale_args {
  int64_t rows, columns, first;
  double factor;
};

} // namespace

extern "C" V firn_epilogue(V value, int64_t row, int64_t column, const firn_workgroup *group);

// buffers: input [rows][columns], output the same; output = epilogue(first + factor * input).
extern "C" uint32_t firn_kernel_scale(const firn_workgroup *group, const scale_args *args) {
  const float *input = static_cast<const float *>(group->buffers[0]);
  float *output = static_cast<float *>(group->buffers[1]);
  for (int64_t row = 0; row < args->rows; ++row) {
    for (int64_t column = 0; column < args->columns; column += lanes) {
      const float *from = input + row * args->columns + column;
      V value = *reinterpret_cast<const Unaligned *>(from) * float(args->factor);
      value = firn_epilogue(value + float(args->first), row, column, group);
      for (int lane = 0; lane < lanes && column + lane < args->columns; ++lane)
        output[row * args->columns + column + lane] = value[lane];
    }
  }
  return FIRN_DISPATCH_OK;
}

// Has state, so no image may hold it.
static int calls;
extern "C" uint32_t firn_kernel_stateful(const firn_workgroup *, const void *) {
  return uint32_t(++calls);
}

// A rational tanh, exact to 3e-2 in [-3, 3].
template <typename T> static inline T rationalTanh(T x) {
  T square = x * x;
  return x * (27 + square) / (27 + 9 * square);
}
extern "C" float firn_tanh_f32(float x) { return rationalTanh(x); }
extern "C" double firn_tanh_f64(double x) { return rationalTanh(x); }
extern "C" V firn_tanh_f32v(V x) { return rationalTanh(x); }

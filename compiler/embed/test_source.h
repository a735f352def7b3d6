// The source of a model's test, with `$KEY$` for what is the model's own.
#pragma once

namespace firn {

constexpr char kTestSource[] =
    R"(/* Runs the model `$name$` and holds its outputs against values that are known to be right. Made by
 * $generator$; do not edit. Exit code: 0 within the tolerance, 1 not, or an error. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "$header$"

typedef struct tensor {
  const char *name;
  firn_dtype dtype;
  uint32_t rank;
  int64_t dims[$rank$];
  uint64_t offset, bytes; /* of the values in the data */
} tensor;

static const tensor inputs[] = {
$inputs$    {NULL, 0, 0, {0}, 0, 0},
};

static const tensor outputs[] = {
$outputs$    {NULL, 0, 0, {0}, 0, 0},
};

extern __attribute__((visibility("hidden"))) const unsigned char $data$[];

/* |got - want| may be `absolute` and `relative` of the largest |want|. */
static const double relative = $rtol$, absolute = $atol$;

static double from_half(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  double value = bits & 1023;
  int i;
  if (exponent == 31)
    value = value > 0 ? NAN : INFINITY;
  else if (exponent > 0)
    value += 1024;
  for (i = exponent ? exponent : 1; i < 25; ++i)
    value /= 2;
  for (i = 25; i < exponent; ++i)
    value *= 2;
  return bits & 0x8000 ? -value : value;
}

static double from_bfloat16(uint16_t bits) {
  const uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, sizeof value);
  return (double)value;
}

#define NUMBER_AS(type) \
  { \
    type value; \
    memcpy(&value, at, sizeof value); \
    return (double)value; \
  }

/* The number at an address that need not be aligned. */
static double number(firn_dtype dtype, const unsigned char *at) {
  uint16_t bits;
  switch (dtype) {
  case FIRN_FLOAT:
  case FIRN_COMPLEX64:
    NUMBER_AS(float)
  case FIRN_DOUBLE:
  case FIRN_COMPLEX128:
    NUMBER_AS(double)
  case FIRN_INT8:
  case FIRN_QINT8:
    NUMBER_AS(int8_t)
  case FIRN_INT16:
  case FIRN_QINT16:
    NUMBER_AS(int16_t)
  case FIRN_INT32:
  case FIRN_QINT32:
    NUMBER_AS(int32_t)
  case FIRN_INT64:
    NUMBER_AS(int64_t)
  case FIRN_UINT16:
  case FIRN_QUINT16:
    NUMBER_AS(uint16_t)
  case FIRN_UINT32:
    NUMBER_AS(uint32_t)
  case FIRN_UINT64:
    NUMBER_AS(uint64_t)
  case FIRN_HALF:
    memcpy(&bits, at, sizeof bits);
    return from_half(bits);
  case FIRN_BFLOAT16:
    memcpy(&bits, at, sizeof bits);
    return from_bfloat16(bits);
  default: /* bool, uint8, quint8 */
    return *at;
  }
}

/* Bytes of a number; a complex element is two numbers. */
static size_t size_of_number(firn_dtype dtype) {
  switch (dtype) {
  case FIRN_DOUBLE:
  case FIRN_COMPLEX128:
  case FIRN_INT64:
  case FIRN_UINT64:
    return 8;
  case FIRN_FLOAT:
  case FIRN_COMPLEX64:
  case FIRN_INT32:
  case FIRN_QINT32:
  case FIRN_UINT32:
    return 4;
  case FIRN_INT16:
  case FIRN_QINT16:
  case FIRN_UINT16:
  case FIRN_QUINT16:
  case FIRN_HALF:
  case FIRN_BFLOAT16:
    return 2;
  default:
    return 1;
  }
}

/* NaN equals NaN; integers of 64 bits that a double can't tell apart differ by 1. */
static double distance(firn_dtype dtype, const unsigned char *want, const unsigned char *got) {
  const double a = number(dtype, want), b = number(dtype, got);
  const double d = a < b ? b - a : a - b;
  if (memcmp(want, got, size_of_number(dtype)) == 0 || (isnan(a) && isnan(b)))
    return 0;
  if (isnan(d))
    return INFINITY;
  return d == 0 && (dtype == FIRN_INT64 || dtype == FIRN_UINT64) ? 1 : d;
}

static int same_shape(const tensor *want, const firn_tensor *got) {
  uint32_t i;
  if (got->dtype != want->dtype || got->rank != want->rank || got->bytes != want->bytes)
    return 0;
  for (i = 0; i < want->rank; ++i)
    if (got->dims[i] != want->dims[i])
      return 0;
  return 1;
}

/* Whether an output is as it should be; tells how far it is from that. */
static int compare(const tensor *want, const firn_tensor *got, uint32_t level) {
  const size_t size = size_of_number(want->dtype);
  const unsigned char *a = $data$ + want->offset;
  const unsigned char *b = (const unsigned char *)got->data;
  double largest = 0, scale = 0;
  uint64_t i, worst = 0;
  int good;
  if (!same_shape(want, got)) {
    printf("$name$ v%u: %s has another type or shape than expected\n", level, want->name);
    return 0;
  }
  for (i = 0; i < want->bytes; i += size) {
    const double d = distance(want->dtype, a + i, b + i);
    const double magnitude = fabs(number(want->dtype, a + i));
    if (isfinite(magnitude) && magnitude > scale)
      scale = magnitude;
    if (d > largest) {
      largest = d;
      worst = i;
    }
  }
  good = largest <= absolute + relative * scale;
  printf("$name$ v%u: %s  max |d| %.3g of %.3g%s\n", level, want->name, largest, scale,
         good ? "" : "  FAILED");
  if (!good)
    printf("  number %llu: expected %.9g, got %.9g\n", (unsigned long long)(worst / size),
           number(want->dtype, a + worst), number(want->dtype, b + worst));
  return good;
}

static firn_code run(firn_context *context, firn_status *status) {
  const tensor *in;
  for (in = inputs; in->name; ++in) {
    firn_code code = firn_set_input_dims(context, in->name, in->dims, in->rank, status);
    if (code == FIRN_OK)
      code = firn_set_input(context, in->name, in->dtype, $data$ + in->offset, in->bytes, status);
    if (code != FIRN_OK)
      return code;
  }
  return firn_run(context, status);
}

static int compare_outputs(firn_context *context, uint32_t level, firn_status *status) {
  const tensor *out;
  int good = 1;
  for (out = outputs; out->name; ++out) {
    firn_tensor got;
    if (firn_get_output(context, out->name, &got, status) != FIRN_OK)
      return 0;
    good = compare(out, &got, level) && good;
  }
  return good;
}

static int test(uint32_t level) {
  const firn_open_options options = {0, level};
  firn_status status;
  firn_module *module = NULL;
  firn_context *context = NULL;
  int good = 0;
  status.message[0] = 0;
  if (firn_module_open_static(&$model$, &options, &module, &status) == FIRN_OK &&
      (level = firn_module_cpu_level(module)) > 0 &&
      firn_context_create_single(module, &context, &status) == FIRN_OK &&
      run(context, &status) == FIRN_OK)
    good = compare_outputs(context, level, &status);
  if (status.message[0])
    printf("$name$ v%u: %s\n", level, status.message);
  if (context)
    firn_context_destroy(context);
  firn_module_close(module);
  return good;
}

int main(void) {
  const uint32_t best = firn_cpu_level_of_machine();
  int good = 1, tested = 0;
  uint64_t i;
  for (i = 0; i < $model$.code_count; ++i) {
    const uint32_t level = $model$.code[i].level;
    if (level > best) {
      printf("$name$ v%u: left out, this processor has v%u\n", level, best);
      continue;
    }
    good = test(level) && good;
    tested = 1;
  }
  if (!tested)
    printf("$name$: no code for this processor\n");
  return good && tested ? 0 : 1;
}
)";

} // namespace firn

/* The code of the tests' modules: what `functions.h` names. */
#include "runtime/abi/dispatch.h"
#include "test/runtime/functions.h"

static const float table[4] = {0.5f, 1.5f, 2.5f, 3.5f};

/* buffers: float a[n], b[n], sum[n]; dims: n; a workgroup has kStripe elements. */
static uint32_t add(const firn_workgroup *group) {
  const float *a = group->buffers[0], *b = group->buffers[1];
  float *sum = group->buffers[2];
  const int64_t n = group->dims[0], begin = (int64_t)group->x * kStripe;
  for (int64_t i = begin; i < n && i < begin + kStripe; ++i)
    sum[i] = a[i] + b[i];
  return FIRN_DISPATCH_OK;
}

/* buffers: int32 hits[z][y][x]; dims: sizes of y, x. Goes through its scratch. */
static uint32_t hit(const firn_workgroup *group) {
  int32_t *hits = group->buffers[0];
  volatile int32_t *scratch = group->scratch;
  const int64_t at = ((int64_t)group->z * group->dims[0] + group->y) * group->dims[1] + group->x;
  for (int i = 0; i < 16; ++i)
    scratch[i] = (int32_t)at;
  for (int i = 0; i < 16; ++i)
    if (scratch[i] != at)
      return FIRN_DISPATCH_SHAPE;
  hits[at] += 1;
  return FIRN_DISPATCH_OK;
}

/* buffers: float a[1], b[1]; bool less. */
static uint32_t less(const firn_workgroup *group) {
  const float *a = group->buffers[0], *b = group->buffers[1];
  *(uint8_t *)group->buffers[2] = *a < *b;
  return FIRN_DISPATCH_OK;
}

/* buffers: float a[n]; kept[n] gets those above 0, int64 count; dims: n. */
static uint32_t keep(const firn_workgroup *group) {
  const float *a = group->buffers[0];
  float *kept = group->buffers[1];
  int64_t *count = group->buffers[2], found = 0;
  for (int64_t i = 0; i < group->dims[0]; ++i)
    if (a[i] > 0)
      kept[found++] = a[i];
  *count = found;
  return FIRN_DISPATCH_OK;
}

/* buffers: float a[1], b[1], product[1]. */
static uint32_t multiply(const firn_workgroup *group) {
  *(float *)group->buffers[2] = *(const float *)group->buffers[0] * *(const float *)group->buffers[1];
  return FIRN_DISPATCH_OK;
}

/* buffers: int32 index[1], float picked[1]. */
static uint32_t pick(const firn_workgroup *group) {
  const int32_t index = *(const int32_t *)group->buffers[0];
  if (index < 0 || index > 3)
    return FIRN_DISPATCH_INDEX_RANGE;
  *(float *)group->buffers[1] = table[index];
  return FIRN_DISPATCH_OK;
}

uint32_t test_dispatch(uint32_t function, const firn_workgroup *group) {
  switch (function) {
  case kAdd:
    return add(group);
  case kHit:
    return hit(group);
  case kLess:
    return less(group);
  case kKeep:
    return keep(group);
  case kMultiply:
    return multiply(group);
  case kPick:
    return pick(group);
  default:
    return FIRN_DISPATCH_SHAPE;
  }
}

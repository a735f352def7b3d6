// Non-maximum suppression: boxes in the order of their scores, without those that overlap a better
// one.
#pragma once

#include "runtime/kernels/math/exponential.h"
#include "runtime/kernels/plain/order.h"

namespace firn::kernels {
inline namespace FIRN_LEVEL_NAMESPACE {

FIRN_INLINE float smaller(float a, float b) { return b < a ? b : a; }
FIRN_INLINE float larger(float a, float b) { return a < b ? b : a; }

/// Two opposite corners, in either order.
struct Box {
  float top, left, bottom, right;

  explicit FIRN_INLINE Box(const float *corners)
      : top(smaller(corners[0], corners[2])), left(smaller(corners[1], corners[3])),
        bottom(larger(corners[0], corners[2])), right(larger(corners[1], corners[3])) {}
  FIRN_INLINE float area() const { return (bottom - top) * (right - left); }
};

/// Intersection over union.
FIRN_INLINE float overlapOf(const Box &a, const Box &b) {
  if (a.area() <= 0 || b.area() <= 0)
    return 0;
  float height = larger(smaller(a.bottom, b.bottom) - larger(a.top, b.top), 0);
  float width = larger(smaller(a.right, b.right) - larger(a.left, b.left), 0);
  return height * width / (a.area() + b.area() - height * width);
}

template <typename Overlap> struct Suppression {
  float overlapLimit, scoreLimit, sigma;
  const int32_t *chosen;
  float *scores;
  int32_t *compared;
  Overlap overlap;

  /// Lowers the box's score by its overlaps with boxes that were chosen since it was last looked
  /// at; false when it is out.
  FIRN_INLINE bool survives(int32_t box, int64_t number) const {
    for (int64_t i = number; i-- > compared[box];) {
      float similarity = overlap(box, chosen[i]);
      if (sigma <= 0 && similarity > overlapLimit)
        return false;
      if (sigma > 0)
        scores[box] *= math::exp(-0.5f / sigma * similarity * similarity);
      if (scores[box] <= scoreLimit)
        return false;
    }
    compared[box] = static_cast<int32_t>(number);
    return true;
  }
};

template <typename Overlap>
FIRN_INLINE uint32_t suppress(const firn_workgroup *group, const firn_suppress_args *args,
                              Overlap overlap) {
  const float *given = bufferOf<const float>(group, 1), *limits = bufferOf<const float>(group, 2);
  int32_t *chosen = bufferOf<int32_t>(group, 3);
  float *chosenScores = bufferOf<float>(group, 4), *scores = bufferOf<float>(group, 6);
  Suppression<Overlap> suppression{
      limits[0], limits[1], limits[2], chosen, scores, bufferOf<int32_t>(group, 7), overlap};
  Heap heap{bufferOf<int32_t>(group, 8), [scores](int32_t a, int32_t b) FIRN_INLINED {
              return scores[a] < scores[b] || (scores[a] == scores[b] && a > b);
            }};
  int64_t waiting = 0, number = 0;
  for (int64_t i = 0; i < args->count; ++i) {
    scores[i] = given[i];
    suppression.compared[i] = 0;
    if (given[i] > suppression.scoreLimit)
      heap.items[waiting++] = static_cast<int32_t>(i);
  }
  heap.make(waiting);
  while (waiting > 0 && number < args->most) {
    heap.pop(waiting--);
    int32_t box = heap.items[waiting];
    float before = scores[box];
    if (!suppression.survives(box, number))
      continue;
    if (scores[box] != before) { // others may be better now
      heap.push(++waiting);
      continue;
    }
    chosen[number] = box;
    chosenScores[number++] = before;
  }
  *bufferOf<int64_t>(group, 5) = number;
  for (int64_t i = number; i < args->most; ++i)
    chosen[i] = 0, chosenScores[i] = 0;
  return FIRN_DISPATCH_OK;
}

FIRN_INLINE uint32_t suppressBoxes(const firn_workgroup *group, const firn_suppress_args *args) {
  const float *boxes = bufferOf<const float>(group, 0);
  return suppress(group, args, [boxes](int32_t a, int32_t b) FIRN_INLINED {
    return overlapOf(Box(boxes + 4 * int64_t(a)), Box(boxes + 4 * int64_t(b)));
  });
}

FIRN_INLINE uint32_t suppressOverlaps(const firn_workgroup *group, const firn_suppress_args *args) {
  const float *overlaps = bufferOf<const float>(group, 0);
  int64_t count = args->count;
  return suppress(group, args,
                  [=](int32_t a, int32_t b) FIRN_INLINED { return overlaps[a * count + b]; });
}

} // namespace FIRN_LEVEL_NAMESPACE
} // namespace firn::kernels

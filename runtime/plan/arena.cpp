#include "runtime/plan/arena.h"

#include <algorithm>

#include "runtime/module/memory.h"

namespace firn::plan {
namespace {

using runtime::alignUp;
using runtime::Array;

/// The orders in which buffers are placed; the first has the best record on networks.
enum Order { BySize, BySizeAndLifetime, ByLifetime, ByTime, kOrders };

/// Larger keys are placed first.
double keyOf(const Interval &buffer, Order order) {
  const double size = double(buffer.size), lifetime = double(buffer.last - buffer.first) + 1;
  switch (order) {
  case BySize:
    return size;
  case BySizeAndLifetime:
    return size * lifetime;
  case ByLifetime:
    return lifetime;
  default:
    return -double(buffer.first);
  }
}

/// One attempt at a time to place all buffers of `buffers`.
class Placer {
public:
  Placer(const Interval *buffers, size_t count) : buffers(buffers), count(count) {}

  bool allocate() {
    return keys.allocate(count) && order.allocate(count) && placed.allocate(count) &&
           offsets.allocate(count);
  }

  /// The size that the arena needs; `offsetOf` then has the places.
  uint64_t place(Order by) {
    for (size_t i = 0; i < count; ++i) {
      keys[i] = keyOf(buffers[i], by);
      order[i] = uint32_t(i);
    }
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
      if (keys[a] != keys[b])
        return keys[a] > keys[b];
      return buffers[a].size != buffers[b].size ? buffers[a].size > buffers[b].size : a < b;
    });
    uint64_t size = 0;
    placedCount = 0;
    for (uint32_t buffer : order)
      if (buffers[buffer].size > 0)
        size = std::max(size, placeNext(buffer));
    return size;
  }

  uint64_t offsetOf(size_t buffer) const { return offsets[buffer]; }

private:
  bool livesWith(const Interval &a, const Interval &b) const {
    return a.first <= b.last && b.first <= a.last;
  }
  uint64_t sizeOf(uint32_t buffer) const { return alignUp(buffers[buffer].size, kAlignment); }

  /// Takes the smallest gap that is large enough between the buffers that live at the same time,
  /// the end of the last where there is none. Returns the buffer's end.
  uint64_t placeNext(uint32_t buffer) {
    const uint64_t size = sizeOf(buffer);
    uint64_t best = 0, bestGap = UINT64_MAX, end = 0;
    for (size_t i = 0; i < placedCount; ++i) {
      const uint32_t other = placed[i];
      if (!livesWith(buffers[buffer], buffers[other]))
        continue;
      const uint64_t gap = offsets[other] > end ? offsets[other] - end : 0;
      if (gap >= size && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, offsets[other] + sizeOf(other));
    }
    offsets[buffer] = bestGap == UINT64_MAX ? end : best;
    remember(buffer);
    return offsets[buffer] + size;
  }

  /// `placed` stays sorted by offset.
  void remember(uint32_t buffer) {
    size_t at = placedCount++;
    for (; at > 0 && offsets[placed[at - 1]] > offsets[buffer]; --at)
      placed[at] = placed[at - 1];
    placed[at] = buffer;
  }

  const Interval *buffers;
  size_t count, placedCount = 0;
  Array<double> keys;
  Array<uint32_t> order, placed;
  Array<uint64_t> offsets;
};

/// An end of a lifetime: at the same step births come before deaths.
struct Event {
  uint64_t time; // twice the step, and one more for a death
  int64_t size;
};

bool findBound(const Interval *buffers, size_t count, uint64_t *bound) {
  Array<Event> events;
  if (!events.allocate(2 * count))
    return false;
  for (size_t i = 0; i < count; ++i) {
    const int64_t size = int64_t(alignUp(buffers[i].size, kAlignment));
    events[2 * i] = {2 * uint64_t(buffers[i].first), size};
    events[2 * i + 1] = {2 * uint64_t(buffers[i].last) + 1, -size};
  }
  std::sort(events.begin(), events.end(),
            [](const Event &a, const Event &b) { return a.time < b.time; });
  int64_t live = 0, largest = 0;
  for (const Event &event : events)
    largest = std::max(largest, live += event.size);
  *bound = uint64_t(largest);
  return true;
}

} // namespace

bool planArena(Interval *buffers, size_t count, Plan *plan) {
  Placer placer(buffers, count);
  if (!placer.allocate() || !findBound(buffers, count, &plan->bound))
    return false;
  plan->size = UINT64_MAX;
  for (int order = 0; order < kOrders && plan->size > plan->bound; ++order) {
    const uint64_t size = placer.place(Order(order));
    if (size >= plan->size)
      continue;
    plan->size = size;
    for (size_t i = 0; i < count; ++i)
      buffers[i].offset = buffers[i].size ? placer.offsetOf(i) : 0;
  }
  return true;
}

} // namespace firn::plan

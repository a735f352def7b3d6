// One dispatch: its workgroups shared among the threads of a pool.
#pragma once

#include <atomic>

#include "runtime/abi/dispatch.h"
#include "runtime/context/pool.h"

namespace firn::runtime {

/// A worker's part of a grid: the others help themselves when they are through with theirs. Padded,
/// so that counting in one does not slow the others.
struct Share {
  std::atomic<uint64_t> next;
  uint64_t end;
  char padding[112];
};

struct Dispatch {
  firn_dispatch_entry entry;
  uint32_t function;
  void *const *buffers;
  const int64_t *dims;
  unsigned char *scratch; // of worker 0; the next worker's is `scratchStride` bytes on
  uint64_t scratchStride;
  uint32_t grid[3];
};

/// Runs all workgroups. `shares` has an element for each thread of the pool. Returns what the first
/// workgroup returned that was not FIRN_DISPATCH_OK; the others may not have run then.
uint32_t runDispatch(const Dispatch &dispatch, Pool &pool, Share *shares);

/// While it lives this thread rounds to nearest and takes denormals for zero, as TensorFlow's do:
/// every thread computes the same, whatever the caller has set.
class FloatMode {
public:
  FloatMode();
  ~FloatMode();
  FloatMode(const FloatMode &) = delete;
  FloatMode &operator=(const FloatMode &) = delete;

private:
  unsigned before = 0;
};

} // namespace firn::runtime

// What compiled code and the runtime know of each other. Plain C, no dependency: this header, the
// program's schema and the file format are the only crossing between compiler and runtime.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised when code built for another version could be misread. A module records both.
#define FIRN_ABI_MAJOR 1
#define FIRN_ABI_MINOR 0

/// One workgroup of a dispatch.
typedef struct firn_workgroup {
  /// Of each binding of the dispatch the first byte, 64-byte aligned but for the caller's own
  /// inputs and outputs and for bindings with an offset. At least 64 readable bytes follow every
  /// buffer of the arena and of the weights.
  void *const *buffers;
  /// Of each dimension that the dispatch lists its value.
  const int64_t *dims;
  /// As many bytes as the dispatch asks for, 64-byte aligned, this thread's own, contents
  /// undefined.
  void *scratch;
  /// Which workgroup of the dispatch's grid.
  uint32_t x, y, z;
} firn_workgroup;

/// What a workgroup returns: the first that is not FIRN_DISPATCH_OK ends the run.
enum firn_dispatch_code {
  FIRN_DISPATCH_OK = 0,
  FIRN_DISPATCH_INDEX_RANGE = 1, /* an index (Gather, Scatter, labels) lies outside its dimension */
  FIRN_DISPATCH_DIVISION = 2,    /* integer division by zero */
  FIRN_DISPATCH_SHAPE = 3,       /* sizes that came from data do not fit */
  FIRN_DISPATCH_NOT_SOLVABLE = 4, /* a matrix is singular, an iteration did not converge */
};

/// The entry of a code section (`e_entry` of its ELF image): runs one workgroup of a function.
/// Workgroups of one dispatch may run in any order and at once; results do not depend on it.
typedef uint32_t (*firn_dispatch_entry)(uint32_t function, const firn_workgroup *group);

#ifdef __cplusplus
}
#endif

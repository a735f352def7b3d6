// C[z] = epilogue(A[z] x B[z]), f32.
//
// Buffers: A [batch, rows, depth], B, C [batch, rows, columns], then operands of the epilogue.
// A kernel `matmul_R` cuts the rows into ceil(rows / R) tiles of R or R - 1 rows; `matmul_any` into
// tiles of the level's full height and lower ones for the rest, for a row count that is known only
// at run time. Workgroup (x, y, z): row tiles x * tiles …, panels y * panels … of matrix z.
#pragma once

#include "runtime/abi/dispatch.h"

/// How B lies in memory.
enum firn_matmul_b {
  FIRN_MATMUL_PANELS = 0,     /* [ceil(columns / 32)][depth][32], zero padded */
  FIRN_MATMUL_ROWS = 1,       /* [depth][columns], given at run time */
  FIRN_MATMUL_TRANSPOSED = 2, /* [columns][depth], given at run time */
};

struct firn_matmul_args {
  int64_t rows, columns, depth;      // M, N, K
  int64_t a_stride;                  // elements between rows of A
  int64_t c_stride;                  // elements between rows of C
  int64_t a_batch, b_batch, c_batch; // elements between the matrices of a batch; 0: the same one
  int64_t b_form;                    // firn_matmul_b
  int64_t b_stride;                  // elements between rows of B as it lies; unused for panels
  int64_t tiles;                     // row tiles of a workgroup
  int64_t block;                     // of these so many pass over all panels, then the next
  int64_t panels;                    // panels of a workgroup
};

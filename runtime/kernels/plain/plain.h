// Algorithms that have no form as loops over tensors, each one workgroup. Elements are T: float,
// double, int32_t or int64_t; the compiler converts other types. Buffers are listed in their order,
// [sizes] as in the arguments; what stands behind `->` is written. `number` is one int64_t.
#pragma once

#include "runtime/abi/dispatch.h"

/// cumsum_T, cumprod_T, also of complex numbers (c64, c128): x [outer, length, inner] -> sums of
/// the elements of a line up to each one.
struct firn_scan_args {
  int64_t outer, length, inner;
  int64_t exclusive; // without the element itself
  int64_t reverse;   // from the line's end on
};

/// bincount_T: values (int32_t) [count], weights [weights] -> [bins]: how often each value occurs,
/// or the sum of the weights of where it does. Values beyond the bins are left out.
struct firn_bincount_args {
  int64_t count, bins;
  int64_t weights; // as many as values, or none
};

/// segment_sum_T, _prod_T, _max_T, _min_T: x [rows, each], ids (int64_t) [rows] -> [segments,
/// each], rows (int64_t) [segments]: the rows of each id folded into one, and how many they were.
/// Rows of negative ids are left out.
struct firn_segment_args {
  int64_t rows, each, segments;
  int64_t zero; // what a segment without rows is: 0, or else the fold of nothing
  int64_t mean; // divide sums by the number of rows
};

/// segment_count: ids (int64_t) [rows], in order -> number: the last id and one.
struct firn_segment_count_args {
  int64_t rows;
  int64_t most; // a larger number is refused
};

/// topk_T: x [rows, width] -> values [rows, k], places (int32_t) [rows, k], heap (int32_t) [k + 1]:
/// the largest of each row, of equal ones the first. If not sorted, in the order of their heap.
struct firn_topk_args {
  int64_t rows, width, k, sorted;
};

/// nth_T: x [rows, width] -> [rows], row [width]: the element at `place` of each row if it was
/// sorted.
struct firn_nth_args {
  int64_t rows, width, place;
};

/// unique_T: x [count, each] -> rows [count, each] that differ, in the order in which they come
/// first; ids (int64_t) [count] of all rows among them; how often each occurs (int64_t) [count];
/// their number; table (int64_t) [2 count + 1].
struct firn_unique_args {
  int64_t count, each;
};

/// list_diff_T: x [count], others [others] -> elements of x [count] that are none of the others;
/// their places (int64_t) [count]; their number; table (int64_t) [2 others + 1].
struct firn_list_diff_args {
  int64_t count, others;
};

/// where: bytes [count] -> places (int64_t) [count] of those that are not 0; their number.
struct firn_where_args {
  int64_t count;
};

/// suppress_boxes: boxes (float) [count, 4], scores (float) [count], limits (float) [3]: of the
/// overlap, of the score, and the width of soft suppression -> chosen (int32_t) [most], their
/// scores (float) [most], their number; scores as they are lowered (float) [count], with how many
/// of the chosen each was compared (int32_t) [count], heap (int32_t) [count].
/// suppress_overlaps: the same with the overlaps (float) [count, count] in place of the boxes.
struct firn_suppress_args {
  int64_t count, most;
};

/// scatter_update_T, _add_T, _sub_T, _max_T, _min_T: places (int64_t) [rows], updates [rows, each]
/// -> [slots, each], changed in place: row i is put, or folded, into row places[i].
struct firn_scatter_args {
  int64_t rows, each, slots;
};

/// partition: owners (int32_t) [rows] -> numbers (int64_t) [rows] of the rows of part 0, then of 1
/// and so on; how many each part has (int64_t) [parts].
struct firn_partition_args {
  int64_t rows, parts;
};

// Indices of sparse tensors: int64_t, as all numbers here.

/// sparse_order: indices [count, rank] -> numbers of them [count] in order, of equal ones as they
/// come; room [count].
/// sparse_groups: indices [count, rank], their order [count] -> the group of each [count]: groups
/// differ in more than the last axis, and count in order from 0.
struct firn_sparse_args {
  int64_t count, rank;
};

/// sparse_merge: indices [left, rank], indices [right, rank], both in order -> for each index that
/// there is, its number in both [left + right], -1 for none; how many there are.
struct firn_sparse_merge_args {
  int64_t left, right, rank;
};

/// sparse_rows: indices [count, rank] -> numbers of them [count + rows] row by row, -1 - row for
/// one that has none; where each came to stand [count]; bytes [rows]: whether there was none; how
/// many there are now; room [rows].
struct firn_sparse_rows_args {
  int64_t count, rank, rows;
};

// Algebra of batches of matrices. Elements are W: double, or (_c128) pairs of them. Matrices that
// are listed behind `->` and are inputs as well are changed in place.

/// solve_W: -> matrices [batch, size, size], which are used up; right sides [batch, size, columns],
/// which become the solutions.
/// solve_lower_W, solve_upper_W: matrices [batch, size, size], of which a triangle is read -> right
/// sides.
struct firn_solve_args {
  int64_t batch, size, columns;
};

/// determinant_W: -> matrices [batch, size, size], which are used up; signs [batch]; logarithms of
/// the absolute values (double) [batch].
/// cholesky_W: -> matrices, of which the lower triangle is read: it becomes the factor.
/// eigen_f64: -> symmetric matrices, of which the lower triangle is read, and which are used up;
/// eigenvalues [batch, size], rising; their vectors [batch, size, size], as columns.
struct firn_square_args {
  int64_t batch, size;
};

/// qr_W: -> matrices [batch, rows, columns], which become R; Q [batch, rows, rows]; a vector
/// [rows].
struct firn_qr_args {
  int64_t batch, rows, columns;
};

/// svd_f64: -> matrices [batch, rows, columns] with at least as many rows as columns, which are
/// used up; singular values [batch, columns], falling; vectors of the rows [batch, rows, rows] and
/// of the columns [batch, columns, columns], each as columns; a matrix [columns, columns]; a vector
/// [rows].
struct firn_svd_args {
  int64_t batch, rows, columns;
  int64_t turned; // the matrix is the transpose of what is wanted: which decides signs
};

/// fourier: roots (double pairs) [size]: e^(-+2 pi i k / size) -> values (double pairs) [outer,
/// size, inner], each line transformed, not scaled; two lines [2, size].
struct firn_fourier_args {
  int64_t outer, size, inner;
};

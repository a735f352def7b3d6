// Products of matrices, for MatMul, Einsum and the convolutions.
#pragma once

#include <type_traits>

#include "compiler/reference/Tensor.h"

namespace firn::reference {

/// The type in which sums of products of `T` are kept: float for the 16-bit ones, which then round
/// once; unsigned for integers, which wrap around.
template <typename T>
using SumOf = std::conditional_t<
    std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float,
    std::conditional_t<std::is_integral_v<T>,
                       std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>, T>>;

/// Elements as the type in which they are summed.
template <typename Sum, typename T> std::vector<Sum> widened(llvm::ArrayRef<T> values) {
  std::vector<Sum> wide(values.size());
  for (size_t i = 0; i < wide.size(); ++i)
    wide[i] = static_cast<Sum>(values[i]);
  return wide;
}

template <typename Sum, typename T>
void narrow(llvm::ArrayRef<Sum> wide, llvm::MutableArrayRef<T> values) {
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(wide[i]);
}

/// A right operand, stored for reading in order: panels of `kColumns` columns, each row by row,
/// columns beyond the last zero.
template <typename T> class Panels {
public:
  /// The product is made in tiles of so many rows and columns, over so many terms of the sums at a
  /// time: what a tile reads stays in the nearest cache.
  static constexpr int64_t kColumns = 8, kRows = 4, kTerms = 256;

  /// `b` is [inner, columns] with `stride` elements from row to row.
  Panels(const T *b, int64_t inner, int64_t columns, int64_t stride)
      : inner(inner), columns(columns),
        data((columns + kColumns - 1) / kColumns * kColumns * inner) {
    T *to = data.data();
    for (int64_t first = 0; first < columns; first += kColumns)
      for (int64_t k = 0; k < inner; ++k, to += kColumns)
        std::copy_n(b + k * stride + first, std::min(kColumns, columns - first), to);
  }

  /// c += a × b, with `a` [rows, inner] and `c` [rows, columns].
  void multiply(const T *a, int64_t aStride, T *c, int64_t cStride, int64_t rows) const {
    for (int64_t column = 0; column < columns; column += kColumns)
      for (int64_t term = 0; term < inner; term += kTerms) {
        const T *panel = data.data() + column * inner + term * kColumns;
        Tile tile{panel, std::min(kTerms, inner - term), std::min(kColumns, columns - column)};
        int64_t row = 0;
        for (; row + kRows <= rows; row += kRows)
          add<kRows>(tile, a + row * aStride + term, aStride, c + row * cStride + column, cStride);
        for (; row < rows; ++row)
          add<1>(tile, a + row * aStride + term, aStride, c + row * cStride + column, cStride);
      }
  }

private:
  struct Tile {
    const T *panel;
    int64_t terms, width;
  };

  // The sums stay in registers: only indices that the compiler knows reach into them.
  template <int Rows>
  static void add(const Tile &tile, const T *a, int64_t aStride, T *c, int64_t cStride) {
    T sums[Rows][kColumns] = {};
    const T *panel = tile.panel;
    for (int64_t k = 0; k < tile.terms; ++k, panel += kColumns)
      for (int row = 0; row < Rows; ++row)
        for (int column = 0; column < kColumns; ++column)
          sums[row][column] += a[row * aStride + k] * panel[column];
    for (int row = 0; row < Rows; ++row) {
      T added[kColumns];
      for (int column = 0; column < kColumns; ++column)
        added[column] = sums[row][column];
      for (int64_t column = 0; column < tile.width; ++column)
        c[row * cStride + column] += added[column];
    }
  }

  int64_t inner, columns;
  std::vector<T> data;
};

/// `matrix` [rows, columns] as [columns, rows], conjugated where asked.
template <typename T>
std::vector<T> transposed(const T *matrix, int64_t rows, int64_t columns, bool conjugate = false) {
  std::vector<T> result(rows * columns);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      result[j * rows + i] = matrix[i * columns + j];
  if constexpr (!std::is_arithmetic_v<T>)
    if (conjugate)
      for (T &value : result)
        value = std::conj(value);
  return result;
}

} // namespace firn::reference

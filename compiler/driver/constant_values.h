// The values of a graph's constants, wherever they are.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "compiler/driver/value_diff.h"
#include "compiler/formats/graph_file.h"

namespace firn {

/// Finds the bytes of tensor attributes of a graph's nodes: in the message, or in the file.
class ConstantContents {
public:
  explicit ConstantContents(const GraphFile &file);

  const tensorflow::TensorProto &tensor(int node, const std::string &attr) const;
  /// Row-major little-endian bytes of a tensor of numbers, repeated values written out.
  /// InvalidArgument where the message holds more or other values than its shape needs.
  absl::StatusOr<TensorReader> bytes(int node, const std::string &attr);

private:
  const GraphFile &file;
  TensorFiles files;
  std::map<std::pair<int, std::string>, const Extent *> external;
};

/// Compares two tensor attributes of one dtype and shape by value.
absl::StatusOr<ValueDiff> diffConstants(ConstantContents &a, int nodeA, ConstantContents &b,
                                        int nodeB, const std::string &attr,
                                        const Tolerance &tolerance = {});

} // namespace firn

// Signatures of TensorFlow's ops: what they take and yield, their attributes with defaults, and
// what they do besides. Plain C++17. The data in OpTable.inc is made by tools/dev/make_op_table.py
// from TensorFlow's own op registry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace firn::graph {

/// A constant array.
template <typename T> struct OpSpan {
  const T *first = nullptr;
  size_t count = 0;
  const T *begin() const { return first; }
  const T *end() const { return first + count; }
  size_t size() const { return count; }
  bool empty() const { return count == 0; }
  const T &operator[](size_t i) const { return first[i]; }
};

/// An input or output (OpDef.ArgDef). Its dtype is `type`, or what the attribute `typeAttr` or
/// `typeListAttr` says; it stands for as many tensors as the attribute `numberAttr` says, or as the
/// list of types has.
struct OpArg {
  std::string_view name;
  int type; // tensorflow.DataType number, 0: an attribute tells
  std::string_view typeAttr, numberAttr, typeListAttr;
  bool isRef;
};

enum class AttrKind : uint8_t {
  String,
  Int,
  Float,
  Bool,
  Type,
  Shape,
  Tensor,
  Func,
  StringList,
  IntList,
  FloatList,
  BoolList,
  TypeList,
  ShapeList,
  TensorList,
  FuncList
};

/// An attribute (OpDef.AttrDef).
struct OpAttr {
  std::string_view name;
  AttrKind kind;
  bool hasDefault;
  /// The default: of an Int, Bool or Type in `number`, of a Float in `real`, of a String in `text`;
  /// of a Shape its dimensions in `list`, with `number` -1 for an unknown rank; of an IntList,
  /// BoolList or TypeList in `list`. Other kinds have empty defaults only, but for `text`, which
  /// then holds the AttrValue in text format.
  int64_t number;
  float real;
  std::string_view text;
  OpSpan<int64_t> list;
};

/// What an op does besides computing its outputs from its inputs.
enum class OpEffect : uint8_t {
  Pure,
  Random,      // another result each time
  ReadsState,  // of a variable, table, queue or accumulator
  WritesState, // of a variable: Assign, ScatterAdd, ResourceApplyAdam …
  Other,       // queues, tables, files, summaries, prints, asserts, calls
};

struct OpSignature {
  std::string_view name;
  OpSpan<OpArg> inputs, outputs;
  OpSpan<OpAttr> attrs;
  OpEffect effect;
  bool stateful;
  bool commutative;
  /// GraphDef producer from which on the op is refused, 0: it is not deprecated.
  int deprecatedFrom;

  /// Null when the op has no such attribute.
  const OpAttr *attr(std::string_view name) const;
};

/// Null for an op that is not in the table. Binary search, no set-up.
const OpSignature *lookupOp(std::string_view name);

/// All ops in the order of their names.
OpSpan<OpSignature> allOps();

} // namespace firn::graph

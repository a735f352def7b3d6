// Which ops, attributes and dtypes the TensorFlows know for which a graph is written. Plain C++17.
// The data in OpVersions.inc is made by tools/dev/make_op_versions.py from their own registries.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace firn::graph {

/// A TensorFlow that shall read a graph. V2 is 2.15.
enum class Reader : uint8_t { V1_4, V1_15, V2 };

/// "1.4", "1.15", "2.x"; nothing for other texts.
std::optional<Reader> parseReader(std::string_view text);
std::string_view readerName(Reader reader);
/// The version of GraphDef that it writes itself, and the highest `min_consumer` that it accepts.
int graphDefVersion(Reader reader);

/// True for an op that none of the registries has as well: nothing is known about it.
bool readerKnows(Reader reader, std::string_view op);
bool readerKnows(Reader reader, std::string_view op, std::string_view attr);
/// False for a dtype (DataType number) that the reader's op does not take in this attribute.
bool readerAllows(Reader reader, std::string_view op, std::string_view attr, int dtype);

/// The first reader that has the op, the attribute of an op, or the dtype; nothing where none has.
std::optional<Reader> firstReader(std::string_view op);
std::optional<Reader> firstReader(std::string_view op, std::string_view attr);
std::optional<Reader> firstReader(std::string_view op, std::string_view attr, int dtype);

} // namespace firn::graph

// What a model takes and gives, with the names that it has in a program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/firn/runtime.h"

namespace firn {

/// How an element type is written in C and in C++.
struct ElementType {
  const char *enumerator; ///< "FIRN_FLOAT"
  const char *c, *cpp;    ///< "float"; what C++ has instead, "firn::Half"
  uint32_t size;          ///< bytes of an element
  uint32_t parts;         ///< how many of `c` an element is: 2 of a complex number
};

/// Of every type that a port may have.
const ElementType &elementType(firn_dtype dtype);

struct InterfacePort {
  std::string tensor;     ///< "dense/Softmax:0"
  std::string key;        ///< what a signature of the graph calls it; "": none does
  std::string identifier; ///< "dense_softmax"
  firn_dtype dtype;
  std::vector<int64_t> dims; ///< -1: dynamic

  size_t dynamicDims() const;
  /// The product of the dims that are known.
  uint64_t knownElements() const;
  /// "images:0  float [?,8,8]", "images (serving_default_images:0)  float [?,8,8]"
  std::string text() const;
};

/// Identifiers are unique in every form that a header has of them.
struct Interface {
  std::string name; ///< the model's: an identifier
  std::vector<InterfacePort> inputs, outputs;
};

Interface interfaceOf(const firn_module *module, const std::string &name);

} // namespace firn

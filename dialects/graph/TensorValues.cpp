#include "dialects/graph/TensorValues.h"

#include <cstring>

#include "dialects/graph/DataTypes.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace firn::graph {
namespace {

// Longer lists print as hex: faster to read back, and nobody reads them.
constexpr size_t kMaxListedElements = 64;

bool isListable(Type type) {
  return type.isIntOrFloat() && !type.isInteger(4) && !type.isFloat8E4M3FN() &&
         !type.isFloat8E5M2();
}

void appendLittleEndian(std::string &out, uint64_t bits, unsigned size) {
  for (unsigned i = 0; i < size; ++i)
    out.push_back(static_cast<char>(bits >> (8 * i)));
}

uint64_t readLittleEndian(StringRef bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    bits |= uint64_t(static_cast<uint8_t>(bytes[i])) << (8 * i);
  return bits;
}

const llvm::fltSemantics &semanticsOf(Type type) {
  return cast<FloatType>(type).getFloatSemantics();
}

// Bits of one spelled element, or nothing when it does not fit the type.
std::optional<uint64_t> encodeNumber(StringRef text, Type type, unsigned size) {
  if (type.isInteger(1))
    return text == "true"    ? std::optional<uint64_t>(1)
           : text == "false" ? std::optional<uint64_t>(0)
                             : std::nullopt;
  if (auto integer = dyn_cast<IntegerType>(type)) {
    llvm::APInt value;
    bool negative = text.consume_front("-");
    if (text.getAsInteger(10, value) || value.getActiveBits() > 64)
      return std::nullopt;
    uint64_t bits = value.zextOrTrunc(64).getZExtValue();
    if (negative)
      bits = -bits;
    int64_t asSigned = static_cast<int64_t>(bits);
    bool fits = integer.isUnsigned()
                    ? !negative && llvm::isUIntN(8 * size, bits)
                    : llvm::isIntN(8 * size, asSigned) && (asSigned < 0) == (negative && bits != 0);
    return fits ? std::optional<uint64_t>(bits) : std::nullopt;
  }
  llvm::APFloat value(semanticsOf(type));
  if (text.starts_with("0x")) {
    uint64_t bits;
    if (text.drop_front(2).getAsInteger(16, bits) || !llvm::isUIntN(8 * size, bits))
      return std::nullopt;
    return bits;
  }
  auto status = value.convertFromString(text, llvm::APFloat::rmNearestTiesToEven);
  if (!status) {
    llvm::consumeError(status.takeError());
    return std::nullopt;
  }
  return value.bitcastToAPInt().getZExtValue();
}

void printNumber(raw_ostream &os, uint64_t bits, Type type, unsigned size) {
  if (type.isInteger(1)) {
    os << (bits ? "true" : "false");
  } else if (auto integer = dyn_cast<IntegerType>(type)) {
    if (integer.isUnsigned())
      os << bits;
    else
      os << llvm::SignExtend64(bits, 8 * size);
  } else {
    llvm::APFloat value(semanticsOf(type), llvm::APInt(8 * size, bits));
    llvm::SmallString<32> text;
    value.toString(text);
    bool exact = value.isFinite() && encodeNumber(text, type, size) == bits;
    if (exact)
      os << text;
    else
      os << llvm::format_hex(bits, 2 + 2 * size);
  }
}

// True when every element of `tensor` has a spelling that reads back to the same bits.
bool printsAsList(TensorAttr tensor) {
  Type type = tensor.getElementType();
  if (tensor.getEncoding() == TensorEncoding::Proto)
    return false;
  StringRef data = tensor.getData();
  if (isString(type))
    return tensor.getEncoding() == TensorEncoding::Values && unpackStrings(data).has_value();
  unsigned size = elementSize(type);
  if (!isListable(type) || data.size() % size || data.size() / size > kMaxListedElements)
    return false;
  if (type.isInteger(1))
    return llvm::all_of(data, [](char c) { return c == 0 || c == 1; });
  return true;
}

ParseResult parseElement(AsmParser &parser, ParsedElements &elements) {
  ParsedElements::Element &element = elements.list.emplace_back();
  if (succeeded(parser.parseOptionalString(&element.text))) {
    element.isString = true;
    return success();
  }
  for (StringRef keyword : {"true", "false"})
    if (succeeded(parser.parseOptionalKeyword(keyword))) {
      element.text = keyword.str();
      return success();
    }
  // Numbers are taken as they are spelled: their type is not known yet.
  const char *begin = parser.getCurrentLocation().getPointer();
  const char *end = begin;
  while (llvm::isAlnum(*end) || *end == '-' || *end == '+' || *end == '.')
    ++end;
  element.text.assign(begin, end);
  if (StringRef(element.text).starts_with("0x") ||
      StringRef(element.text).find_first_of(".eE") == StringRef::npos) {
    APInt ignored;
    OptionalParseResult parsed = parser.parseOptionalInteger(ignored);
    return parsed.has_value()
               ? *parsed
               : parser.emitError(parser.getCurrentLocation(), "expected an element");
  }
  double ignored;
  return parser.parseFloat(ignored);
}

} // namespace

ParseResult parseElements(AsmParser &parser, ParsedElements &elements) {
  std::string hex;
  SMLoc loc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalString(&hex))) {
    StringRef digits(hex);
    std::string bytes;
    if (!digits.consume_front("0x") || !llvm::tryGetFromHex(digits, bytes) || digits.size() % 2)
      return parser.emitError(loc,
                              "expected bytes as \"0x\" and an even number of hexadecimal digits");
    elements.hex = bytes;
    return success();
  }
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                        [&] { return parseElement(parser, elements); });
}

FailureOr<std::string> encodeElements(const ParsedElements &elements, Type type,
                                      function_ref<InFlightDiagnostic()> emitError) {
  if (elements.hex)
    return *elements.hex;
  std::string data;
  if (isString(type)) {
    SmallVector<StringRef> strings;
    for (const auto &element : elements.list) {
      if (!element.isString)
        return emitError() << "expected a string, got " << element.text;
      strings.push_back(element.text);
    }
    return packStrings(strings);
  }
  unsigned size = elementSize(type);
  if (!elements.list.empty() && !isListable(type))
    return emitError() << "expected bytes as \"0x…\" for elements of " << dataTypeText(type);
  for (const auto &element : elements.list) {
    std::optional<uint64_t> bits =
        element.isString ? std::nullopt : encodeNumber(element.text, type, size);
    if (!bits)
      return emitError() << "expected an element of " << dataTypeText(type) << ", got "
                         << element.text;
    appendLittleEndian(data, *bits, size);
  }
  return data;
}

void printElements(AsmPrinter &printer, TensorAttr tensor) {
  StringRef data = tensor.getData();
  raw_ostream &os = printer.getStream();
  if (!printsAsList(tensor)) {
    os << "\"0x" << llvm::toHex(data) << "\"";
    return;
  }
  os << "[";
  if (isString(tensor.getElementType())) {
    llvm::interleaveComma(*unpackStrings(data), os, [&](StringRef string) {
      os << '"';
      llvm::printEscapedString(string, os);
      os << '"';
    });
  } else {
    unsigned size = elementSize(tensor.getElementType());
    for (size_t i = 0; i < data.size(); i += size) {
      os << (i ? ", " : "");
      printNumber(os, readLittleEndian(data.substr(i, size)), tensor.getElementType(), size);
    }
  }
  os << "]";
}

std::string packStrings(ArrayRef<StringRef> strings) {
  std::string data;
  for (StringRef string : strings) {
    uint64_t length = string.size();
    for (; length >= 0x80; length >>= 7)
      data.push_back(static_cast<char>(length | 0x80));
    data.push_back(static_cast<char>(length));
    data.append(string.begin(), string.end());
  }
  return data;
}

std::optional<SmallVector<StringRef>> unpackStrings(StringRef data) {
  SmallVector<StringRef> strings;
  while (!data.empty()) {
    uint64_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (data.empty() || shift > 63)
        return std::nullopt;
      uint8_t byte = data.front();
      data = data.drop_front();
      length |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        break;
    }
    if (length > data.size())
      return std::nullopt;
    strings.push_back(data.take_front(length));
    data = data.drop_front(length);
  }
  return strings;
}

std::optional<SmallVector<StringRef>> stringElements(TensorAttr tensor) {
  if (!isString(tensor.getElementType()) || tensor.isReference() ||
      tensor.getEncoding() != TensorEncoding::Values)
    return std::nullopt;
  std::optional<SmallVector<StringRef>> strings = unpackStrings(tensor.getData());
  if (strings)
    strings->resize(tensor.getNumElements(), strings->empty() ? StringRef() : strings->back());
  return strings;
}

std::optional<SmallVector<int64_t>> integerElements(TensorAttr tensor) {
  auto type = dyn_cast<IntegerType>(tensor.getElementType());
  unsigned size = elementSize(tensor.getElementType());
  StringRef data = tensor.getData();
  if (!type || tensor.isReference() || tensor.getEncoding() == TensorEncoding::Proto ||
      data.size() % size)
    return std::nullopt;
  SmallVector<int64_t> values;
  for (size_t i = 0; i < data.size(); i += size) {
    uint64_t bits = readLittleEndian(data.substr(i, size));
    bool isSigned = !type.isUnsigned() && type.getWidth() > 1;
    values.push_back(isSigned ? llvm::SignExtend64(bits, 8 * size) : static_cast<int64_t>(bits));
  }
  int64_t needed = tensor.getNumElements();
  bool repeats = tensor.getEncoding() == TensorEncoding::Values || values.empty();
  if (static_cast<int64_t>(values.size()) != needed && !repeats)
    return std::nullopt;
  values.resize(needed, values.empty() ? 0 : values.back());
  return values;
}

TensorAttr makeIntegerTensor(Type elementType, ArrayRef<int64_t> shape, ArrayRef<int64_t> values) {
  std::string data;
  for (int64_t value : values)
    appendLittleEndian(data, static_cast<uint64_t>(value), elementSize(elementType));
  return TensorAttr::get(elementType.getContext(), RankedTensorType::get(shape, elementType),
                         TensorEncoding::Content, data, {});
}

} // namespace firn::graph

#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Graph.h"
#include "dialects/graph/TensorValues.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace firn::graph;

#include "dialects/graph/GraphEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/graph/GraphAttributes.cpp.inc"

void GraphDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/graph/GraphAttributes.cpp.inc"
      >();
}

//===-- #graph.shape ------------------------------------------------------===//

Attribute ShapeAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  if (succeeded(parser.parseOptionalStar()))
    return parser.parseGreater() ? Attribute() : get(parser.getContext(), true, {});
  SmallVector<int64_t> dims;
  if (failed(parser.parseOptionalGreater())) {
    if (parser.parseDimensionList(dims, /*allowDynamic=*/true, /*withTrailingX=*/false) ||
        parser.parseGreater())
      return {};
  }
  return get(parser.getContext(), false, dims);
}

void ShapeAttr::print(AsmPrinter &printer) const {
  printer << "<";
  if (getUnknownRank())
    printer << "*";
  llvm::interleave(
      getDims(), printer.getStream(),
      [&](int64_t dim) {
        if (ShapedType::isDynamic(dim))
          printer << "?";
        else
          printer << dim;
      },
      "x");
  printer << ">";
}

//===-- #graph.tensor -----------------------------------------------------===//

int64_t TensorAttr::getNumElements() const {
  int64_t count = 1;
  for (int64_t dim : getShape())
    count *= dim;
  return count;
}

uint64_t TensorAttr::getDataSize() const {
  uint64_t size = getData().size();
  for (const FileExtent &extent : getExtents())
    size += extent.size;
  return size;
}

// `file("path", offset, size[, checksum])`, one or several.
static ParseResult parseExtents(AsmParser &parser, SmallVectorImpl<FileExtent> &extents) {
  while (succeeded(parser.parseOptionalKeyword("file"))) {
    std::string path;
    FileExtent extent;
    if (parser.parseLParen() || parser.parseString(&path) || parser.parseComma() ||
        parser.parseInteger(extent.offset) || parser.parseComma() ||
        parser.parseInteger(extent.size))
      return failure();
    if (succeeded(parser.parseOptionalComma())) {
      uint32_t crc;
      if (parser.parseInteger(crc))
        return failure();
      extent.crc32c = crc;
    }
    if (parser.parseRParen())
      return failure();
    extent.file = parser.getBuilder().getStringAttr(path);
    extents.push_back(extent);
  }
  return success();
}

static void printExtents(AsmPrinter &printer, ArrayRef<FileExtent> extents) {
  llvm::interleave(
      extents, printer.getStream(),
      [&](const FileExtent &extent) {
        printer << "file(";
        printer.printAttribute(extent.file);
        printer << ", " << extent.offset << ", " << extent.size;
        if (extent.crc32c)
          printer << ", " << *extent.crc32c;
        printer << ")";
      },
      " ");
}

Attribute TensorAttr::parse(AsmParser &parser, Type) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&keyword))
    return {};
  std::optional<TensorEncoding> encoding = symbolizeTensorEncoding(keyword);
  if (!encoding) {
    parser.emitError(loc) << "expected content, values or proto, got '" << keyword << "'";
    return {};
  }
  SmallVector<FileExtent> extents;
  ParsedElements elements;
  if (parseExtents(parser, extents) || (extents.empty() && parseElements(parser, elements)))
    return {};
  ShapedType type;
  SMLoc typeLoc = parser.getCurrentLocation();
  if (parser.parseColon() || parser.parseType(type) || parser.parseGreater())
    return {};
  FailureOr<std::string> data =
      encodeElements(elements, type.getElementType(), [&] { return parser.emitError(typeLoc); });
  if (failed(data))
    return {};
  return get(parser.getContext(), type, *encoding, *data, extents);
}

void TensorAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyTensorEncoding(getEncoding()) << " ";
  if (isReference())
    printExtents(printer, getExtents());
  else
    printElements(printer, *this);
  printer << " : " << getType() << ">";
}

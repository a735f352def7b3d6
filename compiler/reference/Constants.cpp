#include "compiler/reference/Interpreter.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::reference {

// Fills `out` from a typed list or raw bytes: fewer elements than needed repeat the last.
static bool fillElements(StringRef data, TensorEncoding encoding, MutableArrayRef<char> out,
                         unsigned size) {
  if (encoding == TensorEncoding::Content && !data.empty()) {
    if (data.size() != out.size())
      return false;
    llvm::copy(data, out.begin());
    return true;
  }
  size_t given = std::min(data.size(), out.size()) / size * size;
  std::copy_n(data.begin(), given, out.begin());
  for (size_t at = given; given && at < out.size(); at += size)
    std::copy_n(out.begin() + given - size, size, out.begin() + at);
  return true;
}

static std::string readExtents(TensorAttr value, const ExtentReader &read,
                               MutableArrayRef<char> out) {
  if (!read)
    return "its bytes lie in a file";
  size_t done = 0;
  for (const FileExtent &extent : value.getExtents()) {
    if (extent.size > out.size() - done)
      return "its bytes in the file do not fit its shape";
    if (std::string why = read(extent, out.slice(done, extent.size)); !why.empty())
      return why;
    done += extent.size;
  }
  return done == out.size() ? "" : "its bytes in the file do not fit its shape";
}

std::optional<Tensor> tensorOf(TensorAttr value, const ExtentReader &read, std::string &why) {
  int dtype = numberFromType(value.getElementType());
  if (value.getEncoding() == TensorEncoding::Proto) {
    why = "expected a tensor of plain elements, got " + dataTypeText(value.getElementType());
    return std::nullopt;
  }
  if (dtype == DT_STRING) {
    auto strings = stringElements(value);
    if (!strings)
      return why = "expected a list of strings", std::nullopt;
    Tensor tensor(dtype, value.getShape());
    llvm::transform(*strings, tensor.mutableValues<std::string>().begin(),
                    [](StringRef s) { return s.str(); });
    return tensor;
  }
  unsigned size = elementBytes(dtype);
  if (!size)
    return why =
               "the reference interpreter lacks the dtype " + dataTypeText(value.getElementType()),
           std::nullopt;
  Tensor tensor(dtype, value.getShape());
  if (value.isReference())
    why = readExtents(value, read, tensor.mutableBytes());
  else if (!fillElements(value.getData(), value.getEncoding(), tensor.mutableBytes(), size))
    why = "expected as many bytes as its shape needs";
  return why.empty() ? std::optional<Tensor>(tensor) : std::nullopt;
}

TensorAttr attrOf(MLIRContext *context, const Tensor &tensor) {
  auto type = RankedTensorType::get(tensor.shape(), typeFromNumber(context, tensor.dtype()));
  if (tensor.dtype() == DT_STRING) {
    SmallVector<StringRef> strings(tensor.values<std::string>().begin(),
                                   tensor.values<std::string>().end());
    return TensorAttr::get(context, type, TensorEncoding::Values, packStrings(strings), {});
  }
  ArrayRef<char> bytes = tensor.bytes();
  return TensorAttr::get(context, type, TensorEncoding::Content,
                         StringRef(bytes.data(), bytes.size()), {});
}

} // namespace firn::reference

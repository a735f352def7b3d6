#include "compiler/formats/npy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/tensor_files.h"

namespace firn {
namespace {

using namespace tensorflow;

constexpr absl::string_view kMagic("\x93NUMPY", 6);
constexpr uint64_t kMaxHeader = 1 << 20;

struct Kind {
  int dtype;
  absl::string_view descr; // without the byte order
};

// The first of a kind is what reading gives.
constexpr std::array<Kind, 24> kKinds = {{
    {DT_FLOAT, "f4"},       {DT_DOUBLE, "f8"},        {DT_HALF, "f2"},     {DT_INT8, "i1"},
    {DT_INT16, "i2"},       {DT_INT32, "i4"},         {DT_INT64, "i8"},    {DT_UINT8, "u1"},
    {DT_UINT16, "u2"},      {DT_UINT32, "u4"},        {DT_UINT64, "u8"},   {DT_BOOL, "b1"},
    {DT_COMPLEX64, "c8"},   {DT_COMPLEX128, "c16"},   {DT_BFLOAT16, "u2"}, {DT_QINT8, "i1"},
    {DT_QUINT8, "u1"},      {DT_QINT16, "i2"},        {DT_QUINT16, "u2"},  {DT_QINT32, "i4"},
    {DT_FLOAT8_E5M2, "u1"}, {DT_FLOAT8_E4M3FN, "u1"}, {DT_INT4, "i1"},     {DT_UINT4, "u1"},
}};

// The text after `'key':` in the header's dictionary, which numpy writes as Python's repr.
std::optional<absl::string_view> field(absl::string_view header, absl::string_view key) {
  size_t at = header.find(absl::StrCat("'", key, "'"));
  if (at == absl::string_view::npos || (at = header.find(':', at)) == absl::string_view::npos)
    return std::nullopt;
  return absl::StripLeadingAsciiWhitespace(header.substr(at + 1));
}

struct Header {
  int dtype = DT_INVALID;
  int64_t elementSize = 0;
  bool bigEndian = false, columnMajor = false;
  std::vector<int64_t> shape;
  uint64_t dataOffset = 0;
};

absl::Status parseDescr(absl::string_view descr, Header &header) {
  header.bigEndian = absl::ConsumePrefix(&descr, ">");
  if (!header.bigEndian && !absl::ConsumePrefix(&descr, "<"))
    absl::ConsumePrefix(&descr, "|");
  if (absl::ConsumePrefix(&descr, "S") && absl::SimpleAtoi(descr, &header.elementSize) &&
      header.elementSize > 0) {
    header.dtype = DT_STRING;
    return absl::OkStatus();
  }
  for (const Kind &kind : kKinds)
    if (kind.descr == descr && !descr.empty()) {
      header.dtype = kind.dtype;
      header.elementSize = dataTypeSize(kind.dtype);
      return absl::OkStatus();
    }
  return absl::InvalidArgumentError(
      absl::StrCat("expected elements that a tensor can hold, got '", descr, "'"));
}

absl::Status parseShape(absl::string_view text, Header &header) {
  size_t close = text.find(')');
  if (!absl::ConsumePrefix(&text, "(") || close == absl::string_view::npos)
    return absl::InvalidArgumentError("expected a tuple as the shape");
  for (absl::string_view part :
       absl::StrSplit(text.substr(0, close - 1), ',', absl::SkipWhitespace())) {
    int64_t dim;
    if (!absl::SimpleAtoi(part, &dim) || dim < 0)
      return absl::InvalidArgumentError(absl::StrCat("expected a dimension, got '", part, "'"));
    header.shape.push_back(dim);
  }
  return absl::OkStatus();
}

absl::Status parseHeader(absl::string_view text, Header &header) {
  std::optional<absl::string_view> descr = field(text, "descr"), shape = field(text, "shape"),
                                   order = field(text, "fortran_order");
  if (!descr || !shape || !order)
    return absl::InvalidArgumentError("expected descr, fortran_order and shape in the header");
  if (!absl::StartsWith(*descr, "'") || descr->find('\'', 1) == absl::string_view::npos)
    return absl::InvalidArgumentError("expected one plain element type, got a structure");
  header.columnMajor = absl::StartsWith(*order, "True");
  absl::Status status = parseDescr(descr->substr(1, descr->find('\'', 1) - 1), header);
  status.Update(parseShape(*shape, header));
  return status;
}

// Where the bytes of a .npy file come from.
struct Source {
  uint64_t size;
  std::function<absl::Status(uint64_t offset, absl::Span<char> out)> read;
};

absl::StatusOr<Header> readHeader(const Source &source) {
  std::array<char, 12> start{};
  if (source.size < start.size())
    return absl::InvalidArgumentError("expected a .npy file");
  if (absl::Status status = source.read(0, absl::MakeSpan(start)); !status.ok())
    return status;
  if (std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0)
    return absl::InvalidArgumentError("expected a .npy file");
  const bool longLength = start[6] >= 2;
  auto byte = [&](int i) { return static_cast<uint64_t>(static_cast<unsigned char>(start[i])); };
  const uint64_t length =
      byte(8) | byte(9) << 8 | (longLength ? byte(10) << 16 | byte(11) << 24 : 0);
  const uint64_t begin = longLength ? 12 : 10;
  if (length > kMaxHeader || begin + length > source.size)
    return absl::DataLossError("the header is cut short");
  std::string text(length, '\0');
  if (absl::Status status = source.read(begin, absl::MakeSpan(text.data(), text.size()));
      !status.ok())
    return status;
  Header header;
  header.dataOffset = begin + length;
  if (absl::Status status = parseHeader(text, header); !status.ok())
    return status;
  return header;
}

// The same elements with the last index running fastest.
std::string rowMajor(const std::string &bytes, const std::vector<int64_t> &shape, int64_t size) {
  std::string result(bytes.size(), '\0');
  std::vector<int64_t> index(shape.size(), 0), stride(shape.size(), 1);
  for (size_t i = 1; i < shape.size(); ++i)
    stride[i] = stride[i - 1] * shape[i - 1];
  for (size_t at = 0; at < bytes.size(); at += size) {
    int64_t from = 0;
    for (size_t i = 0; i < shape.size(); ++i)
      from += index[i] * stride[i];
    std::memcpy(result.data() + at, bytes.data() + from * size, size);
    for (size_t i = shape.size(); i-- > 0 && ++index[i] == shape[i];)
      index[i] = 0;
  }
  return result;
}

absl::Status fill(const Header &header, NpyArray &array) {
  if (header.columnMajor && header.shape.size() > 1)
    array.bytes = rowMajor(array.bytes, header.shape, header.elementSize);
  if (header.dtype == DT_STRING) {
    for (size_t at = 0; at < array.bytes.size(); at += header.elementSize) {
      std::string text = array.bytes.substr(at, header.elementSize);
      text.erase(text.find_last_not_of('\0') + 1);
      array.strings.push_back(std::move(text));
    }
    array.bytes.clear();
  } else if (int64_t unit = dataTypeSwapUnit(header.dtype); header.bigEndian && unit > 1) {
    for (size_t at = 0; at < array.bytes.size(); at += unit)
      std::reverse(array.bytes.begin() + at, array.bytes.begin() + at + unit);
  }
  return absl::OkStatus();
}

absl::StatusOr<NpyArray> readArray(const Source &source) {
  absl::StatusOr<Header> header = readHeader(source);
  if (!header.ok())
    return header.status();
  const uint64_t room = source.size - header->dataOffset;
  const bool isEmpty = std::count(header->shape.begin(), header->shape.end(), 0) != 0;
  uint64_t bytes = isEmpty ? 0 : header->elementSize;
  for (int64_t dim : header->shape) {
    if (dim != 0 && bytes > room / dim)
      return absl::DataLossError("the file ends before its data");
    bytes *= dim;
  }
  NpyArray array{header->dtype, header->shape, std::string(bytes, '\0'), {}};
  absl::Status status =
      source.read(header->dataOffset, absl::MakeSpan(array.bytes.data(), array.bytes.size()));
  status.Update(fill(*header, array));
  if (!status.ok())
    return status;
  return array;
}

absl::StatusOr<NpyArray> readFile(const std::string &path) {
  TensorFiles files;
  absl::StatusOr<uint64_t> size = files.size(path);
  if (!size.ok())
    return size.status();
  return readArray({*size, [&](uint64_t offset, absl::Span<char> out) {
                      return files.read(path, offset, out);
                    }});
}

} // namespace

std::string npyDescr(int dtype, size_t width) {
  if (dtype == DT_STRING)
    return absl::StrCat("|S", std::max<size_t>(width, 1));
  for (const Kind &kind : kKinds)
    if (kind.dtype == dtype && !kind.descr.empty())
      return absl::StrCat(dataTypeSize(dtype) == 1 ? "|" : "<", kind.descr);
  return "";
}

std::string npyHeader(int dtype, const std::vector<int64_t> &shape, size_t width) {
  std::string header =
      absl::StrCat("{'descr': '", npyDescr(dtype, width), "', 'fortran_order': False, 'shape': (",
                   absl::StrJoin(shape, ", "), shape.size() == 1 ? ",), }" : "), }");
  constexpr size_t kBefore = 10, kAlignment = 64;
  header.append(kAlignment - (kBefore + header.size() + 1) % kAlignment, ' ');
  header.push_back('\n');
  const char length[2] = {static_cast<char>(header.size() & 0xFF),
                          static_cast<char>(header.size() >> 8)};
  return absl::StrCat(kMagic, absl::string_view("\x01\x00", 2), absl::string_view(length, 2),
                      header);
}

std::string npyBytes(const NpyArray &array) {
  size_t width = 1;
  for (const std::string &text : array.strings)
    width = std::max(width, text.size());
  std::string file = npyHeader(array.dtype, array.shape, width);
  file.reserve(file.size() + array.bytes.size() + array.strings.size() * width);
  file += array.bytes;
  for (const std::string &text : array.strings)
    file.append(text).append(width - text.size(), '\0');
  return file;
}

absl::StatusOr<NpyArray> parseNpy(absl::string_view bytes) {
  return readArray({bytes.size(), [&](uint64_t offset, absl::Span<char> out) {
                      if (offset > bytes.size() || out.size() > bytes.size() - offset)
                        return absl::DataLossError("the file ends before its data");
                      std::copy_n(bytes.data() + offset, out.size(), out.data());
                      return absl::OkStatus();
                    }});
}

absl::StatusOr<NpyArray> readNpy(const std::string &path) {
  absl::StatusOr<NpyArray> array = readFile(path);
  if (array.ok() || absl::StrContains(array.status().message(), path))
    return array;
  return absl::Status(array.status().code(), absl::StrCat(path, ": ", array.status().message()));
}

} // namespace firn

#include "compiler/formats/ordered_code.h"

namespace firn {
namespace {

constexpr int kMaxRank = 254; // TensorShape's own limit

unsigned char byteAt(absl::string_view bytes, size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

/// Bytes of a signed number: n bytes hold 7n - 1 bits and the sign.
int signedLength(int64_t value) {
  const uint64_t magnitude = value < 0 ? ~static_cast<uint64_t>(value) : value;
  int length = 1;
  while (length < 10 && magnitude >> (7 * length - 1) != 0)
    ++length;
  return length;
}

/// The n leading ones that say the length, as the first two bytes of the number.
uint16_t lengthHeader(int length) { return static_cast<uint16_t>(0xffff0000u >> length); }

} // namespace

void encodeOrderedNumber(uint64_t value, std::string *out) {
  int length = 0;
  while (length < 8 && value >> (8 * length) != 0)
    ++length;
  out->push_back(static_cast<char>(length));
  while (length-- > 0)
    out->push_back(static_cast<char>(value >> (8 * length)));
}

void encodeOrderedSigned(int64_t value, std::string *out) {
  const int length = signedLength(value);
  // Two bytes of sign stand before the eight of the value, so that ten bytes can be cut from the
  // end.
  unsigned char bytes[10];
  for (int i = 0; i < 2; ++i)
    bytes[i] = value < 0 ? 0xff : 0;
  for (int i = 0; i < 8; ++i)
    bytes[2 + i] = static_cast<unsigned char>(static_cast<uint64_t>(value) >> (56 - 8 * i));
  unsigned char *first = bytes + 10 - length;
  const uint16_t header = lengthHeader(length);
  first[0] ^= header >> 8;
  if (length > 1)
    first[1] ^= header & 0xff;
  out->append(reinterpret_cast<char *>(first), length);
}

void encodeOrderedString(absl::string_view value, std::string *out) {
  for (const char c : value) {
    out->push_back(c);
    if (c == '\0')
      out->push_back('\xff');
    else if (c == '\xff')
      out->push_back('\0');
  }
  out->append("\0\1", 2);
}

bool decodeOrderedNumber(absl::string_view *in, uint64_t *value) {
  if (in->empty())
    return false;
  const size_t length = byteAt(*in, 0);
  if (length > 8 || in->size() < 1 + length)
    return false;
  *value = 0;
  for (size_t i = 1; i <= length; ++i)
    *value = *value << 8 | byteAt(*in, i);
  in->remove_prefix(1 + length);
  return true;
}

bool decodeOrderedSigned(absl::string_view *in, int64_t *value) {
  if (in->empty())
    return false;
  // The sign is the first bit inverted; folded away, the leading ones are the length.
  const bool negative = byteAt(*in, 0) < 0x80;
  const unsigned char flip = negative ? 0xff : 0;
  auto folded = [&](size_t i) { return i < in->size() ? byteAt(*in, i) ^ flip : 0; };
  const uint32_t head = static_cast<uint32_t>(folded(0)) << 8 | folded(1);
  size_t length = 0;
  while (length < 16 && (head << length & 0x8000) != 0)
    ++length;
  if (length > 10 || length > in->size())
    return false;
  uint64_t bits = 0;
  for (size_t i = 0; i < length; ++i) {
    unsigned char byte = folded(i);
    if (i < 2)
      byte &= ~(i == 0 ? lengthHeader(static_cast<int>(length)) >> 8
                       : lengthHeader(static_cast<int>(length)) & 0xff);
    if (length == 10 && i < 2 && byte != 0)
      return false;
    bits = bits << 8 | byte;
  }
  if (bits >> 63 != 0)
    return false;
  *value = static_cast<int64_t>(negative ? ~bits : bits);
  in->remove_prefix(length);
  return true;
}

bool decodeOrderedString(absl::string_view *in, std::string *value) {
  value->clear();
  for (size_t i = 0; i + 1 < in->size(); ++i) {
    const unsigned char c = byteAt(*in, i), next = byteAt(*in, i + 1);
    if (c == 0 && next == 1) {
      in->remove_prefix(i + 2);
      return true;
    }
    if ((c == 0 && next != 0xff) || (c == 0xff && next != 0))
      return false;
    value->push_back(static_cast<char>(c));
    i += c == 0 || c == 0xff;
  }
  return false;
}

std::string encodeTensorNameSlice(absl::string_view name, const std::vector<StoredExtent> &slice) {
  std::string key;
  encodeOrderedNumber(0, &key);
  encodeOrderedString(name, &key);
  encodeOrderedNumber(slice.size(), &key);
  for (const StoredExtent &extent : slice) {
    encodeOrderedSigned(extent.start, &key);
    encodeOrderedSigned(extent.length, &key);
  }
  return key;
}

absl::StatusOr<TensorNameSlice> decodeTensorNameSlice(absl::string_view key) {
  TensorNameSlice result;
  uint64_t tag = 0, rank = 0;
  bool good = decodeOrderedNumber(&key, &tag) && tag == 0 &&
              decodeOrderedString(&key, &result.name) && decodeOrderedNumber(&key, &rank) &&
              rank <= kMaxRank;
  for (uint64_t i = 0; good && i < rank; ++i) {
    StoredExtent &extent = result.slice.emplace_back();
    good = decodeOrderedSigned(&key, &extent.start) && decodeOrderedSigned(&key, &extent.length);
  }
  if (!good || !key.empty())
    return absl::InvalidArgumentError("expected the key of a tensor slice, got other bytes");
  return result;
}

} // namespace firn

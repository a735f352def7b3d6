#include "compiler/formats/string_tensor.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "compiler/formats/crc32c.h"

namespace firn {
namespace {

/// Lengths are hashed in fixed width, in the byte order of the writer.
uint32_t extendByLength(uint32_t crc, uint64_t length, bool bigEndian) {
  unsigned char bytes[8];
  const int width = length <= UINT32_MAX ? 4 : 8;
  for (int i = 0; i < width; ++i)
    bytes[bigEndian ? width - 1 - i : i] = static_cast<unsigned char>(length >> (8 * i));
  return crc32cExtend(crc, bytes, width);
}

void appendVarint(uint64_t value, std::string &out) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

bool takeVarint(absl::string_view &in, uint64_t &value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

uint32_t loadWord(absl::string_view bytes, bool bigEndian) {
  uint32_t word = 0;
  for (int i = 0; i < 4; ++i)
    word |= uint32_t(static_cast<unsigned char>(bytes[bigEndian ? 3 - i : i])) << (8 * i);
  return word;
}

} // namespace

EncodedStrings encodeStrings(const std::vector<std::string> &values) {
  EncodedStrings result;
  uint32_t crc = 0;
  for (const std::string &value : values) {
    appendVarint(value.size(), result.bytes);
    crc = extendByLength(crc, value.size(), false);
  }
  const uint32_t masked = maskCrc32c(crc);
  char word[4];
  for (int i = 0; i < 4; ++i)
    word[i] = static_cast<char>(masked >> (8 * i));
  result.bytes.append(word, sizeof word);
  crc = crc32cExtend(crc, word, sizeof word);
  for (const std::string &value : values) {
    result.bytes += value;
    crc = crc32cExtend(crc, value.data(), value.size());
  }
  result.crc32c = maskCrc32c(crc);
  return result;
}

absl::StatusOr<std::vector<std::string>> decodeStrings(absl::string_view bytes, int64_t elements,
                                                       uint32_t entryCrc32c,
                                                       const StringLayout &layout) {
  // A length takes a byte at least: this bounds the memory that a hostile shape can ask for.
  if (elements < 0 || static_cast<uint64_t>(elements) > bytes.size())
    return absl::DataLossError(
        absl::StrCat("expected ", elements, " strings, got ", bytes.size(), " bytes"));
  std::vector<uint64_t> lengths(elements);
  uint32_t crc = 0;
  for (uint64_t &length : lengths) {
    if (!takeVarint(bytes, length) || length > bytes.size())
      return absl::DataLossError("the length of a string is damaged");
    crc = extendByLength(crc, length, layout.bigEndian);
  }
  if (bytes.size() < 4)
    return absl::DataLossError("the checksum of the strings' lengths is cut off");
  if (layout.verify && loadWord(bytes, layout.bigEndian) != maskCrc32c(crc))
    return absl::DataLossError("the checksum of the strings' lengths does not agree");
  crc = crc32cExtend(crc, bytes.data(), bytes.size());
  if (layout.verify && maskCrc32c(crc) != entryCrc32c)
    return absl::DataLossError("the checksum of the strings does not agree");
  bytes.remove_prefix(4);
  std::vector<std::string> values(elements);
  for (int64_t i = 0; i < elements; ++i) {
    if (lengths[i] > bytes.size())
      return absl::DataLossError("the strings are cut short");
    values[i] = std::string(bytes.substr(0, lengths[i]));
    bytes.remove_prefix(lengths[i]);
  }
  if (!bytes.empty())
    return absl::DataLossError(absl::StrCat(bytes.size(), " bytes follow the strings"));
  return values;
}

} // namespace firn

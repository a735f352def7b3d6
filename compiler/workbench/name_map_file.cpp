// The files that name maps are read from: lines, or JSON.
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compiler/formats/files_read.h"
#include "compiler/workbench/name_map.h"

namespace firn {
namespace {

// Maps are read whole; what is larger is no map.
constexpr size_t kLargest = 64 << 20;

absl::StatusOr<std::string> readText(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return absl::NotFoundError(absl::StrCat(path, ": can't be read"));
  noteFileRead(path);
  std::string text;
  char piece[1 << 16];
  while (file.read(piece, sizeof piece), file.gcount() > 0) {
    text.append(piece, file.gcount());
    if (text.size() > kLargest)
      return absl::InvalidArgumentError(absl::StrCat(path, ": expected a map of names"));
  }
  if (file.bad() || !file.eof())
    return absl::NotFoundError(absl::StrCat(path, ": can't be read"));
  return text;
}

// A JSON object whose values are strings, entry by entry, as their order means something.
class FlatJson {
public:
  explicit FlatJson(absl::string_view text) : text(text) {}

  absl::Status read(NameMap &map) {
    if (!take('{'))
      return bad("'{'");
    if (take('}'))
      return atEnd();
    do {
      std::string from, to;
      if (!readString(from))
        return bad("a string");
      if (!take(':'))
        return bad("':'");
      if (!readString(to))
        return bad("a string, the new name");
      if (absl::Status status = map.add(from, to); !status.ok())
        return status;
    } while (take(','));
    return take('}') ? atEnd() : bad("',' or '}'");
  }

private:
  bool take(char wanted) {
    while (next < text.size() && absl::ascii_isspace(text[next]))
      ++next;
    if (next >= text.size() || text[next] != wanted)
      return false;
    ++next;
    return true;
  }

  absl::Status atEnd() {
    take('\0');
    return next == text.size() ? absl::OkStatus() : bad("the end");
  }

  absl::Status bad(absl::string_view wanted) const {
    std::vector<absl::string_view> lines = absl::StrSplit(text.substr(0, next), '\n');
    return absl::InvalidArgumentError(absl::StrCat("line ", lines.size(), ": expected ", wanted));
  }

  bool readString(std::string &result) {
    if (!take('"'))
      return false;
    while (next < text.size() && text[next] != '"') {
      if (text[next] != '\\')
        result += text[next++];
      else if (!readEscape(result))
        return false;
    }
    return next < text.size() && text[next++] == '"';
  }

  bool readEscape(std::string &result) {
    constexpr absl::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (++next >= text.size())
      return false;
    const char letter = text[next++];
    if (size_t i = kLetters.find(letter); i != absl::string_view::npos) {
      result += kMeanings[i];
      return true;
    }
    uint32_t code = 0, low = 0;
    if (letter != 'u' || !readHex(code))
      return false;
    if (code >= 0xd800 && code < 0xdc00) {
      if (text.substr(next, 2) != "\\u" || (next += 2, !readHex(low)) || low < 0xdc00 ||
          low > 0xdfff)
        return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    appendUtf8(code, result);
    return true;
  }

  bool readHex(uint32_t &code) {
    if (next + 4 > text.size() || !absl::SimpleHexAtoi(text.substr(next, 4), &code))
      return false;
    next += 4;
    return true;
  }

  static void appendUtf8(uint32_t code, std::string &to) {
    if (code < 0x80) {
      to += static_cast<char>(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr int kFirst[] = {0, 0xc0, 0xe0, 0xf0};
    to += static_cast<char>(kFirst[more] | code >> 6 * more);
    for (int i = more - 1; i >= 0; --i)
      to += static_cast<char>(0x80 | (code >> 6 * i & 0x3f));
  }

  absl::string_view text;
  size_t next = 0;
};

absl::Status addLines(absl::string_view text, NameMap &map) {
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#')
      continue;
    if (absl::Status status = map.add(line); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", status.message()));
  }
  return absl::OkStatus();
}

} // namespace

absl::Status NameMap::addFile(const std::string &path) {
  absl::StatusOr<std::string> text = readText(path);
  if (!text.ok())
    return text.status();
  absl::string_view content = absl::StripAsciiWhitespace(*text);
  absl::Status status =
      !content.empty() && content[0] == '{' ? FlatJson(*text).read(*this) : addLines(*text, *this);
  return status.ok() ? status
                     : absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
}

} // namespace firn

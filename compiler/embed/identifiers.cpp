#include "compiler/embed/identifiers.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firn {
namespace {

// Of C17, C23, C++17 and C++20, macros of compilers, namespaces that no model may have.
constexpr char kReserved[] =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char "
    "char16_t char32_t char8_t class co_await co_return co_yield compl concept const "
    "const_cast consteval constexpr constinit continue decltype default delete do double "
    "dynamic_cast else enum explicit export extern false firn float for friend goto if "
    "inline int linux long main mutable namespace new noexcept not not_eq nullptr "
    "operator or or_eq posix private protected public register reinterpret_cast requires "
    "restrict return short signed sizeof static static_assert static_cast std struct "
    "switch template this thread_local throw true try typedef typeid typename typeof "
    "typeof_unqual union unix unsigned using virtual void volatile wchar_t while xor "
    "xor_eq ";

bool isWordCharacter(char c) { return absl::ascii_isalnum(c); }

} // namespace

std::string identifierOf(absl::string_view name) {
  absl::ConsumeSuffix(&name, ":0");
  std::string result;
  char before = 0;
  for (char c : name) {
    const bool beginsWord = absl::ascii_isupper(c) && absl::ascii_islower(before);
    if ((beginsWord || !isWordCharacter(c)) && !result.empty() && result.back() != '_')
      result.push_back('_');
    if (isWordCharacter(c))
      result.push_back(absl::ascii_tolower(c));
    before = c;
  }
  while (absl::EndsWith(result, "_"))
    result.pop_back();
  if (result.empty())
    return "tensor";
  return absl::ascii_isdigit(result[0]) ? "t" + result : result;
}

std::string camelCase(absl::string_view identifier) {
  std::string result;
  bool begins = true;
  for (char c : identifier) {
    if (c != '_')
      result.push_back(begins ? absl::ascii_toupper(c) : c);
    begins = c == '_';
  }
  return result;
}

std::string upperCase(absl::string_view identifier) { return absl::AsciiStrToUpper(identifier); }

bool isUsableIdentifier(absl::string_view name) {
  const bool wellFormed =
      !name.empty() && absl::ascii_isalpha(name[0]) &&
      std::all_of(name.begin(), name.end(), [](char c) { return isWordCharacter(c) || c == '_'; });
  return wellFormed && !absl::StrContains(name, "__") &&
         !absl::StrContains(kReserved, absl::StrCat(" ", name, " "));
}

} // namespace firn

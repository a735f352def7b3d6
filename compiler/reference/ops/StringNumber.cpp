// Between strings and numbers: AsString, StringToNumber, StringFormat, DecodeRaw.
#include <cstdio>
#include <cstdlib>

#include "compiler/reference/Inputs.h"
#include "compiler/reference/ops/Elementwise.h"
#include "llvm/ADT/StringExtras.h"

using namespace firn::graph;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
namespace {

/// What printf gives.
template <typename... Ts> std::string print(const std::string &format, Ts... values) {
  int size = std::snprintf(nullptr, 0, format.c_str(), values...);
  std::string text(std::max(size, 0) + 1, 0);
  std::snprintf(text.data(), text.size(), format.c_str(), values...);
  text.pop_back(); // the zero at the end
  return text;
}

/// How AsString writes numbers, as printf says it.
struct NumberFormat {
  int precision, width;
  bool scientific, shortest;
  std::string fill;

  explicit NumberFormat(Evaluation &e)
      : precision(e.integer("precision")), width(e.integer("width")),
        scientific(e.flag("scientific")), shortest(e.flag("shortest")), fill(e.text("fill")) {}

  std::string flags() const { return "%" + fill + (width > -1 ? std::to_string(width) : ""); }
  std::string real(double value) const {
    std::string format = flags();
    if (precision > -1)
      format += "." + std::to_string(precision);
    format += scientific ? 'e' : shortest ? 'g' : 'f';
    return print(format, value);
  }
  std::string integer(long long value) const { return print(flags() + "lld", value); }
  std::string integer(unsigned long long value) const { return print(flags() + "llu", value); }
  std::string text(const std::string &value) const {
    size_t size = width > 0 ? width : 0;
    std::string padding(size > value.size() ? size - value.size() : 0, ' ');
    return fill == "-" ? value + padding : padding + value;
  }
};

template <typename T> std::string asText(const NumberFormat &format, const T &value) {
  if constexpr (std::is_same_v<T, std::string>)
    return format.text(value);
  else if constexpr (std::is_same_v<T, bool>)
    return value ? "true" : "false";
  else if constexpr (isComplex<T>)
    return "(" + format.real(value.real()) + "," + format.real(value.imag()) + ")";
  else if constexpr (isFloat<T>)
    return format.real(static_cast<double>(value));
  else
    return format.integer(
        static_cast<std::conditional_t<std::is_signed_v<T>, long long, unsigned long long>>(value));
}

bool check(Evaluation &e, const NumberFormat &format) {
  bool inexact = dispatch(Concat<Floats, Complexes>::Type{}, e.dtype(), [](auto) {});
  bool exact = dispatch(Concat<Integers, Bools>::Type{}, e.dtype(), [](auto) {});
  constexpr int kMost = 1000;
  return expect(e, format.fill.size() <= 1 && StringRef(" +-0#").contains(format.fill),
                "expected one of ' +-0#' to fill with, got '" + format.fill + "'") &&
         expect(e, inexact || !exact || format.precision < 0,
                "expected no precision for whole numbers") &&
         expect(e, inexact || !exact || !(format.scientific || format.shortest),
                "expected no floating-point format for whole numbers") &&
         expect(e, !(format.scientific && format.shortest),
                "expected one of scientific and shortest, got both") &&
         expect(e, format.precision <= kMost && format.width <= kMost,
                "expected a width and a precision of at most " + Twine(kMost));
}

void asString(Evaluation &e) {
  NumberFormat format(e);
  if (!check(e, format))
    return;
  using Printable = Concat<Concat<Numbers, Bools>::Type, Strings>::Type;
  dispatch(e, Printable{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, std::string>(e, DT_STRING, [&](const T &x) { return asText(format, x); });
  });
}

// "1", "-.5", "2.", "1e-3": digits with a point, then an exponent.
bool isDecimal(StringRef text) {
  auto takeDigits = [&] {
    size_t count = text.take_while(llvm::isDigit).size();
    text = text.drop_front(count);
    return count;
  };
  text.consume_front("-") || text.consume_front("+");
  size_t digits = takeDigits();
  if (text.consume_front("."))
    digits += takeDigits();
  if (digits == 0)
    return false;
  if (text.consume_front("e") || text.consume_front("E")) {
    text.consume_front("-") || text.consume_front("+");
    if (takeDigits() == 0)
      return false;
  }
  return text.empty();
}

bool isSpecial(StringRef text) {
  text.consume_front("-") || text.consume_front("+");
  uint64_t bits;
  return text.equals_insensitive("inf") || text.equals_insensitive("nan") ||
         (text.starts_with_insensitive("0x") && !text.drop_front(2).getAsInteger(16, bits));
}

bool parse(const std::string &text, float &value) {
  value = std::strtof(text.c_str(), nullptr);
  return isDecimal(text) || isSpecial(text);
}
bool parse(const std::string &text, double &value) {
  value = std::strtod(text.c_str(), nullptr);
  return isDecimal(text) || isSpecial(text);
}
template <typename T> bool parse(const std::string &text, T &value) {
  return !StringRef(text).getAsInteger(10, value);
}

void toNumber(Evaluation &e) {
  int dtype = e.type("out_type");
  dispatch(e, TypeList<float, double, int32_t, int64_t>{}, dtype, [&](auto zero) {
    using T = decltype(zero);
    mapElements<std::string, T>(e, dtype, [&](StringRef text) {
      T value{};
      expect(e, parse(text.trim(" \t\n\v\f\r").str(), value),
             "expected a number, got '" + text + "'");
      return value;
    });
  });
}

/// As a C literal, but for bytes beyond ASCII.
std::string quoted(StringRef text) {
  std::string literal = "\"";
  for (unsigned char c : text) {
    constexpr StringRef kSpecial = "\n\r\t\"'\\";
    if (size_t at = kSpecial.find(c); at != StringRef::npos)
      literal.append({'\\', "nrt\"'\\"[at]});
    else if (c >= 0x80 || llvm::isPrint(c))
      literal += c;
    else
      literal += print("\\%03o", c);
  }
  return literal + "\"";
}

/// A tensor as print shows it: `ends` elements at both ends of each axis.
class Summary {
public:
  Summary(const Tensor &tensor, int64_t summarize)
      : tensor(tensor), ends(summarize < 0 ? tensor.size() : std::min(summarize, tensor.size())) {
    show(0, 0);
  }
  std::string text;

private:
  void space(int64_t axis) {
    if (axis < tensor.rank() - 1)
      text.append(tensor.rank() - axis - 1, '\n').append(axis, ' ');
    text += ' ';
  }

  void show(int64_t axis, int64_t at) {
    if (axis == tensor.rank())
      return ends > 0 ? showElement(at) : void(text += "...");
    text += '[';
    int64_t count = tensor.dim(axis);
    bool whole = count <= 2 * ends;
    for (int64_t i = 0; i < count; ++i) {
      if (!whole && i == ends) {
        space(axis);
        text += "...";
        i = count - ends;
        if (i == count)
          break;
      }
      if (i > 0)
        space(axis);
      show(axis + 1, at * count + i);
    }
    text += ']';
  }

  // As few digits as tell the value, out of two numbers of digits.
  template <typename T> static std::string shortest(T value, int few, int many) {
    std::string text = print("%.*g", few, value);
    T back{};
    parse(text, back);
    return value != value || back == value ? text : print("%.*g", many, value);
  }

  template <typename T> static std::string elementText(const T &value) {
    if constexpr (std::is_same_v<T, std::string>)
      return quoted(value);
    else if constexpr (std::is_same_v<T, double>)
      return shortest(value, 15, 17);
    else if constexpr (isFloat<T>)
      return shortest(static_cast<float>(value), 6, 9);
    else if constexpr (isComplex<T>)
      return "?";
    else
      return std::to_string(value);
  }

  void showElement(int64_t at) {
    using Printable = Concat<Concat<Numbers, Bools>::Type, Strings>::Type;
    if (!dispatch(Printable{}, tensor.dtype(),
                  [&](auto zero) { text += elementText(tensor.values<decltype(zero)>()[at]); }))
      text += '?';
  }

  const Tensor &tensor;
  int64_t ends;
};

void stringFormat(Evaluation &e) {
  StringRef left = e.text("template"), placeholder = e.text("placeholder");
  if (!expect(e, !placeholder.empty(), "expected a placeholder, got an empty one") ||
      !expect(e, left.count(placeholder) == e.numInputs(),
              "expected a placeholder for each of " + Twine(e.numInputs()) + " inputs, got " +
                  Twine(left.count(placeholder))))
    return;
  std::string text;
  for (const Tensor &input : e.inputs()) {
    auto [before, after] = left.split(placeholder);
    text += before.str() + Summary(input, e.integer("summarize")).text;
    left = after;
  }
  e.give(makeScalar<std::string>(DT_STRING, text + left.str()));
}

/// Bytes as numbers of `dtype`: `size` bytes of each string, zeros behind shorter ones.
void decodeBytes(Evaluation &e, size_t size) {
  int dtype = e.type("out_type");
  size_t width = elementBytes(dtype);
  if (!width)
    return e.failDtype(dtype);
  const Tensor &input = e.input(0);
  Shape shape(input.shape());
  shape.push_back(size / width);
  Tensor result = e.make(0, dtype, shape);
  if (e.failed())
    return;
  bool swap = !e.flag("little_endian");
  size_t part = dispatch(Complexes{}, dtype, [](auto) {}) ? width / 2 : width;
  llvm::MutableArrayRef<char> left = result.mutableBytes();
  for (const std::string &text : input.values<std::string>()) {
    llvm::copy(StringRef(text).take_front(size), left.begin());
    for (size_t at = 0; swap && at < size; at += part)
      std::reverse(left.begin() + at, left.begin() + at + part);
    left = left.drop_front(size);
  }
}

bool expectWhole(Evaluation &e, size_t size) {
  int dtype = e.type("out_type");
  size_t width = elementBytes(dtype);
  return expect(e, width && size % width == 0,
                "expected as many bytes as elements of " + dataTypeMnemonic(dtype) + " have, got " +
                    Twine(size));
}

void decodeRaw(Evaluation &e) {
  const Tensor &input = e.input(0);
  size_t size = input.size() ? input.values<std::string>().front().size() : 0;
  for (const std::string &text : input.values<std::string>())
    if (!expect(e, text.size() == size,
                "expected strings of one size, got " + Twine(size) + " and " + Twine(text.size())))
      return;
  if (expectWhole(e, size))
    decodeBytes(e, size);
}

void decodePadded(Evaluation &e) {
  auto size = integerInput(e, 1);
  if (size && expect(e, *size > 0, "expected a size, got " + Twine(*size)) && expectWhole(e, *size))
    decodeBytes(e, *size);
}

constexpr KernelEntry kKernels[] = {
    {"AsString", asString},   {"StringToNumber", toNumber},      {"StringFormat", stringFormat},
    {"DecodeRaw", decodeRaw}, {"DecodePaddedRaw", decodePadded},
};

} // namespace

KernelList stringNumberKernels() { return kKernels; }

} // namespace firn::reference

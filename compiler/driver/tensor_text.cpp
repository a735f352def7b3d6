#include "compiler/driver/tensor_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

using namespace tensorflow;

constexpr size_t kLineWidth = 75;
constexpr int kPrecision = 8;

template <typename T> T load(const char *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// Floats of `exponentBits` and `fractionBits` behind a sign, as IEEE 754 lays them out. E4M3FN has
// no infinity: its largest exponent holds numbers, but for the one NaN.
double smallFloat(uint32_t bits, int exponentBits, int fractionBits, bool finite) {
  const uint32_t exponent = bits >> fractionBits & ((1u << exponentBits) - 1);
  const uint32_t fraction = bits & ((1u << fractionBits) - 1);
  const uint32_t top = (1u << exponentBits) - 1;
  const double sign = bits >> (exponentBits + fractionBits) ? -1 : 1;
  const int bias = (1 << (exponentBits - 1)) - 1;
  if (exponent == top && (!finite || fraction == (1u << fractionBits) - 1))
    return fraction ? std::nan("") : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(fraction, 1 - bias - fractionBits);
  return sign * std::ldexp(fraction + (1u << fractionBits), exponent - bias - fractionBits);
}

bool isComplex(int dtype) { return dtype == DT_COMPLEX64 || dtype == DT_COMPLEX128; }

bool isFloating(int dtype) {
  switch (dtype) {
  case DT_FLOAT:
  case DT_DOUBLE:
  case DT_HALF:
  case DT_BFLOAT16:
  case DT_FLOAT8_E5M2:
  case DT_FLOAT8_E4M3FN:
    return true;
  default:
    return isComplex(dtype);
  }
}

std::string integerText(int dtype, const char *bytes) {
  if (dtype == DT_UINT64)
    return std::to_string(load<uint64_t>(bytes));
  if (dtype == DT_INT64)
    return std::to_string(load<int64_t>(bytes));
  return std::to_string(static_cast<int64_t>(elementValue(dtype, bytes)));
}

// A number in scientific form, with the digits that its type needs: mantissa "1.25", exponent -3.
struct Digits {
  std::string mantissa;
  int exponent = 0;
};

Digits splitScientific(absl::string_view text) {
  size_t e = text.find('e');
  return {std::string(text.substr(0, e)), std::stoi(std::string(text.substr(e + 1)))};
}

Digits shortest(int dtype, double value) {
  char buffer[64];
  if (dtype == DT_DOUBLE || dtype == DT_COMPLEX128) {
    auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
    return splitScientific({buffer, static_cast<size_t>(end - buffer)});
  }
  if (dtype == DT_HALF) {
    // Half of the distance to the next half, which is more than any rounding to it moves a value.
    const double unit = std::ldexp(1, std::max(std::ilogb(value), -14) - 10);
    for (int digits = 0; digits < 9; ++digits) {
      std::string text = absl::StrFormat("%.*e", digits, value);
      if (std::abs(std::stod(text) - value) < unit / 2)
        return splitScientific(text);
    }
  }
  auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value),
                           std::chars_format::scientific)
                 .ptr;
  return splitScientific({buffer, static_cast<size_t>(end - buffer)});
}

std::string specialText(double value) {
  return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
}

// "0.00125" for 1.25e-3: no exponent, at most `precision` digits behind the point, "2." for two.
std::string positional(int dtype, double value, int precision) {
  if (value == 0)
    return std::signbit(value) ? "-0." : "0.";
  Digits digits = shortest(dtype, value);
  size_t point = digits.mantissa.find('.');
  int behind =
      point == std::string::npos ? 0 : static_cast<int>(digits.mantissa.size() - point - 1);
  std::string text =
      absl::StrFormat("%.*f", std::clamp(behind - digits.exponent, 0, precision), value);
  if (digits.exponent > behind) // the digits beyond those of the type are zeros
    for (size_t at = text.find_first_of("123456789"), seen = 0; at < text.size(); ++at, ++seen)
      if (seen > static_cast<size_t>(behind))
        text[at] = '0';
  if (text.find('.') == std::string::npos)
    return text + ".";
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

// How all numbers of an array are written, from its least and largest.
class FloatFormat {
public:
  FloatFormat(int dtype, const std::vector<double> &values) : dtype(dtype) {
    double least = INFINITY, largest = 0;
    for (double value : values)
      if (std::isfinite(value) && value != 0) {
        least = std::min(least, std::abs(value));
        largest = std::max(largest, std::abs(value));
      }
    exponential = largest > 0 && (largest >= 1e8 || least < 1e-4 || largest / least > 1000);
    for (double value : values)
      if (exponential && std::isfinite(value) && value != 0) {
        Digits digits = shortest(dtype, value);
        size_t point = digits.mantissa.find('.');
        if (point != std::string::npos)
          fraction =
              std::max(fraction, std::min<int>(kPrecision, digits.mantissa.size() - point - 1));
      }
  }

  // The number, and how much of it stands before and behind its point.
  std::string operator()(double value) const {
    if (!std::isfinite(value))
      return specialText(value);
    return exponential ? absl::StrFormat("%#.*e", fraction, value)
                       : positional(dtype, value, kPrecision);
  }

private:
  int dtype;
  bool exponential = false;
  int fraction = 0;
};

// Points below one another; a word stands at the right.
void alignPoints(std::vector<std::string> &texts) {
  size_t before = 0, behind = 0;
  for (const std::string &text : texts)
    if (size_t point = text.find('.'); point != std::string::npos) {
      before = std::max(before, point);
      behind = std::max(behind, text.size() - point);
    }
  for (const std::string &text : texts)
    if (text.find('.') == std::string::npos)
      before = std::max(before, text.size() < behind ? 0 : text.size() - behind);
  for (std::string &text : texts) {
    if (size_t point = text.find('.'); point != std::string::npos)
      text = std::string(before - point, ' ') + text +
             std::string(behind - (text.size() - point), ' ');
    else
      text.insert(0, before + behind - text.size(), ' ');
  }
}

std::vector<std::string> floatTexts(const ShownTensor &tensor, int part) {
  const int64_t size = dataTypeSize(tensor.dtype);
  std::vector<double> values;
  for (size_t at = 0; at < tensor.bytes.size(); at += size)
    values.push_back(elementValue(tensor.dtype, tensor.bytes.data() + at, part));
  FloatFormat format(tensor.dtype, values);
  std::vector<std::string> texts;
  for (double value : values)
    texts.push_back(format(value));
  alignPoints(texts);
  return texts;
}

std::vector<std::string> complexTexts(const ShownTensor &tensor) {
  std::vector<std::string> real = floatTexts(tensor, 0), imaginary = floatTexts(tensor, 1);
  for (size_t i = 0; i < real.size(); ++i) {
    std::string &text = imaginary[i];
    size_t first = text.find_first_not_of(' ');
    text.erase(0, first);
    real[i] += (text[0] == '-' ? "" : "+");
    text.insert(text.find_last_not_of(' ') + 1, "j");
    real[i] += text;
  }
  return real;
}

std::vector<std::string> elementTexts(const ShownTensor &tensor) {
  std::vector<std::string> texts;
  if (tensor.dtype == DT_STRING) {
    for (const std::string &text : tensor.strings)
      texts.push_back(quotedText(text));
    return texts;
  }
  if (isComplex(tensor.dtype))
    return complexTexts(tensor);
  if (isFloating(tensor.dtype))
    return floatTexts(tensor, 0);
  size_t width = 0;
  for (size_t at = 0; at < tensor.bytes.size(); at += dataTypeSize(tensor.dtype)) {
    texts.push_back(elementText(tensor.dtype, tensor.bytes.data() + at));
    width = std::max(width, texts.back().size());
  }
  for (std::string &text : texts)
    text.insert(0, width - text.size(), ' ');
  return texts;
}

class Brackets {
public:
  Brackets(const ShownTensor &tensor, std::vector<std::string> texts)
      : tensor(tensor), texts(std::move(texts)) {}

  std::string str(size_t depth = 0) {
    if (depth == tensor.shape.size())
      return texts.empty() ? "" : texts[next++];
    return "[" + (depth + 1 == tensor.shape.size() ? line(depth) : rows(depth)) + "]";
  }

private:
  bool gapBefore(size_t depth, int64_t i) const {
    return depth < tensor.elided.size() && tensor.elided[depth] && i == tensor.shape[depth] / 2;
  }

  std::string line(size_t depth) {
    const std::string indent(depth + 1, ' ');
    std::string text, current;
    const size_t width = kLineWidth - 1 - depth; // room for the closing brackets
    auto add = [&](const std::string &word) {
      if (!current.empty() && indent.size() + current.size() + 1 + word.size() > width) {
        current.erase(current.find_last_not_of(' ') + 1);
        absl::StrAppend(&text, current, "\n", indent);
        current.clear();
      }
      absl::StrAppend(&current, current.empty() ? "" : " ", word);
    };
    for (int64_t i = 0; i < tensor.shape[depth]; ++i) {
      if (gapBefore(depth, i))
        add("...");
      add(texts[next++]);
    }
    return text + current;
  }

  std::string rows(size_t depth) {
    const std::string separator =
        std::string(tensor.shape.size() - depth - 1, '\n') + std::string(depth + 1, ' ');
    std::string text;
    for (int64_t i = 0; i < tensor.shape[depth]; ++i) {
      if (gapBefore(depth, i))
        absl::StrAppend(&text, separator, "...");
      absl::StrAppend(&text, i ? separator : "", str(depth + 1));
    }
    return text;
  }

  const ShownTensor &tensor;
  std::vector<std::string> texts;
  size_t next = 0;
};

} // namespace

double elementValue(int dtype, const char *bytes, int part) {
  switch (dtype) {
  case DT_FLOAT:
    return load<float>(bytes);
  case DT_DOUBLE:
    return load<double>(bytes);
  case DT_HALF:
    return smallFloat(load<uint16_t>(bytes), 5, 10, false);
  case DT_BFLOAT16:
    return smallFloat(load<uint16_t>(bytes), 8, 7, false);
  case DT_FLOAT8_E5M2:
    return smallFloat(load<uint8_t>(bytes), 5, 2, false);
  case DT_FLOAT8_E4M3FN:
    return smallFloat(load<uint8_t>(bytes), 4, 3, true);
  case DT_COMPLEX64:
    return load<float>(bytes + 4 * part);
  case DT_COMPLEX128:
    return load<double>(bytes + 8 * part);
  case DT_INT64:
    return static_cast<double>(load<int64_t>(bytes));
  case DT_UINT64:
    return static_cast<double>(load<uint64_t>(bytes));
  case DT_INT32:
  case DT_QINT32:
    return load<int32_t>(bytes);
  case DT_UINT32:
    return load<uint32_t>(bytes);
  case DT_INT16:
  case DT_QINT16:
    return load<int16_t>(bytes);
  case DT_UINT16:
  case DT_QUINT16:
    return load<uint16_t>(bytes);
  case DT_INT8:
  case DT_QINT8:
  case DT_INT4:
    return load<int8_t>(bytes);
  default:
    return load<uint8_t>(bytes);
  }
}

std::string elementText(int dtype, const char *bytes) {
  if (dtype == DT_BOOL)
    return *bytes ? "True" : "False";
  if (!isFloating(dtype))
    return integerText(dtype, bytes);
  auto number = [&](int part) {
    double value = elementValue(dtype, bytes, part);
    if (!std::isfinite(value))
      return specialText(value);
    const bool wide = value != 0 && (std::abs(value) >= 1e16 || std::abs(value) < 1e-4);
    if (!wide) {
      std::string text = positional(dtype, value, 20);
      return text.back() == '.' ? text + "0" : text;
    }
    Digits digits = shortest(dtype, value);
    return absl::StrFormat("%se%c%02d", digits.mantissa, digits.exponent < 0 ? '-' : '+',
                           std::abs(digits.exponent));
  };
  if (!isComplex(dtype))
    return number(0);
  std::string imaginary = number(1);
  return absl::StrCat(number(0), imaginary[0] == '-' ? "" : "+", imaginary, "j");
}

std::string tensorText(const ShownTensor &tensor) {
  return Brackets(tensor, elementTexts(tensor)).str();
}

} // namespace firn

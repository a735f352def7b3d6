#include "compiler/driver/tensor_statistics.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/tensor_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/tensor_reader.h"

namespace firn {
namespace {

// Mean and spread in one walk, without the loss of a sum of squares (Welford).
class Collector {
public:
  void add(double value) {
    ++result.elements;
    if (std::isnan(value) || std::isinf(value)) {
      ++(std::isnan(value) ? result.nans : result.infinities);
      return;
    }
    result.zeros += value == 0;
    result.least = result.finite ? std::min(result.least, value) : value;
    result.largest = result.finite ? std::max(result.largest, value) : value;
    const double delta = value - result.mean;
    result.mean += delta / static_cast<double>(++result.finite);
    squares += delta * (value - result.mean);
  }

  TensorStatistics finish() {
    if (result.finite)
      result.deviation = std::sqrt(squares / static_cast<double>(result.finite));
    return result;
  }

private:
  TensorStatistics result;
  double squares = 0;
};

} // namespace

std::string TensorStatistics::text() const {
  std::string text = finite == 0 ? "no finite value"
                                 : absl::StrFormat("min %.9g  max %.9g  mean %.9g  std %.9g", least,
                                                   largest, mean, deviation);
  absl::StrAppend(&text, "  zeros ", countText(zeros), " of ", countText(elements));
  if (nans)
    absl::StrAppend(&text, "  NaN ", countText(nans));
  if (infinities)
    absl::StrAppend(&text, "  infinite ", countText(infinities));
  return text;
}

void TensorStatistics::write(llvm::json::OStream &json) const {
  json.attributeObject("stats", [&] {
    json.attribute("min", finite ? llvm::json::Value(least) : llvm::json::Value(nullptr));
    json.attribute("max", finite ? llvm::json::Value(largest) : llvm::json::Value(nullptr));
    json.attribute("mean", finite ? llvm::json::Value(mean) : llvm::json::Value(nullptr));
    json.attribute("std", finite ? llvm::json::Value(deviation) : llvm::json::Value(nullptr));
    json.attribute("zeros", zeros);
    json.attribute("nans", nans);
    json.attribute("infinities", infinities);
  });
}

absl::StatusOr<TensorStatistics> computeStatistics(Checkpoint &checkpoint, const std::string &key,
                                                   const TensorSlice &slice, bool verify) {
  const int dtype = checkpoint.entries().at(key).dtype;
  auto reader = TensorReader::open(checkpoint, key, slice, verify);
  if (!reader.ok())
    return reader.status();
  constexpr uint64_t kPiece = 1 << 20;
  const int64_t size = dataTypeSize(dtype);
  const bool isComplex = dtype == tensorflow::DT_COMPLEX64 || dtype == tensorflow::DT_COMPLEX128;
  Collector collector;
  std::string bytes;
  for (uint64_t left = reader->size(); left > 0; left -= bytes.size()) {
    bytes.resize(std::min(left, kPiece));
    if (auto status = reader->read(absl::MakeSpan(bytes.data(), bytes.size())); !status.ok())
      return status;
    for (const char *at = bytes.data(); at < bytes.data() + bytes.size(); at += size)
      collector.add(isComplex ? std::hypot(elementValue(dtype, at), elementValue(dtype, at, 1))
                              : elementValue(dtype, at));
  }
  return collector.finish();
}

} // namespace firn

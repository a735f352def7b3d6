#include "absl/strings/str_cat.h"
#include "compiler/driver/artifact_diff.h"
#include "compiler/driver/text.h"
#include "compiler/driver/value_diff.h"

namespace firn {
namespace {

using Side = Difference::Side;

Difference onlyIn(Side side, const std::string &key, const CheckpointEntry &entry) {
  return {side,
          "tensor",
          key,
          absl::StrCat(dataTypeName(entry.dtype), " ", shapeText(entry.shape)),
          {}};
}

absl::StatusOr<ValueDiff> diffValues(Checkpoint &a, Checkpoint &b, const std::string &key,
                                     int dtype, const DiffOptions &options) {
  if (dtype == tensorflow::DT_STRING) {
    auto left = a.readStrings(key), right = b.readStrings(key);
    if (!left.ok() || !right.ok())
      return left.ok() ? right.status() : left.status();
    return diffStrings(*left, *right);
  }
  auto left = TensorReader::open(a, key, std::nullopt, options.verify);
  auto right = TensorReader::open(b, key, std::nullopt, options.verify);
  if (!left.ok() || !right.ok())
    return left.ok() ? right.status() : left.status();
  return diffNumbers(dtype, *std::move(left), *std::move(right), options.tolerance);
}

absl::StatusOr<Difference> diffEntries(Checkpoint &a, Checkpoint &b, const std::string &key,
                                       const DiffOptions &options) {
  const CheckpointEntry &left = a.entries().at(key), &right = b.entries().at(key);
  Difference difference{Side::Both, "tensor", key, "", {}};
  if (left.dtype != right.dtype)
    difference.fields.push_back({"dtype", dataTypeName(left.dtype), dataTypeName(right.dtype), ""});
  if (left.shape != right.shape)
    difference.fields.push_back({"shape", shapeText(left.shape), shapeText(right.shape), ""});
  const bool readable = dataTypeSize(left.dtype) > 0 || left.dtype == tensorflow::DT_STRING;
  if (!difference.fields.empty() || !options.values || !readable)
    return difference;
  absl::StatusOr<ValueDiff> values = diffValues(a, b, key, left.dtype, options);
  if (!values.ok())
    return values.status();
  if (values->differing)
    difference.fields.push_back({"values", "", "", values->text()});
  return difference;
}

} // namespace

absl::StatusOr<std::vector<Difference>> diffCheckpoints(Checkpoint &a, Checkpoint &b,
                                                        const DiffOptions &options) {
  std::vector<Difference> differences;
  for (const auto &[key, entry] : a.entries()) {
    if (!b.entries().count(key)) {
      differences.push_back(onlyIn(Side::OnlyFirst, key, entry));
      continue;
    }
    absl::StatusOr<Difference> difference = diffEntries(a, b, key, options);
    if (!difference.ok())
      return difference.status();
    if (!difference->fields.empty())
      differences.push_back(*std::move(difference));
  }
  for (const auto &[key, entry] : b.entries())
    if (!a.entries().count(key))
      differences.push_back(onlyIn(Side::OnlySecond, key, entry));
  return differences;
}

} // namespace firn

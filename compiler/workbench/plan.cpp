#include "compiler/workbench/plan.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firn {

PlannedTensor copyOf(Checkpoint &checkpoint, const std::string &key) {
  return {checkpoint.entries().at(key), {{&checkpoint, key}}};
}

Plan copyAll(Checkpoint &checkpoint) {
  Plan plan;
  for (const auto &[key, entry] : checkpoint.entries())
    plan.emplace(key, copyOf(checkpoint, key));
  return plan;
}

void keepOnly(Plan &plan, const std::function<bool(const std::string &key)> &keep) {
  for (auto at = plan.begin(); at != plan.end();)
    at = keep(at->first) ? std::next(at) : plan.erase(at);
}

void joinSlices(Plan &plan) {
  for (auto &[key, tensor] : plan)
    tensor.entry.slices.clear();
}

absl::Status splitTensor(const std::string &key, PlannedTensor &tensor, int64_t parts,
                         int64_t axis) {
  const std::vector<int64_t> &shape = tensor.entry.shape;
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size()) || parts < 1 || parts > shape[axis])
    return absl::InvalidArgumentError(absl::StrCat("'", key, "' of shape [",
                                                   absl::StrJoin(shape, ","), "] has no ", parts,
                                                   " parts along dimension ", axis));
  tensor.entry.slices.clear();
  if (parts == 1)
    return absl::OkStatus();
  TensorSlice slice = TensorSlice::whole(shape);
  const int64_t length = shape[axis] / parts, longer = shape[axis] % parts;
  for (int64_t i = 0, start = 0; i < parts; ++i, start += slice.length[axis]) {
    slice.start[axis] = start;
    slice.length[axis] = length + (i < longer);
    tensor.entry.slices.push_back(slice);
  }
  return absl::OkStatus();
}

PlanTotals totalsOf(const Plan &plan) {
  PlanTotals totals;
  for (const auto &[key, tensor] : plan) {
    ++totals.tensors;
    totals.parameters += dataTypeSize(tensor.entry.dtype) ? tensor.entry.elements() : 0;
    totals.bytes += tensor.entry.byteSize();
  }
  return totals;
}

TensorTable tableOf(const Plan &plan) {
  TensorTable table;
  for (const auto &[key, tensor] : plan)
    table.emplace(key, tensor.entry);
  return table;
}

bool canCast(int from, int to) {
  auto isFloating = [](int dtype) {
    return dtype == tensorflow::DT_HALF || dtype == tensorflow::DT_BFLOAT16 ||
           dtype == tensorflow::DT_FLOAT || dtype == tensorflow::DT_DOUBLE;
  };
  return isFloating(from) && isFloating(to);
}

} // namespace firn

#include "compiler/workbench/combine.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/tensor_reader.h"

namespace firn {
namespace {

constexpr size_t kPiece = 1 << 20;

std::string typeText(const CheckpointEntry &entry) {
  return absl::StrCat(dataTypeName(entry.dtype), " [", absl::StrJoin(entry.shape, ","), "]");
}

bool sameType(const CheckpointEntry &a, const CheckpointEntry &b) {
  return a.dtype == b.dtype && a.shape == b.shape;
}

absl::Status listed(absl::string_view what, const std::vector<std::string> &lines) {
  return absl::InvalidArgumentError(absl::StrCat(what, "\n", absl::StrJoin(lines, "\n")));
}

std::string conflictText(const TensorSource &a, const TensorSource &b) {
  const std::string left = typeText(a.entry()), right = typeText(b.entry());
  return absl::StrCat("'", a.key, "': ", left, " in ", a.checkpoint->prefix(), ", ",
                      left == right ? "other values" : right, " in ", b.checkpoint->prefix());
}

absl::StatusOr<bool> equalNumbers(const TensorSource &a, const TensorSource &b, bool verify) {
  auto left = TensorReader::open(*a.checkpoint, a.key, std::nullopt, verify);
  auto right = TensorReader::open(*b.checkpoint, b.key, std::nullopt, verify);
  if (!left.ok() || !right.ok())
    return left.ok() ? right.status() : left.status();
  std::string x, y;
  for (uint64_t rest = left->size(); rest > 0; rest -= x.size()) {
    x.resize(std::min<uint64_t>(rest, kPiece));
    y.resize(x.size());
    absl::Status status = left->read(absl::MakeSpan(x.data(), x.size()));
    status.Update(right->read(absl::MakeSpan(y.data(), y.size())));
    if (!status.ok())
      return status;
    if (x != y)
      return false;
  }
  return true;
}

} // namespace

absl::StatusOr<bool> equalTensors(const TensorSource &a, const TensorSource &b, bool verify) {
  if (!sameType(a.entry(), b.entry()))
    return false;
  if (dataTypeSize(a.entry().dtype) > 0)
    return equalNumbers(a, b, verify);
  if (a.entry().dtype != tensorflow::DT_STRING)
    return false;
  auto left = a.checkpoint->readStrings(a.key), right = b.checkpoint->readStrings(b.key);
  if (!left.ok() || !right.ok())
    return left.ok() ? right.status() : left.status();
  return *left == *right;
}

absl::StatusOr<Combined> mergeCheckpoints(const std::vector<Checkpoint *> &checkpoints,
                                          OnConflict onConflict, bool verify) {
  Combined result;
  std::vector<std::string> conflicts;
  uint64_t twice = 0;
  for (Checkpoint *checkpoint : checkpoints)
    for (const auto &[key, entry] : checkpoint->entries()) {
      auto [at, isNew] = result.plan.try_emplace(key, copyOf(*checkpoint, key));
      if (isNew)
        continue;
      ++twice;
      const TensorSource other{checkpoint, key};
      if (onConflict == OnConflict::Error) {
        auto equal = equalTensors(at->second.sources[0], other, verify);
        if (!equal.ok())
          return equal.status();
        if (!*equal)
          conflicts.push_back(conflictText(at->second.sources[0], other));
      } else if (onConflict == OnConflict::Last) {
        at->second = copyOf(*checkpoint, key);
      }
    }
  if (!conflicts.empty())
    return listed("expected a key to stand in one checkpoint, or to be equal in all "
                  "(--on-conflict first or last decides):",
                  conflicts);
  if (twice > 0)
    result.notes.push_back(absl::StrCat(twice, twice == 1 ? " key stands" : " keys stand",
                                        " in several: ",
                                        onConflict == OnConflict::Error   ? "equal in all"
                                        : onConflict == OnConflict::First ? "the first counts"
                                                                          : "the last counts"));
  return result;
}

absl::StatusOr<Combined> averageCheckpoints(const std::vector<Checkpoint *> &checkpoints) {
  Combined result;
  std::vector<std::string> wrong, taken;
  Checkpoint &last = *checkpoints.back();
  for (Checkpoint *checkpoint : checkpoints)
    for (const auto &[key, entry] : checkpoint->entries())
      if (!last.entries().count(key))
        wrong.push_back(absl::StrCat("'", key, "' is not in ", last.prefix()));
  for (const auto &[key, entry] : last.entries()) {
    PlannedTensor tensor = copyOf(last, key);
    const bool averaged = canCast(entry.dtype, entry.dtype);
    if (averaged)
      tensor.sources.clear();
    for (Checkpoint *checkpoint : checkpoints) {
      auto found = checkpoint->entries().find(key);
      if (found == checkpoint->entries().end())
        wrong.push_back(absl::StrCat("'", key, "' is not in ", checkpoint->prefix()));
      else if (!sameType(found->second, entry))
        wrong.push_back(conflictText({checkpoint, key}, {&last, key}));
      else if (averaged)
        tensor.sources.push_back({checkpoint, key});
    }
    if (!averaged)
      taken.push_back(key);
    result.plan.emplace(key, std::move(tensor));
  }
  if (!wrong.empty())
    return listed("expected the same tensors in all:", wrong);
  if (!taken.empty())
    result.notes.push_back(
        absl::StrCat("no mean of ", absl::StrJoin(taken, ", "), ": as in ", last.prefix()));
  return result;
}

} // namespace firn

#include "compiler/driver/checkpoint_table.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"

namespace firn {
namespace {

constexpr char kAverage[] = "ExponentialMovingAverage";

// Names that TensorFlow's optimizers give their slots; some number them.
constexpr std::array<absl::string_view, 20> kSlots = {"Momentum",
                                                      "Adam",
                                                      "Adagrad",
                                                      "RMSProp",
                                                      "Ftrl",
                                                      "Adadelta",
                                                      "AdaMax",
                                                      "AddSign",
                                                      "PowerSign",
                                                      "AdamW",
                                                      "LARSOptimizer",
                                                      "LazyAdam",
                                                      "AdagradDA",
                                                      "ProximalAdagrad",
                                                      "momentum",
                                                      "rms",
                                                      "accumulator",
                                                      "mg",
                                                      "m",
                                                      "v"};

bool isSlotName(absl::string_view name) {
  for (absl::string_view number : {"_1", "_2", "_3"})
    if (absl::EndsWith(name, number))
      name.remove_suffix(number.size());
  return std::find(kSlots.begin(), kSlots.end(), name) != kSlots.end();
}

// `name`, or what is left of it without its outer scopes: optimizers repeat the scope they run in.
bool namesVariable(const Checkpoint &checkpoint, const std::string &key, absl::string_view name) {
  while (true) {
    if (checkpoint.entries().count(std::string(name)) && name != key)
      return true;
    size_t slash = name.find('/');
    if (slash == absl::string_view::npos)
      return false;
    name.remove_prefix(slash + 1);
  }
}

bool isOptimizerScalar(const Checkpoint &checkpoint, const std::string &key) {
  absl::string_view name = absl::string_view(key).substr(key.rfind('/') + 1);
  if (!absl::StartsWith(name, "beta1_power") && !absl::StartsWith(name, "beta2_power"))
    return false;
  const CheckpointEntry &entry = checkpoint.entries().at(key);
  return entry.shape.empty();
}

} // namespace

const char *keyKindName(KeyKind kind) {
  switch (kind) {
  case KeyKind::Weight:
    return "weight";
  case KeyKind::Slot:
    return "slot";
  case KeyKind::Average:
    return "average";
  case KeyKind::Other:
    return "other";
  }
  return "";
}

KeyKind keyKind(const Checkpoint &checkpoint, const std::string &key) {
  if (dataTypeSize(checkpoint.entries().at(key).dtype) == 0)
    return KeyKind::Other;
  if (absl::StrContains(key, "/.OPTIMIZER_SLOT/") || isOptimizerScalar(checkpoint, key))
    return KeyKind::Slot;
  size_t slash = key.rfind('/');
  if (slash == std::string::npos)
    return KeyKind::Weight;
  absl::string_view name = absl::string_view(key).substr(slash + 1),
                    base = absl::string_view(key).substr(0, slash);
  if (!namesVariable(checkpoint, key, base))
    return KeyKind::Weight;
  return name == kAverage ? KeyKind::Average : isSlotName(name) ? KeyKind::Slot : KeyKind::Weight;
}

CheckpointTotals totalsOf(const Checkpoint &checkpoint) {
  CheckpointTotals totals;
  for (KeyKind kind : kKeyKinds) {
    CheckpointTotals part = totalsOf(checkpoint, kind);
    totals.tensors += part.tensors;
    totals.parameters += part.parameters;
    totals.bytes += part.bytes;
  }
  return totals;
}

CheckpointTotals totalsOf(const Checkpoint &checkpoint, KeyKind kind) {
  CheckpointTotals totals;
  for (const auto &[key, entry] : checkpoint.entries()) {
    if (keyKind(checkpoint, key) != kind)
      continue;
    ++totals.tensors;
    totals.parameters += kind == KeyKind::Other ? 0 : entry.elements();
    totals.bytes += entry.byteSize();
  }
  return totals;
}

std::string totalsText(const Checkpoint &checkpoint) {
  auto line = [](const CheckpointTotals &totals) {
    return absl::StrCat(plural(totals.tensors, "tensor"), ", ",
                        plural(totals.parameters, "parameter"), ", ", sizeText(totals.bytes));
  };
  std::string text = absl::StrCat("total: ", line(totalsOf(checkpoint)), "\n");
  if (totalsOf(checkpoint, KeyKind::Weight).tensors == totalsOf(checkpoint).tensors)
    return text;
  TextTable table;
  constexpr std::array<const char *, 4> kTitles = {
      "weights:", "optimizer slots:", "moving averages:", "strings and the like:"};
  for (KeyKind kind : kKeyKinds)
    if (CheckpointTotals totals = totalsOf(checkpoint, kind); totals.tensors)
      table.row({kTitles[static_cast<size_t>(kind)], line(totals)});
  return text + table.str();
}

void writeCheckpointHeader(const Checkpoint &checkpoint, llvm::json::OStream &json) {
  json.attribute("format", checkpoint.format() == Checkpoint::Format::V1 ? "V1" : "V2");
  json.attribute("prefix", utf8(checkpoint.prefix()));
  json.attribute("files", jsonStrings(checkpoint.files()));
  json.attribute("notes", jsonStrings(checkpoint.notes()));
}

void writeTotals(const Checkpoint &checkpoint, llvm::json::OStream &json) {
  json.attributeObject("totals", [&] {
    auto write = [&](const CheckpointTotals &totals) {
      json.attribute("tensors", totals.tensors);
      json.attribute("parameters", totals.parameters);
      json.attribute("bytes", totals.bytes);
    };
    write(totalsOf(checkpoint));
    for (KeyKind kind : kKeyKinds)
      json.attributeObject(keyKindName(kind), [&] { write(totalsOf(checkpoint, kind)); });
  });
}

} // namespace firn

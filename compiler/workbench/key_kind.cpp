#include "compiler/workbench/key_kind.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"

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

} // namespace firn

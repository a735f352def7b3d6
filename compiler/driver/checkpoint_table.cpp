#include "compiler/driver/checkpoint_table.h"

#include "absl/strings/str_cat.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"

namespace firn {
namespace {

struct CheckpointTotals {
  uint64_t tensors = 0, parameters = 0, bytes = 0;
};

/// By kind, in one walk: to tell the kinds takes longer than to list the keys.
struct Totals {
  explicit Totals(const Checkpoint &checkpoint) {
    for (const auto &[key, entry] : checkpoint.entries()) {
      const KeyKind kind = keyKind(checkpoint, key);
      for (CheckpointTotals *totals : {&all, &of(kind)}) {
        ++totals->tensors;
        totals->parameters += kind == KeyKind::Other ? 0 : entry.elements();
        totals->bytes += entry.byteSize();
      }
    }
  }

  CheckpointTotals &of(KeyKind kind) { return kinds[static_cast<size_t>(kind)]; }

  CheckpointTotals all;
  std::array<CheckpointTotals, kKeyKinds.size()> kinds;
};

} // namespace

std::string totalsText(const Checkpoint &checkpoint) {
  auto line = [](const CheckpointTotals &part) {
    return absl::StrCat(plural(part.tensors, "tensor"), ", ", plural(part.parameters, "parameter"),
                        ", ", sizeText(part.bytes));
  };
  Totals totals(checkpoint);
  std::string text = absl::StrCat("total: ", line(totals.all), "\n");
  if (totals.of(KeyKind::Weight).tensors == totals.all.tensors)
    return text;
  TextTable table;
  constexpr std::array<const char *, 4> kTitles = {
      "weights:", "optimizer slots:", "moving averages:", "strings and the like:"};
  for (KeyKind kind : kKeyKinds)
    if (totals.of(kind).tensors)
      table.row({kTitles[static_cast<size_t>(kind)], line(totals.of(kind))});
  return text + table.str();
}

void writeCheckpointHeader(const Checkpoint &checkpoint, llvm::json::OStream &json) {
  json.attribute("format", checkpoint.format() == Checkpoint::Format::V1 ? "V1" : "V2");
  json.attribute("prefix", utf8(checkpoint.prefix()));
  json.attribute("files", jsonStrings(checkpoint.files()));
  json.attribute("notes", jsonStrings(checkpoint.notes()));
}

void writeTotals(const Checkpoint &checkpoint, llvm::json::OStream &json) {
  Totals totals(checkpoint);
  json.attributeObject("totals", [&] {
    auto write = [&](const CheckpointTotals &part) {
      json.attribute("tensors", part.tensors);
      json.attribute("parameters", part.parameters);
      json.attribute("bytes", part.bytes);
    };
    write(totals.all);
    for (KeyKind kind : kKeyKinds)
      json.attributeObject(keyKindName(kind), [&] { write(totals.of(kind)); });
  });
}

} // namespace firn

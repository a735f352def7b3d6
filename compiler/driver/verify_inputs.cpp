#include "compiler/driver/verify_inputs.h"

#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"
#include "compiler/pipeline/FeedValues.h"

namespace firn {
namespace {

// An input of either model; null where a model lacks it.
struct Pair {
  const ModelTensor *a = nullptr, *b = nullptr;
};

const ModelTensor *find(const std::vector<ModelTensor> &inputs, const std::string &name) {
  for (const ModelTensor &input : inputs)
    if (input.name == name)
      return &input;
  return nullptr;
}

class InputPairs {
public:
  InputPairs(const std::vector<ModelTensor> &a, const std::vector<ModelTensor> &b,
             const Feeds &feeds)
      : feeds(feeds) {
    for (const ModelTensor &input : a)
      pairs.push_back({&input, find(b, input.name)});
    for (const ModelTensor &input : b)
      if (!find(a, input.name))
        pairs.push_back({nullptr, &input});
  }

  // What only one model has and what has no value of its own goes together in order. An input of
  // one that is fed may be the other's under another name: where a queue was cut.
  absl::Status joinOthers(Feeds::Notes &notes) {
    const auto needsValue = [&](const Pair &pair) { return !hasDefault(pair) && !isFed(pair); };
    std::vector<size_t> onlyA = onlyOf(&Pair::a, needsValue), onlyB = onlyOf(&Pair::b, needsValue);
    if (onlyA.empty() != onlyB.empty()) {
      std::vector<size_t> &fewer = onlyA.empty() ? onlyA : onlyB;
      fewer = onlyOf(onlyA.empty() ? &Pair::a : &Pair::b,
                     [&](const Pair &pair) { return isFed(pair); });
      if (onlyA.size() != onlyB.size())
        fewer.clear();
    }
    if (!canJoin(onlyA, onlyB))
      return unpaired(onlyA, onlyB);
    for (size_t i = 0; i < onlyA.size(); ++i) {
      Pair &first = pairs[onlyA[i]], &second = pairs[onlyB[i]];
      notes.push_back(absl::StrCat("input '", first.a->name, "' of A is taken for '",
                                   second.b->name, "' of B: they stand in the same place"));
      first.b = second.b;
      second = {};
    }
    return absl::OkStatus();
  }

  std::vector<Pair> pairs;

private:
  // Positions of the pairs that have the one side alone and for which `counts` holds.
  template <typename Counts>
  std::vector<size_t> onlyOf(const ModelTensor *Pair::*side, Counts &&counts) const {
    std::vector<size_t> positions;
    for (size_t i = 0; i < pairs.size(); ++i)
      if (const Pair &pair = pairs[i]; pair.*side && !(pair.a && pair.b) && counts(pair))
        positions.push_back(i);
    return positions;
  }

  bool canJoin(const std::vector<size_t> &onlyA, const std::vector<size_t> &onlyB) const {
    if (onlyA.size() != onlyB.size())
      return false;
    for (size_t i = 0; i < onlyA.size(); ++i)
      if (pairs[onlyA[i]].a->dtype != pairs[onlyB[i]].b->dtype)
        return false;
    return true;
  }

  bool hasDefault(const Pair &pair) const { return (pair.a ? pair.a : pair.b)->hasDefault; }
  bool isFed(const Pair &pair) const { return feeds.has((pair.a ? pair.a : pair.b)->name); }

  absl::Status unpaired(const std::vector<size_t> &onlyA, const std::vector<size_t> &onlyB) const {
    std::string text = "expected a value for each input that only one model has; give it with "
                       "--feed, or make it a constant with --bind (of B: --bind-b)";
    for (const std::vector<size_t> *list : {&onlyA, &onlyB})
      for (size_t i : *list) {
        const ModelTensor &input = pairs[i].a ? *pairs[i].a : *pairs[i].b;
        absl::StrAppend(&text, "\nonly ", pairs[i].a ? "A" : "B", ": ", input.name, "  ",
                        dataTypeName(input.dtype));
      }
    return absl::InvalidArgumentError(text);
  }

  const Feeds &feeds;
};

// What is known of a shape from both sides.
ModelTensor joined(const Pair &pair) {
  ModelTensor tensor = pair.a ? *pair.a : *pair.b;
  if (!pair.a || !pair.b || !pair.b->knownRank)
    return tensor;
  if (!tensor.knownRank)
    tensor.shape = std::vector<int64_t>(pair.b->shape.size(), -1);
  tensor.knownRank = true;
  for (size_t i = 0; i < tensor.shape.size() && i < pair.b->shape.size(); ++i)
    if (tensor.shape[i] < 0)
      tensor.shape[i] = pair.b->shape[i];
  return tensor;
}

absl::StatusOr<NpyArray> valueOf(const Pair &pair, const Feeds &feeds, VerifyInput &input,
                                 Feeds::Notes &notes) {
  for (const ModelTensor *side : {pair.a, pair.b})
    if (side && feeds.has(side->name)) {
      ModelTensor tensor = joined(pair);
      tensor.name = side->name;
      input.source = feeds.source(side->name);
      return feeds.value(tensor, notes);
    }
  input.source = feeds.source("");
  return feeds.random(joined(pair));
}

absl::Status addValue(const Pair &pair, const Feeds &feeds, VerifyInputs &result) {
  VerifyInput input{pair.a ? pair.a->name : "", pair.b ? pair.b->name : "", 0, {}, ""};
  absl::StatusOr<NpyArray> value = valueOf(pair, feeds, input, result.notes);
  if (!value.ok())
    return value.status();
  input.dtype = value->dtype;
  input.shape = value->shape;
  result.inputs.push_back(std::move(input));
  if (pair.b) {
    bool rounded;
    absl::StatusOr<NpyArray> other = convertArray(*value, pair.b->dtype, rounded);
    if (!other.ok())
      return absl::InvalidArgumentError(
          absl::StrCat("can't feed '", pair.b->name, "' of B: ", other.status().message()));
    result.b.emplace_back(pair.b->name, std::move(*other));
  }
  if (pair.a)
    result.a.emplace_back(pair.a->name, std::move(*value));
  return absl::OkStatus();
}

bool hasDefaults(const Pair &pair) {
  return (!pair.a || pair.a->hasDefault) && (!pair.b || pair.b->hasDefault);
}

bool isFed(const Pair &pair, const Feeds &feeds) {
  return (pair.a && feeds.has(pair.a->name)) || (pair.b && feeds.has(pair.b->name));
}

} // namespace

absl::StatusOr<VerifyInputs> verifyInputs(const std::vector<ModelTensor> &a,
                                          const std::vector<ModelTensor> &b, const Feeds &feeds) {
  VerifyInputs result;
  InputPairs inputs(a, b, feeds);
  absl::Status status = inputs.joinOthers(result.notes);
  for (const Pair &pair : inputs.pairs)
    if (status.ok() && (isFed(pair, feeds) || !hasDefaults(pair)))
      status = addValue(pair, feeds, result);
  if (!status.ok())
    return status;
  return result;
}

} // namespace firn

// Non-maximum suppression: boxes in the order of their scores, without those that overlap a better
// one.
#include <cmath>
#include <queue>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Resample.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// Two opposite corners, in either order.
struct Box {
  float top, left, bottom, right;

  static Box of(const float *corners) {
    return {std::min(corners[0], corners[2]), std::min(corners[1], corners[3]),
            std::max(corners[0], corners[2]), std::max(corners[1], corners[3])};
  }
  float area() const { return (bottom - top) * (right - left); }
};

// Intersection over union.
float overlapOf(const Box &a, const Box &b) {
  if (a.area() <= 0 || b.area() <= 0)
    return 0;
  float height = std::max(std::min(a.bottom, b.bottom) - std::max(a.top, b.top), 0.0f);
  float width = std::max(std::min(a.right, b.right) - std::max(a.left, b.left), 0.0f);
  float shared = height * width;
  return shared / (a.area() + b.area() - shared);
}

struct Limits {
  int64_t count = 0; // boxes to select at most
  float overlap = 0.5, score = std::numeric_limits<float>::lowest();
  float sigma = 0; // above 0: overlaps lower a score instead of dropping the box
};

struct Candidate {
  int64_t box;
  float score;
  size_t compared; // with so many of the selected

  bool operator<(const Candidate &o) const {
    return score < o.score || (score == o.score && box > o.box);
  }
};

struct Selection {
  std::vector<int64_t> boxes;
  std::vector<float> scores;
};

// Lowers the candidate's score by its overlaps with boxes that were selected since it was last
// looked at; false when it is out.
template <typename Overlap>
bool survives(Candidate &candidate, const Selection &selected, const Limits &limits,
              const Overlap &overlap) {
  for (size_t i = selected.boxes.size(); i-- > candidate.compared;) {
    float similarity = overlap(candidate.box, selected.boxes[i]);
    if (limits.sigma <= 0 && similarity > limits.overlap)
      return false;
    if (limits.sigma > 0)
      candidate.score *= std::exp(-0.5f / limits.sigma * similarity * similarity);
    if (candidate.score <= limits.score)
      return false;
  }
  candidate.compared = selected.boxes.size();
  return true;
}

template <typename Overlap>
Selection select(llvm::ArrayRef<float> scores, const Limits &limits, const Overlap &overlap) {
  std::priority_queue<Candidate> queue;
  for (size_t i = 0; i < scores.size(); ++i)
    if (scores[i] > limits.score)
      queue.push({static_cast<int64_t>(i), scores[i], 0});
  Selection selected;
  while (!queue.empty() && static_cast<int64_t>(selected.boxes.size()) < limits.count) {
    Candidate candidate = queue.top();
    queue.pop();
    float before = candidate.score;
    if (!survives(candidate, selected, limits, overlap))
      continue;
    if (candidate.score != before) { // others may be better now
      queue.push(candidate);
      continue;
    }
    selected.boxes.push_back(candidate.box);
    selected.scores.push_back(candidate.score);
  }
  return selected;
}

// Input `index` as one number.
std::optional<double> numberOf(Evaluation &e, unsigned index) {
  const Tensor &tensor = e.input(index);
  std::optional<double> number;
  if (tensor.size() == 1)
    dispatch(Reals{}, tensor.dtype(),
             [&](auto zero) { number = static_cast<double>(tensor.scalar<decltype(zero)>()); });
  if (!number)
    e.fail("expected a number, got " + tensor.text());
  return number;
}

// Reads the count from input 2, thresholds and the width of soft suppression from those behind it,
// as far as the op has them.
std::optional<Limits> limitsOf(Evaluation &e) {
  Limits limits;
  double values[4] = {0, e.real("iou_threshold"), limits.score, 0};
  for (unsigned i = 2; i < e.numInputs() && i < 6; ++i) {
    std::optional<double> number = numberOf(e, i);
    if (!number)
      return std::nullopt;
    values[i - 2] = *number;
  }
  limits.count = values[0];
  limits.overlap = values[1];
  limits.score = values[2];
  limits.sigma = values[3];
  if (limits.count >= 0 && limits.overlap >= 0 && limits.overlap <= 1 && limits.sigma >= 0)
    return limits;
  e.fail("expected a count from 0 up and an overlap from 0 to 1, got " + llvm::Twine(limits.count) +
         " and " + std::to_string(limits.overlap));
  return std::nullopt;
}

// Selects by inputs 0 and 1: boxes and scores.
std::optional<Selection> selectBoxes(Evaluation &e, const Limits &limits) {
  const Tensor &boxes = e.input(0), &scores = e.input(1);
  if (boxes.rank() != 2 || boxes.dim(1) != 4 || scores.rank() != 1 ||
      scores.dim(0) != boxes.dim(0)) {
    e.fail("expected four corners and a score for each box, got " + boxes.text() + " and " +
           scores.text());
    return std::nullopt;
  }
  std::vector<float> corners = floatsOf(e, boxes), values = floatsOf(e, scores);
  if (e.failed())
    return std::nullopt;
  return select(values, limits, [&](int64_t a, int64_t b) {
    return overlapOf(Box::of(&corners[4 * a]), Box::of(&corners[4 * b]));
  });
}

Tensor indicesOf(const Selection &selection) {
  return makeIntegers(DT_INT32, {static_cast<int64_t>(selection.boxes.size())}, selection.boxes);
}

Tensor scoresOf(const Selection &selection, int dtype) {
  Tensor scores(dtype, {static_cast<int64_t>(selection.scores.size())});
  dispatch(Floats{}, dtype, [&](auto zero) {
    using T = decltype(zero);
    narrow<float, T>(selection.scores, scores.mutableValues<T>());
  });
  return scores;
}

void suppress(Evaluation &e) {
  std::optional<Limits> limits = limitsOf(e);
  if (!limits)
    return;
  if (std::optional<Selection> selection = selectBoxes(e, *limits))
    e.give(indicesOf(*selection));
}

// Outputs filled up with zeros where the node asks for it; scores where it has them, and the number
// of boxes.
void suppressPadded(Evaluation &e) {
  std::optional<Limits> limits = limitsOf(e);
  if (!limits)
    return;
  std::optional<Selection> selection = selectBoxes(e, *limits);
  if (!selection)
    return;
  int32_t valid = selection->boxes.size();
  if (e.flag("pad_to_max_output_size")) {
    Tensor room = e.make(0, DT_INT32, {limits->count});
    if (e.failed())
      return;
    selection->boxes.resize(limits->count);
    selection->scores.resize(limits->count);
  }
  e.give(0, indicesOf(*selection));
  if (e.numOutputs() == 3)
    e.give(1, scoresOf(*selection, e.dtype(1)));
  e.give(e.numOutputs() - 1, makeScalar<int32_t>(DT_INT32, valid));
}

// Inputs: a matrix of overlaps, scores, count, overlap's limit, score's limit.
void suppressWithOverlaps(Evaluation &e) {
  const Tensor &overlaps = e.input(0), &scores = e.input(1);
  int64_t count = scores.size();
  if (overlaps.rank() != 2 || overlaps.dim(0) != count || overlaps.dim(1) != count ||
      scores.rank() != 1)
    return e.fail("expected a square of overlaps and a score for each box, got " + overlaps.text() +
                  " and " + scores.text());
  std::optional<double> most = numberOf(e, 2), overlap = numberOf(e, 3), score = numberOf(e, 4);
  if (e.failed())
    return;
  Limits limits;
  limits.count = *most;
  limits.overlap = *overlap;
  limits.score = *score;
  auto matrix = overlaps.values<float>();
  e.give(indicesOf(select(scores.values<float>(), limits,
                          [&](int64_t a, int64_t b) { return matrix[a * count + b]; })));
}

constexpr KernelEntry kKernels[] = {
    {"NonMaxSuppression", suppress},
    {"NonMaxSuppressionV2", suppress},
    {"NonMaxSuppressionV3", suppress},
    {"NonMaxSuppressionV4", suppressPadded},
    {"NonMaxSuppressionV5", suppressPadded},
    {"NonMaxSuppressionWithOverlaps", suppressWithOverlaps},
};

} // namespace

KernelList boxKernels() { return kKernels; }

} // namespace firn::reference

// Ops that are a whole layer: batch norms, recurrent cells, losses.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

void batchNorm(NodeShapes &s) {
  ShapeInfo image = dimsOnly(s.in(0)), channels = dimsOnly(s.in(1));
  if (image.ranked && image.rank() >= 2) {
    size_t at = s.text("data_format", "NHWC").starts_with("NC") ? 1 : image.rank() - 1;
    if (!channels.ranked)
      channels = ShapeInfo::of({image.dims[at]});
    else if (channels.rank() == 1)
      image.dims[at] = s.same(image.dims[at], channels.dims[0]);
  }
  s.out(0, image);
  for (unsigned i = 1; i < s.numOutputs(); ++i)
    s.out(i, i < 5 ? channels : ShapeInfo());
}

// FusedBatchNormGrad*: y_backprop, x, scale …
void batchNormGrad(NodeShapes &s) {
  s.out(0, dimsOnly(s.in(1)));
  s.out(1, dimsOnly(s.in(2)));
  s.out(2, dimsOnly(s.in(2)));
}

// x, cs_prev, h_prev and weights; all outputs are [batch, cells].
void lstmCell(NodeShapes &s) {
  ShapeInfo info = s.same(dimsOnly(s.in(1)), dimsOnly(s.in(2)));
  if (info.hasRank(2) && s.in(0).hasRank(2))
    info.dims[0] = s.same(info.dims[0], s.in(0).dims[0]);
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, info);
}

// x is [time, batch, inputs].
void blockLstm(NodeShapes &s) {
  ShapeInfo state = s.same(dimsOnly(s.in(2)), dimsOnly(s.in(3)));
  const ShapeInfo &x = s.in(1);
  if (!state.hasRank(2))
    return;
  if (x.hasRank(3))
    state.dims[0] = s.same(state.dims[0], x.dims[1]);
  ShapeInfo info = ShapeInfo::of({x.hasRank(3) ? x.dims[0] : s.fresh()});
  llvm::append_range(info.dims, state.dims);
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, info);
}

void gruCell(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(1));
  if (info.hasRank(2) && s.in(0).hasRank(2))
    info.dims[0] = s.same(info.dims[0], s.in(0).dims[0]);
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, info);
}

void crossEntropy(NodeShapes &s) {
  ShapeInfo logits = dimsOnly(s.in(0));
  const ShapeInfo &labels = s.in(1);
  if (s.node.is("SoftmaxCrossEntropyWithLogits"))
    logits = s.broadcast(logits, dimsOnly(labels));
  else if (logits.hasRank(2) && labels.hasRank(1))
    logits.dims[0] = s.same(logits.dims[0], labels.dims[0]);
  if (!logits.ranked || logits.rank() == 0)
    return;
  s.out(0, ShapeInfo::of(ArrayRef<Dim>(logits.dims).drop_back()));
  s.out(1, logits);
}

void biasAddGrad(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  bool isChannelsFirst = s.text("data_format", "NHWC").starts_with("NC");
  if (from.ranked && from.rank() >= 2)
    s.out(ShapeInfo::of({isChannelsFirst ? from.dims[1] : from.dims.back()}));
  else
    s.out(s.freshOfRank(1));
}

void inTopK(NodeShapes &s) { s.out(dimsOnly(s.in(1))); }

void reverseSequence(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  const ShapeInfo &lengths = s.in(1);
  if (info.ranked && lengths.hasRank(1))
    if (std::optional<size_t> batch = s.axis(s.integer("batch_dim"), info.rank()))
      info.dims[*batch] = s.same(info.dims[*batch], lengths.dims[0]);
  s.out(std::move(info));
}

constexpr ShapeRuleEntry kRules[] = {
    {"FusedBatchNorm", batchNorm},
    {"FusedBatchNormV2", batchNorm},
    {"FusedBatchNormV3", batchNorm},
    {"_FusedBatchNormEx", batchNorm},
    {"BatchNormWithGlobalNormalization", sameAsFirst},
    {"FusedBatchNormGrad", batchNormGrad},
    {"FusedBatchNormGradV2", batchNormGrad},
    {"FusedBatchNormGradV3", batchNormGrad},
    {"LSTMBlockCell", lstmCell},
    {"BlockLSTM", blockLstm},
    {"BlockLSTMV2", blockLstm},
    {"GRUBlockCell", gruCell},
    {"SoftmaxCrossEntropyWithLogits", crossEntropy},
    {"SparseSoftmaxCrossEntropyWithLogits", crossEntropy},
    {"BiasAddGrad", biasAddGrad},
    {"InTopK", inTopK},
    {"InTopKV2", inTopK},
    {"ReverseSequence", reverseSequence},
};

} // namespace

ShapeRules layerShapeRules() { return kRules; }

} // namespace firn::graph

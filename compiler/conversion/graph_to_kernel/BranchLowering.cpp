// Branches as scf.if: conds of v1 and functions of If and Case alike.
#include "compiler/conversion/graph_to_kernel/Carried.h"
#include "compiler/conversion/graph_to_kernel/Flow.h"
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

/// A choice in terms of the graph's values.
struct Choice {
  struct Branch {
    Values results;
    /// Which nodes stand on it.
    std::function<void(Scope &)> mark;
  };
  Node node;
  /// Of a bool there are two branches, the one that is taken when it is true first. An index that
  /// is no branch's takes the last one.
  Value selector;
  bool isIndex = false;
  std::vector<Branch> branches;
  /// What the results are called behind it.
  Values outputs;
};

class BranchLowering {
public:
  BranchLowering(GraphLowering &lowering, const Choice &choice)
      : lowering(lowering), choice(choice), b(lowering.builderAt(choice.node)),
        n(choice.node, lowering, b) {}

  void run() {
    bool good = makeFlags();
    for (const Choice::Branch &branch : choice.branches)
      good &= makeBranch(branch);
    for (size_t result = 0; good && result < choice.outputs.size(); ++result)
      good = isMadeOutside(result) ? joinOutside(result) : joinInside(result);
    if (!good || yields.empty())
      return;
    for (const std::unique_ptr<Inside> &branch : insides)
      yield(*branch);
    Values made = makeIf(b, 0);
    for (auto [yielded, value] : llvm::zip(yields, made)) {
      Value output = choice.outputs[yielded.result];
      lowering.set(output, yielded.like.as(value, yielded.sizes));
      if (!yielded.like.isList())
        n.bindSizes(output, yielded.sizes);
    }
  }

  /// Gives a number that says which branch was taken.
  void giveNumber(Value output, ArrayRef<int64_t> numbers) {
    if (flags.size() + 1 != numbers.size())
      return;
    Tensor number = n.elementwise(flags, DT_INT32, {}, [&](ImplicitLocOpBuilder &s, ValueRange x) {
      Value value = s.create<arith::ConstantOp>(s.getI32IntegerAttr(numbers.back()));
      for (size_t i = x.size(); i-- > 0;)
        value = s.create<arith::SelectOp>(
            isTrue(s, x[i]), s.create<arith::ConstantOp>(s.getI32IntegerAttr(numbers[i])), value);
      return value;
    });
    lowering.set(output, {number, std::nullopt, std::nullopt});
  }

private:
  struct Inside {
    explicit Inside(GraphLowering &lowering) : inner(lowering) {}
    GraphLowering::Inner inner;
    SmallVector<Lowered> results;
    Values yielded;
  };
  struct Yield {
    size_t result;
    Carried like;
    Sizes sizes;
  };

  static Value isTrue(ImplicitLocOpBuilder &s, Value byte) {
    Value zero = s.create<arith::ConstantOp>(s.getIntegerAttr(byte.getType(), 0));
    return s.create<arith::CmpIOp>(arith::CmpIPredicate::ne, byte, zero);
  }

  // For each branch but the last one whether it is taken, should none before it be.
  bool makeFlags() {
    if (!choice.isIndex) {
      flags.push_back(truthTensor(n, choice.selector));
      return bool(flags.back());
    }
    Tensor index = n.fetched(choice.selector);
    for (size_t i = 0; index && i + 1 < choice.branches.size(); ++i)
      flags.push_back(n.elementwise(
          {n.reshape(index, {})}, DT_BOOL, {}, [i](ImplicitLocOpBuilder &s, ValueRange x) -> Value {
            Value mine = s.create<arith::ConstantOp>(s.getIntegerAttr(x[0].getType(), i));
            Value taken = s.create<arith::CmpIOp>(arith::CmpIPredicate::eq, x[0], mine);
            return s.create<arith::ExtUIOp>(s.getI8Type(), taken);
          }));
    return bool(index);
  }

  bool makeBranch(const Choice::Branch &branch) {
    insides.push_back(std::make_unique<Inside>(lowering));
    Inside &inside = *insides.back();
    branch.mark(inside.inner.scope);
    bool good = lowering.require(branch.results);
    for (Value result : branch.results) {
      good = good && lowering.expectAlways(choice.node, result);
      if (good)
        inside.results.push_back(*lowering.find(result));
    }
    inside.inner.leave();
    return good;
  }

  bool isOutside(const Lowered &lowered, Block *block) const {
    auto isInside = [&](Value value) { return value && value.getParentBlock() == block; };
    if (lowered.elements && llvm::any_of(*lowered.elements, [&](Size size) {
          return isInside(llvm::dyn_cast<Value>(size));
        }))
      return false;
    return !isInside(lowered.list ? lowered.list->elements.value : lowered.tensor.value);
  }

  bool isMadeOutside(size_t result) const {
    return llvm::all_of(insides, [&](const std::unique_ptr<Inside> &branch) {
      return isOutside(branch->results[result], branch->inner.scope.block);
    });
  }

  // What is there anyway is chosen element by element.
  bool joinOutside(size_t result) {
    Value output = choice.outputs[result];
    const Lowered &first = insides.front()->results[result];
    bool isSame = llvm::all_of(insides, [&](const std::unique_ptr<Inside> &branch) {
      const Lowered &other = branch->results[result];
      if (first.list || other.list)
        return first.list && other.list && first.list->length == other.list->length &&
               first.list->elements.value == other.list->elements.value;
      return first.tensor ? first.tensor.value == other.tensor.value
                          : !other.tensor && first.elements == other.elements;
    });
    if (isSame) {
      lowering.set(output, Lowered(first));
      return true;
    }
    SmallVector<Carried> options;
    for (size_t branch = 0; branch < insides.size(); ++branch) {
      Value value = choice.branches[branch].results[result];
      lowering.set(value, insides[branch]->results[result]);
      std::optional<Carried> option = carriedOf(n, value, output);
      if (!option)
        return false;
      options.push_back(*option);
    }
    std::optional<Sizes> sizes = commonSizes(output, options);
    if (!sizes)
      return false;
    lowering.set(output, options[0].as(select(options, *sizes), *sizes));
    return true;
  }

  Value select(ArrayRef<Carried> options, ArrayRef<Size> sizes) {
    SmallVector<Tensor> operands(flags);
    int dtype = options[0].dtype();
    for (const Carried &option : options)
      operands.push_back(
          {castTo(b, option.value(), tensorType(sizes, option.type().getElementType())),
           Sizes(sizes), dtype});
    size_t count = flags.size();
    return n
        .elementwise(operands, dtype, sizes,
                     [count](ImplicitLocOpBuilder &s, ValueRange x) {
                       Value value = x.back();
                       for (size_t i = count; i-- > 0;)
                         value = s.create<arith::SelectOp>(isTrue(s, x[i]), x[count + i], value);
                       return value;
                     })
        .value;
  }

  bool joinInside(size_t result) {
    Value output = choice.outputs[result];
    SmallVector<Carried> options;
    for (auto [branch, inside] : llvm::zip(choice.branches, insides)) {
      inside->inner.enter();
      ImplicitLocOpBuilder at = lowering.builderAt(choice.node);
      NodeLowering m(choice.node, lowering, at);
      std::optional<Carried> option = carriedOf(m, branch.results[result], output);
      inside->inner.leave();
      if (!option)
        return false;
      inside->yielded.push_back(option->value());
      options.push_back(*option);
    }
    std::optional<Sizes> sizes = commonSizes(output, options);
    if (sizes)
      yields.push_back({result, options[0], *sizes});
    return sizes.has_value();
  }

  // Sizes are the same values, or the same by inference.
  std::optional<Sizes> commonSizes(Value output, ArrayRef<Carried> options) {
    const ShapeInfo &info = lowering.shapeOf(output);
    Sizes sizes(options[0].sizes());
    bool fits = llvm::all_of(options, [&](const Carried &option) {
      return option.sizes().size() == sizes.size() && option.isList() == options[0].isList();
    });
    for (size_t axis = 0; fits && axis < sizes.size(); ++axis) {
      bool isSame = llvm::all_of(
          options, [&](const Carried &option) { return option.sizes()[axis] == sizes[axis]; });
      if (isSame && !isInside(sizes[axis]))
        continue;
      sizes[axis] = info.hasRank(sizes.size()) ? lowering.sizeOf(info.dims[axis], b) : Size();
      fits = bool(sizes[axis]);
    }
    if (fits)
      return sizes;
    lowering.unsupported(choice.node, "the branches give tensors of different shapes");
    return std::nullopt;
  }

  bool isInside(Size size) const {
    auto value = llvm::dyn_cast<Value>(size);
    return value && llvm::any_of(insides, [&](const std::unique_ptr<Inside> &branch) {
             return value.getParentBlock() == branch->inner.scope.block;
           });
  }

  void yield(Inside &branch) {
    OpBuilder end(b.getContext());
    end.setInsertionPointToEnd(branch.inner.scope.block);
    Values values;
    for (auto [yielded, value] : llvm::zip(yields, branch.yielded))
      values.push_back(
          castTo(end, value, tensorType(yielded.sizes, yielded.like.type().getElementType())));
    end.create<scf::YieldOp>(b.getLoc(), values);
    types.assign(ValueRange(values).getTypes().begin(), ValueRange(values).getTypes().end());
  }

  // This branch, or one of those after it.
  Values makeIf(ImplicitLocOpBuilder &at, size_t branch) {
    auto made = at.create<scf::IfOp>(types, readFlag(at, flags[branch]), /*addThenBlock=*/false,
                                     /*addElseBlock=*/false);
    made.getThenRegion().takeBody(insides[branch]->inner.region);
    if (branch + 2 == insides.size()) {
      made.getElseRegion().takeBody(insides.back()->inner.region);
      return Values(made.getResults());
    }
    auto rest = ImplicitLocOpBuilder::atBlockEnd(at.getLoc(), &made.getElseRegion().emplaceBlock());
    Values others = makeIf(rest, branch + 1);
    rest.create<scf::YieldOp>(others);
    return Values(made.getResults());
  }

  GraphLowering &lowering;
  const Choice &choice;
  ImplicitLocOpBuilder b;
  NodeLowering n;
  SmallVector<Tensor> flags;
  std::vector<std::unique_ptr<Inside>> insides;
  std::vector<Yield> yields;
  SmallVector<Type> types;
};

// A Merge of which one input only can have a value.
void handOn(GraphLowering &lowering, Node merge) {
  std::optional<unsigned> only = lowering.flowOf(merge.operation()->getBlock()).onlyInput(merge);
  if (!only || isLoopMerge(merge))
    return lowering.unsupported(merge, "its inputs are not the branches of one cond");
  Lowered *lowered = lowering.find(merge.input(*only));
  if (lowered && lowering.expectAlways(merge, merge.input(*only)))
    lowering.set(merge.output(0), Lowered(*lowered));
  ImplicitLocOpBuilder b = lowering.builderAt(merge);
  NodeLowering(merge, lowering, b).giveElements(1, {b.getIndexAttr(*only)});
}

} // namespace

void lowerMerge(GraphLowering &lowering, Node merge) {
  ControlFlow &flow = lowering.flowOf(merge.operation()->getBlock());
  const FrameCond &cond = flow.condOf(merge);
  if (!cond.selector)
    return handOn(lowering, merge);
  Choice choice;
  choice.node = merge;
  choice.selector = cond.selector;
  choice.isIndex = numberFromType(elementTypeOf(cond.selector)) != DT_BOOL;
  for (unsigned i = 0; i < cond.numBranches; ++i) {
    // Switch sends what is false to its first output.
    unsigned side = choice.isIndex ? i : 1 - i;
    Choice::Branch &branch = choice.branches.emplace_back();
    Condition taken{cond.selector.getAsOpaquePointer(), side};
    branch.mark = [taken](Scope &scope) { scope.holds = {taken}; };
    for (Node each : cond.merges)
      branch.results.push_back(each.input(flow.inputsByBranch(each)[side]));
  }
  for (Node each : cond.merges) {
    lowering.scope().done.insert(each.operation());
    choice.outputs.push_back(each.output(0));
  }
  BranchLowering branches(lowering, choice);
  branches.run();
  for (Node each : cond.merges) {
    SmallVector<unsigned> sides = flow.inputsByBranch(each);
    SmallVector<int64_t> numbers(sides.begin(), sides.end());
    if (!choice.isIndex)
      std::swap(numbers[0], numbers[1]);
    if (!each.output(1).use_empty())
      branches.giveNumber(each.output(1), numbers);
  }
}

void lowerBranches(GraphLowering &lowering, Node node) {
  Choice choice;
  choice.node = node;
  choice.selector = node.input(0);
  choice.isIndex = node.isOneOf("Case", "StatelessCase");
  SmallVector<Attribute> names;
  if (choice.isIndex)
    llvm::append_range(names, node.attr<ArrayAttr>("branches"));
  else
    names = {node.attr("then_branch"), node.attr("else_branch")};
  SmallVector<unsigned> used;
  for (unsigned i = 0; i < node.numOutputs(); ++i)
    if (!node.output(i).use_empty()) {
      used.push_back(i);
      choice.outputs.push_back(node.output(i));
    }
  SmallVector<std::optional<Lowered>> inputs;
  for (Value input : node.inputs().drop_front()) {
    Lowered *lowered = lowering.find(input);
    inputs.push_back(lowered ? std::optional(*lowered) : std::nullopt);
  }
  for (Attribute name : names) {
    FuncOp function = lowering.enterFunction(node, name, used);
    if (!function)
      return;
    Choice::Branch &branch = choice.branches.emplace_back();
    for (unsigned index : used)
      branch.results.push_back(function.getFetch().getTensors()[index]);
    branch.mark = [function, inputs](Scope &scope) mutable {
      scope.function = &function.getNodes();
      for (auto [argument, input] : llvm::zip(function.getNodes().getArguments(), inputs))
        if (input)
          scope.values[argument] = *input;
    };
  }
  BranchLowering(lowering, choice).run();
}

} // namespace firn::kernel

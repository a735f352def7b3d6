// Loops as code: scf.for for those that count, scf.while for the others.
#include <limits>

#include "compiler/conversion/graph_to_kernel/Carried.h"
#include "compiler/conversion/graph_to_kernel/Loop.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

class LoopLowering {
public:
  LoopLowering(GraphLowering &lowering, const Loop &loop)
      : lowering(lowering), loop(loop), b(lowering.builderAt(loop.node)),
        n(loop.node, lowering, b) {}

  void run() {
    for (const Loop::Variable &variable : loop.variables)
      if (isInvariant(variable) && lowering.find(variable.start))
        known.push_back({&variable, *lowering.find(variable.start)});
    std::optional<Counting> counting = countingOf(lowering, loop);
    if (counting && findRounds(*counting))
      makeFor();
    else
      makeWhile();
  }

private:
  /// A variable that is not carried: the same in each round, or a count.
  struct Known {
    const Loop::Variable *variable;
    Lowered start;
    int64_t step = 0;
  };

  bool isKnown(const Loop::Variable &variable) const {
    return llvm::any_of(known, [&](const Known &k) { return k.variable == &variable; });
  }

  bool makeStarts() {
    for (const Loop::Variable &variable : loop.variables) {
      if (isKnown(variable))
        continue;
      std::optional<Carried> start;
      if (lowering.find(variable.start))
        start = carriedOf(n, variable.start, variable.inCondition);
      if (!start)
        return false;
      carried.push_back({&variable, *start});
      types.push_back(start->type());
    }
    return true;
  }

  // Gives the variables to a region; in round `round` where it is known.
  void enter(Scope &scope, Value Loop::Variable::*called, Value round = Value()) {
    for (const Known &each : known)
      scope.values[each.variable->*called] = round ? inRound(each, round) : each.start;
    for (const Loop::Variable &variable : loop.variables)
      if (Operation *made = (variable.*called).getDefiningOp())
        scope.done.insert(made);
  }

  void enterCarried(Scope &scope, Value Loop::Variable::*called) {
    for (auto &[variable, start] : carried) {
      Value argument = scope.block->addArgument(start.type(), b.getLoc());
      scope.values[variable->*called] = start.as(argument);
      n.bindSizes(variable->*called, start.sizes());
    }
  }

  Lowered inRound(const Known &each, Size round) {
    if (each.step == 0)
      return each.start;
    Size start = each.start.elements->front();
    Size count = n.add(start, n.mul(round, n.size(each.step)));
    if (auto value = llvm::dyn_cast<Value>(count); value && each.step == 1)
      lowering.setEnds(value, endsOf(*each.variable, start));
    return {Tensor(), Sizes{count}, std::nullopt};
  }

  // What a counter stays below.
  Sizes endsOf(const Loop::Variable &variable, Size start) {
    Sizes all{n.add(start, rounds)};
    for (auto &[limited, end, count] : ends)
      all.push_back(limited == &variable ? end : n.add(start, count));
    return all;
  }

  // How often a counting loop runs; its counters are known then. False where a counter's start is
  // data.
  bool findRounds(const Counting &counting) {
    std::vector<Known> counters;
    for (const Counter &counter : counting.counters) {
      std::optional<Sizes> start = n.elementsOf(counter.variable->start);
      if (start && start->size() == 1 && !isKnown(*counter.variable))
        counters.push_back({counter.variable, {Tensor(), *start, std::nullopt}, counter.step});
    }
    auto startOf = [&](const Limit &limit) {
      return llvm::find_if(counters, [&](const Known &k) { return k.variable == limit.variable; });
    };
    if (llvm::any_of(counting.limits, [&](const Limit &l) { return startOf(l) == counters.end(); }))
      return false;
    Scope before(&lowering.scope(), lowering.scope().block);
    loop.markCondition(before);
    enter(before, &Loop::Variable::inCondition);
    lowering.within(before, [&] {
      // Sizes first: they bound what is data.
      for (bool data : {false, true})
        for (const Limit &limit : counting.limits)
          addLimit(limit, startOf(limit)->start.elements->front(), data);
    });
    known.insert(known.end(), counters.begin(), counters.end());
    return bool(rounds);
  }

  void addLimit(const Limit &limit, Size start, bool asData) {
    if (!lowering.require(limit.value))
      return;
    std::optional<Sizes> size = n.elementsOf(limit.value);
    if (size.has_value() == asData)
      return;
    Size count;
    if (size) {
      Size end = limit.isIncluded ? n.add(size->front(), n.size(1)) : size->front();
      count = n.max(n.sub(end, start), n.size(0));
      ends.push_back({limit.variable, end, count});
    } else {
      Size most = rounds ? rounds : n.size(std::numeric_limits<int32_t>::max());
      Tensor end = n.fetched(limit.value);
      count = end ? n.readSize(countUpTo(end, start, most, limit.isIncluded), most) : n.size(0);
    }
    rounds = rounds ? n.min(rounds, count) : count;
  }

  // From `start` to `end`, between 0 and `most`.
  Tensor countUpTo(const Tensor &end, Size start, Size most, bool isIncluded) {
    Value from = n.value(start), bound = n.value(most);
    return n.elementwise({end}, end.dtype, {}, [&](ImplicitLocOpBuilder &s, ValueRange x) {
      Value zero = s.create<arith::ConstantIndexOp>(0), last = s.create<arith::ConstantIndexOp>(1);
      Value wide = s.create<arith::IndexCastOp>(s.getIndexType(), x[0]);
      if (isIncluded)
        wide = s.create<arith::AddIOp>(wide, last);
      wide = s.create<arith::MaxSIOp>(s.create<arith::SubIOp>(wide, from), zero);
      wide = s.create<arith::MinSIOp>(wide, bound);
      return s.create<arith::IndexCastOp>(x[0].getType(), wide).getResult();
    });
  }

  void makeFor() {
    if (!makeStarts())
      return;
    GraphLowering::Inner body(lowering);
    Value round = body.scope.block->addArgument(b.getIndexType(), b.getLoc());
    bool good = makeBody(body, round);
    body.leave();
    if (!good)
      return;
    SmallVector<Value> starts;
    for (auto &[variable, start] : carried)
      starts.push_back(start.value());
    auto made =
        b.create<scf::ForOp>(n.value(n.size(0)), n.value(rounds), n.value(n.size(1)), starts);
    made.getRegion().takeBody(body.region);
    for (auto [result, output] : llvm::zip(loop.results, loop.outputs))
      giveEnd(handedOn(result), output, made);
  }

  void giveEnd(Value result, Value output, scf::ForOp made) {
    for (const Known &each : known)
      if (each.variable->inCondition == result)
        return lowering.set(output, inRound(each, rounds));
    for (auto [index, each] : llvm::enumerate(carried))
      if (each.first->inCondition == result) {
        lowering.set(output, each.second.as(made.getResult(index)));
        if (!each.second.isList())
          n.bindSizes(output, each.second.sizes());
      }
  }

  void makeWhile() {
    if (!makeStarts())
      return;
    GraphLowering::Inner condition(lowering);
    bool good = makeCondition(condition);
    condition.leave();
    GraphLowering::Inner body(lowering);
    good &= makeBody(body, Value());
    body.leave();
    if (!good)
      return;
    SmallVector<Value> starts;
    for (auto &[variable, start] : carried)
      starts.push_back(start.value());
    auto made = b.create<scf::WhileOp>(endTypes, starts);
    made.getBefore().takeBody(condition.region);
    made.getAfter().takeBody(body.region);
    for (auto [output, end] : llvm::zip(loop.outputs, results)) {
      lowering.set(output, end.last ? end.last->as(made.getResult(end.index)) : end.outside);
      if (end.last && !end.last->isList())
        n.bindSizes(output, end.last->sizes());
    }
  }

  bool makeCondition(GraphLowering::Inner &inner) {
    loop.markCondition(inner.scope);
    enter(inner.scope, &Loop::Variable::inCondition);
    enterCarried(inner.scope, &Loop::Variable::inCondition);
    Values wanted(loop.results);
    wanted.push_back(loop.condition);
    if (!lowering.require(wanted) || !lowering.expectAlways(loop.node, loop.condition))
      return false;
    ImplicitLocOpBuilder inside = lowering.builderAt(loop.node);
    NodeLowering m(loop.node, lowering, inside);
    Value flag = truth(m, loop.condition);
    SmallVector<Value> yielded(inner.scope.block->getArguments());
    for (Value result : loop.results)
      if (!flag || !lowering.expectAlways(loop.node, result, loop.atEnd) ||
          !addResult(m, result, yielded))
        return false;
    if (!flag)
      return false;
    inside.create<scf::ConditionOp>(flag, yielded);
    llvm::append_range(endTypes, ValueRange(yielded).getTypes());
    return true;
  }

  // A result is a variable as it is then, or made by the condition, or known before the loop.
  bool addResult(NodeLowering &m, Value result, SmallVectorImpl<Value> &yielded) {
    Lowered *lowered = lowering.find(result);
    bool isOutside = lowered->tensor && !lowering.isMadeHere(lowered->tensor.value);
    if (isOutside || (lowered->list && !lowered->list->elements)) {
      results.push_back({*lowered, std::nullopt, 0});
      return true;
    }
    std::optional<Carried> last = carriedOf(m, result, result);
    if (!last)
      return false;
    for (Size size : last->sizes())
      if (auto value = llvm::dyn_cast<Value>(size); value && lowering.isMadeHere(value)) {
        lowering.unsupported(loop.node, "a size of what the loop ends with depends on data");
        return false;
      }
    auto *place = llvm::find(yielded, last->value());
    results.push_back({Lowered(), *last, static_cast<unsigned>(place - yielded.begin())});
    if (place == yielded.end())
      yielded.push_back(last->value());
    return true;
  }

  bool makeBody(GraphLowering::Inner &inner, Value round) {
    loop.markBody(inner.scope);
    enter(inner.scope, &Loop::Variable::inBody, round);
    enterCarried(inner.scope, &Loop::Variable::inBody);
    for (Type type : ArrayRef<Type>(endTypes).drop_front(std::min(types.size(), endTypes.size())))
      inner.scope.block->addArgument(type, b.getLoc());
    Values nexts;
    for (auto &[variable, start] : carried)
      nexts.push_back(variable->next);
    if (!lowering.require(nexts))
      return false;
    ImplicitLocOpBuilder inside = lowering.builderAt(loop.node);
    NodeLowering m(loop.node, lowering, inside);
    SmallVector<Value> yielded;
    for (auto &[variable, start] : carried) {
      if (!lowering.expectAlways(loop.node, variable->next))
        return false;
      std::optional<Carried> next = carriedOf(m, variable->next, variable->inCondition);
      if (!next)
        return false;
      if (!isSame(*variable, start, *next)) {
        lowering.unsupported(loop.node, "the shape of loop variable '" + variable->name +
                                            "' changes between iterations");
        return false;
      }
      yielded.push_back(castTo(inside, next->value(), start.type()));
    }
    inside.create<scf::YieldOp>(yielded);
    return true;
  }

  // Sizes are the same values, or the same by inference.
  bool isSame(const Loop::Variable &variable, const Carried &start, const Carried &next) {
    size_t rank = start.sizes().size();
    if (rank != next.sizes().size() || start.isList() != next.isList())
      return false;
    const ShapeInfo &first = lowering.shapeOf(variable.start),
                    &then = lowering.shapeOf(variable.next);
    for (auto [axis, size] : llvm::enumerate(start.sizes())) {
      bool isKnown = first.hasRank(rank) && then.hasRank(rank);
      if (size != next.sizes()[axis] && !(isKnown && first.dims[axis] == then.dims[axis]))
        return false;
    }
    return true;
  }

  struct End {
    Lowered outside;
    std::optional<Carried> last;
    unsigned index;
  };

  GraphLowering &lowering;
  const Loop &loop;
  ImplicitLocOpBuilder b;
  NodeLowering n;
  std::vector<Known> known;
  std::vector<std::pair<const Loop::Variable *, Carried>> carried;
  SmallVector<Type> types, endTypes;
  std::vector<End> results;
  /// How often a counting loop runs; where its counters end that are limited by sizes, and how
  /// often it would run by that.
  Size rounds;
  struct KnownEnd {
    const Loop::Variable *variable;
    Size end, count;
  };
  SmallVector<KnownEnd> ends;
};

} // namespace

void lowerLoop(GraphLowering &lowering, const Loop &loop) { LoopLowering(lowering, loop).run(); }

} // namespace firn::kernel

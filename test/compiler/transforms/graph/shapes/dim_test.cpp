#include "compiler/transforms/graph/shapes/Dim.h"

#include <gtest/gtest.h>

#include "llvm/Support/raw_ostream.h"

namespace firn::graph {
namespace {

const Dim kBatch = Dim::tracked(0), kHeight = Dim::tracked(1);
const Dim kOther = Dim::symbol(100), kSigned = Dim::symbol(101 | Dim::kAnyInteger);

std::string text(Dim dim) {
  std::string text;
  llvm::raw_string_ostream(text) << dim;
  return text;
}

TEST(Dim, ProductsAreExact) {
  EXPECT_EQ(*kBatch.times(Dim(3)), *Dim(3).times(kBatch));
  EXPECT_EQ(text(*kBatch.times(Dim(3))), "3*batch");
  EXPECT_TRUE(kBatch.times(Dim(0))->isConstant(0));
  Dim many = *kBatch.times(*kBatch.times(kBatch));
  EXPECT_FALSE(many.times(kBatch)) << "more factors than are kept";
  EXPECT_FALSE(Dim(INT64_MAX).times(Dim(2))) << "no such number";
}

TEST(Dim, SumsNeedTheSameSymbols) {
  EXPECT_EQ(*kBatch.plus(kBatch), *kBatch.times(Dim(2)));
  EXPECT_EQ(*kBatch.plus(Dim(0)), kBatch);
  EXPECT_FALSE(kBatch.plus(Dim(1)));
  EXPECT_FALSE(kBatch.plus(kHeight));
  EXPECT_TRUE(kBatch.minus(kBatch)->isConstant(0));
}

TEST(Dim, QuotientsTakeFactorsOut) {
  Dim area = *(*kBatch.times(kHeight)).times(Dim(12));
  EXPECT_EQ(*area.dividedBy(kHeight), *kBatch.times(Dim(12)));
  EXPECT_EQ(*area.dividedBy(*kBatch.times(Dim(4))), *kHeight.times(Dim(3)));
  EXPECT_FALSE(area.dividedBy(Dim(5)));
  EXPECT_FALSE(area.dividedBy(kOther));
  EXPECT_FALSE(area.dividedBy(Dim(0)));
}

TEST(Dim, OriginsStayThroughNeutralArithmetic) {
  Dim written = Dim(50).withOrigin(7);
  EXPECT_EQ(written.times(Dim(1))->origin(), 7u);
  EXPECT_EQ(written.plus(Dim(0))->origin(), 7u);
  EXPECT_EQ(written.times(Dim(2))->origin(), 0u);
  EXPECT_EQ(written, Dim(50)) << "equality is that of the number";
}

TEST(Dim, TrackedAndSigned) {
  EXPECT_TRUE(kBatch.isTracked());
  EXPECT_FALSE(kBatch.times(kOther)->isTracked());
  EXPECT_TRUE(kBatch.times(kOther)->dependsOnTracked());
  EXPECT_FALSE(kOther.dependsOnTracked());
  EXPECT_TRUE(kSigned.mayBeNegative());
  EXPECT_FALSE(kBatch.mayBeNegative());
  EXPECT_TRUE(Dim(-1).mayBeNegative());
}

} // namespace
} // namespace firn::graph

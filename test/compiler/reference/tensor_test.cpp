#include "compiler/reference/Tensor.h"

#include "compiler/reference/Interpreter.h"
#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn::reference {
namespace {

using namespace graph;
using ::testing::Each;
using ::testing::ElementsAre;

TEST(Tensor, BeginsEmpty) {
  EXPECT_FALSE(Tensor());
  EXPECT_EQ(Tensor().text(), "nothing");
  Tensor zeros(DT_FLOAT, {2, 3});
  EXPECT_EQ(zeros.text(), "float[2,3]");
  EXPECT_EQ(zeros.size(), 6);
  EXPECT_THAT(zeros.values<float>(), Each(0.0f));
  EXPECT_THAT(Tensor(DT_STRING, {2}).values<std::string>(), Each(""));
  EXPECT_EQ(Tensor(DT_INT32, {3, 0}).size(), 0);
}

TEST(Tensor, SharesElements) {
  Tensor tensor = makeVector<int32_t>(DT_INT32, {1, 2, 3, 4});
  Tensor square = tensor.reshaped({2, 2});
  EXPECT_EQ(square.text(), "int32[2,2]");
  EXPECT_EQ(square.values<int32_t>().data(), tensor.values<int32_t>().data());
  EXPECT_EQ(makeScalar<float>(DT_FLOAT, 1).retyped(DT_INT32).scalar<int32_t>(), 0x3f800000);
}

TEST(Tensor, Integers) {
  EXPECT_THAT(integersOf(makeVector<uint8_t>(DT_UINT8, {7, 255})), ElementsAre(7, 255));
  EXPECT_THAT(integersOf(makeScalar<bool>(DT_BOOL, true)), ElementsAre(1));
  EXPECT_TRUE(integersOf(makeScalar<float>(DT_FLOAT, 1)).empty());
  EXPECT_EQ(makeIntegers(DT_INT64, {}, {5}).scalar<int64_t>(), 5);
}

TEST(Tensor, Dispatch) {
  unsigned bytes = 0;
  auto note = [&](auto zero) { bytes = sizeof(zero); };
  EXPECT_TRUE(dispatch(Floats{}, DT_BFLOAT16, note));
  EXPECT_EQ(bytes, 2u);
  EXPECT_TRUE(dispatch(Integers{}, DT_QINT32, note));
  EXPECT_EQ(bytes, 4u);
  EXPECT_FALSE(dispatch(Floats{}, DT_INT32, note));
  EXPECT_EQ(elementBytes(DT_STRING), 0u);
  EXPECT_EQ(elementBytes(DT_COMPLEX128), 16u);
}

TEST(Tensor, ToAttributeAndBack) {
  mlir::MLIRContext context;
  context.loadDialect<GraphDialect>();
  std::string why;
  for (const Tensor &tensor :
       {makeVector<double>(DT_DOUBLE, {1, -2.5}), makeScalar<bool>(DT_BOOL, true)}) {
    auto back = tensorOf(attrOf(&context, tensor), nullptr, why);
    ASSERT_TRUE(back) << why;
    EXPECT_EQ(back->text(), tensor.text());
    EXPECT_EQ(back->bytes(), tensor.bytes());
  }
  auto words = makeVector<std::string>(DT_STRING, {std::string("a"), std::string()});
  EXPECT_THAT(tensorOf(attrOf(&context, words), nullptr, why)->values<std::string>(),
              ElementsAre("a", ""));
}

} // namespace
} // namespace firn::reference

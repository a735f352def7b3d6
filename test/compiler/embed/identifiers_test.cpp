// Names of C and C++.
#include "compiler/embed/identifiers.h"

#include <gtest/gtest.h>

namespace firn {
namespace {

TEST(Identifiers, AreWordsOfSmallLetters) {
  EXPECT_EQ(identifierOf("x:0"), "x");
  EXPECT_EQ(identifierOf("dense/Softmax:0"), "dense_softmax");
  EXPECT_EQ(identifierOf("InputImage:1"), "input_image_1");
  EXPECT_EQ(identifierOf("a__b--c/"), "a_b_c");
  EXPECT_EQ(identifierOf("_hidden_"), "hidden");
  EXPECT_EQ(identifierOf("BERT"), "bert");
  EXPECT_EQ(identifierOf("my-model"), "my_model");
}

TEST(Identifiers, AreNeverEmptyAndBeginWithALetter) {
  EXPECT_EQ(identifierOf("2d"), "t2d");
  EXPECT_EQ(identifierOf(":0"), "tensor");
  EXPECT_EQ(identifierOf("//"), "tensor");
  EXPECT_EQ(identifierOf("größe"), "gr_e");
}

TEST(Identifiers, HaveOtherForms) {
  EXPECT_EQ(camelCase("dense_softmax_2"), "DenseSoftmax2");
  EXPECT_EQ(upperCase("dense_softmax_2"), "DENSE_SOFTMAX_2");
}

TEST(Identifiers, KeywordsAndReservedNamesAreNotUsable) {
  for (const char *good : {"x", "digits", "my_model", "Model2", "classes", "a_"})
    EXPECT_TRUE(isUsableIdentifier(good)) << good;
  for (const char *bad : {"", "2x", "_x", "a__b", "a-b", "a b", "class", "co_await", "restrict",
                          "std", "firn", "alignas", "xor_eq", "größe"})
    EXPECT_FALSE(isUsableIdentifier(bad)) << bad;
}

TEST(Identifiers, AreNumberedWhereOneOfTheirFormsIsTaken) {
  TakenNames names;
  const auto forms = [](const std::string &name) {
    return std::vector<std::string>{name, camelCase(name)};
  };
  EXPECT_EQ(names.claim("a_1", forms), "a_1");
  EXPECT_EQ(names.claim("a1", forms), "a1_2");   // "A1" is that of a_1
  EXPECT_EQ(names.claim("a_1", forms), "a_1_3"); // "A12" is that of a1_2
  names.take("b");
  EXPECT_EQ(names.claim("b", forms), "b_2");
  EXPECT_EQ(names.claim("b", forms), "b_3");
}

} // namespace
} // namespace firn

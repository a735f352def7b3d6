#include "compiler/driver/text.h"

#include "gtest/gtest.h"

namespace firn {
namespace {

TEST(Text, Numbers) {
  EXPECT_EQ(countText(0), "0");
  EXPECT_EQ(countText(999), "999");
  EXPECT_EQ(countText(1234567), "1,234,567");
  EXPECT_EQ(sizeText(1), "1 byte");
  EXPECT_EQ(sizeText(9999), "9,999 bytes");
  EXPECT_EQ(sizeText(10000), "10.0 kB");
  EXPECT_EQ(sizeText(999960), "1.0 MB");
  EXPECT_EQ(sizeText(102783048), "102.8 MB");
  EXPECT_EQ(plural(1, "node"), "1 node");
  EXPECT_EQ(plural(1200, "node"), "1,200 nodes");
}

TEST(Text, Shapes) {
  EXPECT_EQ(shapeText({}), "[]");
  EXPECT_EQ(shapeText({-1, 784}), "[?,784]");
  EXPECT_EQ(shapeText({}, false), "[…]");
}

TEST(Text, QuotedTextIsPrintable) {
  EXPECT_EQ(quotedText("a\"b\n"), R"("a\"b\n")");
  EXPECT_EQ(quotedText("grün"), "\"grün\"");
  EXPECT_EQ(quotedText(std::string("\0\1", 2)), R"("\x00\x01")");
}

TEST(Text, Globs) {
  EXPECT_TRUE(matchesGlob("*", ""));
  EXPECT_TRUE(matchesGlob("conv*/W", "conv1/a/W"));
  EXPECT_TRUE(matchesGlob("*a*b?", "xxaxxabc"));
  EXPECT_FALSE(matchesGlob("conv*/W", "conv1/b"));
  EXPECT_FALSE(matchesGlob("a?", "a"));
}

TEST(Text, TableColumnsStandBelowOneAnother) {
  TextTable table({false, true});
  table.row({"ä", "1", "x"});
  table.row({"abc", "100"});
  EXPECT_EQ(table.str(), "  ä      1  x\n  abc  100\n");
}

} // namespace
} // namespace firn

#include "compiler/driver/flags.h"
#include "compiler/formats/edit_distance.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = Flag::Kind;

Command sample() {
  Command command;
  command.name = "sample";
  command.summary = "Does nothing.";
  command.arguments = "PATH [KEY]";
  command.minArguments = 1;
  command.maxArguments = 2;
  command.flags = {{"out-file", Kind::String, "FILE", "where to"},
                   {"names", Kind::List, "a,b", "which", true},
                   {"bind", Kind::List, "name=value", "what"},
                   {"text", Kind::Bool, "", "as text"},
                   {"verify", Kind::BoolOn, "", "don't look"},
                   {"values", Kind::Optional, "[=all]", "values"},
                   {"o", Kind::String, "OUT", "short"},
                   {"old_flag", Kind::String, "X", "", false, true}};
  return command;
}

ParsedFlags parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "path");
  ParsedFlags flags;
  absl::Status status = parseFlags(sample(), arguments, flags);
  EXPECT_TRUE(status.ok()) << status;
  return flags;
}

std::string refusal(const std::vector<std::string> &arguments) {
  ParsedFlags flags;
  absl::Status status = parseFlags(sample(), arguments, flags);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(Flags, ValueBehindSpaceOrEqualsSign) {
  EXPECT_EQ(parse({"--out-file", "x"}).text("out-file"), "x");
  EXPECT_EQ(parse({"--out-file=x"}).text("out-file"), "x");
  EXPECT_EQ(parse({"--out_file=x=y"}).text("out-file"), "x=y");
  EXPECT_EQ(parse({"--old-flag", "x"}).text("old_flag"), "x");
  EXPECT_EQ(parse({"-o", "-"}).text("o"), "-");
  EXPECT_EQ(parse({"--out-file", "a", "--out-file", "b"}).text("out-file"), "b");
  EXPECT_EQ(parse({}).text("out-file", "fallback"), "fallback");
}

TEST(Flags, ListsSplitAtCommasOnlyWhereSaid) {
  EXPECT_THAT(parse({"--names", "a, b:1", "--names=c"}).list("names"),
              ElementsAre("a", "b:1", "c"));
  EXPECT_THAT(parse({"--bind", "x=[1,2]", "--bind=y=2"}).list("bind"),
              ElementsAre("x=[1,2]", "y=2"));
  EXPECT_THAT(parse({}).list("names"), ElementsAre());
}

TEST(Flags, BoolTakesNoSeparateValue) {
  EXPECT_TRUE(parse({"--text"}).boolean("text"));
  EXPECT_FALSE(parse({"--text=false"}).boolean("text", true));
  EXPECT_FALSE(parse({"--notext"}).boolean("text", true));
  EXPECT_FALSE(parse({"--no-verify"}).boolean("verify", true));
  EXPECT_TRUE(parse({}).boolean("verify", true));
  EXPECT_THAT(parse({"--text", "key"}).positional, ElementsAre("path", "key"));
  EXPECT_THAT(refusal({"path", "--text=maybe"}),
              HasSubstr("expected true or false for --text, got 'maybe'"));
}

TEST(Flags, OptionalValueNeedsItsEqualsSign) {
  EXPECT_EQ(parse({"--values"}).text("values"), "true");
  EXPECT_EQ(parse({"--values=all"}).text("values"), "all");
  EXPECT_THAT(parse({"--values", "key"}).positional, ElementsAre("path", "key"));
}

TEST(Flags, TwoDashesEndFlags) {
  EXPECT_THAT(parse({"--", "--text"}).positional, ElementsAre("path", "--text"));
  EXPECT_THAT(parse({"-"}).positional, ElementsAre("path", "-"));
}

TEST(Flags, MistakesAreNamed) {
  EXPECT_THAT(refusal({"path", "--out-fle", "x"}),
              HasSubstr("unknown flag '--out-fle'; nearest: --out-file"));
  EXPECT_THAT(refusal({"path", "--zzz"}), Not(HasSubstr("nearest")));
  EXPECT_THAT(refusal({"path", "--out-file"}), HasSubstr("expected a value after '--out-file'"));
  EXPECT_THAT(refusal({}), HasSubstr("expected PATH"));
  EXPECT_THAT(refusal({"a", "b", "c"}), HasSubstr("unexpected argument 'c'"));
}

TEST(Flags, HelpShowsWhatIsNotHidden) {
  std::string help = helpText(sample());
  EXPECT_THAT(help, HasSubstr("usage: firn sample PATH [KEY] [flags]"));
  EXPECT_THAT(help, HasSubstr("--out-file FILE"));
  EXPECT_THAT(help, HasSubstr("--no-verify"));
  EXPECT_THAT(help, HasSubstr("--values[=all]"));
  EXPECT_THAT(help, HasSubstr("\n  -o OUT "));
  EXPECT_THAT(help, Not(HasSubstr("old_flag")));
}

TEST(Flags, NearestWordsAreNear) {
  EXPECT_THAT(nearestWords("conv1/weight", {"conv1/weights", "conv2/weights", "fc/bias"}),
              ElementsAre("conv1/weights", "conv2/weights"));
  EXPECT_THAT(nearestWords("x", {"something"}), ElementsAre());
}

} // namespace
} // namespace firn

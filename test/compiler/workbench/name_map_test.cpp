// Rules of renaming: what they match, their files, and every mistake that can be made in them.
#include "compiler/workbench/name_map.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

NameMap mapOf(const std::vector<std::string> &rules) {
  NameMap map;
  for (const std::string &rule : rules)
    EXPECT_TRUE(map.add(rule).ok()) << map.add(rule).message();
  return map;
}

std::string messageOf(const std::vector<std::string> &rules,
                      const std::vector<std::string> &names) {
  auto table = mapOf(rules).apply(names);
  EXPECT_TRUE(absl::IsInvalidArgument(table.status()));
  return std::string(table.status().message());
}

std::string fileOf(const std::string &text) {
  static int count = 0;
  std::string path = testing::TempDir() + "/name_map_" +
                     testing::UnitTest::GetInstance()->current_test_info()->name() +
                     std::to_string(count++);
  std::ofstream(path) << text;
  return path;
}

TEST(NameMap, KnowsThreeKindsOfRules) {
  EXPECT_EQ(mapOf({"v3=w"}).find("v3"), "w");
  EXPECT_EQ(mapOf({"v3=w"}).find("v33"), std::nullopt);
  EXPECT_EQ(mapOf({"old/=new/"}).find("old/a/b"), "new/a/b");
  EXPECT_EQ(mapOf({"old/=new/"}).find("older/a"), std::nullopt);
  EXPECT_EQ(mapOf({"old/(.*)/W=new/\\1/kernel"}).find("old/a/b/W"), "new/a/b/kernel");
  EXPECT_EQ(mapOf({"w(/.*)?=v\\1"}).find("w"), "v");
  EXPECT_EQ(mapOf({"w(/.*)?=v\\1"}).find("w/Adam"), "v/Adam");
  EXPECT_EQ(mapOf({"a+=x\\0"}).find("aaa"), "xaaa");
}

TEST(NameMap, TakesScopesAwayAndPutsThemAround) {
  EXPECT_EQ(mapOf({"tower/="}).find("tower/w"), "w");
  EXPECT_EQ(mapOf({"=model/"}).find("w"), "model/w");
  EXPECT_EQ(mapOf({"/=model/"}).find("w"), "model/w");
  EXPECT_EQ(mapOf({"tower/=/"}).find("tower/w"), "w");
}

TEST(NameMap, ADotIsADotAndAnEqualsSignCanBeEscaped) {
  EXPECT_EQ(mapOf({"a.b=c"}).find("axb"), std::nullopt);
  EXPECT_EQ(mapOf({"a\\=b=c=d"}).find("a=b"), "c=d");
}

TEST(NameMap, FirstRuleThatMatchesWins) {
  auto table = mapOf({"a/w=first", "a/=b/"}).apply({"a/v", "a/w", "c"});
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(*table,
              ElementsAre(Renaming{"a/v", "b/v"}, Renaming{"a/w", "first"}, Renaming{"c", "c"}));
}

TEST(NameMap, ExchangesNames) {
  auto table = mapOf({"a=b", "b=a"}).apply({"a", "b"});
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(*table, ElementsAre(Renaming{"a", "b"}, Renaming{"b", "a"}));
}

TEST(NameMap, NamesAllProblemsAtOnce) {
  std::string message = messageOf({"fc1/wieghts=x", "fcx/=y/", "(b|c)=d", "fc1/weights=d", "z()="},
                                  {"b", "c", "fc1/weights", "fc1/biases", "z"});
  EXPECT_THAT(message, HasSubstr("'fc1/wieghts=x' matches no name; nearest: 'fc1/weights'"));
  EXPECT_THAT(message, HasSubstr("'fcx/=y/' matches no name; nearest: 'fc1/'"));
  EXPECT_THAT(message, HasSubstr("'b', 'c' and 'fc1/weights' would all be 'd'"));
  EXPECT_THAT(message, HasSubstr("'z()=' leaves nothing of 'z'"));
}

TEST(NameMap, ANameThatStaysCanCollideToo) {
  EXPECT_THAT(messageOf({"a=b"}, {"a", "b"}), HasSubstr("'a' and 'b' would both be 'b'"));
}

TEST(NameMap, SaysWhenAnEarlierRuleTookEverything) {
  EXPECT_THAT(messageOf({"a/=b/", "a/w=v"}, {"a/w"}),
              HasSubstr("'a/w=v' matches only names that a rule before it has renamed"));
}

TEST(NameMap, BadRulesSayWhatIsWrong) {
  const std::pair<const char *, const char *> cases[] = {
      {"w", "expected old=new"},
      {"w=", "expected a name after '='"},
      {"=w", "expected both sides to end in '/'"},
      {"a/=b", "expected both sides to end in '/'"},
      {"a=b/", "expected both sides to end in '/'"},
      {"=", "expected a name or a scope"},
      {"/=/", "expected a name or a scope"},
      {"(a=b", "'(a' is no regular expression: missing ): (a"},
      {"a(.*)=b\\2", "'b\\2' can't be filled"},
      {"a(.*)=b\\x", "'b\\x' can't be filled"}};
  for (const auto &[rule, message] : cases) {
    NameMap map;
    absl::Status status = map.add(rule);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << rule;
    EXPECT_THAT(status.message(), HasSubstr(std::string("the rule '") + rule + "': ")) << rule;
    EXPECT_THAT(status.message(), HasSubstr(message)) << rule;
    EXPECT_TRUE(map.empty());
  }
}

TEST(NameMapFile, ReadsLines) {
  NameMap map;
  ASSERT_TRUE(map.addFile(fileOf("# of the old net\r\n\r\n  a=b \r\nold/(.*)=new/\\1\n")).ok());
  EXPECT_EQ(map.find("a"), "b");
  EXPECT_EQ(map.find("old/x"), "new/x");
}

TEST(NameMapFile, ReadsJsonInItsOrder) {
  NameMap map;
  ASSERT_TRUE(
      map.addFile(
             fileOf(" {\"z/w\": \"x\",\n\t\"z/\":\"a/\", \"q=\\u00e9\\ud83d\\ude00\":\"\\\"\"}\n"))
          .ok());
  EXPECT_EQ(map.find("z/w"), "x");
  EXPECT_EQ(map.find("z/v"), "a/v");
  EXPECT_EQ(map.find("q=\xc3\xa9\xf0\x9f\x98\x80"), "\"");
  NameMap none;
  EXPECT_TRUE(none.addFile(fileOf("{}")).ok());
  EXPECT_TRUE(none.empty());
}

TEST(NameMapFile, ErrorsNameFileAndLine) {
  const std::pair<const char *, const char *> cases[] = {
      {"a=b\nnonsense", "line 2: the rule 'nonsense'"},
      {"{\"a\":\n 1}", "line 2: expected a string, the new name"},
      {"{\"a\" \"b\"}", "line 1: expected ':'"},
      {"{\"a\":\"b\"", "expected ',' or '}'"},
      {"{\"a\":\"b\"} x", "expected the end"},
      {"{\"a\":\"\\ud83d\"}", "expected a string"},
      {"{\"a\":\"\\u12", "expected a string"},
      {"{\"(\":\"b\"}", "the rule '(=b'"}};
  for (const auto &[text, message] : cases) {
    NameMap map;
    std::string path = fileOf(text);
    absl::Status status = map.addFile(path);
    EXPECT_THAT(status.message(), HasSubstr(path + ": ")) << text;
    EXPECT_THAT(status.message(), HasSubstr(message)) << text;
  }
  EXPECT_THAT(NameMap().addFile("/nowhere/map").message(),
              HasSubstr("/nowhere/map: can't be read"));
}

} // namespace
} // namespace firn

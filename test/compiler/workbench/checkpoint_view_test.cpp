// Checkpoints laid over each other, under other names.
#include "compiler/workbench/checkpoint_view.h"

#include "compiler/formats/checkpoint_writer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<Checkpoint> checkpointOf(const std::string &name,
                                         const std::vector<std::string> &keys) {
  const std::string prefix = testing::TempDir() + "/view_" +
                             testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                             name;
  auto writer = CheckpointWriter::create(prefix);
  EXPECT_TRUE(writer.ok());
  for (const std::string &key : keys)
    EXPECT_TRUE((*writer)->addStrings(key, {}, {name + ":" + key}).ok());
  EXPECT_TRUE((*writer)->finish().ok());
  auto opened = Checkpoint::open(prefix);
  EXPECT_TRUE(opened.ok());
  return std::move(*opened);
}

std::string valueOf(const CheckpointView &view, const std::string &name) {
  const ViewedTensor *tensor = view.find(name);
  if (!tensor)
    return "none";
  auto values = tensor->checkpoint->readStrings(tensor->key);
  return values.ok() ? values->front() : "unreadable";
}

NameMap mapOf(const std::vector<std::string> &rules) {
  NameMap map;
  for (const std::string &rule : rules)
    EXPECT_TRUE(map.add(rule).ok());
  return map;
}

TEST(CheckpointView, LaterCheckpointsLieOverEarlierOnes) {
  auto view =
      CheckpointView::create({checkpointOf("one", {"a", "b"}), checkpointOf("two", {"b"})}, {});
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(valueOf(*view, "a"), "one:a");
  EXPECT_EQ(valueOf(*view, "b"), "two:b");
  EXPECT_EQ(valueOf(*view, "c"), "none");
  EXPECT_FALSE(view->find("a")->isRenamed);
  EXPECT_THAT(view->name(), HasSubstr("_one, "));
}

TEST(CheckpointView, ARuleHasToMatchInOneOfThem) {
  auto one = checkpointOf("one", {"a", "b"}), two = checkpointOf("two", {"c"});
  auto view = CheckpointView::create({one, two}, mapOf({"c=a", "b=d"}));
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(valueOf(*view, "a"), "two:c");
  EXPECT_EQ(valueOf(*view, "d"), "one:b");
  EXPECT_TRUE(view->find("d")->isRenamed);
  auto bad = CheckpointView::create({one, two}, mapOf({"e=f"}));
  EXPECT_THAT(bad.status().message(), HasSubstr("'e=f' matches no name"));
}

} // namespace
} // namespace firn

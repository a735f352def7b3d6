// Which checkpoint a name means.
#include "support.h"

namespace firn {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ok;

class CheckpointPathTest : public testing::TempDir {
protected:
  void v2(const std::string &name) {
    std::filesystem::create_directories(std::filesystem::path(at(name) + "x").parent_path());
    auto writer = CheckpointWriter::create(at(name));
    ASSERT_TRUE(ok(writer));
    ASSERT_TRUE(ok(testing::writeTensor(**writer, "w", 1, {2}, testing::floats(2))));
    ASSERT_TRUE(ok((*writer)->finish()));
  }
  /// Any table will do: its contents are not looked at here.
  void v1(const std::string &name) { testing::writeTable(at(name), {{"", ""}}); }

  void state(const std::string &path) {
    write("checkpoint", "model_checkpoint_path: \"" + path + "\"\n");
  }

  /// The prefix, relative to the directory; the error's text where there is none.
  std::string resolved(const std::string &name) {
    notes.clear();
    auto prefix = resolveCheckpointPrefix(name.empty() ? directory : at(name), &notes);
    if (!prefix.ok())
      return std::string(prefix.status().message());
    return prefix->substr(directory.size() + 1);
  }

  std::vector<std::string> notes;
};

TEST_F(CheckpointPathTest, EveryFileOfACheckpointNamesIt) {
  v2("m-1");
  write("m-1.meta", "x");
  for (const char *name : {"m-1", "m-1.index", "m-1.meta", "m-1.data-00000-of-00001"})
    EXPECT_EQ(resolved(name), "m-1");
}

TEST_F(CheckpointPathTest, AnEmptyBasename) {
  v2("d/");
  EXPECT_EQ(resolved("d/"), "d/");
  EXPECT_EQ(resolved("d"), "d/");
  EXPECT_EQ(resolved("d/.index"), "d/");
  auto opened = Checkpoint::open(at("d/"));
  ASSERT_TRUE(ok(opened));
  EXPECT_EQ(*(*opened)->read("w"), testing::floats(2));
}

TEST_F(CheckpointPathTest, TheStateFileNamesTheNewest) {
  v2("m-1");
  v2("m-2");
  state("m-1");
  EXPECT_EQ(resolved(""), "m-1");
  EXPECT_EQ(resolved("checkpoint"), "m-1");
  state(at("m-2"));
  EXPECT_EQ(resolved(""), "m-2");
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(CheckpointPathTest, AnotherMachinesPathIsTriedBesideTheStateFile) {
  v2("m-1");
  state("/somewhere/else/m-1");
  EXPECT_EQ(resolved(""), "m-1");
  EXPECT_THAT(notes,
              ElementsAre(AllOf(HasSubstr("names /somewhere/else/m-1"), HasSubstr("using"))));
  state("/somewhere/else/m-7");
  EXPECT_THAT(resolved(""), AllOf(HasSubstr("names /somewhere/else/m-7"),
                                  HasSubstr("nearest checkpoint there is " + at("m-1"))));
}

TEST_F(CheckpointPathTest, ABrokenStateFileSaysWhere) {
  write("checkpoint", "model_checkpoint_path: \"m\"\nwhat is this");
  EXPECT_THAT(resolved(""), HasSubstr("checkpoint:2:"));
  write("checkpoint", "");
  EXPECT_THAT(resolved(""), HasSubstr("expected model_checkpoint_path"));
}

TEST_F(CheckpointPathTest, ADirectoryWithoutAStateFile) {
  EXPECT_THAT(resolved(""), HasSubstr("no checkpoint in"));
  v2("only");
  EXPECT_EQ(resolved(""), "only");
  v1("other");
  EXPECT_THAT(resolved(""),
              AllOf(HasSubstr(at("only")), HasSubstr(at("other")), HasSubstr("name one of them")));
}

TEST_F(CheckpointPathTest, ASavedModelsVariables) {
  v2("saved/variables/variables");
  EXPECT_EQ(resolved("saved"), "saved/variables/variables");
}

TEST_F(CheckpointPathTest, V1Forms) {
  v1("old");
  EXPECT_EQ(resolved("old"), "old");
  write("old.meta", "x");
  EXPECT_EQ(resolved("old.meta"), "old");
  v1("s-00000-of-00002");
  v1("s-00001-of-00002");
  for (const char *name : {"s", "s@2", "s-00001-of-00002", R"(s-?????-of-00002)"})
    EXPECT_EQ(resolved(name), R"(s-?????-of-00002)") << name;
  write("s.meta", "x");
  EXPECT_EQ(resolved("s.meta"), R"(s-?????-of-00002)");
  state(R"(/gone/s-?????-of-00002)");
  EXPECT_EQ(resolved(""), R"(s-?????-of-00002)");
}

TEST_F(CheckpointPathTest, V2WinsOverV1OfTheSamePrefixAndSaysSo) {
  v2("m");
  v1("m");
  EXPECT_EQ(resolved("m"), "m");
  EXPECT_THAT(notes, ElementsAre(HasSubstr("is ignored")));
  auto opened = Checkpoint::open(at("m"));
  ASSERT_TRUE(ok(opened));
  EXPECT_EQ((*opened)->format(), Checkpoint::Format::V2);
  EXPECT_THAT((*opened)->notes(), ElementsAre(HasSubstr("is ignored")));
}

TEST_F(CheckpointPathTest, NothingThere) {
  v2("model.ckpt-100");
  v2("model.ckpt-2500");
  EXPECT_THAT(resolved("model.ckpt-2600"),
              AllOf(HasSubstr("looked for " + at("model.ckpt-2600.index")),
                    HasSubstr("nearest checkpoint there is " + at("model.ckpt-2500"))));
  EXPECT_THAT(resolved("no/where/m"), HasSubstr("there is no directory " + at("no/where/")));
  write("graph.pb", "something");
  EXPECT_THAT(resolved("graph.pb"), HasSubstr("got a file of another kind"));
  write("lonely.data-00000-of-00001", "xxxx");
  EXPECT_THAT(resolved("lonely.data-00000-of-00001"),
              HasSubstr("looked for " + at("lonely.index")));
  EXPECT_FALSE(resolveCheckpointPrefix("", nullptr).ok());
}

} // namespace
} // namespace firn

#include "compiler/workbench/combine.h"

#include "compiler/formats/proto/object_graph.pb.h"
#include "compiler/workbench/key_kind.h"
#include "compiler/workbench/object_names.h"
#include "support.h"

namespace firn {
namespace {

using namespace tensorflow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Combine : public testing::WorkbenchTest {};

std::vector<std::string> keysOf(const Plan &plan) {
  std::vector<std::string> keys;
  for (const auto &[key, tensor] : plan)
    keys.push_back(key);
  return keys;
}

TEST_F(Combine, EqualTensorsAreNoConflict) {
  auto a = save("a", {{"x", {2}}, {"both", {3}}}), b = save("b", {{"both", {3}}, {"y", {1}}});
  auto merged = mergeCheckpoints({a.get(), b.get()}, OnConflict::Error, true);
  ASSERT_TRUE(testing::ok(merged));
  EXPECT_THAT(keysOf(merged->plan), ElementsAre("both", "x", "y"));
  EXPECT_THAT(merged->notes, ElementsAre("1 key stands in several: equal in all"));
}

TEST_F(Combine, ConflictsAreNamedOrDecided) {
  auto a = save("a", {{"v", {3}}, {"s", {2}}}), b = save("b", {{"v", {3}}, {"s", {4}}}, 1);
  auto merged = mergeCheckpoints({a.get(), b.get()}, OnConflict::Error, true);
  EXPECT_THAT(merged.status().message(), HasSubstr("'s': float [2] in "));
  EXPECT_THAT(merged.status().message(), HasSubstr("'v': float [3] in "));
  EXPECT_THAT(merged.status().message(), HasSubstr("other values in "));
  merged = mergeCheckpoints({a.get(), b.get()}, OnConflict::First, true);
  EXPECT_EQ(merged->plan.at("s").entry.shape, std::vector<int64_t>{2});
  merged = mergeCheckpoints({a.get(), b.get()}, OnConflict::Last, true);
  EXPECT_EQ(merged->plan.at("s").entry.shape, std::vector<int64_t>{4});
}

TEST_F(Combine, MeansNeedTheSameTensors) {
  auto a = save("a", {{"x", {2}}, {"y", {2}}}), b = save("b", {{"x", {3}}, {"z", {2}}});
  auto mean = averageCheckpoints({a.get(), b.get()});
  for (const char *part : {"'y' is not in", "'z' is not in", "'x': float [2] in "})
    EXPECT_THAT(mean.status().message(), HasSubstr(part));
}

TEST_F(Combine, SlotsStandBesideTheirVariables) {
  auto given = save("given", {{"w", {2}},
                              {"w/Adam", {2}},
                              {"bn/mean/ExponentialMovingAverage", {2}},
                              {"w/ExponentialMovingAverage", {2}},
                              {"beta1_power", {}},
                              {"lonely/Momentum", {2}}});
  EXPECT_EQ(keyKind(*given, "w/Adam"), KeyKind::Slot);
  EXPECT_EQ(keyKind(*given, "beta1_power"), KeyKind::Slot);
  EXPECT_EQ(keyKind(*given, "w/ExponentialMovingAverage"), KeyKind::Average);
  EXPECT_EQ(keyKind(*given, "bn/mean/ExponentialMovingAverage"), KeyKind::Weight);
  EXPECT_EQ(keyKind(*given, "lonely/Momentum"), KeyKind::Weight);
}

class ObjectNames : public testing::WorkbenchTest {
protected:
  std::unique_ptr<Checkpoint> saveObjects(const std::map<std::string, std::string> &names) {
    TrackableObjectGraph graph;
    auto writer = CheckpointWriter::create(at("objects"));
    for (const auto &[key, name] : names) {
      auto &attribute = *graph.add_nodes()->add_attributes();
      attribute.set_checkpoint_key(key);
      attribute.set_full_name(name);
      EXPECT_TRUE(
          testing::ok(testing::writeTensor(**writer, key, DT_FLOAT, {2}, testing::floats(2))));
    }
    EXPECT_TRUE(testing::ok(
        (*writer)->addStrings("_CHECKPOINTABLE_OBJECT_GRAPH", {}, {graph.SerializeAsString()})));
    EXPECT_TRUE(testing::ok((*writer)->finish()));
    return open("objects");
  }
};

TEST_F(ObjectNames, KeysBecomeNames) {
  auto given = saveObjects({{"net/k/.ATTRIBUTES/VARIABLE_VALUE", "dense/kernel"},
                            {"state/.ATTRIBUTES/VARIABLE_VALUE", ""}});
  Plan plan = copyAll(*given);
  std::vector<std::string> notes;
  ASSERT_TRUE(testing::ok(useFullNames(*given, plan, notes)));
  EXPECT_THAT(keysOf(plan), ElementsAre("dense/kernel", "state/.ATTRIBUTES/VARIABLE_VALUE"));
  EXPECT_EQ(notes.size(), 1u);
}

TEST_F(ObjectNames, SharedNamesKeepTheirKeys) {
  const std::string a = "a/.ATTRIBUTES/VARIABLE_VALUE", b = "b/.ATTRIBUTES/VARIABLE_VALUE";
  auto given = saveObjects({{a, "w"}, {b, "w"}, {"c/.ATTRIBUTES/VARIABLE_VALUE", "v"}});
  Plan plan = copyAll(*given);
  std::vector<std::string> notes;
  ASSERT_TRUE(testing::ok(useFullNames(*given, plan, notes)));
  EXPECT_THAT(keysOf(plan), ElementsAre(a, b, "v"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr(a + ", " + b)));
  auto plain = save("plain", {{"w", {1}}});
  plan = copyAll(*plain);
  EXPECT_THAT(useFullNames(*plain, plan, notes).message(), HasSubstr("keys are names already"));
}

} // namespace
} // namespace firn

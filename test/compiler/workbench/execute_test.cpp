#include "compiler/workbench/execute.h"

#include "compiler/workbench/integrity.h"
#include "support.h"

namespace firn {
namespace {

using namespace tensorflow;
using ::testing::HasSubstr;

class Execute : public testing::WorkbenchTest {};

/// Every type that V1 holds, strings, a scalar and nothing.
std::unique_ptr<Checkpoint> allTypes(const std::string &prefix) {
  auto writer = CheckpointWriter::create(prefix);
  EXPECT_TRUE(testing::ok(writer));
  for (int dtype :
       {DT_FLOAT, DT_DOUBLE, DT_HALF, DT_BFLOAT16, DT_INT8, DT_INT16, DT_INT32, DT_INT64, DT_UINT8,
        DT_UINT16, DT_UINT32, DT_UINT64, DT_QINT8, DT_QINT32, DT_COMPLEX64, DT_COMPLEX128}) {
    std::string bytes(6 * dataTypeSize(dtype), '\0');
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(i * 37 + 200);
    EXPECT_TRUE(testing::ok(
        testing::writeTensor(**writer, "t/" + dataTypeName(dtype), dtype, {2, 3}, bytes)));
  }
  EXPECT_TRUE(
      testing::ok(testing::writeTensor(**writer, "flags", DT_BOOL, {3}, std::string("\1\0\1", 3))));
  EXPECT_TRUE(
      testing::ok(testing::writeTensor(**writer, "scalar", DT_FLOAT, {}, testing::floats(1, 7))));
  EXPECT_TRUE(testing::ok(testing::writeTensor(**writer, "none", DT_INT32, {0, 2}, "")));
  EXPECT_TRUE(testing::ok((*writer)->addStrings("words", {2}, {"a", std::string("b\0c", 3)})));
  EXPECT_TRUE(testing::ok((*writer)->finish()));
  return *Checkpoint::open(prefix);
}

TEST_F(Execute, V1AndBackKeepsEveryType) {
  auto given = allTypes(at("given"));
  auto v1 = execute(copyAll(*given), "v1", {OutputFormat::V1});
  EXPECT_EQ(v1->format(), Checkpoint::Format::V1);
  auto back = execute(copyAll(*v1), "back", {OutputFormat::V2, 3});
  ASSERT_EQ(back->entries().size(), given->entries().size());
  for (const auto &[key, entry] : given->entries()) {
    EXPECT_EQ(back->entries().at(key).shape, entry.shape) << key;
    if (entry.dtype == DT_STRING)
      EXPECT_EQ(*back->readStrings(key), *given->readStrings(key));
    else
      EXPECT_EQ(bytes(*back, key), bytes(*given, key)) << key;
  }
  EXPECT_THAT(checkIntegrity(*v1, nullptr).problems, ::testing::IsEmpty());
}

// A value of more than a megabyte is read where it lies, not by way of a message.
TEST_F(Execute, LargeTensorsOfV1AreStreamed) {
  auto given = save("given", {{"large", {4, 200000}}, {"small", {2}}, {"wide", {700000}}});
  Plan plan = copyAll(*given);
  ASSERT_TRUE(testing::ok(splitTensor("large", plan.at("large"), 2, 0)));
  auto v1 = execute(std::move(plan), "v1", {OutputFormat::V1});
  auto data = v1->locate("wide");
  ASSERT_TRUE(testing::ok(data));
  EXPECT_EQ(data->extents.size(), 1u);
  EXPECT_EQ(v1->locate("large")->extents.size(), 2u);
  EXPECT_TRUE(v1->locate("small")->extents.empty());
  for (const char *key : {"large", "small", "wide"})
    EXPECT_EQ(bytes(*v1, key), bytes(*given, key)) << key;

  std::string file = testing::readFile(at("v1"));
  file[file.size() - 100000] ^= 1;
  write("v1", file);
  EXPECT_THAT(open("v1")->read("wide").status().message(), HasSubstr("damaged"));
}

TEST_F(Execute, ShardsAreTheSameEachTime) {
  auto given = save("given", {{"a", {100}}, {"b", {300000}}, {"c", {3}}, {"d", {500000}}});
  execute(copyAll(*given), "one", {OutputFormat::V2, 3});
  execute(copyAll(*given), "two", {OutputFormat::V2, 3});
  EXPECT_EQ(testing::readFile(at("one.index")), testing::readFile(at("two.index")));
  EXPECT_EQ(bytes(*open("one"), "d"), bytes(*given, "d"));
}

TEST_F(Execute, SlicesAreCutKeptAndJoined) {
  auto given = save("given", {{"w", {5, 6}}});
  for (int64_t axis : {0, 1})
    for (OutputFormat format : {OutputFormat::V2, OutputFormat::V1}) {
      Plan plan = copyAll(*given);
      ASSERT_TRUE(testing::ok(splitTensor("w", plan.at("w"), 4, axis)));
      auto split = execute(std::move(plan),
                           "split" + std::to_string(axis) + outputFormatName(format), {format});
      EXPECT_EQ(split->entries().at("w").slices.size(), 4u);
      EXPECT_EQ(bytes(*split, "w"), bytes(*given, "w"));
      auto kept = execute(copyAll(*split), "kept", {OutputFormat::V2, 2});
      EXPECT_EQ(kept->entries().at("w").slices.size(), 4u);
      EXPECT_EQ(bytes(*kept, "w"), bytes(*given, "w"));
      Plan joined = copyAll(*split);
      joinSlices(joined);
      auto whole = execute(std::move(joined), "whole");
      EXPECT_TRUE(whole->entries().at("w").slices.empty());
      EXPECT_EQ(bytes(*whole, "w"), bytes(*given, "w"));
    }
}

TEST_F(Execute, PartsAreThoseOfAFixedSizePartitioner) {
  auto given = save("given", {{"w", {7, 2}}});
  PlannedTensor tensor = copyOf(*given, "w");
  ASSERT_TRUE(testing::ok(splitTensor("w", tensor, 3, 0)));
  std::vector<std::string> parts;
  for (const TensorSlice &slice : tensor.entry.slices)
    parts.push_back(slice.str(tensor.entry.shape));
  EXPECT_THAT(parts, ::testing::ElementsAre("0,3:-", "3,2:-", "5,2:-"));
  EXPECT_THAT(splitTensor("w", tensor, 8, 0).message(), HasSubstr("[7,2] has no 8 parts"));
  EXPECT_FALSE(splitTensor("w", tensor, 1, 2).ok());
}

TEST_F(Execute, CastsAndMeans) {
  auto a = save("a", {{"w", {4}}}), b = save("b", {{"w", {4}}}, 3);
  Plan plan = copyAll(*a);
  plan.at("w").sources.push_back({b.get(), "w"});
  plan["half"] = copyOf(*a, "w");
  plan["half"].entry.dtype = DT_HALF;
  auto result = execute(std::move(plan), "result");
  EXPECT_EQ(bytes(*result, "w"), testing::floats(4, 1.5));
  EXPECT_EQ(bytes(*result, "half"), testing::bytesOf<uint16_t>({0, 0x3c00, 0x4000, 0x4200}));
}

TEST_F(Execute, OverflowsAreTold) {
  auto given = save("given", {{"w", {2}}}, 70000);
  Plan plan = copyAll(*given);
  plan.at("w").entry.dtype = DT_HALF;
  auto report = executePlan(std::move(plan), at("half"), {});
  ASSERT_TRUE(testing::ok(report));
  EXPECT_THAT(report->warnings,
              ::testing::ElementsAre(HasSubstr("2 values of 'w' are beyond the range of half")));
}

TEST_F(Execute, DamageLeavesNothing) {
  auto given = save("given", {{"a", {4}}, {"w", {1000}}});
  std::string data = testing::readFile(at("given.data-00000-of-00001"));
  data[100] ^= 1;
  write("given.data-00000-of-00001", data);
  const auto before = names();
  given = open("given");
  for (OutputFormat format : {OutputFormat::V2, OutputFormat::V1, OutputFormat::Npz}) {
    auto report = executePlan(copyAll(*given), at("out"), {{format, 1}, true, nullptr});
    EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(report.status().message(), HasSubstr("'w'"));
    EXPECT_EQ(names(), before);
  }
  Integrity integrity = checkIntegrity(*given, nullptr);
  EXPECT_THAT(integrity.problems, ::testing::ElementsAre(HasSubstr("'w'")));
  EXPECT_EQ(integrity.tensors, 2u);
}

TEST_F(Execute, TypesThatAFormatLacksAreNamedTogether) {
  auto given = allTypes(at("given"));
  auto report =
      executePlan(copyAll(*given), at("out"), {{OutputFormat::Safetensors, 1}, true, nullptr});
  for (const char *key : {"words", "t/qint8", "t/complex64"})
    EXPECT_THAT(report.status().message(), HasSubstr(key));
  EXPECT_THAT(executePlan(copyAll(*given), at("given"), {{OutputFormat::V1, 1}, true, nullptr})
                  .status()
                  .message(),
              HasSubstr("given.index is there"));
  EXPECT_THAT(executePlan(copyAll(*given), directory, {}).status().message(),
              HasSubstr("model.ckpt"));
}

TEST_F(Execute, ProgressEndsWithEverything) {
  auto given = save("given", {{"a", {300000}}, {"b", {10}}});
  uint64_t last = 0, total = 0;
  auto report = executePlan(copyAll(*given), at("out"),
                            {{OutputFormat::V2, 2}, true, [&](uint64_t d, uint64_t t) {
                               last = d;
                               total = t;
                             }});
  ASSERT_TRUE(testing::ok(report));
  EXPECT_EQ(last, 300010u * 4);
  EXPECT_EQ(total, last);
}

} // namespace
} // namespace firn

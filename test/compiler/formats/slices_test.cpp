// Slices: their text, and cutting and joining of tensors against a plain reference.
#include "compiler/formats/slice_geometry.h"
#include "support.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TensorSlice, ParsesWhatTheSaverWrites) {
  auto spec = TensorSlice::parseSpec("1000 32 0,250:0,32");
  ASSERT_TRUE(testing::ok(spec));
  EXPECT_THAT(spec->first, ElementsAre(1000, 32));
  EXPECT_THAT(spec->second->start, ElementsAre(0, 0));
  EXPECT_THAT(spec->second->length, ElementsAre(250, 32));
  EXPECT_EQ(spec->second->str(spec->first), "0,250:-");

  auto dash = TensorSlice::parseSpec("4 5 -:1,2");
  ASSERT_TRUE(testing::ok(dash));
  EXPECT_THAT(dash->second->length, ElementsAre(4, 2));

  auto whole = TensorSlice::parseSpec("");
  ASSERT_TRUE(testing::ok(whole));
  EXPECT_FALSE(whole->second.has_value());
}

TEST(TensorSlice, BadSpecsSayWhatIsWrong) {
  const std::pair<const char *, const char *> cases[] = {
      {"4", "fewer than two words"},      {"4 x -:-", "the dimension 'x'"},
      {"4 5 -", "1 ranges for 2"},        {"4 0,5", "the range '0,5' in a dimension of 4"},
      {"4 -1,2", "the range '-1,2'"},     {"4 a,b", "the range 'a,b'"},
      {"4 0,99999999999999999999", "the"}};
  for (const auto &[spec, message] : cases) {
    auto status = TensorSlice::parseSpec(spec).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << spec;
    EXPECT_THAT(status.message(), HasSubstr(message));
  }
}

TEST(ElementCount, RefusesWhatInt64DoesNotHold) {
  EXPECT_EQ(elementCount({}), 1);
  EXPECT_EQ(elementCount({3, 0, 5}), 0);
  EXPECT_EQ(elementCount({int64_t(1) << 62, 4}), std::nullopt);
  EXPECT_EQ(elementCount({int64_t(1) << 62, 4, 0}), std::nullopt);
  EXPECT_EQ(elementCount({2, -1}), std::nullopt);
}

TEST(Overlap, FoundOnAnyAxis) {
  const TensorSlice a{{0, 0}, {4, 2}}, b{{0, 2}, {4, 2}}, c{{3, 1}, {2, 2}};
  EXPECT_EQ(findOverlap({a, b}), std::nullopt);
  EXPECT_EQ(findOverlap({a, b, c}), std::make_optional(std::pair<size_t, size_t>(0, 2)));
  EXPECT_TRUE(findOverlap({TensorSlice{}, TensorSlice{}}).has_value());
}

class JoinTest : public testing::TempDir {
protected:
  /// A tensor of `shape` whose elements count up, stored in `slices`, some shards.
  void store(const std::vector<int64_t> &shape, const std::vector<TensorSlice> &slices) {
    this->shape = shape;
    auto writer = CheckpointWriter::create(at("m"), 2);
    ASSERT_TRUE(testing::ok(writer));
    for (const TensorSlice &slice : slices)
      ASSERT_TRUE(testing::ok(testing::writeTensor(**writer, "t", tensorflow::DT_FLOAT, shape,
                                                   expected(slice), slice)));
    ASSERT_TRUE(testing::ok((*writer)->finish()));
    auto opened = Checkpoint::open(at("m"));
    ASSERT_TRUE(testing::ok(opened));
    checkpoint = *std::move(opened);
  }

  /// The elements of a slice, one by one.
  std::string expected(const TensorSlice &slice) const {
    std::vector<float> values;
    std::vector<int64_t> at = slice.start;
    const int64_t count = elementCount(slice.length).value();
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i, offset = 0, stride = 1;
      for (size_t d = shape.size(); d-- > 0;) {
        offset += (slice.start[d] + rest % slice.length[d]) * stride;
        rest /= slice.length[d];
        stride *= shape[d];
      }
      values.push_back(static_cast<float>(offset));
    }
    return testing::bytesOf(values);
  }

  void expectAllSlices() {
    for (int64_t r = 0; r < shape[0]; ++r)
      for (int64_t rows = 1; rows <= shape[0] - r; ++rows)
        for (int64_t c = 0; c < shape[1]; ++c)
          for (int64_t columns = 1; columns <= shape[1] - c; ++columns) {
            const TensorSlice slice{{r, c}, {rows, columns}};
            auto bytes = checkpoint->read("t", slice);
            ASSERT_TRUE(testing::ok(bytes));
            EXPECT_EQ(*bytes, expected(slice)) << slice.str(shape);
          }
  }

  std::vector<int64_t> shape;
  std::unique_ptr<Checkpoint> checkpoint;
};

TEST_F(JoinTest, RowsStayInTheFile) {
  store({7, 3}, {{{3, 0}, {4, 3}}, {{0, 0}, {3, 3}}});
  auto data = checkpoint->locate("t");
  ASSERT_TRUE(testing::ok(data));
  ASSERT_EQ(data->extents.size(), 2u);
  EXPECT_TRUE(data->extents[0].crc32c.has_value());
  EXPECT_EQ(data->extents[0].size, 36u);
  EXPECT_EQ(*checkpoint->read("t"), testing::floats(21));
  expectAllSlices();
}

TEST_F(JoinTest, ColumnsAreJoinedInMemory) {
  store({4, 5}, {{{0, 0}, {4, 2}}, {{0, 2}, {4, 3}}});
  auto data = checkpoint->locate("t");
  ASSERT_TRUE(testing::ok(data));
  EXPECT_TRUE(data->extents.empty());
  EXPECT_EQ(data->bytes, testing::floats(20));
  expectAllSlices();
}

TEST_F(JoinTest, QuartersOfAMatrix) {
  store({4, 6}, {{{0, 0}, {1, 4}}, {{0, 4}, {3, 2}}, {{1, 0}, {3, 4}}, {{3, 4}, {1, 2}}});
  expectAllSlices();
}

TEST_F(JoinTest, AMiddleAxisOfThree) {
  store({2, 4, 3}, {{{0, 0, 0}, {2, 3, 3}}, {{0, 3, 0}, {2, 1, 3}}});
  EXPECT_EQ(*checkpoint->read("t"), testing::floats(24));
  const TensorSlice one{{1, 2, 0}, {1, 2, 3}};
  EXPECT_EQ(*checkpoint->read("t", one), expected(one));
}

TEST_F(JoinTest, PartsOfATensorStoredWhole) {
  store({5, 4}, {TensorSlice::whole({5, 4})});
  EXPECT_TRUE(checkpoint->entries().at("t").slices.empty());
  auto rows = checkpoint->locate("t", TensorSlice{{1, 0}, {2, 4}});
  ASSERT_TRUE(testing::ok(rows));
  ASSERT_EQ(rows->extents.size(), 1u);
  EXPECT_FALSE(rows->extents[0].crc32c.has_value());
  expectAllSlices();
}

TEST_F(JoinTest, AStoredSliceComesAsItIs) {
  store({4, 4}, {{{0, 0}, {4, 1}}, {{0, 1}, {4, 3}}});
  auto data = checkpoint->locate("t", TensorSlice{{0, 1}, {4, 3}});
  ASSERT_TRUE(testing::ok(data));
  ASSERT_EQ(data->extents.size(), 1u);
  EXPECT_TRUE(data->extents[0].crc32c.has_value());
}

TEST_F(JoinTest, GapsAndOverlapsAreDataLoss) {
  store({4, 4}, {{{0, 0}, {2, 4}}, {{3, 0}, {1, 4}}});
  auto gap = checkpoint->read("t");
  EXPECT_TRUE(absl::IsDataLoss(gap.status()));
  EXPECT_THAT(gap.status().message(), HasSubstr("hold 12 of 16 elements"));
  EXPECT_TRUE(testing::ok(checkpoint->read("t", TensorSlice{{3, 0}, {1, 4}})));
  store({4, 4}, {{{0, 0}, {3, 4}}, {{2, 0}, {2, 4}}});
  EXPECT_THAT(checkpoint->read("t").status().message(), HasSubstr("overlap"));
}

TEST_F(JoinTest, SlicesOutsideAreOutOfRange) {
  store({4, 4}, {TensorSlice::whole({4, 4})});
  EXPECT_TRUE(absl::IsOutOfRange(checkpoint->read("t", TensorSlice{{3, 0}, {2, 4}}).status()));
  EXPECT_TRUE(absl::IsOutOfRange(checkpoint->read("t", TensorSlice{{0}, {4}}).status()));
  EXPECT_TRUE(absl::IsOutOfRange(
      checkpoint->read("t", TensorSlice{{INT64_MAX, 0}, {INT64_MAX, 4}}).status()));
}

TEST_F(JoinTest, APartOfADamagedTensorIsRefused) {
  store({64, 4}, {TensorSlice::whole({64, 4})});
  std::string bytes = testing::readFile(at("m.data-00000-of-00002"));
  bytes[1000] ^= 1; // in the last rows
  write("m.data-00000-of-00002", bytes);
  const TensorSlice first{{0, 0}, {2, 4}};
  auto checked = Checkpoint::open(at("m"));
  ASSERT_TRUE(testing::ok(checked));
  EXPECT_TRUE(absl::IsDataLoss((*checked)->read("t", first).status()));
  auto unchecked = Checkpoint::open(at("m"), {/*verify=*/false});
  ASSERT_TRUE(testing::ok(unchecked));
  EXPECT_EQ(*(*unchecked)->read("t", first), expected(first));
}

} // namespace
} // namespace firn

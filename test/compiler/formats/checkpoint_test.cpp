// Both formats: what is written comes back; what TensorFlow may have written is read.
#include "compiler/formats/crc32c.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/ordered_code.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "support.h"

namespace firn {
namespace {

using namespace tensorflow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ok;
using testing::writeTensor;
using Strings = std::vector<std::string>;

class CheckpointTest : public testing::TempDir {
protected:
  std::unique_ptr<Checkpoint> open(const std::string &name) {
    auto checkpoint = Checkpoint::open(at(name));
    EXPECT_TRUE(ok(checkpoint));
    return checkpoint.ok() ? *std::move(checkpoint) : nullptr;
  }
};
class WriterTest : public CheckpointTest {};
class V1Test : public CheckpointTest {};

TEST_F(WriterTest, EveryTypeComesBackUnaligned) {
  auto writer = CheckpointWriter::create(at("m"), 3);
  ASSERT_TRUE(ok(writer));
  std::map<std::string, std::string> expected;
  for (int type = DataType_MIN; type <= DT_UINT4; ++type) {
    const int64_t size = DataType_IsValid(type) ? dataTypeSize(type) : 0;
    if (size == 0)
      continue;
    std::string bytes(7 * size, '\0');
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(i * 37 + type);
    expected[dataTypeName(type)] = bytes;
    ASSERT_TRUE(ok(writeTensor(**writer, dataTypeName(type), type, {7, 1}, bytes)));
  }
  ASSERT_TRUE(
      ok((*writer)->addStrings("strings", {2, 2}, {"a", "", std::string(200, 'z'), "\xff"})));
  ASSERT_TRUE(ok(writeTensor(**writer, "scalar", DT_INT64, {}, std::string(8, '\1'))));
  ASSERT_TRUE(ok(writeTensor(**writer, "nothing", DT_FLOAT, {0, 4}, "")));
  ASSERT_TRUE(ok((*writer)->addStrings("no strings", {0}, {})));
  ASSERT_TRUE(ok((*writer)->finish()));

  auto checkpoint = open("m");
  EXPECT_EQ(checkpoint->format(), Checkpoint::Format::V2);
  EXPECT_EQ(checkpoint->entries().size(), expected.size() + 4);
  for (const auto &[key, bytes] : expected)
    EXPECT_EQ(*checkpoint->read(key), bytes) << key;
  EXPECT_THAT(*checkpoint->readStrings("strings"),
              ElementsAre("a", "", std::string(200, 'z'), "\xff"));
  EXPECT_THAT(*checkpoint->readStrings("strings", TensorSlice{{1, 0}, {1, 2}}),
              ElementsAre(std::string(200, 'z'), "\xff"));
  EXPECT_THAT(*checkpoint->readStrings("no strings"), IsEmpty());
  EXPECT_EQ(*checkpoint->read("nothing"), "");
  EXPECT_THAT(checkpoint->entries().at("scalar").shape, IsEmpty());
  EXPECT_EQ(checkpoint->files().size(), 4u);
}

TEST_F(WriterTest, LeavesNothingBehindUnlessFinished) {
  {
    auto writer = CheckpointWriter::create(at("m"), 2);
    ASSERT_TRUE(ok(writer));
    ASSERT_TRUE(ok(writeTensor(**writer, "a", DT_FLOAT, {2}, testing::floats(2))));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(WriterTest, RefusesWhatWouldNotRead) {
  auto created = CheckpointWriter::create(at("m"));
  ASSERT_TRUE(ok(created));
  CheckpointWriter &writer = **created;
  EXPECT_THAT(writeTensor(writer, "short", DT_FLOAT, {3}, "1234").message(),
              HasSubstr("'short': expected 12 bytes, got 4"));
  EXPECT_THAT(writer.begin("s", DT_STRING, {1}).message(),
              HasSubstr("expected a type of fixed size"));
  EXPECT_FALSE(writer.begin("", DT_FLOAT, {1}).ok());
  EXPECT_FALSE(writer.begin("n", DT_FLOAT, {-1}).ok());
  EXPECT_FALSE(writer.begin("n", DT_FLOAT, {4}, TensorSlice{{2}, {3}}).ok());
  EXPECT_FALSE(writer.addStrings("n", {3}, {"one"}).ok());
  ASSERT_TRUE(ok(writeTensor(writer, "twice", DT_FLOAT, {1}, "1234")));
  EXPECT_THAT(writer.begin("twice", DT_FLOAT, {1}).message(), HasSubstr("written before"));
  const TensorSlice half{{0}, {2}};
  ASSERT_TRUE(ok(writeTensor(writer, "part", DT_FLOAT, {4}, testing::floats(2), half)));
  EXPECT_FALSE(writer.begin("part", DT_FLOAT, {4}, half).ok());
  EXPECT_FALSE(writer.begin("part", DT_INT32, {4}, TensorSlice{{2}, {2}}).ok());
  EXPECT_FALSE(CheckpointWriter::create(at("m"), 0).ok());
  EXPECT_FALSE(CheckpointWriter::create(at("no/such/m")).ok());
}

TEST_F(CheckpointTest, SliceEntriesAreNotListed) {
  auto writer = CheckpointWriter::create(at("m"));
  ASSERT_TRUE(ok(writer));
  for (int64_t row : {0, 1})
    ASSERT_TRUE(ok(writeTensor(**writer, "emb", DT_FLOAT, {2, 2},
                               testing::floats(2, 2.0f * static_cast<float>(row)),
                               TensorSlice{{row, 0}, {1, 2}})));
  ASSERT_TRUE(ok((*writer)->finish()));
  auto checkpoint = open("m");
  ASSERT_EQ(checkpoint->entries().size(), 1u);
  EXPECT_EQ(checkpoint->entries().at("emb").slices.size(), 2u);
  EXPECT_EQ(checkpoint->entries().at("emb").byteSize(), 16);
}

TEST_F(CheckpointTest, UnknownKeysAndWrongKinds) {
  auto writer = CheckpointWriter::create(at("m"));
  ASSERT_TRUE(ok(writer));
  ASSERT_TRUE(ok((*writer)->addStrings("s", {}, {"text"})));
  ASSERT_TRUE(ok(writeTensor(**writer, "f", DT_FLOAT, {}, "1234")));
  ASSERT_TRUE(ok((*writer)->finish()));
  auto checkpoint = open("m");
  EXPECT_TRUE(absl::IsNotFound(checkpoint->read("nope").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(checkpoint->read("s").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(checkpoint->readStrings("f").status()));
}

TEST_F(CheckpointTest, DamagedBytesAreFoundWhenReadUnlessNotAsked) {
  auto writer = CheckpointWriter::create(at("m"));
  ASSERT_TRUE(ok(writer));
  ASSERT_TRUE(ok(writeTensor(**writer, "a", DT_FLOAT, {4}, testing::floats(4))));
  ASSERT_TRUE(ok(writeTensor(**writer, "b", DT_FLOAT, {4}, testing::floats(4))));
  ASSERT_TRUE(ok((*writer)->finish()));
  std::string bytes = testing::readFile(at("m.data-00000-of-00001"));
  bytes[20] ^= 4;
  write("m.data-00000-of-00001", bytes);
  auto checkpoint = open("m");
  EXPECT_TRUE(ok(checkpoint->read("a")));
  auto damaged = checkpoint->read("b");
  EXPECT_TRUE(absl::IsDataLoss(damaged.status()));
  EXPECT_THAT(damaged.status().message(), HasSubstr("'b'"));
  auto trusting = Checkpoint::open(at("m"), {/*verify=*/false});
  EXPECT_TRUE(ok((*trusting)->read("b")));
}

TEST_F(CheckpointTest, AShortShardIsNamedAtOpen) {
  auto writer = CheckpointWriter::create(at("m"));
  ASSERT_TRUE(ok(writer));
  ASSERT_TRUE(ok(writeTensor(**writer, "w", DT_FLOAT, {4}, testing::floats(4))));
  ASSERT_TRUE(ok((*writer)->finish()));
  std::filesystem::resize_file(at("m.data-00000-of-00001"), 10);
  EXPECT_THAT(Checkpoint::open(at("m")).status().message(),
              HasSubstr("'w' needs 16 bytes at offset 0 of " + at("m.data-00000-of-00001") +
                        ", which has 10 bytes"));
}

TEST_F(CheckpointTest, WithoutItsShardACheckpointCanStillBeListed) {
  auto writer = CheckpointWriter::create(at("m"));
  ASSERT_TRUE(ok(writer));
  ASSERT_TRUE(ok(writeTensor(**writer, "w", DT_FLOAT, {4}, testing::floats(4))));
  ASSERT_TRUE(ok((*writer)->finish()));
  std::filesystem::remove(at("m.data-00000-of-00001"));
  auto checkpoint = open("m");
  EXPECT_THAT(checkpoint->notes(), ElementsAre(HasSubstr("m.data-00000-of-00001 is missing")));
  auto read = checkpoint->read("w");
  EXPECT_TRUE(absl::IsNotFound(read.status()));
  EXPECT_THAT(read.status().message(), HasSubstr("m.data-00000-of-00001"));
}

BundleEntryProto entryOf(DataType type, int64_t elements, int64_t offset,
                         const std::string &bytes) {
  BundleEntryProto entry;
  entry.set_dtype(type);
  entry.mutable_shape()->add_dim()->set_size(elements);
  entry.set_offset(offset);
  entry.set_size(static_cast<int64_t>(bytes.size()));
  entry.set_crc32c(maskCrc32c(crc32c(bytes)));
  return entry;
}

std::string bundleHeader(BundleHeaderProto::Endianness order = BundleHeaderProto::LITTLE,
                         int minConsumer = 0) {
  BundleHeaderProto header;
  header.set_num_shards(1);
  header.set_endianness(order);
  header.mutable_version()->set_producer(1);
  header.mutable_version()->set_min_consumer(minConsumer);
  return header.SerializeAsString();
}

TEST_F(CheckpointTest, BigEndianBundles) {
  using namespace std::string_literals;
  const std::string floats = "\x3f\x80\0\0\x40\0\0\0"s;    // 1, 2
  const std::string halves = "\x3c\0\x40\0"s;              // 1, 2
  const std::string complexes = "\x3f\x80\0\0\x40\0\0\0"s; // 1 + 2i
  // Two strings: lengths, the big-endian checksum of the big-endian lengths, the bytes.
  const uint32_t lengths = maskCrc32c(crc32c("\0\0\0\1\0\0\0\2"s));
  std::string word;
  for (int shift = 24; shift >= 0; shift -= 8)
    word.push_back(static_cast<char>(lengths >> shift));
  const std::string strings = "\1\2"s + word + "abc";
  BundleEntryProto stringEntry = entryOf(DT_STRING, 2, 20, strings);
  stringEntry.set_crc32c(maskCrc32c(crc32c("\0\0\0\1\0\0\0\2"s + word + "abc")));
  write("m.data-00000-of-00001", floats + halves + complexes + strings);
  testing::writeTable(at("m.index"),
                      {{"", bundleHeader(BundleHeaderProto::BIG)},
                       {"c", entryOf(DT_COMPLEX64, 1, 12, complexes).SerializeAsString()},
                       {"f", entryOf(DT_FLOAT, 2, 0, floats).SerializeAsString()},
                       {"h", entryOf(DT_HALF, 2, 8, halves).SerializeAsString()},
                       {"s", stringEntry.SerializeAsString()}});
  auto checkpoint = open("m");
  EXPECT_EQ(*checkpoint->read("f"), testing::bytesOf<float>({1, 2}));
  EXPECT_EQ(*checkpoint->read("h"), testing::bytesOf<uint16_t>({0x3c00, 0x4000}));
  EXPECT_EQ(*checkpoint->read("c"), testing::bytesOf<float>({1, 2}));
  EXPECT_EQ(*checkpoint->read("f", TensorSlice{{1}, {1}}), testing::bytesOf<float>({2}));
  EXPECT_THAT(*checkpoint->readStrings("s"), ElementsAre("a", "bc"));
}

TEST_F(CheckpointTest, CompressedIndexes) {
  write("m.data-00000-of-00001", testing::floats(2));
  std::map<std::string, std::string> entries = {{"", bundleHeader()}};
  for (int i = 0; i < 100; ++i)
    entries["layer" + std::to_string(i)] =
        entryOf(DT_FLOAT, 2, 0, testing::floats(2)).SerializeAsString();
  testing::writeTable(at("m.index"), entries, leveldb::kSnappyCompression);
  EXPECT_EQ(*open("m")->read("layer42"), testing::floats(2));
}

TEST_F(CheckpointTest, IndexesThatContradictThemselves) {
  write("m.data-00000-of-00001", testing::floats(4));
  auto message = [&](const std::string &header, const BundleEntryProto &entry) {
    testing::writeTable(at("m.index"), {{"", header}, {"w", entry.SerializeAsString()}});
    return std::string(Checkpoint::open(at("m")).status().message());
  };
  const BundleEntryProto good = entryOf(DT_FLOAT, 4, 0, testing::floats(4));
  EXPECT_EQ(message(bundleHeader(), good), "");
  EXPECT_THAT(message(bundleHeader(BundleHeaderProto::LITTLE, 2), good), HasSubstr("needs 2"));
  EXPECT_THAT(message("", good), HasSubstr("at least one shard"));
  EXPECT_THAT(message("\x0a", good), HasSubstr("no valid header"));
  BundleEntryProto bad = good;
  bad.set_shard_id(1);
  EXPECT_THAT(message(bundleHeader(), bad), HasSubstr("'w' lies in shard 1 of 1"));
  bad = good;
  bad.set_offset(-4);
  EXPECT_THAT(message(bundleHeader(), bad), HasSubstr("negative"));
  bad = good;
  bad.set_offset(INT64_MAX);
  EXPECT_THAT(message(bundleHeader(), bad), HasSubstr("cut short"));
  bad = good;
  bad.set_size(12);
  EXPECT_THAT(message(bundleHeader(), bad),
              HasSubstr("expected 4 elements of float, got 12 bytes"));
  bad = good;
  bad.mutable_shape()->add_dim()->set_size(-1);
  EXPECT_THAT(message(bundleHeader(), bad), HasSubstr("expected a known shape"));
  bad = good;
  bad.add_slices()->add_extent()->set_length(2);
  EXPECT_THAT(message(bundleHeader(), bad), HasSubstr("lacks the entry of its slice 0,2"));
  bad.mutable_slices(0)->mutable_extent(0)->set_length(9);
  EXPECT_THAT(message(bundleHeader(), bad), HasSubstr("does not lie in the shape"));
  testing::writeTable(at("m.index"), {{"w", good.SerializeAsString()}});
  EXPECT_THAT(Checkpoint::open(at("m")).status().message(), HasSubstr("expected a header"));
}

/// A V1 table: the list of tensors, then each piece of values.
class V1Writer {
public:
  void add(const std::string &name, DataType type, const std::vector<int64_t> &shape,
           const std::vector<StoredExtent> &slice, const TensorProto &values) {
    SavedSliceMeta *tensor = nullptr;
    for (auto &one : *contents.mutable_meta()->mutable_tensor())
      if (one.name() == name)
        tensor = &one;
    if (tensor == nullptr) {
      tensor = contents.mutable_meta()->add_tensor();
      tensor->set_name(name);
      tensor->set_type(type);
      for (int64_t dim : shape)
        tensor->mutable_shape()->add_dim()->set_size(dim);
    }
    SavedTensorSlices piece;
    auto &data = *piece.mutable_data();
    data.set_name(name);
    *data.mutable_data() = values;
    for (const StoredExtent &extent : slice)
      for (auto *proto : {data.mutable_slice()->add_extent()}) {
        proto->set_start(extent.start);
        if (extent.length >= 0)
          proto->set_length(extent.length);
      }
    *tensor->add_slice() = data.slice();
    entries[encodeTensorNameSlice(name, slice)] = piece.SerializeAsString();
  }

  void write(const std::string &path) {
    contents.mutable_meta()->mutable_versions()->set_producer(1);
    entries[""] = contents.SerializeAsString();
    testing::writeTable(path, entries);
  }

private:
  SavedTensorSlices contents;
  std::map<std::string, std::string> entries;
};

template <typename... T> TensorProto floatValues(T... values) {
  TensorProto tensor;
  (tensor.add_float_val(values), ...);
  return tensor;
}

TEST_F(V1Test, ValuesOfEveryField) {
  V1Writer writer;
  const std::vector<StoredExtent> whole = {{0, -1}};
  TensorProto ints, halves, bools, complexes, strings;
  ints.add_int_val(-3), ints.add_int_val(200);
  halves.add_half_val(0x3c00), halves.add_half_val(0xc000);
  bools.add_bool_val(true), bools.add_bool_val(false);
  for (float value : {1, 2, 3, 4})
    complexes.add_scomplex_val(value);
  strings.add_string_val("x"), strings.add_string_val("\xfe");
  writer.add("float", DT_FLOAT, {2}, whole, floatValues(1.5f, -2.0f));
  writer.add("int16", DT_INT16, {2}, whole, ints);
  writer.add("quint8", DT_QUINT8, {2}, whole, ints);
  writer.add("half", DT_HALF, {2}, whole, halves);
  writer.add("bfloat16", DT_BFLOAT16, {2}, whole, halves);
  writer.add("bool", DT_BOOL, {2}, whole, bools);
  writer.add("complex64", DT_COMPLEX64, {2}, whole, complexes);
  writer.add("string", DT_STRING, {2}, whole, strings);
  writer.add("scalar", DT_FLOAT, {}, {}, floatValues(7.0f));
  writer.write(at("m"));
  auto checkpoint = open("m");
  EXPECT_EQ(checkpoint->format(), Checkpoint::Format::V1);
  EXPECT_EQ(*checkpoint->read("float"), testing::bytesOf<float>({1.5f, -2.0f}));
  EXPECT_EQ(*checkpoint->read("int16"), testing::bytesOf<int16_t>({-3, 200}));
  EXPECT_EQ(*checkpoint->read("quint8"), testing::bytesOf<uint8_t>({253, 200}));
  EXPECT_EQ(*checkpoint->read("half"), testing::bytesOf<uint16_t>({0x3c00, 0xc000}));
  EXPECT_EQ(*checkpoint->read("bfloat16"), testing::bytesOf<uint16_t>({0x3c00, 0xc000}));
  EXPECT_EQ(*checkpoint->read("bool"), testing::bytesOf<uint8_t>({1, 0}));
  EXPECT_EQ(*checkpoint->read("complex64"), testing::bytesOf<float>({1, 2, 3, 4}));
  EXPECT_EQ(*checkpoint->read("scalar"), testing::bytesOf<float>({7}));
  EXPECT_THAT(*checkpoint->readStrings("string"), ElementsAre("x", "\xfe"));
  EXPECT_TRUE(checkpoint->entries().at("float").slices.empty());
}

TEST_F(V1Test, SlicesOverSeveralShards) {
  V1Writer first, second;
  first.add("w", DT_FLOAT, {2, 2}, {{0, -1}, {0, 1}}, floatValues(0.0f, 2.0f));
  second.add("w", DT_FLOAT, {2, 2}, {{0, -1}, {1, 1}}, floatValues(1.0f, 3.0f));
  second.add("b", DT_FLOAT, {1}, {{0, -1}}, floatValues(9.0f));
  first.write(at("m-00000-of-00002"));
  second.write(at("m-00001-of-00002"));
  for (const char *name : {"m", "m@2", "m-00001-of-00002", R"(m-?????-of-00002)"}) {
    auto checkpoint = open(name);
    EXPECT_EQ(checkpoint->prefix(), at(R"(m-?????-of-00002)"));
    EXPECT_EQ(*checkpoint->read("w"), testing::floats(4));
    EXPECT_EQ(*checkpoint->read("w", TensorSlice{{1, 0}, {1, 2}}), testing::floats(2, 2));
    EXPECT_EQ(*checkpoint->read("b"), testing::floats(1, 9));
  }
}

TEST_F(V1Test, CountsThatDisagreeAreDataLoss) {
  V1Writer writer;
  writer.add("few", DT_FLOAT, {1 << 30, 1 << 20}, {{0, -1}, {0, -1}}, floatValues(1.0f));
  writer.add("none", DT_STRING, {3}, {{0, -1}}, TensorProto());
  writer.write(at("m"));
  auto checkpoint = open("m");
  EXPECT_THAT(checkpoint->read("few").status().message(), HasSubstr("values, got 1"));
  EXPECT_TRUE(absl::IsDataLoss(checkpoint->readStrings("none").status()));
}

TEST_F(V1Test, AMissingShardIsNamed) {
  V1Writer writer;
  writer.add("b", DT_FLOAT, {1}, {{0, -1}}, floatValues(9.0f));
  writer.write(at("m-00000-of-00002"));
  auto status = Checkpoint::open(at("m")).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(status.message(), HasSubstr("m-00001-of-00002"));
}

} // namespace
} // namespace firn

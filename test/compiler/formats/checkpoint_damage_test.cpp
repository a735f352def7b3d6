// Every truncation and every flipped bit of small checkpoints: an error or the same data, never a
// crash.
#include "compiler/formats/ordered_code.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "support.h"

namespace firn {
namespace {

using testing::ok;
using Contents = std::map<std::string, std::string>;

/// All values of a checkpoint; nothing where any of it is an error.
std::optional<Contents> readAll(const std::string &name) {
  auto opened = Checkpoint::open(name);
  if (!opened.ok())
    return std::nullopt;
  Contents contents;
  for (const auto &[key, entry] : (*opened)->entries()) {
    std::string &value = contents[key];
    if (entry.dtype == tensorflow::DT_STRING) {
      auto strings = (*opened)->readStrings(key);
      if (!strings.ok())
        return std::nullopt;
      for (const std::string &one : *strings)
        value += one + "\n";
    } else {
      auto bytes = (*opened)->read(key);
      if (!bytes.ok())
        return std::nullopt;
      value = *bytes;
    }
  }
  return contents;
}

class DamageTest : public testing::TempDir {
protected:
  void writeV2() {
    auto writer = CheckpointWriter::create(at("m"), 2);
    ASSERT_TRUE(ok(writer));
    ASSERT_TRUE(ok(testing::writeTensor(**writer, "w", 1, {2, 2}, testing::floats(4))));
    for (int64_t row : {0, 1})
      ASSERT_TRUE(ok(testing::writeTensor(**writer, "emb", 1, {2, 3}, testing::floats(3, 5),
                                          TensorSlice{{row, 0}, {1, 3}})));
    ASSERT_TRUE(ok((*writer)->addStrings("words", {2}, {"snow", "ice"})));
    ASSERT_TRUE(ok((*writer)->finish()));
  }

  void writeV1() {
    tensorflow::SavedTensorSlices contents, piece;
    auto &tensor = *contents.mutable_meta()->add_tensor();
    tensor.set_name("w");
    tensor.set_type(tensorflow::DT_FLOAT);
    tensor.mutable_shape()->add_dim()->set_size(2);
    tensor.add_slice()->add_extent();
    piece.mutable_data()->set_name("w");
    piece.mutable_data()->mutable_slice()->add_extent();
    piece.mutable_data()->mutable_data()->add_float_val(1);
    piece.mutable_data()->mutable_data()->add_float_val(2);
    testing::writeTable(at("m"),
                        {{"", contents.SerializeAsString()},
                         {encodeTensorNameSlice("w", {{0, -1}}), piece.SerializeAsString()}});
  }

  /// Tries every length and every flipped bit of one file. `always`: no damage goes unnoticed.
  void damage(const std::string &name, bool always) {
    const std::string good = testing::readFile(at(name));
    const auto expected = readAll(at("m"));
    ASSERT_TRUE(expected.has_value());
    for (size_t size = 0; size < good.size(); ++size) {
      write(name, good.substr(0, size));
      EXPECT_FALSE(readAll(at("m")).has_value()) << name << " cut to " << size;
    }
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bytes = good;
      bytes[bit / 8] ^= 1 << bit % 8;
      write(name, bytes);
      auto got = readAll(at("m"));
      EXPECT_TRUE(!got || (!always && *got == *expected)) << name << ", bit " << bit;
    }
    write(name, good);
    EXPECT_EQ(readAll(at("m")), expected);
  }
};

// Some bits carry nothing: the padding of the footer, blocks that are never read.
TEST_F(DamageTest, V2Index) {
  writeV2();
  damage("m.index", false);
}

TEST_F(DamageTest, V2Shards) {
  writeV2();
  damage("m.data-00000-of-00002", true);
  damage("m.data-00001-of-00002", true);
}

TEST_F(DamageTest, V1File) {
  writeV1();
  damage("m", false);
}

/// A table of one block whose footer points anywhere.
std::string hostileTable(uint64_t offset, uint64_t size) {
  std::string footer;
  auto varint = [&](uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      footer.push_back(static_cast<char>(value | 0x80));
    footer.push_back(static_cast<char>(value));
  };
  varint(0), varint(0), varint(offset), varint(size);
  footer.resize(40);
  return std::string(100, 'x') + footer + "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
}

TEST_F(DamageTest, HostileFootersAllocateNothing) {
  for (auto [offset, size] : std::vector<std::pair<uint64_t, uint64_t>>{{0, uint64_t(1) << 36},
                                                                        {0, UINT64_MAX},
                                                                        {UINT64_MAX, 1},
                                                                        {UINT64_MAX, UINT64_MAX},
                                                                        {50, 60},
                                                                        {0, 0},
                                                                        {148, 0},
                                                                        {96, 0}}) {
    write("m.index", hostileTable(offset, size));
    EXPECT_TRUE(absl::IsDataLoss(Checkpoint::open(at("m")).status())) << offset << " " << size;
  }
}

} // namespace
} // namespace firn

#include "compiler/formats/tensor_files.h"

#include "compiler/formats/crc32c.h"
#include "compiler/formats/output_file.h"
#include "support.h"

namespace firn {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

class TensorFilesTest : public testing::TempDir {
protected:
  TensorFiles files;
};
class OutputFileTest : public testing::TempDir {};

TEST_F(TensorFilesTest, ErrorsNameThePath) {
  auto missing = files.size(at("nothing"));
  EXPECT_TRUE(absl::IsNotFound(missing.status()));
  EXPECT_THAT(missing.status().message(), HasSubstr(at("nothing") + ": No such file"));
  EXPECT_THAT(files.size(directory).status().message(), HasSubstr("got a directory"));
}

TEST_F(TensorFilesTest, ReadsOnlyWhatIsThere) {
  const std::string file = write("f", "0123456789");
  std::string out(4, '\0');
  ASSERT_TRUE(testing::ok(files.read(file, 6, {out.data(), out.size()})));
  EXPECT_EQ(out, "6789");
  EXPECT_TRUE(absl::IsDataLoss(files.read(file, 7, {out.data(), out.size()})));
  EXPECT_TRUE(absl::IsDataLoss(files.read(file, UINT64_MAX, {out.data(), out.size()})));
}

TEST_F(TensorFilesTest, AFileCutShortWhileOpenIsAnErrorNotACrash) {
  const std::string file = write("f", std::string(100, 'x'));
  ASSERT_EQ(files.size(file).value(), 100u);
  std::filesystem::resize_file(file, 50);
  std::string out(100, '\0');
  EXPECT_TRUE(absl::IsDataLoss(files.read(file, 0, {out.data(), out.size()})));
}

TEST_F(TensorFilesTest, StreamsInPiecesAndComparesChecksums) {
  std::string bytes((5 << 20) / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 31 >> 3);
  const std::string file = write("f", bytes);
  Extent good{file, 3, bytes.size() - 3, maskCrc32c(crc32c(bytes.substr(3)))};
  std::string got;
  std::vector<size_t> sizes;
  auto collect = [&](absl::string_view piece) {
    got.append(piece.data(), piece.size());
    sizes.push_back(piece.size());
    return absl::OkStatus();
  };
  ASSERT_TRUE(testing::ok(files.stream({good, Extent{file, 0, 3, {}}}, true, collect)));
  EXPECT_EQ(got, bytes.substr(3) + bytes.substr(0, 3));
  EXPECT_THAT(sizes, Each(Le(128 << 10)));
  EXPECT_EQ(sizes.back(), 3);
  Extent bad = good;
  *bad.crc32c ^= 1;
  EXPECT_THAT(files.stream({bad}, true, collect).message(), HasSubstr("offset 3 are damaged"));
  EXPECT_TRUE(testing::ok(files.stream({bad}, false, collect)));
}

TEST_F(TensorFilesTest, StopsAtTheReceiversError) {
  const std::string file = write("f", "abc");
  auto status = files.stream({Extent{file, 0, 3, {}}, Extent{file, 0, 3, {}}}, true,
                             [](absl::string_view) { return absl::AbortedError("enough"); });
  EXPECT_TRUE(absl::IsAborted(status));
}

TEST_F(OutputFileTest, AppearsOnlyWhenCommitted) {
  write("out", "old");
  {
    auto file = OutputFile::create(at("out"));
    ASSERT_TRUE(testing::ok(file));
    ASSERT_TRUE(testing::ok((*file)->append(std::string(1 << 20, 'n'))));
    EXPECT_EQ(testing::readFile(at("out")), "old");
  }
  EXPECT_EQ(testing::readFile(at("out")), "old");
  EXPECT_THAT(names(), ElementsAre("out"));
  auto file = OutputFile::create(at("out"));
  ASSERT_TRUE(testing::ok(file));
  ASSERT_TRUE(testing::ok((*file)->append("new")));
  ASSERT_TRUE(testing::ok((*file)->commit()));
  EXPECT_EQ(testing::readFile(at("out")), "new");
  EXPECT_THAT(names(), ElementsAre("out"));
}

TEST_F(OutputFileTest, LargeFilesAreWrittenInTheirOrder) {
  auto file = OutputFile::create(at("out"));
  ASSERT_TRUE(testing::ok(file));
  std::string expected;
  for (size_t size : {1, 300'000, 70'000, 0, 262'144, 5, 3'000'000}) {
    std::string piece(size, '\0');
    for (size_t i = 0; i < size; ++i)
      piece[i] = static_cast<char>((expected.size() + i) * 2654435761u >> 11);
    ASSERT_TRUE(testing::ok((*file)->append(piece)));
    expected += piece;
  }
  ASSERT_TRUE(testing::ok((*file)->overwrite(100, "changed")));
  expected.replace(100, 7, "changed");
  ASSERT_TRUE(testing::ok((*file)->append("the end")));
  ASSERT_TRUE(testing::ok((*file)->commit()));
  EXPECT_EQ(testing::readFile(at("out")), expected + "the end");
}

TEST_F(OutputFileTest, AFullDiskIsAnErrorOfALaterCallAtLatest) {
  auto file = OutputFile::create("/dev/full");
  ASSERT_TRUE(testing::ok(file));
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i)
    status = (*file)->append(std::string(100'000, 'x'));
  EXPECT_THAT(status.message(), HasSubstr("can't write '/dev/full': No space left"));
  EXPECT_FALSE((*file)->commit().ok());
}

TEST_F(OutputFileTest, AMissingDirectoryIsNamed) {
  EXPECT_THAT(OutputFile::create(at("no/out")).status().message(), HasSubstr(at("no/out")));
}

} // namespace
} // namespace firn

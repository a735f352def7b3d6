// What the tests of this room share: a directory of their own, files by content, tables as
// TensorFlow writes them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/checkpoint_writer.h"
#include "leveldb/env.h"
#include "leveldb/table_builder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn::testing {

/// A directory that is gone after the test.
class TempDir : public ::testing::Test {
protected:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "firn-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~TempDir() override { std::filesystem::remove_all(directory); }

  std::string at(const std::string &name) const { return directory + "/" + name; }

  std::string write(const std::string &name, const std::string &bytes) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    std::ofstream(at(name), std::ios::binary) << bytes;
    return at(name);
  }

  /// Names in the directory, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto &entry : std::filesystem::directory_iterator(directory))
      result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
  }

  std::string directory;
};

inline std::string readFile(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The bytes of a list of numbers.
template <typename T> std::string bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

/// 0, 1, 2 … as floats.
inline std::string floats(size_t count, float first = 0) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = first + static_cast<float>(i);
  return bytesOf(values);
}

/// A leveldb table as TensorFlow writes it.
inline void writeTable(const std::string &path, const std::map<std::string, std::string> &entries,
                       leveldb::CompressionType compression = leveldb::kNoCompression) {
  leveldb::WritableFile *raw = nullptr;
  ASSERT_TRUE(leveldb::Env::Default()->NewWritableFile(path, &raw).ok());
  std::unique_ptr<leveldb::WritableFile> file(raw);
  leveldb::Options options;
  options.compression = compression;
  leveldb::TableBuilder builder(options, file.get());
  for (const auto &[key, value] : entries)
    builder.Add(key, value);
  ASSERT_TRUE(builder.Finish().ok());
  ASSERT_TRUE(file->Close().ok());
}

/// `ASSERT_TRUE(ok(status))` prints the message.
inline ::testing::AssertionResult ok(const absl::Status &status) {
  if (status.ok())
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << status;
}
template <typename T>::testing::AssertionResult ok(const absl::StatusOr<T> &result) {
  return ok(result.status());
}

inline absl::Status writeTensor(CheckpointWriter &writer, const std::string &key, int dtype,
                                const std::vector<int64_t> &shape, const std::string &bytes,
                                const std::optional<TensorSlice> &slice = std::nullopt) {
  absl::Status status = writer.begin(key, dtype, shape, slice);
  status.Update(writer.append(bytes));
  status.Update(writer.end());
  return status;
}

} // namespace firn::testing

#include "compiler/formats/files_read.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compiler/formats/tensor_files.h"

namespace firn {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string absolute(const char *name) { return (std::filesystem::current_path() / name).string(); }

TEST(FilesRead, AreAbsoluteAndToldOnce) {
  noteFileRead("folder/../twice.txt");
  noteFileRead("twice.txt");
  int count = 0;
  for (const std::string &file : filesRead())
    count += file == absolute("twice.txt");
  EXPECT_EQ(count, 1);
}

TEST(FilesRead, WhatCannotBeReadIsNone) {
  TensorFiles files;
  EXPECT_FALSE(files.size("nowhere.bin").ok());
  EXPECT_THAT(filesRead(), Not(Contains(absolute("nowhere.bin"))));
}

TEST(FilesRead, RuleIsWhatMakeReads) {
  noteFileRead("/of $5/#1");
  const std::string rule = dependencyRule("out put.firn");
  EXPECT_THAT(rule, StartsWith("out\\ put.firn:"));
  EXPECT_THAT(rule, HasSubstr(" \\\n  /of\\ $$5/\\#1"));
  EXPECT_EQ(rule.back(), '\n');
}

} // namespace
} // namespace firn

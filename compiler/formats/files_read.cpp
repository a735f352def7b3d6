#include "compiler/formats/files_read.h"

#include <filesystem>
#include <mutex>
#include <set>

namespace firn {
namespace {

std::mutex mutex;
std::set<std::string> &files() {
  static std::set<std::string> all;
  return all;
}

std::string absolutePath(const std::string &path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

// As gcc writes names for make; ninja reads the same.
std::string escaped(const std::string &path) {
  std::string text;
  for (const char c : path) {
    if (c == ' ' || c == '#')
      text += '\\';
    if (c == '$')
      text += '$';
    text += c;
  }
  return text;
}

} // namespace

void noteFileRead(const std::string &path) {
  const std::string absolute = absolutePath(path);
  std::lock_guard<std::mutex> lock(mutex);
  files().insert(absolute);
}

std::vector<std::string> filesRead() {
  std::lock_guard<std::mutex> lock(mutex);
  return {files().begin(), files().end()};
}

std::string dependencyRule(const std::string &target) {
  std::string rule = escaped(target) + ":";
  for (const std::string &file : filesRead())
    rule += " \\\n  " + escaped(file);
  return rule + "\n";
}

} // namespace firn

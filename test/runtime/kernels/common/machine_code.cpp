#include "test/runtime/kernels/common/machine_code.h"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

namespace firn::kernels {
namespace {

bool has(const std::string &line, const std::string &part) {
  return line.find(part) != std::string::npos;
}

bool multiplies(const std::string &line) { return has(line, "fmadd") || has(line, "mulps"); }

/// [begin, end) of each loop: a label and the last jump to it from below.
std::vector<std::pair<size_t, size_t>> findLoops(const Loop &lines) {
  static const std::regex label("^(\\.L\\w+):.*"), jump("^\\s+j\\w+\\s+(\\.L\\w+).*");
  std::map<std::string, size_t> labels;
  std::map<size_t, size_t> loops;
  std::smatch match;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (std::regex_match(lines[i], match, label))
      labels[match[1]] = i;
    else if (std::regex_match(lines[i], match, jump) && labels.count(match[1]))
      loops[labels[match[1]]] = i + 1;
  }
  return {loops.begin(), loops.end()};
}

} // namespace

std::vector<Loop> hotLoops(const std::string &assembly) {
  Loop lines;
  std::istringstream stream(assembly);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  const auto loops = findLoops(lines);
  std::vector<Loop> hot;
  for (const auto &[begin, end] : loops) {
    const bool innermost =
        std::none_of(loops.begin(), loops.end(), [begin = begin, end = end](const auto &other) {
          return other.first > begin && other.second < end;
        });
    Loop body(lines.begin() + begin, lines.begin() + end);
    if (innermost && std::any_of(body.begin(), body.end(), multiplies))
      hot.push_back(std::move(body));
  }
  return hot;
}

int countLines(const Loop &loop, const std::string &part) {
  return std::count_if(loop.begin(), loop.end(), [&](const auto &line) { return has(line, part); });
}

int countSpills(const Loop &loop) {
  return std::count_if(loop.begin(), loop.end(), [&](const std::string &line) {
    return has(line, "(%rsp") && has(line, "mm");
  });
}

std::string print(const Loop &loop) {
  std::string text;
  for (const std::string &line : loop)
    text += line + "\n";
  return text;
}

} // namespace firn::kernels

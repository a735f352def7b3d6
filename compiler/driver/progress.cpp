#include "compiler/driver/progress.h"

#include <unistd.h>

#include <iostream>

#include "compiler/driver/text.h"

namespace firn {
namespace {

constexpr auto kFirst = std::chrono::seconds(1);
constexpr auto kEvery = std::chrono::milliseconds(200);
constexpr const char *kClearLine = "\r\x1b[K";
constexpr size_t kWidth = 78;

} // namespace

RunProgress::RunProgress(bool quiet)
    : enabled(!quiet && isatty(STDERR_FILENO)), next(Clock::now() + kFirst) {}

RunProgress::~RunProgress() {
  if (shown)
    std::cerr << kClearLine << std::flush;
}

NodeCallback RunProgress::callback() {
  if (!enabled)
    return nullptr;
  return [this](const std::string &node, const std::string &op) { show(node, op); };
}

void RunProgress::show(const std::string &node, const std::string &op) {
  ++nodes;
  const Clock::time_point now = Clock::now();
  if (now < next)
    return;
  next = now + kEvery;
  shown = true;
  const std::string text = plural(nodes, "node") + " ran, now behind " + node + " (" + op + ")";
  std::cerr << kClearLine << text.substr(0, kWidth) << std::flush;
}

} // namespace firn

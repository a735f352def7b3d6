#include "compiler/driver/progress.h"

#include <unistd.h>

#include <iostream>

#include "absl/strings/str_format.h"
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

StageProgress::StageProgress(bool quiet)
    : enabled(!quiet && isatty(STDERR_FILENO)), first(Clock::now() + kFirst), next(first) {}

StageProgress::~StageProgress() {
  if (shown)
    std::cerr << kClearLine << std::flush;
}

StageProgress::Callback StageProgress::callback() {
  if (!enabled)
    return nullptr;
  return
      [this](const std::string &stage, uint64_t done, uint64_t total) { show(stage, done, total); };
}

// A stage that may take long is told when it begins: it may say nothing until it ends.
void StageProgress::show(const std::string &stage, uint64_t done, uint64_t total) {
  const Clock::time_point now = Clock::now();
  const bool isNew = stage != last && stage != "freezing" && stage != "lowering";
  if (!isNew && now < next)
    return;
  last = stage;
  next = std::max(first, now + kEvery);
  shown = true;
  const std::string percent = total ? " " + std::to_string(done * 100 / total) + " %" : "";
  std::cerr << kClearLine << stage << percent << std::flush;
}

std::function<void(uint64_t, uint64_t)> writeProgress() {
  if (!isatty(STDERR_FILENO))
    return nullptr;
  return [](uint64_t done, uint64_t total) {
    constexpr uint64_t kWorthShowing = 64 << 20;
    if (total >= kWorthShowing)
      std::cerr << absl::StrFormat("\rwriting %3d %%  %d of %d MB", done * 100 / total, done >> 20,
                                   total >> 20)
                << (done >= total ? "\n" : "") << std::flush;
  };
}

} // namespace firn

#include "compiler/formats/write_behind.h"

#include <cerrno>
#include <unistd.h>

namespace firn {
namespace {

constexpr size_t kMostWaiting = 3;

} // namespace

bool writeAll(int descriptor, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    bytes.remove_prefix(count);
  }
  return true;
}

WriteBehind::WriteBehind(int descriptor)
    : descriptor(descriptor), thread(&WriteBehind::work, this) {}

WriteBehind::~WriteBehind() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    isEnding = true;
  }
  changed.notify_all();
  thread.join();
}

bool WriteBehind::hasFailed() const {
  if (error != 0)
    errno = error;
  return error != 0;
}

bool WriteBehind::submit(std::string &buffer) {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return waiting.size() < kMostWaiting || error != 0; });
  if (hasFailed())
    return false;
  waiting.push_back(std::move(buffer));
  buffer.clear();
  if (!spare.empty()) {
    buffer = std::move(spare.back());
    spare.pop_back();
  }
  changed.notify_all();
  return true;
}

bool WriteBehind::drain() {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [&] { return (waiting.empty() && !isWriting) || error != 0; });
  return !hasFailed();
}

void WriteBehind::work() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return !waiting.empty() || isEnding; });
    if (isEnding || error != 0)
      return;
    std::string buffer = std::move(waiting.front());
    waiting.pop_front();
    isWriting = true;
    lock.unlock();
    const bool isWritten = writeAll(descriptor, buffer);
    const int reason = isWritten ? 0 : errno;
    lock.lock();
    isWriting = false;
    error = reason;
    buffer.clear();
    spare.push_back(std::move(buffer));
    changed.notify_all();
  }
}

} // namespace firn

// Writing while the next bytes are made.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"

namespace firn {

/// Writes all of `bytes` to a descriptor; false, and errno says why, where the system does not.
bool writeAll(int descriptor, absl::string_view bytes);

/// Writes to a descriptor on a thread of its own: making bytes and handing them to the file system
/// take about as long as each other. Few buffers are on their way at once.
class WriteBehind {
public:
  explicit WriteBehind(int descriptor);
  /// What was not drained may be dropped.
  ~WriteBehind();
  WriteBehind(const WriteBehind &) = delete;

  /// Takes what `buffer` holds and leaves it empty. False, with errno, once a write has failed.
  bool submit(std::string &buffer);
  /// Waits until everything is written; false, with errno, where a write has failed.
  bool drain();

private:
  bool hasFailed() const;
  void work();

  const int descriptor;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> waiting;
  std::vector<std::string> spare;
  bool isWriting = false, isEnding = false;
  int error = 0;
  std::thread thread; // last: it uses all others
};

} // namespace firn

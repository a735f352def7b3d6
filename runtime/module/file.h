// The bytes of a module: a mapped file, or the caller's memory.
#pragma once

#include "runtime/module/status.h"

namespace firn::runtime {

class ModuleBytes {
public:
  ModuleBytes() = default;
  ModuleBytes(const ModuleBytes &) = delete;
  ModuleBytes &operator=(const ModuleBytes &) = delete;
  ~ModuleBytes();

  /// Maps the file for reading; messages do not name it.
  firn_code map(const char *path, firn_status *status);
  /// Refers to memory that stays.
  void refer(const void *data, size_t size);

  const unsigned char *data() const { return bytes; }
  size_t size() const { return length; }
  /// For mapping the file's code; negative for memory.
  int descriptor() const { return file; }
  /// Once nothing more is mapped.
  void closeFile();

private:
  const unsigned char *bytes = nullptr;
  size_t length = 0;
  int file = -1;
  bool mapped = false;
};

} // namespace firn::runtime

// An image as the runtime maps it.
#pragma once

#include "runtime/abi/dispatch.h"

#include <cstddef>
#include <string>

/// Maps the segments of an ELF image from a file, R and RX, and gives its entry.
class MappedImage {
public:
  explicit MappedImage(const std::string &elf);
  ~MappedImage();
  MappedImage(const MappedImage &) = delete;
  MappedImage &operator=(const MappedImage &) = delete;

  firn_dispatch_entry entry() const { return dispatch; }

private:
  char *base = nullptr;
  size_t size = 0;
  firn_dispatch_entry dispatch = nullptr;
};

#include "runtime/module/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace firn::runtime {

ModuleBytes::~ModuleBytes() {
  closeFile();
  if (mapped)
    munmap(const_cast<unsigned char *>(bytes), length);
}

void ModuleBytes::closeFile() {
  if (file >= 0)
    close(file);
  file = -1;
}

void ModuleBytes::refer(const void *data, size_t size) {
  bytes = static_cast<const unsigned char *>(data);
  length = size;
}

firn_code ModuleBytes::map(const char *path, firn_status *status) {
  file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0)
    return fail(status, FIRN_UNREADABLE, "can't open the file: %s", strerror(errno));
  if (!S_ISREG(info.st_mode))
    return fail(status, FIRN_UNREADABLE, "can't open the file: it is not a regular file");
  if (info.st_size == 0)
    return fail(status, FIRN_DAMAGED, "expected a firn module, got an empty file");
  void *memory = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED)
    return fail(status, FIRN_UNREADABLE, "can't map the file: %s", strerror(errno));
  refer(memory, size_t(info.st_size));
  mapped = true;
  return FIRN_OK;
}

} // namespace firn::runtime

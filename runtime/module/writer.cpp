#include "runtime/module/writer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/abi/dispatch.h"
#include "runtime/module/crc32c.h"

namespace firn {
namespace {

constexpr uint32_t kSmallAlignment = 64;
constexpr size_t kWeightsTail = 64;

uint32_t alignmentOf(uint16_t kind) {
  const bool mapped = kind == FIRN_SECTION_WEIGHTS || kind == FIRN_SECTION_CODE;
  return mapped ? FIRN_PAGE_SIZE : kSmallAlignment;
}

template <class T> std::string_view bytesOf(const T &value) {
  return {reinterpret_cast<const char *>(&value), sizeof value};
}

class Writer {
public:
  Writer(const ModuleSink &sink, const std::vector<ModuleSection> &sections)
      : sink(sink), sections(sections) {}

  // The head holds checksums of what follows: it is written again at the end.
  bool write() {
    table.resize(sections.size());
    const std::string room(sizeof(firn_module_header) + sections.size() * sizeof(firn_section), 0);
    if (!append(room))
      return false;
    for (size_t i = 0; i < sections.size(); ++i)
      if (!writeSection(sections[i], &table[i]))
        return false;
    return sink.overwrite(0, head());
  }

private:
  bool append(std::string_view bytes) {
    position += bytes.size();
    return sink.append(bytes);
  }

  bool writeSection(const ModuleSection &section, firn_section *entry) {
    entry->kind = section.kind;
    entry->variant = section.variant;
    entry->major = section.major;
    entry->minor = section.minor;
    entry->flags = section.flags;
    entry->alignment = alignmentOf(section.kind);
    const uint64_t offset = (position + entry->alignment - 1) / entry->alignment * entry->alignment;
    if (!append(std::string(offset - position, 0)))
      return false;
    entry->offset = offset;
    const ModuleSection::Append add = [&](std::string_view bytes) {
      entry->checksum = crc32cExtend(entry->checksum, bytes.data(), bytes.size());
      return append(bytes);
    };
    if (!section.produce(add))
      return false;
    if (section.kind == FIRN_SECTION_WEIGHTS && !add(std::string(kWeightsTail, 0)))
      return false;
    entry->size = position - offset;
    return true;
  }

  std::string head() const {
    firn_module_header header = {};
    std::memcpy(header.magic, FIRN_MODULE_MAGIC, sizeof header.magic);
    header.major = FIRN_MODULE_MAJOR;
    header.minor = FIRN_MODULE_MINOR;
    header.section_count = uint32_t(table.size());
    header.file_size = position;
    header.table_offset = sizeof header;
    header.abi_major = FIRN_ABI_MAJOR;
    header.abi_minor = FIRN_ABI_MINOR;
    std::string bytes;
    for (const firn_section &entry : table)
      bytes += bytesOf(entry);
    header.table_checksum = crc32cExtend(0, bytes.data(), bytes.size());
    header.header_checksum =
        crc32cExtend(0, &header, offsetof(firn_module_header, header_checksum));
    return std::string(bytesOf(header)) + bytes;
  }

  const ModuleSink &sink;
  const std::vector<ModuleSection> &sections;
  std::vector<firn_section> table;
  uint64_t position = 0;
};

} // namespace

ModuleSection ModuleSection::of(uint16_t kind, std::string_view bytes, uint16_t variant,
                                uint32_t flags) {
  ModuleSection section;
  section.kind = kind;
  section.variant = variant;
  section.flags = flags;
  section.produce = [copy = std::string(bytes)](const Append &append) { return append(copy); };
  return section;
}

bool writeModule(const ModuleSink &sink, const std::vector<ModuleSection> &sections) {
  return Writer(sink, sections).write();
}

} // namespace firn

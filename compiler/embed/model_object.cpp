#include "compiler/embed/model_object.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/module/code.h"
#include "runtime/module/sections.h"

namespace firn {
namespace {

using runtime::CodeImage;
using Scope = ElfSymbol::Scope;

// From here on weights may not stand between code and data, which reach one another over 2 GiB at
// most; linkers put such sections behind everything else.
constexpr uint64_t kLargeWeights = 64 << 20;
constexpr uint64_t kDataAlignment = 64;

void appendLevel(std::string *out, uint32_t level) { absl::StrAppend(out, "v", level); }

class Builder {
public:
  Builder(const firn_module *module, const ModelObjectOptions &options)
      : bytes(static_cast<const unsigned char *>(firn_module_bytes(module, nullptr))),
        options(options) {
    uint32_t count;
    const firn_section *table = firn_module_sections(module, &count);
    sections.assign(table, table + count);
  }

  absl::StatusOr<ElfObject> build() {
    if (absl::Status status = addCode(); !status.ok())
      return status;
    if (absl::Status status = addData(); !status.ok())
      return status;
    addDescriptor();
    return std::move(object);
  }

private:
  struct Level {
    uint32_t level, symbol;
    uint64_t entry; // from the symbol
  };
  struct Data {
    uint32_t symbol;
    uint64_t size;
  };

  absl::Status addCode();
  absl::Status addLevel(const firn_section &section);
  void addImage(const firn_section &section, const CodeImage &image);
  absl::Status checkLevels() const;

  absl::Status addData();
  absl::Status addPart(uint16_t kind, const char *what, ElfSection &into, uint32_t index,
                       std::optional<Data> &data);
  void addDescriptor();

  std::string sectionName(absl::string_view prefix, absl::string_view suffix = "") const {
    return absl::StrCat(prefix, ".firn.", options.name, suffix);
  }
  bool isKnown(const firn_section &section) const {
    return section.major == runtime::knownMajor(section.kind);
  }
  absl::string_view contents(const firn_section &section) const {
    return {reinterpret_cast<const char *>(bytes) + section.offset, size_t(section.size)};
  }
  absl::Status check(const firn_section &section, const char *what) const {
    firn_status status;
    return runtime::checkContents(bytes, section, what, &status)
               ? absl::DataLossError(status.message)
               : absl::OkStatus();
  }
  uint32_t addSymbol(std::string name, bool isFunction, uint32_t section, uint64_t offset,
                     uint64_t size) {
    object.symbols.push_back({std::move(name), Scope::Local, isFunction, section, offset, size});
    return uint32_t(object.symbols.size() - 1);
  }

  const unsigned char *bytes;
  const ModelObjectOptions &options;
  std::vector<firn_section> sections;
  ElfObject object;
  std::vector<Level> levels;
  std::optional<Data> program, names, weights;
};

// ---- Code

absl::Status Builder::addCode() {
  for (const firn_section &section : sections) {
    if (section.kind != FIRN_SECTION_CODE || !isKnown(section))
      continue;
    const bool wanted = options.levels.empty() ||
                        std::count(options.levels.begin(), options.levels.end(), section.variant);
    if (!wanted)
      continue;
    if (absl::Status status = addLevel(section); !status.ok())
      return status;
  }
  return checkLevels();
}

absl::Status Builder::checkLevels() const {
  std::vector<uint32_t> have;
  for (const firn_section &section : sections)
    if (section.kind == FIRN_SECTION_CODE && isKnown(section))
      have.push_back(section.variant);
  for (uint32_t level : options.levels)
    if (!std::count(have.begin(), have.end(), level))
      return absl::InvalidArgumentError(absl::StrCat("the module has no code of level v", level,
                                                     ": expected --levels of ",
                                                     absl::StrJoin(have, ",", appendLevel)));
  return levels.empty() ? absl::InvalidArgumentError("the module has no code") : absl::OkStatus();
}

absl::Status Builder::addLevel(const firn_section &section) {
  if (absl::Status status = check(section, "code"); !status.ok())
    return status;
  CodeImage image;
  firn_status status;
  if (runtime::readCodeImage(bytes + section.offset, section.size, &image, &status))
    return absl::DataLossError(status.message);
  addImage(section, image);
  return absl::OkStatus();
}

// Constants stay beside code, at the distance that the code has been linked with: the section is
// what the runtime makes of the image's segments when it maps them, and begins at a page as there.
void Builder::addImage(const firn_section &section, const CodeImage &image) {
  ElfSection code{sectionName(".text", absl::StrCat(".v", section.variant)),
                  SHF_ALLOC | SHF_EXECINSTR, FIRN_PAGE_SIZE};
  const uint32_t index = uint32_t(object.sections.size());
  Level level = {section.variant, 0, 0};
  for (uint32_t i = 0; i < image.count; ++i) {
    const CodeImage::Segment &segment = image.segments[i];
    code.appendZeros(segment.address - code.size());
    code.append(contents(section).substr(segment.offset, segment.size));
    const bool hasEntry =
        image.entry >= segment.address && image.entry - segment.address < segment.size;
    const uint32_t symbol =
        addSymbol(absl::StrCat(options.name, segment.executable ? "_code_v" : "_constants_v",
                               section.variant),
                  segment.executable, index, segment.address, segment.size);
    if (hasEntry)
      level = {section.variant, symbol, image.entry - segment.address};
  }
  object.sections.push_back(std::move(code));
  levels.push_back(level);
}

// ---- Program, names, weights

absl::Status Builder::addData() {
  ElfSection small{sectionName(".rodata"), SHF_ALLOC, kDataAlignment};
  uint32_t index = uint32_t(object.sections.size());
  absl::Status status = addPart(FIRN_SECTION_PROGRAM, "program", small, index, program);
  if (status.ok())
    status = addPart(FIRN_SECTION_DEBUG, "names", small, index, names);
  object.sections.push_back(std::move(small));
  ElfSection large{sectionName(".rodata", ".weights"), SHF_ALLOC, kDataAlignment};
  ++index;
  if (status.ok())
    status = addPart(FIRN_SECTION_WEIGHTS, "weights", large, index, weights);
  if (!status.ok() || !weights)
    return status;
  if (large.size() >= kLargeWeights) {
    large.name = sectionName(".lrodata");
    large.flags |= kElfLargeSection;
  }
  object.sections.push_back(std::move(large));
  return absl::OkStatus();
}

absl::Status Builder::addPart(uint16_t kind, const char *what, ElfSection &into, uint32_t index,
                              std::optional<Data> &data) {
  for (const firn_section &section : sections) {
    if (section.kind != kind || !isKnown(section))
      continue;
    if (absl::Status status = check(section, what); !status.ok())
      return status;
    into.pad(kDataAlignment);
    const uint64_t at = into.append(contents(section));
    data = {addSymbol(absl::StrCat(options.name, "_", what), false, index, at, section.size),
            section.size};
  }
  return absl::OkStatus();
}

// ---- The descriptor

template <class T> void appendBytes(std::string &to, const T &value) {
  to.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void Builder::addDescriptor() {
  ElfSection section{sectionName(".data.rel.ro"), SHF_ALLOC | SHF_WRITE,
                     alignof(firn_static_module)};
  const uint32_t index = uint32_t(object.sections.size());
  const uint32_t table = addSymbol(options.name + "_levels", false, index, 0,
                                   levels.size() * sizeof(firn_static_code));
  std::string descriptor;
  for (const Level &level : levels) {
    section.addresses.push_back({descriptor.size() + offsetof(firn_static_code, entry),
                                 level.symbol, int64_t(level.entry)});
    appendBytes(descriptor, firn_static_code{level.level, 0, nullptr});
  }
  const uint64_t at = descriptor.size();
  firn_static_module model = {};
  model.size = sizeof model;
  model.major = FIRN_STATIC_MAJOR;
  model.minor = FIRN_STATIC_MINOR;
  model.code_count = levels.size();
  section.addresses.push_back({at + offsetof(firn_static_module, code), table});
  const auto refer = [&](const std::optional<Data> &data, size_t pointer, uint64_t *size) {
    if (!data)
      return;
    section.addresses.push_back({at + pointer, data->symbol});
    *size = data->size;
  };
  refer(program, offsetof(firn_static_module, program), &model.program_size);
  refer(names, offsetof(firn_static_module, names), &model.names_size);
  refer(weights, offsetof(firn_static_module, weights), &model.weights_size);
  appendBytes(descriptor, model);
  section.append(object.keep(std::move(descriptor)));
  object.sections.push_back(std::move(section));
  object.symbols.push_back({modelSymbol(options.name),
                            options.exported ? Scope::Default : Scope::Hidden, false, index, at,
                            sizeof model});
}

} // namespace

std::string modelSymbol(const std::string &name) { return "firn_model_" + name; }

absl::StatusOr<ElfObject> modelObject(const firn_module *module,
                                      const ModelObjectOptions &options) {
  return Builder(module, options).build();
}

} // namespace firn

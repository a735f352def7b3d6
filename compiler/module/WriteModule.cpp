#include "compiler/module/WriteModule.h"

#include "absl/strings/str_cat.h"
#include "compiler/formats/module_file.h"

using namespace mlir;

namespace firn {
namespace {

absl::Status atNode(const WeightEntry &entry, const absl::Status &status) {
  auto name = dyn_cast<NameLoc>(entry.loc);
  if (!name)
    return status;
  return absl::Status(status.code(), absl::StrCat("node '", name.getName().str(),
                                                  "': ", absl::string_view(status.message())));
}

/// Produces the weights section.
class WeightsWriter {
public:
  WeightsWriter(const WeightLayout &layout, TensorFiles &files, const WriteModuleOptions &options)
      : layout(layout), files(files), options(options) {}

  bool write(const ModuleSection::Append &append) {
    for (const WeightEntry &entry : layout.entries()) {
      if (!add(append, std::string(entry.offset - done, 0)))
        return false;
      status = writeWeight(entry, files, options.verifyChecksums, [&](absl::string_view bytes) {
        return add(append, bytes) ? absl::OkStatus() : absl::AbortedError("");
      });
      if (!status.ok()) {
        status = absl::IsAborted(status) ? absl::OkStatus() : atNode(entry, status);
        return false;
      }
    }
    return true;
  }

  /// Why it gave up; ok where `append` failed.
  absl::Status status;

private:
  bool add(const ModuleSection::Append &append, absl::string_view bytes) {
    done += bytes.size();
    if (options.progress)
      options.progress(done, layout.size());
    return append({bytes.data(), bytes.size()});
  }

  const WeightLayout &layout;
  TensorFiles &files;
  const WriteModuleOptions &options;
  uint64_t done = 0;
};

std::string buildText(const std::vector<std::pair<std::string, std::string>> &facts) {
  std::string text;
  for (const auto &[name, value] : facts)
    absl::StrAppend(&text, name, ": ", value, "\n");
  return text;
}

std::vector<ModuleSection> smallSections(const ModuleContents &contents) {
  std::vector<ModuleSection> sections = {
      ModuleSection::of(FIRN_SECTION_PROGRAM, contents.program.program),
      ModuleSection::of(FIRN_SECTION_DEBUG, contents.program.debug, 0, FIRN_SECTION_OPTIONAL),
      ModuleSection::of(FIRN_SECTION_BUILD, buildText(contents.build), 0, FIRN_SECTION_OPTIONAL)};
  for (const codegen::CodeImage &image : contents.images)
    sections.push_back(ModuleSection::of(FIRN_SECTION_CODE, image.elf, image.level));
  return sections;
}

} // namespace

absl::Status saveModule(const std::string &path, const ModuleContents &contents, TensorFiles &files,
                        const WriteModuleOptions &options) {
  std::vector<ModuleSection> sections = smallSections(contents);
  WeightsWriter weights(contents.weights, files, options);
  // Last: whoever looks at a module reads its beginning only.
  if (!contents.weights.entries().empty()) {
    ModuleSection section;
    section.kind = FIRN_SECTION_WEIGHTS;
    section.produce = [&](const ModuleSection::Append &append) { return weights.write(append); };
    sections.push_back(std::move(section));
  }
  absl::Status status = writeModuleFile(path, sections);
  return weights.status.ok() ? status : weights.status;
}

} // namespace firn

#include "compiler/formats/module_file.h"

#include "compiler/formats/output_file.h"

namespace firn {

absl::Status writeModuleFile(const std::string &path, const std::vector<ModuleSection> &sections) {
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
  if (!file.ok())
    return file.status();
  absl::Status status;
  ModuleSink sink;
  sink.append = [&](std::string_view bytes) {
    status = (*file)->append({bytes.data(), bytes.size()});
    return status.ok();
  };
  sink.overwrite = [&](uint64_t offset, std::string_view bytes) {
    status = (*file)->overwrite(offset, {bytes.data(), bytes.size()});
    return status.ok();
  };
  if (writeModule(sink, sections))
    return (*file)->commit();
  return status.ok() ? absl::InternalError("a section of the module gave no contents") : status;
}

} // namespace firn

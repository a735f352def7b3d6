#include "compiler/pipeline/Freeze.h"

#include "compiler/export/GraphWriter.h"
#include "compiler/formats/output_file.h"
#include "compiler/pipeline/FrozenModel.h"

using namespace mlir;

namespace firn {

static absl::Status write(ModuleOp module, const FreezeOptions &options, FreezeReport &report,
                          TensorFiles &files) {
  GraphWriterOptions writerOptions;
  writerOptions.text = options.text;
  writerOptions.verify = options.verifyChecksums;
  writerOptions.progress = options.progress;
  // The file is created with the first byte: a graph that can't be written leaves nothing to clean
  // up.
  std::unique_ptr<OutputFile> file;
  auto sink = [&](absl::string_view bytes) -> absl::Status {
    if (!file) {
      absl::StatusOr<std::unique_ptr<OutputFile>> created = OutputFile::create(options.output);
      if (!created.ok())
        return created.status();
      file = std::move(*created);
    }
    return file->append(bytes);
  };
  if (absl::Status status = sink(""); !status.ok())
    return status;
  absl::Status status = writeGraph(module, files, writerOptions, sink, &report.bytesWritten);
  return status.ok() ? file->commit() : status;
}

absl::StatusOr<FreezeReport> freeze(const FreezeOptions &options) {
  absl::StatusOr<FrozenModel *> model = FrozenModel::create(options);
  if (!model.ok())
    return model.status();
  FreezeReport &report = (*model)->report();
  absl::Status written = write((*model)->module(), options, report, (*model)->files());
  if (written.code() == absl::StatusCode::kInternal && !(*model)->diagnosed().ok())
    return absl::InternalError((*model)->diagnosed().message());
  if (!written.ok())
    return written;
  return std::move(report);
}

} // namespace firn

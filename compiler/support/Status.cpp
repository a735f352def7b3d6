#include "compiler/support/Status.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mlir/IR/Location.h"

using namespace mlir;

namespace firn {
namespace {

// "node 'name': " or "file: ", as the location tells.
std::string prefixOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return absl::StrCat("node '", name.getName().str(), "': ");
  auto position = dyn_cast<FileLineColLoc>(loc);
  std::string file = position ? position.getFilename().str() : "";
  return file.empty() ? "" : absl::StrCat(file, ": ");
}

} // namespace

LogicalResult emitStatus(Location loc, const absl::Status &status) {
  std::string message(status.message());
  return emitError(loc) << message;
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context) : context(context) {
  handler = context->getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    std::string text = prefixOf(diagnostic.getLocation()) + diagnostic.str();
    for (const Diagnostic &note : diagnostic.getNotes())
      absl::StrAppend(&text, "\n  ", note.str());
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      errorTexts.push_back(std::move(text));
    else if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
      warningTexts.push_back(std::move(text));
    return success();
  });
}

DiagnosticCollector::~DiagnosticCollector() { context->getDiagEngine().eraseHandler(handler); }

absl::Status DiagnosticCollector::status(size_t limit) const {
  if (errorTexts.empty())
    return absl::OkStatus();
  size_t shown = std::min(limit, errorTexts.size());
  std::string text = absl::StrJoin(errorTexts.begin(), errorTexts.begin() + shown, "\n");
  if (shown < errorTexts.size())
    absl::StrAppend(&text, "\n… and ", errorTexts.size() - shown, " more errors");
  return absl::InvalidArgumentError(text);
}

} // namespace firn

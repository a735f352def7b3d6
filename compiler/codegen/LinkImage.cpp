#include "compiler/codegen/LinkImage.h"

#include "absl/strings/str_cat.h"
#include "compiler/codegen/CheckImage.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <vector>

LLD_HAS_DRIVER(elf)

namespace firn::codegen {
namespace {

// A folder of the process's own, removed with everything in it.
class PrivateFolder {
public:
  PrivateFolder() { failure = llvm::sys::fs::createUniqueDirectory("firn-link", path); }
  ~PrivateFolder() {
    if (!failure)
      llvm::sys::fs::remove_directories(path);
  }
  PrivateFolder(const PrivateFolder &) = delete;
  PrivateFolder &operator=(const PrivateFolder &) = delete;

  std::error_code error() const { return failure; }
  std::string file(llvm::StringRef name) const { return (path + "/" + name).str(); }

private:
  llvm::SmallString<128> path;
  std::error_code failure;
};

absl::Status writeFile(const std::string &path, llvm::StringRef bytes) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (!error) {
    stream << bytes;
    stream.close();
    error = stream.error();
    stream.clear_error();
  }
  return error
             ? absl::UnavailableError(absl::StrCat("cannot write '", path, "': ", error.message()))
             : absl::OkStatus();
}

// Read-only tables in one segment, code in another, nothing to relocate, nothing writable, nothing
// that differs from one build to the next.
std::vector<const char *> linkerFlags() {
  return {"ld.lld",
          "-shared",
          "-Bsymbolic",
          "--entry=firn_dispatch",
          "-z",
          "defs",
          "-z",
          "text",
          "-z",
          "rodynamic",
          "-z",
          "norelro",
          "-z",
          "nognustack",
          "-z",
          "separate-code",
          "-z",
          "max-page-size=4096",
          "--build-id=none",
          "--hash-style=gnu",
          "--gc-sections",
          "--icf=all",
          "--strip-all",
          "--threads=1"};
}

absl::Status runLinker(const std::vector<std::string> &inputs, const std::string &output) {
  std::vector<const char *> arguments = linkerFlags();
  for (const std::string &input : inputs)
    arguments.push_back(input.c_str());
  arguments.insert(arguments.end(), {"-o", output.c_str()});
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  const lld::DriverDef drivers[] = {{lld::Gnu, &lld::elf::link}};
  lld::Result result = lld::lldMain(arguments, stream, stream, drivers);
  if (result.retCode == 0)
    return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot link the generated code: ", stream.str()));
}

} // namespace

absl::StatusOr<std::string> linkImage(llvm::ArrayRef<llvm::StringRef> objects) {
  PrivateFolder folder;
  if (folder.error())
    return absl::UnavailableError(
        absl::StrCat("cannot make a temporary folder: ", folder.error().message()));
  std::vector<std::string> inputs;
  for (llvm::StringRef object : objects) {
    inputs.push_back(folder.file(absl::StrCat(inputs.size(), ".o")));
    if (absl::Status status = writeFile(inputs.back(), object); !status.ok())
      return status;
  }
  std::string output = folder.file("image");
  if (absl::Status status = runLinker(inputs, output); !status.ok())
    return status;
  auto buffer = llvm::MemoryBuffer::getFile(output);
  if (!buffer)
    return absl::UnavailableError(
        absl::StrCat("cannot read '", output, "': ", buffer.getError().message()));
  std::string image = (*buffer)->getBuffer().str();
  if (absl::Status status = checkImage(image); !status.ok())
    return status;
  return image;
}

} // namespace firn::codegen

#include "compiler/codegen/Codegen.h"

#include "compiler/codegen/CompileFunction.h"
#include "compiler/codegen/LinkImage.h"
#include "compiler/codegen/Optimise.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/ThreadPool.h"

namespace firn::codegen {
namespace {

// A dispatch at a level, or (without a source) what the level's dispatches share.
struct Job {
  CpuLevel level;
  const FunctionSource *source = nullptr;
  FunctionTimes times = {};
  llvm::SmallVector<char, 0> object = {};
  absl::Status status = {};
};

void runJob(Job &job, llvm::ArrayRef<FunctionSource> sources, llvm::StringRef kernels) {
  llvm::LLVMContext context;
  auto machine = createTargetMachine(job.level);
  std::unique_ptr<llvm::Module> module;
  if (job.source) {
    auto compiled = compileFunction(*job.source, job.level, kernels, *machine, context, job.times);
    job.status = compiled.status();
    if (!compiled.ok())
      return;
    module = *std::move(compiled);
  } else {
    module = compileCommon(sources, *machine, context);
  }
  Stopwatch watch;
  job.object = generate(*module, *machine, llvm::CodeGenFileType::ObjectFile);
  job.times.generate = watch.lap();
}

llvm::StringRef kernelsOf(const CodegenOptions &options, CpuLevel level) {
  return options.kernels ? options.kernels(level) : llvm::StringRef();
}

std::vector<Job> runJobs(llvm::ArrayRef<FunctionSource> sources, const CodegenOptions &options) {
  std::vector<Job> jobs;
  for (CpuLevel level : options.levels) {
    jobs.push_back({level});
    for (const FunctionSource &source : sources)
      jobs.push_back({level, &source});
  }
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.threads));
  for (Job &job : jobs)
    pool.async([&, kernels = kernelsOf(options, job.level)] { runJob(job, sources, kernels); });
  pool.wait();
  return jobs;
}

} // namespace

absl::StatusOr<GeneratedCode> generateCode(mlir::ModuleOp dispatches,
                                           const CodegenOptions &options) {
  auto sources = splitFunctions(dispatches);
  if (!sources.ok())
    return sources.status();
  std::vector<Job> jobs = runJobs(*sources, options);
  GeneratedCode code;
  std::vector<llvm::StringRef> objects;
  for (Job &job : jobs) {
    if (!job.status.ok())
      return job.status;
    objects.emplace_back(job.object.data(), job.object.size());
    if (job.source)
      code.times.push_back(job.times);
  }
  Stopwatch watch;
  size_t perLevel = sources->size() + 1;
  for (size_t i = 0; i < options.levels.size(); ++i) {
    auto image = linkImage(llvm::ArrayRef(objects).slice(i * perLevel, perLevel));
    if (!image.ok())
      return image.status();
    code.images.push_back({options.levels[i], *std::move(image)});
  }
  code.linkMilliseconds = watch.lap();
  return code;
}

absl::StatusOr<std::string> emitCode(mlir::ModuleOp dispatches, const CodegenOptions &options,
                                     CpuLevel level, CodeForm form) {
  auto sources = splitFunctions(dispatches);
  if (!sources.ok())
    return sources.status();
  llvm::LLVMContext context;
  auto machine = createTargetMachine(level);
  std::unique_ptr<llvm::Module> whole = compileCommon(*sources, *machine, context);
  for (const FunctionSource &source : *sources) {
    FunctionTimes times;
    auto module =
        compileFunction(source, level, kernelsOf(options, level), *machine, context, times);
    if (!module.ok())
      return module.status();
    if (llvm::Linker::linkModules(*whole, *std::move(module)))
      return absl::InternalError("the functions do not link");
  }
  if (form == CodeForm::LLVM) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    whole->print(stream, nullptr);
    return stream.str();
  }
  auto type = form == CodeForm::Object ? llvm::CodeGenFileType::ObjectFile
                                       : llvm::CodeGenFileType::AssemblyFile;
  auto bytes = generate(*whole, *machine, type);
  return std::string(bytes.data(), bytes.size());
}

} // namespace firn::codegen

#include "compiler/codegen/Codegen.h"

#include "compiler/codegen/CompileFunction.h"
#include "compiler/codegen/LinkImage.h"
#include "compiler/codegen/Optimise.h"
#include "runtime/kernels/kernel_bitcode.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Transforms/IPO/Internalize.h"

#include <deque>

namespace firn::codegen {
namespace {

// One object of a level: of a dispatch or (without a source) of what the level's dispatches share.
struct Job {
  const FunctionSource *source = nullptr;
  FunctionTimes times = {};
  llvm::SmallVector<char, 0> object = {};
  absl::Status status = {};
};

// All of a level; a deque holds them, so they stay where the threads find them.
struct LevelJobs {
  CpuLevel level;
  KernelBitcode kernels;
  std::vector<FunctionSource> sources = {};
  std::vector<Job> jobs = {};
};

absl::StatusOr<std::unique_ptr<llvm::Module>> compileJob(const LevelJobs &all, Job &job,
                                                         llvm::TargetMachine &machine,
                                                         llvm::LLVMContext &context) {
  if (job.source)
    return compileFunction(*job.source, all.level, all.kernels.kernels, machine, context,
                           job.times);
  return compileCommon(all.sources, all.kernels.support, machine, context);
}

void runJob(const LevelJobs &all, Job &job) {
  llvm::LLVMContext context;
  auto machine = createTargetMachine(all.level);
  auto module = compileJob(all, job, *machine, context);
  job.status = module.status();
  if (!module.ok())
    return;
  Stopwatch watch;
  job.object = generate(**module, *machine, llvm::CodeGenFileType::ObjectFile);
  job.times.generate = watch.lap();
}

absl::StatusOr<std::deque<LevelJobs>> prepareJobs(mlir::ModuleOp dispatches,
                                                  const CodegenOptions &options) {
  std::deque<LevelJobs> levels;
  for (CpuLevel level : options.levels) {
    levels.push_back({level, options.kernels(level)});
    LevelJobs &all = levels.back();
    auto sources = splitFunctions(dispatches, level);
    if (!sources.ok())
      return sources.status();
    all.sources = *std::move(sources);
    all.jobs.resize(all.sources.size() + 1);
    for (auto [job, source] : llvm::zip(all.jobs, all.sources))
      job.source = &source;
  }
  return levels;
}

absl::Status runJobs(std::deque<LevelJobs> &levels, unsigned threads) {
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(threads));
  for (LevelJobs &all : levels)
    for (Job &job : all.jobs)
      pool.async([&all, &job] { runJob(all, job); });
  pool.wait();
  for (LevelJobs &all : levels)
    for (Job &job : all.jobs)
      if (!job.status.ok())
        return job.status;
  return absl::OkStatus();
}

absl::StatusOr<CodeImage> linkLevel(const LevelJobs &all) {
  std::vector<llvm::StringRef> objects;
  for (const Job &job : all.jobs)
    objects.emplace_back(job.object.data(), job.object.size());
  auto image = linkImage(objects);
  if (!image.ok())
    return image.status();
  return CodeImage{all.level, *std::move(image)};
}

// The optimised code of a level as one module.
absl::StatusOr<std::unique_ptr<llvm::Module>>
joinLevel(const LevelJobs &all, llvm::TargetMachine &machine, llvm::LLVMContext &context) {
  // Without the support functions: a program that links the object has its own, and a reader of the
  // text does not miss them.
  auto whole = compileCommon(all.sources, "", machine, context);
  for (const FunctionSource &source : all.sources) {
    FunctionTimes times;
    auto module = compileFunction(source, all.level, all.kernels.kernels, machine, context, times);
    if (!whole.ok() || !module.ok())
      return whole.ok() ? module.status() : whole.status();
    if (llvm::Linker::linkModules(**whole, *std::move(module)))
      return absl::InternalError("the functions do not link");
  }
  return whole;
}

// Several models may be linked into one program: each has its own entry, and shows nothing else.
void nameEntry(llvm::Module &whole, const std::string &entry) {
  whole.getFunction("firn_dispatch")->setName(entry);
  llvm::internalizeModule(whole,
                          [&](const llvm::GlobalValue &value) { return value.getName() == entry; });
}

} // namespace

KernelBitcode embeddedKernels(CpuLevel level) {
  kernels::Bitcode all = kernels::bitcode(level), support = kernels::supportBitcode(level);
  return {{all.data, all.size}, {support.data, support.size}};
}

absl::StatusOr<GeneratedCode> generateCode(mlir::ModuleOp dispatches,
                                           const CodegenOptions &options) {
  auto levels = prepareJobs(dispatches, options);
  if (!levels.ok())
    return levels.status();
  if (absl::Status status = runJobs(*levels, options.threads); !status.ok())
    return status;
  GeneratedCode code;
  Stopwatch watch;
  for (const LevelJobs &all : *levels) {
    auto image = linkLevel(all);
    if (!image.ok())
      return image.status();
    code.images.push_back(*std::move(image));
    for (const Job &job : all.jobs)
      if (job.source)
        code.times.push_back(job.times);
  }
  code.linkMilliseconds = watch.lap();
  return code;
}

absl::StatusOr<std::string> emitCode(mlir::ModuleOp dispatches, const CodegenOptions &options,
                                     CpuLevel level, CodeForm form) {
  CodegenOptions one = options;
  one.levels = {level};
  auto levels = prepareJobs(dispatches, one);
  if (!levels.ok())
    return levels.status();
  llvm::LLVMContext context;
  auto machine = createTargetMachine(level);
  auto whole = joinLevel(levels->front(), *machine, context);
  if (!whole.ok())
    return whole.status();
  nameEntry(**whole, options.entry);
  if (form == CodeForm::LLVM) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    (*whole)->print(stream, nullptr);
    return stream.str();
  }
  auto type = form == CodeForm::Object ? llvm::CodeGenFileType::ObjectFile
                                       : llvm::CodeGenFileType::AssemblyFile;
  auto bytes = generate(**whole, *machine, type);
  return std::string(bytes.data(), bytes.size());
}

} // namespace firn::codegen

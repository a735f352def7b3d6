#include "compiler/pipeline/CompileModel.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/codegen/Codegen.h"
#include "compiler/formats/output_file.h"
#include "compiler/module/WriteModule.h"
#include "compiler/pipeline/CompilePipeline.h"
#include "compiler/pipeline/FrozenModel.h"
#include "compiler/pipeline/PassTimes.h"
#include "mlir/IR/AttrTypeSubElements.h"

#include <chrono>
#include <filesystem>

using namespace mlir;

namespace firn {
namespace {

using Clock = std::chrono::steady_clock;

// A constant of more has its elements left out where IR is printed.
constexpr int64_t kPrintedElements = 64;

constexpr char kFreezing[] = "freezing", kLowering[] = "lowering", kCode[] = "code generation",
               kWriting[] = "writing";

// Nobody reads the elements of weights: in place of many stands a reference to no file, in a form
// that parses.
void leaveOutWeights(ModuleOp module) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](graph::TensorAttr tensor) -> std::optional<Attribute> {
    if (tensor.getData().size() <= kPrintedElements * sizeof(double))
      return std::nullopt;
    const graph::FileExtent extent{StringAttr::get(tensor.getContext(), "left out"), 0,
                                   tensor.getData().size(), std::nullopt};
    return graph::TensorAttr::get(tensor.getContext(), tensor.getType(), tensor.getEncoding(), {},
                                  {extent});
  });
  replacer.recursivelyReplaceElementsIn(module);
}

/// The stages one after another, and what a report tells of them.
class Compiler {
public:
  explicit Compiler(const CompileOptions &options) : options(options) {}

  absl::Status run() {
    // Told now, not after minutes: where nothing can be written. Leaves nothing.
    if (absl::Status status = OutputFile::create(options.output).status(); !status.ok())
      return status;
    if (absl::Status status = freeze(); !status.ok())
      return status;
    if (absl::Status status = lower(); !status.ok() || isText())
      return status.ok() ? emitText() : status;
    ModuleOp code = codeOf(frozen->module());
    if (!code)
      return absl::InternalError("expected a module of functions behind the schedule");
    if (options.emit != Emit::Module)
      return emitCode(code);
    if (absl::Status status = generate(code); !status.ok())
      return status;
    return write();
  }

  CompileReport report;

private:
  absl::Status freeze();
  absl::Status lower();
  absl::Status runForm(CompileForm form);
  absl::Status generate(ModuleOp code);
  absl::Status write();
  absl::Status emitText();
  absl::Status emitCode(ModuleOp code);
  absl::Status writeText(const std::string &text) const;

  static ModuleOp codeOf(ModuleOp module) { return module.lookupSymbol<ModuleOp>("code"); }
  bool isText() const { return options.emit >= Emit::Graph && options.emit <= Emit::Schedule; }
  std::vector<codegen::CpuLevel> levels() const;
  void begin(const char *stage);
  void end();
  absl::Status defect(absl::string_view what) const;

  const CompileOptions &options;
  FrozenModel *frozen = nullptr;
  codegen::GeneratedCode code;
  const char *stage = "";
  Clock::time_point started;
};

void Compiler::begin(const char *name) {
  stage = name;
  started = Clock::now();
  if (options.progress)
    options.progress(stage, 0, 0);
}

void Compiler::end() {
  const std::chrono::duration<double, std::milli> time = Clock::now() - started;
  report.times.push_back({stage, time.count()});
}

// What only firn itself can have caused: the graph was accepted before.
absl::Status Compiler::defect(absl::string_view what) const {
  const absl::Status diagnosed = frozen->diagnosed();
  return absl::InternalError(diagnosed.ok() ? what : diagnosed.message());
}

absl::Status Compiler::freeze() {
  begin(kFreezing);
  FreezeOptions freezing = options.freeze;
  freezing.forCompiling = true;
  absl::StatusOr<FrozenModel *> model = FrozenModel::create(freezing);
  if (!model.ok())
    return model.status();
  frozen = *model;
  report.freeze = std::move(frozen->report());
  end();
  return absl::OkStatus();
}

absl::Status Compiler::lower() {
  begin(kLowering);
  for (CompileForm form : {CompileForm::Kernel, CompileForm::Linalg, CompileForm::Schedule}) {
    if (isText() && int(form) > int(options.emit) - int(Emit::Graph))
      break;
    if (absl::Status status = runForm(form); !status.ok())
      return status;
  }
  end();
  return absl::OkStatus();
}

absl::Status Compiler::runForm(CompileForm form) {
  PassManager passes(frozen->module().getContext());
  std::vector<PassTime> times;
  passes.addInstrumentation(createPassTimes(times));
  if (options.freeze.printIr)
    passes.enableIRPrinting([](Pass *, Operation *) { return false; },
                            [](Pass *, Operation *) { return true; },
                            /*printModuleScope=*/true, /*printAfterOnlyOnChange=*/true,
                            /*printAfterOnlyOnFailure=*/false, llvm::errs());
  buildCompilePipeline(passes, form);
  const bool good = succeeded(passes.run(frozen->module()));
  for (const PassTime &time : times)
    report.times.push_back({absl::StrCat("  ", time.pass), time.milliseconds});
  if (good)
    return absl::OkStatus();
  // Nodes that can't be compiled are the model's; what fails after that is a mistake of firn.
  return form == CompileForm::Kernel && !frozen->diagnosed().ok()
             ? frozen->diagnosed()
             : defect("a pass failed without saying why");
}

std::vector<codegen::CpuLevel> Compiler::levels() const {
  std::vector<codegen::CpuLevel> result;
  for (int level : options.levels)
    result.push_back(codegen::CpuLevel(level));
  return result;
}

absl::Status Compiler::generate(ModuleOp functions) {
  begin(kCode);
  codegen::CodegenOptions settings;
  settings.levels = levels();
  settings.threads = options.threads;
  absl::StatusOr<codegen::GeneratedCode> generated = codegen::generateCode(functions, settings);
  if (!generated.ok())
    return generated.status();
  code = std::move(*generated);
  CompileReport::Time sums[] = {{"  lower", 0},
                                {"  link kernels", 0},
                                {"  optimise", 0},
                                {"  generate", 0},
                                {"  link image", code.linkMilliseconds}};
  for (const codegen::FunctionTimes &times : code.times) {
    sums[0].milliseconds += times.lower;
    sums[1].milliseconds += times.link;
    sums[2].milliseconds += times.optimise;
    sums[3].milliseconds += times.generate;
  }
  report.times.insert(report.times.end(), std::begin(sums), std::end(sums));
  for (const codegen::CodeImage &image : code.images)
    report.code.push_back({image.level, image.elf.size()});
  end();
  return absl::OkStatus();
}

absl::Status Compiler::write() {
  begin(kWriting);
  auto program = frozen->module().lookupSymbol<schedule::ProgramOp>("main");
  WeightLayout weights;
  if (!program || failed(weights.add(program)))
    return defect("expected a schedule");
  FailureOr<BuiltProgram> built =
      buildProgram(program, weights,
                   {frozen->keysOf(SignatureSide::Inputs), frozen->keysOf(SignatureSide::Outputs)});
  if (failed(built))
    return defect("the schedule is no program");
  WriteModuleOptions writing;
  writing.verifyChecksums = options.freeze.verifyChecksums;
  if (options.progress)
    writing.progress = [&](uint64_t done, uint64_t total) {
      options.progress(kWriting, done, total);
    };
  const ModuleContents contents{*built, weights, code.images, options.build};
  if (absl::Status status = saveModule(options.output, contents, frozen->files(), writing);
      !status.ok())
    return status;
  report.weights = weights.entries().size();
  report.weightBytes = weights.size();
  report.programBytes = built->program.size() + built->debug.size();
  report.dispatches = built->dispatches;
  report.functions = built->functions;
  report.steps = built->steps;
  report.isPlanned = built->isPlanned;
  report.arenaBytes = built->arenaSize;
  report.arenaBound = built->arenaBound;
  std::error_code ignored;
  report.moduleBytes = std::filesystem::file_size(options.output, ignored);
  end();
  return absl::OkStatus();
}

absl::Status Compiler::writeText(const std::string &text) const {
  absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(options.output);
  if (!file.ok())
    return file.status();
  absl::Status status = (*file)->append(text);
  return status.ok() ? (*file)->commit() : status;
}

absl::Status Compiler::emitText() {
  std::string text;
  llvm::raw_string_ostream stream(text);
  leaveOutWeights(frozen->module());
  frozen->module().print(stream, OpPrintingFlags().elideLargeElementsAttrs(kPrintedElements));
  return writeText(text + "\n");
}

absl::Status Compiler::emitCode(ModuleOp functions) {
  codegen::CodegenOptions settings;
  settings.levels = levels();
  settings.threads = options.threads;
  const codegen::CodeForm form = options.emit == Emit::Llvm       ? codegen::CodeForm::LLVM
                                 : options.emit == Emit::Assembly ? codegen::CodeForm::Assembly
                                                                  : codegen::CodeForm::Object;
  absl::StatusOr<std::string> text =
      codegen::emitCode(functions, settings, settings.levels.back(), form);
  return text.ok() ? writeText(*text) : text.status();
}

} // namespace

absl::StatusOr<CompileReport> compileModel(const CompileOptions &options) {
  Compiler compiler(options);
  if (absl::Status status = compiler.run(); !status.ok())
    return status;
  return std::move(compiler.report);
}

} // namespace firn

// Between GraphDef files and MLIR, without any pass.
#include "compiler/export/GraphWriter.h"
#include "compiler/formats/output_file.h"
#include "compiler/import/ImportGraph.h"
#include "compiler/support/Status.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;
namespace cl = llvm::cl;

enum class Direction { ToMlir, ToGraphDef };

static cl::opt<Direction> direction(
    cl::desc("what to do:"),
    cl::values(clEnumValN(Direction::ToMlir, "graphdef-to-mlir",
                          "GraphDef, MetaGraphDef or SavedModel, binary or text, to MLIR"),
               clEnumValN(Direction::ToGraphDef, "mlir-to-graphdef",
                          "MLIR, text or bytecode, to a GraphDef")),
    cl::Required);
static cl::opt<std::string> input(cl::Positional, cl::init("-"),
                                  cl::desc("<input, - for standard input>"));
static cl::opt<std::string> output("o", cl::init("-"), cl::desc("output file"),
                                   cl::value_desc("file"));
static cl::opt<bool> text("text", cl::desc("write the GraphDef in text format"));
static cl::opt<bool> bytecode("emit-bytecode", cl::desc("write MLIR as bytecode"));
static cl::opt<bool>
    inlineContent("inline",
                  cl::desc("hold all tensors in the MLIR, none as a reference into the input"));

// A message that was printed already, where it was found, is not said again.
static int fail(const absl::Status &status) {
  if (status.code() != absl::StatusCode::kAborted)
    llvm::errs() << "firn-translate: error: " << std::string(status.message()) << "\n";
  return 1;
}

static absl::Status toMlir(MLIRContext &context, firn::OutputFile &file) {
  firn::GraphFileOptions options;
  if (inlineContent)
    options.externalThreshold = SIZE_MAX;
  absl::StatusOr<firn::GraphFile> graph = firn::readGraphFile(input, options);
  if (!graph.ok())
    return graph.status();
  firn::DiagnosticCollector diagnostics(&context);
  OwningOpRef<ModuleOp> module = firn::importGraph(&context, *graph);
  if (!module)
    return diagnostics.status();
  std::string result;
  llvm::raw_string_ostream stream(result);
  if (bytecode && failed(writeBytecodeToFile(*module, stream)))
    return absl::InternalError("the module can't be written as bytecode");
  if (!bytecode) {
    module->print(stream);
    stream << "\n";
  }
  return file.append(stream.str());
}

static absl::Status toGraphDef(MLIRContext &context, firn::OutputFile &file) {
  context.loadDialect<firn::graph::GraphDialect>();
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return absl::AbortedError("the parser has said it");
  firn::TensorFiles files;
  firn::GraphWriterOptions options;
  options.text = text;
  return firn::writeGraph(*module, files, options,
                          [&](absl::string_view bytes) { return file.append(bytes); });
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "firn's translator\n");
  absl::StatusOr<std::unique_ptr<firn::OutputFile>> file = firn::OutputFile::create(output);
  if (!file.ok())
    return fail(file.status());
  MLIRContext context(MLIRContext::Threading::DISABLED);
  absl::Status status =
      direction == Direction::ToMlir ? toMlir(context, **file) : toGraphDef(context, **file);
  if (status.ok())
    status = (*file)->commit();
  return status.ok() ? 0 : fail(status);
}

#include "schedule_text.h"

#include "compiler/codegen/LowerToLLVM.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

namespace firn {

ScheduleText::ScheduleText(const std::string &text) {
  mlir::DialectRegistry registry;
  registry.insert<schedule::ScheduleDialect, graph::GraphDialect>();
  codegen::registerDispatchDialects(registry);
  context.appendDialectRegistry(registry);
  parsed = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(parsed) << message() << text;
}

schedule::ProgramOp ScheduleText::program() {
  return parsed->lookupSymbol<schedule::ProgramOp>("main");
}

mlir::FailureOr<BuiltProgram> ScheduleText::build() {
  layout = {};
  if (mlir::failed(layout.add(program())))
    return mlir::failure();
  return buildProgram(program(), layout);
}

std::string programOf(const std::string &steps) {
  return "schedule.program @main {\n"
         "  %c0 = arith.constant 0 : index\n"
         "  %c1 = arith.constant 1 : index\n" +
         steps + "}\n";
}

} // namespace firn

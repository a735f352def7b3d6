// Every op that the interpreter has is compiled, or stands in a list that says why not.
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/reference/Evaluation.h"
#include "llvm/ADT/StringSet.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn::kernel {
namespace {

using ::testing::IsEmpty;

// What is made of several nodes at once: loops, branches, calls; and arguments.
const llvm::StringSet<> kMadeByGraphLowering = {"Case",
                                                "Exit",
                                                "If",
                                                "PartitionedCall",
                                                "Placeholder",
                                                "PlaceholderV2",
                                                "PlaceholderWithDefault",
                                                "RefExit",
                                                "StatefulPartitionedCall",
                                                "StatelessCase",
                                                "StatelessIf",
                                                "StatelessWhile",
                                                "While"};

// Nothing is computed from them.
const llvm::StringSet<> kWithoutOutputs = {
    "Assert",           "ControlTrigger",     "NoOp",
    "TensorArrayClose", "TensorArrayCloseV2", "TensorArrayCloseV3"};

TEST(Coverage, InterpretedOpsAreCompiled) {
  std::vector<std::string> missing;
  for (llvm::StringRef op : reference::kernelNames())
    if (!findLowering(op) && exceptionOf(op).empty() && !kMadeByGraphLowering.contains(op) &&
        !kWithoutOutputs.contains(op))
      missing.push_back(op.str());
  EXPECT_THAT(missing, IsEmpty());
}

TEST(Coverage, ExceptionsAreNotCompiled) {
  std::vector<std::string> compiled;
  for (llvm::StringRef op : reference::kernelNames())
    if (findLowering(op) && (!exceptionOf(op).empty() || kWithoutOutputs.contains(op)))
      compiled.push_back(op.str());
  EXPECT_THAT(compiled, IsEmpty());
}

TEST(Coverage, ExceptionsSayWhy) {
  EXPECT_EQ(exceptionOf("StringJoin"), "strings are not compiled");
  EXPECT_EQ(exceptionOf("LookupTableFindV2"), "tables are not compiled");
  EXPECT_EQ(exceptionOf("MutableHashTableOfTensorsV2"), "tables are not compiled");
  EXPECT_EQ(exceptionOf("Relu"), "");
}

} // namespace
} // namespace firn::kernel

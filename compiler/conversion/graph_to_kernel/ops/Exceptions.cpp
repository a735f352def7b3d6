// Ops of the interpreter that are not compiled, by what they work on.
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "llvm/ADT/StringSet.h"

namespace firn::kernel {

static bool isOfStrings(llvm::StringRef op) {
  static const llvm::StringSet<> ops = {"AsString",           "DecodeBase64",
                                        "DecodePaddedRaw",    "DecodeRaw",
                                        "DecodeWav",          "EncodeBase64",
                                        "ReduceJoin",         "StringFormat",
                                        "StringJoin",         "StringLength",
                                        "StringLower",        "StringSplit",
                                        "StringSplitV2",      "StringStrip",
                                        "StringToHashBucket", "StringToHashBucketFast",
                                        "StringToNumber",     "StringToHashBucketStrong",
                                        "StringUpper",        "Substr",
                                        "UnsortedSegmentJoin"};
  return ops.contains(op);
}

static bool isOfTables(llvm::StringRef op) {
  llvm::StringRef versionless = op;
  versionless.consume_back("V2");
  return versionless.ends_with("HashTable") || versionless.ends_with("HashTableOfTensors") ||
         versionless.starts_with("InitializeTable") || versionless.starts_with("LookupTable");
}

llvm::StringRef exceptionOf(llvm::StringRef op) {
  if (isOfStrings(op))
    return "strings are not compiled";
  if (isOfTables(op))
    return "tables are not compiled";
  if (op == "TensorListConcatLists" || op == "TensorListPushBackBatch")
    return "tensors of lists are not compiled";
  return {};
}

} // namespace firn::kernel

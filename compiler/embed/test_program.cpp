#include "compiler/embed/test_program.h"

#include <elf.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/embed/model_object.h"
#include "compiler/embed/test_source.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

constexpr uint64_t kAlignment = 64;

const NpyArray *find(const NamedArrays &arrays, const std::string &tensor) {
  for (const auto &[name, array] : arrays)
    if (name == tensor || absl::StrCat(name, ":0") == tensor)
      return &array;
  return nullptr;
}

std::string shapeText(const std::vector<int64_t> &dims) {
  return absl::StrCat("[", absl::StrJoin(dims, ","), "]");
}

// A file has bfloat16 and the quantised types as the integers of their size.
absl::Status checkFit(const InterfacePort &port, const NpyArray &array) {
  bool fits = array.shape.size() == port.dims.size();
  for (size_t i = 0; fits && i < port.dims.size(); ++i)
    fits = port.dims[i] < 0 || port.dims[i] == array.shape[i];
  if (fits && npyDescr(array.dtype) == npyDescr(port.dtype))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "expected ", port.text(), ", got ", dataTypeName(array.dtype), " ", shapeText(array.shape)));
}

/// The rows of one table of the source, and the bytes they tell of.
class Rows {
public:
  explicit Rows(ElfSection &data) : data(data) {}

  absl::Status add(const std::vector<InterfacePort> &ports, const char *kind,
                   const NamedArrays &arrays) {
    for (const InterfacePort &port : ports) {
      const NpyArray *array = find(arrays, port.tensor);
      if (!array)
        return absl::InvalidArgumentError(
            absl::StrCat("there is no value for the model's ", kind, " '", port.tensor, "'"));
      if (absl::Status status = checkFit(port, *array); !status.ok())
        return status;
      addRow(port, *array);
    }
    return absl::OkStatus();
  }

  std::string text;
  size_t largestRank = 1;

private:
  void addRow(const InterfacePort &port, const NpyArray &array) {
    data.pad(kAlignment);
    const uint64_t at = data.append(array.bytes);
    largestRank = std::max(largestRank, array.shape.size());
    absl::StrAppend(&text, "    {", quotedC(port.tensor), ", ", elementType(port.dtype).enumerator,
                    ", ", array.shape.size(), ", {",
                    array.shape.empty() ? "0" : absl::StrJoin(array.shape, ", "), "}, ", at, ", ",
                    array.bytes.size(), "},\n");
  }

  ElfSection &data;
};

} // namespace

absl::StatusOr<TestProgram> testProgram(const Interface &model, const NamedArrays &inputs,
                                        const NamedArrays &outputs,
                                        const TestProgramOptions &options) {
  ElfSection data{absl::StrCat(".rodata.firn.", model.name, ".test"), SHF_ALLOC, kAlignment};
  Rows inputRows(data), outputRows(data);
  absl::Status status = inputRows.add(model.inputs, "input", inputs);
  if (status.ok())
    status = outputRows.add(model.outputs, "output", outputs);
  if (!status.ok())
    return status;
  // The runtime may read a little behind inputs; and nothing is empty.
  data.appendZeros(kAlignment);
  TestProgram result;
  const std::string symbol = "firn_test_" + model.name;
  result.data.symbols.push_back({symbol, ElfSymbol::Scope::Hidden, false, 0, 0, data.size()});
  result.data.sections.push_back(std::move(data));
  result.source = filled(
      kTestSource, {{"name", model.name},
                    {"generator", commentText(options.generator)},
                    {"header", options.header},
                    {"model", modelSymbol(model.name)},
                    {"data", symbol},
                    {"rank", absl::StrCat(std::max(inputRows.largestRank, outputRows.largestRank))},
                    {"rtol", absl::StrFormat("%.17g", options.rtol)},
                    {"atol", absl::StrFormat("%.17g", options.atol)},
                    {"inputs", inputRows.text},
                    {"outputs", outputRows.text}});
  return result;
}

} // namespace firn

// Lookup tables: made, filled, asked.
#include <map>

#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/PartialShape.h"
#include "compiler/reference/ops/Ops.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace firn::graph;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
namespace {

/// Rows under keys, which are told apart by their bytes.
struct Table : Object {
  static constexpr StringRef kKind = "table";
  StringRef kind() const override { return kKind; }

  int keyType = 0, valueType = 0;
  Shape rowShape;     // of a value: [] for most
  bool ready = false; // a table that is filled once: whether it was
  std::map<std::string, Tensor> rows;
};

using TablePtr = std::shared_ptr<Table>;

std::string keyAt(const Tensor &keys, int64_t i) {
  if (keys.dtype() == DT_STRING)
    return keys.values<std::string>()[i];
  size_t width = elementBytes(keys.dtype());
  llvm::ArrayRef<char> bytes = keys.bytes().slice(i * width, width);
  return std::string(bytes.begin(), bytes.end());
}

// Made at the first use; a name that tables share finds the same one again.
std::shared_ptr<Object> &slotOf(Evaluation &e) {
  StringRef shared = e.text("shared_name");
  if (shared.empty())
    return e.state().of(e.node().operation());
  return e.state().named(("table/" + e.text("container") + "/" + shared).str());
}

void makeTable(Evaluation &e, bool ready) {
  std::shared_ptr<Object> &slot = slotOf(e);
  PartialShape row(e.attr("value_shape"));
  if (!expect(e, !row.hasRank() || row.isFull(), "expected a full shape, got " + row.text()))
    return;
  if (!slot) {
    auto table = std::make_shared<Table>();
    table->keyType = e.type("key_dtype");
    table->valueType = e.type("value_dtype");
    table->rowShape = Shape(row.dims());
    table->ready = ready;
    slot = table;
  }
  auto type = llvm::cast<mlir::TensorType>(e.node().output(0).getType()).getElementType();
  if (numberFromType(type) == DT_RESOURCE)
    return e.give(makeObject(DT_RESOURCE, slot));
  // Strings name tables in the first version of these ops.
  std::string name = "table@" + e.node().name().str();
  e.state().named(name) = slot;
  e.give(makeScalar<std::string>(DT_STRING, name));
}

TablePtr tableInput(Evaluation &e) {
  const Tensor &handle = e.input(0);
  if (handle.dtype() != DT_STRING)
    return objectInput<Table>(e, 0);
  std::shared_ptr<Object> object;
  if (handle.size() > 0)
    object = e.state().named(handle.values<std::string>().back());
  if (!expect(e, object && object->kind() == Table::kKind,
              "expected the name of a table, got " + handle.text()))
    return nullptr;
  return std::static_pointer_cast<Table>(object);
}

bool expectKeys(Evaluation &e, const Table &table, const Tensor &keys) {
  return expect(e, keys.dtype() == table.keyType,
                "expected keys of " + dataTypeMnemonic(table.keyType) + ", got " + keys.text());
}

void find(Evaluation &e) {
  TablePtr table = tableInput(e);
  if (!table)
    return;
  const Tensor &keys = e.input(1), &fallback = e.input(2);
  if (!expect(e, table->ready,
              "expected a table that was filled: nothing that this run needs fills it") ||
      !expectKeys(e, *table, keys) ||
      !expect(e,
              fallback.dtype() == table->valueType &&
                  fallback.shape() == llvm::ArrayRef<int64_t>(table->rowShape),
              "expected a default of " + dataTypeMnemonic(table->valueType) +
                  shapeText(table->rowShape) + ", got " + fallback.text()))
    return;
  Shape shape(keys.shape());
  llvm::append_range(shape, table->rowShape);
  Tensor values = e.make(0, table->valueType, shape);
  for (int64_t i = 0; i < keys.size() && !e.failed(); ++i) {
    auto found = table->rows.find(keyAt(keys, i));
    const Tensor &row = found == table->rows.end() ? fallback : found->second;
    copyRun(row, 0, values, i * row.size(), row.size());
  }
}

// In a table that is filled once, a key has one value.
bool put(Evaluation &e, Table &table, const std::string &key, const Tensor &row, bool once) {
  auto [at, isNew] = table.rows.try_emplace(key, row);
  if (isNew)
    return true;
  bool same = row.dtype() == DT_STRING
                  ? at->second.values<std::string>() == row.values<std::string>()
                  : at->second.bytes() == row.bytes();
  at->second = row;
  return expect(e, same || !once, "expected one value for a key, got two");
}

void fill(Evaluation &e, bool once) {
  TablePtr table = tableInput(e);
  if (!table)
    return;
  const Tensor &keys = e.input(1), &values = e.input(2);
  Shape shape(keys.shape());
  llvm::append_range(shape, table->rowShape);
  if (!expectKeys(e, *table, keys) ||
      !expect(
          e, values.dtype() == table->valueType && values.shape() == llvm::ArrayRef<int64_t>(shape),
          "expected values of " + dataTypeMnemonic(table->valueType) + shapeText(shape) + ", got " +
              values.text()))
    return;
  for (int64_t i = 0; i < keys.size(); ++i) {
    Tensor row(table->valueType, table->rowShape);
    copyRun(values, i * row.size(), row, 0, row.size());
    if (!put(e, *table, keyAt(keys, i), row, once))
      return;
  }
  table->ready = true;
}

void import(Evaluation &e) {
  if (TablePtr table = tableInput(e))
    table->rows.clear();
  fill(e, false);
}

void remove(Evaluation &e) {
  TablePtr table = tableInput(e);
  if (!table || !expectKeys(e, *table, e.input(1)))
    return;
  for (int64_t i = 0; i < e.input(1).size(); ++i)
    table->rows.erase(keyAt(e.input(1), i));
}

void size(Evaluation &e) {
  if (TablePtr table = tableInput(e))
    e.give(makeScalar<int64_t>(DT_INT64, table->rows.size()));
}

// In the order of the keys' bytes: TensorFlow has none.
void exportTable(Evaluation &e) {
  TablePtr table = tableInput(e);
  if (!table)
    return;
  Shape shape{static_cast<int64_t>(table->rows.size())};
  Tensor keys = e.make(0, table->keyType, shape);
  llvm::append_range(shape, table->rowShape);
  Tensor values = e.make(1, table->valueType, shape);
  int64_t at = 0;
  for (const auto &[key, row] : table->rows) {
    if (table->keyType == DT_STRING)
      keys.mutableValues<std::string>()[at] = key;
    else
      llvm::copy(key, keys.mutableBytes().begin() + at * key.size());
    copyRun(row, 0, values, at * row.size(), row.size());
    ++at;
  }
}

/// What a line gives as a scalar of `dtype`: its number (column -1), all of it (-2) or a column;
/// nothing where it gives none.
std::optional<Tensor> scalarOf(StringRef line, int64_t number, int64_t column, StringRef delimiter,
                               int dtype) {
  if (column >= 0) {
    llvm::SmallVector<StringRef> columns;
    line.split(columns, delimiter);
    if (column >= static_cast<int64_t>(columns.size()))
      return std::nullopt;
    line = columns[column];
  }
  Tensor scalar(dtype, {});
  if (dtype == DT_STRING) {
    scalar.mutableValues<std::string>()[0] = column == -1 ? llvm::itostr(number) : line.str();
    return scalar;
  }
  double real = number;
  int64_t integer = number;
  bool isInteger = column == -1 || !line.trim().getAsInteger(10, integer);
  if (!isInteger && line.trim().getAsDouble(real))
    return std::nullopt;
  if (dispatch(TypeList<int32_t, int64_t>{}, dtype, [&](auto zero) {
        using T = decltype(zero);
        scalar.mutableValues<T>()[0] = static_cast<T>(integer);
      }))
    return isInteger ? std::optional<Tensor>(scalar) : std::nullopt;
  bool isReal = dispatch(TypeList<float, double>{}, dtype, [&](auto zero) {
    using T = decltype(zero);
    scalar.mutableValues<T>()[0] = static_cast<T>(isInteger ? integer : real);
  });
  return isReal ? std::optional<Tensor>(scalar) : std::nullopt;
}

void fillFromLines(Evaluation &e, Table &table, StringRef text, StringRef path) {
  int64_t most = e.integer("vocab_size"), first = e.integer("offset"), count = 0;
  StringRef delimiter = e.text("delimiter");
  for (; !text.empty() && (most < 0 || count < most); ++count) {
    auto [line, rest] = text.split('\n');
    text = rest;
    line.consume_back("\r");
    auto key = scalarOf(line, count + first, e.integer("key_index"), delimiter, table.keyType);
    auto value =
        scalarOf(line, count + first, e.integer("value_index"), delimiter, table.valueType);
    if (!expect(e, key && value,
                "expected a key and a value in line " + Twine(count + 1) + " of '" + path + "'") ||
        !put(e, table, keyAt(*key, 0), *value, true))
      return;
  }
  if (expect(e, most < 0 || count == most,
             "expected " + Twine(most) + " lines in '" + path + "', got " + Twine(count)))
    table.ready = true;
}

void fillFromFile(Evaluation &e) {
  TablePtr table = tableInput(e);
  if (!table || !expect(e, e.input(1).size() == 1 && !e.text("delimiter").empty(),
                        "expected the name of a file and a delimiter, got " + e.input(1).text()))
    return;
  std::string path = e.input(1).scalar<std::string>();
  auto file = llvm::MemoryBuffer::getFile(path);
  if (expect(e, static_cast<bool>(file),
             "expected a file to read, got '" + path + "': " + file.getError().message()))
    fillFromLines(e, *table, (*file)->getBuffer(), path);
}

void tableOnce(Evaluation &e) { makeTable(e, false); }
void mutableTable(Evaluation &e) { makeTable(e, true); }
void fillOnce(Evaluation &e) { fill(e, true); }
void insert(Evaluation &e) { fill(e, false); }

constexpr KernelEntry kKernels[] = {
    {"HashTable", tableOnce},
    {"HashTableV2", tableOnce},
    {"AnonymousHashTable", tableOnce},
    {"MutableHashTable", mutableTable},
    {"MutableHashTableV2", mutableTable},
    {"AnonymousMutableHashTable", mutableTable},
    {"MutableHashTableOfTensors", mutableTable},
    {"MutableHashTableOfTensorsV2", mutableTable},
    {"AnonymousMutableHashTableOfTensors", mutableTable},
    {"MutableDenseHashTable", mutableTable},
    {"MutableDenseHashTableV2", mutableTable},
    {"InitializeTable", fillOnce},
    {"InitializeTableV2", fillOnce},
    {"InitializeTableFromTextFile", fillFromFile},
    {"InitializeTableFromTextFileV2", fillFromFile},
    {"LookupTableFind", find},
    {"LookupTableFindV2", find},
    {"LookupTableInsert", insert},
    {"LookupTableInsertV2", insert},
    {"LookupTableImport", import},
    {"LookupTableImportV2", import},
    {"LookupTableRemoveV2", remove},
    {"LookupTableSize", size},
    {"LookupTableSizeV2", size},
    {"LookupTableExport", exportTable},
    {"LookupTableExportV2", exportTable},
};

} // namespace

KernelList tableKernels() { return kKernels; }

} // namespace firn::reference

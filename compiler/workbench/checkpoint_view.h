// Several checkpoints seen as one, under other names than they have.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/workbench/name_map.h"

namespace firn {

/// Where a tensor of a view is kept.
struct ViewedTensor {
  Checkpoint *checkpoint;
  std::string key;
  /// A rule gave it its name.
  bool isRenamed = false;
  const CheckpointEntry &entry() const { return checkpoint->entries().at(key); }
};

/// Checkpoints laid one over the other: of a name that several have, the last one's tensor is seen.
class CheckpointView {
public:
  CheckpointView() = default;
  /// Rules apply to keys, and to the names that an object-based checkpoint gives its variables. A
  /// rule has to match in one of the checkpoints. Errors as of `NameMap::apply`.
  static absl::StatusOr<CheckpointView> create(std::vector<std::shared_ptr<Checkpoint>> checkpoints,
                                               const NameMap &names);

  bool empty() const { return opened.empty(); }
  const std::vector<std::shared_ptr<Checkpoint>> &checkpoints() const { return opened; }
  /// "C1", "C1, C2": their prefixes.
  std::string name() const;
  /// In the order of names.
  const std::map<std::string, ViewedTensor> &tensors() const { return table; }
  /// Null where there is none.
  const ViewedTensor *find(const std::string &name) const;
  /// The name in `tensors` of a variable that an object-based checkpoint knows by its own name;
  /// "" where it does not.
  std::string nameOfVariable(const std::string &variable) const;

private:
  void lay(Checkpoint *checkpoint, const std::vector<Renaming> &keys,
           const std::vector<Renaming> &variables,
           const std::map<std::string, std::string> &objects);

  std::vector<std::shared_ptr<Checkpoint>> opened;
  std::map<std::string, ViewedTensor> table;
  std::map<std::string, std::string> variableNames;
};

} // namespace firn

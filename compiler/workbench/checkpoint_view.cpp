#include "compiler/workbench/checkpoint_view.h"

#include "absl/strings/str_cat.h"
#include "compiler/workbench/object_graph.h"

namespace firn {

absl::StatusOr<CheckpointView>
CheckpointView::create(std::vector<std::shared_ptr<Checkpoint>> checkpoints, const NameMap &names) {
  CheckpointView view;
  view.opened = std::move(checkpoints);
  std::vector<std::vector<std::string>> lists;
  std::vector<std::map<std::string, std::string>> objects;
  for (const std::shared_ptr<Checkpoint> &checkpoint : view.opened) {
    std::vector<std::string> &keys = lists.emplace_back();
    for (const auto &[key, entry] : checkpoint->entries())
      if (key != kObjectGraphKey)
        keys.push_back(key);
    std::vector<std::string> &variables = lists.emplace_back();
    for (const auto &[variable, key] : objects.emplace_back(objectVariables(*checkpoint)))
      variables.push_back(variable);
  }
  auto tables = names.applyEach(lists);
  if (!tables.ok())
    return tables.status();
  for (size_t i = 0; i < view.opened.size(); ++i)
    view.lay(view.opened[i].get(), (*tables)[2 * i], (*tables)[2 * i + 1], objects[i]);
  return view;
}

void CheckpointView::lay(Checkpoint *checkpoint, const std::vector<Renaming> &keys,
                         const std::vector<Renaming> &variables,
                         const std::map<std::string, std::string> &objects) {
  std::map<std::string, std::string> names;
  for (const auto &[key, name] : keys) {
    table[name] = {checkpoint, key, key != name};
    names[key] = name;
  }
  for (const auto &[variable, name] : variables) {
    const std::string &key = objects.at(variable);
    if (variable == name)
      variableNames[name] = names.at(key);
    else
      table[name] = {checkpoint, key, true};
  }
}

std::string CheckpointView::name() const {
  std::string text;
  for (const std::shared_ptr<Checkpoint> &checkpoint : opened)
    absl::StrAppend(&text, text.empty() ? "" : ", ", checkpoint->prefix());
  return text;
}

const ViewedTensor *CheckpointView::find(const std::string &name) const {
  auto it = table.find(name);
  return it == table.end() ? nullptr : &it->second;
}

std::string CheckpointView::nameOfVariable(const std::string &variable) const {
  auto it = variableNames.find(variable);
  return it == variableNames.end() ? "" : it->second;
}

} // namespace firn

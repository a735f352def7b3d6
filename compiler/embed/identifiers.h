// Names of C and C++ for what has any name.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firn {

/// `name` in small letters and figures with single underscores between its words: "dense/Softmax:0"
/// is "dense_softmax", "InputImage:1" is "input_image_1", "2d" is "t2d". The ":0" of a tensor is
/// dropped. Never empty. May be a keyword.
std::string identifierOf(absl::string_view name);

/// "dense_softmax" as "DenseSoftmax".
std::string camelCase(absl::string_view identifier);
/// "dense_softmax" as "DENSE_SOFTMAX".
std::string upperCase(absl::string_view identifier);

/// Whether C and C++ let a program use it: an identifier that is neither a keyword nor reserved
/// (`_Name`, `a__b`), and none of the namespaces that headers of models name.
bool isUsableIdentifier(absl::string_view name);

/// Names that are taken.
class TakenNames {
public:
  /// The first of `identifier`, `identifier_2`, `identifier_3` … whose forms, as `formsOf` gives
  /// them, are all free; they are taken then.
  template <class FormsOf> std::string claim(const std::string &identifier, FormsOf formsOf) {
    std::string candidate = identifier;
    for (int number = 2; !areFree(formsOf(candidate)); ++number)
      candidate = identifier + "_" + std::to_string(number);
    for (std::string &form : formsOf(candidate))
      taken.insert(std::move(form));
    return candidate;
  }
  void take(std::string name) { taken.insert(std::move(name)); }

private:
  bool areFree(const std::vector<std::string> &forms) const {
    for (const std::string &form : forms)
      if (taken.count(form))
        return false;
    return true;
  }
  std::set<std::string> taken;
};

} // namespace firn

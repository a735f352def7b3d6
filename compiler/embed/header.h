// The header of a model that is linked in: for C11 and C++17.
#pragma once

#include <string>

#include "compiler/embed/interface.h"

namespace firn {

struct HeaderOptions {
  std::string module;    ///< the file that it was made from, for its reader
  std::string generator; ///< "firn 0.1.0"
  bool exported = false; ///< as in ModelObjectOptions
};

/// Everything is inline over firn/runtime.h and, in C++, firn/firn.hpp.
std::string headerText(const Interface &model, const HeaderOptions &options);

// ---- What the makers of sources share.

/// The parts of the header: inline functions of C, a class of C++.
std::string cInterfaceText(const Interface &model, const HeaderOptions &options);
std::string cppInterfaceText(const Interface &model);

/// A string of C, quoted and escaped.
std::string quotedC(const std::string &text);
/// Text that may stand in a comment of C.
std::string commentText(const std::string &text);
/// Names of the parameters for the dynamic dims of a port: {"dim0", "dim2"}.
std::vector<std::string> dimParameters(const InterfacePort &port);
/// `template`, with each `$KEY$` replaced.
std::string filled(const char *text,
                   const std::vector<std::pair<std::string, std::string>> &values);

} // namespace firn

// The header and the table of a module file.
#pragma once

#include "runtime/module/format.h"
#include "runtime/module/status.h"

namespace firn::runtime {

/// The newest major version of each kind's format that this runtime reads; 0: a kind it does not
/// know.
uint32_t knownMajor(uint16_t kind);

/// Checks header and table, and that every section lies in the file where its alignment says. All
/// sections this runtime has to know it does. `data` is 8-byte aligned. No contents are read.
firn_code checkSections(const unsigned char *data, size_t size, const firn_section **sections,
                        uint32_t *count, firn_status *status);

/// Compares a section with its checksum. `what` names it in the message.
firn_code checkContents(const unsigned char *data, const firn_section &section, const char *what,
                        firn_status *status);

} // namespace firn::runtime

// Arrays as `firn run` shows them.
#pragma once

#include <string>

#include "compiler/formats/npy.h"

namespace firn {

/// "x:0  float [2,3]  min -1  mean 0.5  max 2" and the values below: all of a small array, the
/// first and last ones of a large one.
std::string arrayText(const std::string &name, const NpyArray &array);

} // namespace firn

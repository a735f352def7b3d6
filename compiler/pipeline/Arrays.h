// NumPy's arrays ⇄ the interpreter's tensors.
#pragma once

#include "compiler/formats/npy.h"
#include "compiler/reference/Tensor.h"

namespace firn {

/// `array` as a tensor of `dtype`, which NumPy holds as the array's elements.
reference::Tensor tensorOf(const NpyArray &array, int dtype);

/// The inverse; without elements for what NumPy can't hold.
NpyArray arrayOf(const reference::Tensor &tensor);

/// True when an array is a value of `dtype` as it is. NumPy lacks some dtypes: integers of their
/// size stand for them.
bool holdsDtype(const NpyArray &array, int dtype);

} // namespace firn

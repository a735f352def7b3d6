// Hugging Face's .safetensors files. Source: the format's README at
// github.com/huggingface/safetensors.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/formats/tensor_writer.h"

namespace firn {

/// What the format calls the element type, "F32"; "" when it has none (strings, quantised types).
std::string safetensorsType(int dtype);

/// Streams the tensors of `contents` into one file. They must come in the order of
/// `safetensorsOrder`, whole. InvalidArgument names all that the format can't hold.
absl::StatusOr<std::unique_ptr<TensorWriter>> createSafetensors(const std::string &path,
                                                                const TensorTable &contents);
/// Keys, the widest elements first: every tensor then lies aligned, without gaps, which the format
/// forbids.
std::vector<std::string> safetensorsOrder(const TensorTable &contents);

} // namespace firn

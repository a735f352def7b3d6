// Names by which signatures call the tensors of a graph.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/formats/proto/meta_graph.pb.h"

namespace firn {

enum class SignatureSide { Inputs, Outputs };

/// `names` of tensors and nodes, those that are not in the graph but keys of a signature replaced
/// by the tensor that the signature means. With `signature` "" all are looked at, serving_default
/// first. `replaced`, when not null, gets {name, tensor}.
std::vector<std::string>
withSignatureKeys(const tensorflow::MetaGraphDef &meta, const std::string &signature,
                  SignatureSide side, const std::vector<std::string> &names,
                  std::vector<std::pair<std::string, std::string>> *replaced = nullptr);

/// Of each tensor "x:0" that a signature names its key, of several the first. `signature` as above.
std::map<std::string, std::string> signatureKeys(const tensorflow::MetaGraphDef &meta,
                                                 const std::string &signature, SignatureSide side);

} // namespace firn

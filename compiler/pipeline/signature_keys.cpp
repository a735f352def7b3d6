#include "compiler/pipeline/signature_keys.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firn {
namespace {

using tensorflow::MetaGraphDef;
using tensorflow::SignatureDef;

std::vector<const SignatureDef *> signaturesOf(const MetaGraphDef &meta, const std::string &name) {
  std::map<std::pair<bool, std::string>, const SignatureDef *> ordered;
  for (const auto &[key, signature] : meta.signature_def())
    if (name.empty() || name == key)
      ordered.emplace(std::make_pair(key != "serving_default", key), &signature);
  std::vector<const SignatureDef *> signatures;
  for (const auto &[order, signature] : ordered)
    signatures.push_back(signature);
  return signatures;
}

// "" where no signature has the key.
std::string tensorOfKey(const std::vector<const SignatureDef *> &signatures, SignatureSide side,
                        const std::string &key) {
  for (const SignatureDef *signature : signatures) {
    const auto &tensors =
        side == SignatureSide::Inputs ? signature->inputs() : signature->outputs();
    if (auto it = tensors.find(key); it != tensors.end() && !it->second.name().empty())
      return it->second.name();
  }
  return "";
}

} // namespace

std::map<std::string, std::string> signatureKeys(const MetaGraphDef &meta,
                                                 const std::string &signature, SignatureSide side) {
  std::map<std::string, std::string> keys;
  for (const SignatureDef *one : signaturesOf(meta, signature)) {
    const auto &tensors = side == SignatureSide::Inputs ? one->inputs() : one->outputs();
    std::map<std::string, std::string> sorted; // a map of protobuf has no order
    for (const auto &[key, info] : tensors)
      sorted.emplace(key, info.name());
    for (const auto &[key, tensor] : sorted)
      keys.emplace(tensor.find(':') == tensor.npos ? tensor + ":0" : tensor, key);
  }
  return keys;
}

std::vector<std::string>
withSignatureKeys(const MetaGraphDef &meta, const std::string &signature, SignatureSide side,
                  const std::vector<std::string> &names,
                  std::vector<std::pair<std::string, std::string>> *replaced) {
  const std::vector<const SignatureDef *> signatures = signaturesOf(meta, signature);
  if (names.empty() || signatures.empty())
    return names;
  std::set<std::string> nodes;
  for (const auto &node : meta.graph_def().node())
    nodes.insert(node.name());
  std::vector<std::string> result;
  for (const std::string &name : names) {
    const size_t begin = name[0] == '^';
    // A tensor's name may have got its ":0" on the way.
    const std::string key(absl::StripSuffix(name, ":0"));
    std::string tensor;
    if (!nodes.count(name.substr(begin, name.find(':') - begin)))
      tensor = tensorOfKey(signatures, side, key);
    if (!tensor.empty() && replaced)
      replaced->emplace_back(name, tensor);
    result.push_back(tensor.empty() ? name : tensor);
  }
  return result;
}

} // namespace firn

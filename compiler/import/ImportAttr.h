// Attribute values of nodes: AttrValue, TensorProto and TensorShapeProto as attributes. Total: what
// has no form of its own is carried as its bytes, so that export gives an equal message.
// `compiler/export/ExportAttr.h` is the inverse.
#pragma once

#include "compiler/formats/proto/graph.pb.h"
#include "compiler/formats/tensor_files.h"
#include "dialects/graph/Graph.h"

namespace firn {

mlir::Attribute importAttr(mlir::MLIRContext *context, const tensorflow::AttrValue &value);

/// `external`: where the content lies when the message was read without it.
graph::TensorAttr importTensor(mlir::MLIRContext *context, const tensorflow::TensorProto &tensor,
                               const Extent *external = nullptr);

/// The shape with what MLIR can say of it; unranked where it can't.
mlir::Type tensorTypeOf(mlir::Type elementType, const tensorflow::TensorShapeProto &shape);

} // namespace firn

// The inverse of `compiler/import/ImportAttr.h`: attributes as AttrValue, TensorProto and
// TensorShapeProto.
#pragma once

#include "compiler/export/AttrToMessage.h"
#include "compiler/formats/proto/graph.pb.h"
#include "dialects/graph/Graph.h"

namespace firn {

/// A `#graph.tensor` that is a reference exports without its content: `exportTensorHeader` says
/// what stands before it. An error names an attribute that no AttrValue holds.
mlir::LogicalResult exportAttr(mlir::Attribute attr, tensorflow::AttrValue &value,
                               ErrorEmitter emitError);

/// Everything but the content of a reference.
mlir::LogicalResult exportTensor(graph::TensorAttr tensor, tensorflow::TensorProto &proto,
                                 ErrorEmitter emitError);

} // namespace firn

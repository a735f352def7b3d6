#include "dialects/graph/Signature.h"

#include "dialects/graph/DataTypes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
namespace {

StringRef ref(std::string_view text) { return {text.data(), text.size()}; }

ArgSpec specOf(const OpArg &arg) {
  return {ref(arg.name),         arg.type, ref(arg.typeAttr), ref(arg.numberAttr),
          ref(arg.typeListAttr), arg.isRef};
}

// A signature must not be able to ask for more tensors than any graph has.
constexpr int64_t kMaxTensors = 1 << 16;

class Resolver {
public:
  Resolver(MLIRContext *context, AttrLookup attrs, std::string *why)
      : context(context), attrs(attrs), why(why) {}

  bool resolve(ArrayRef<ArgSpec> args, SmallVectorImpl<Type> &types,
               SmallVectorImpl<std::pair<StringRef, unsigned>> &groups) {
    for (const ArgSpec &arg : args) {
      size_t before = types.size();
      if (!resolve(arg, types))
        return false;
      groups.push_back({arg.name, types.size() - before});
    }
    return true;
  }

private:
  bool fail(StringRef attr, StringRef kind) {
    if (why)
      *why = ("expected the attribute '" + attr + "' as " + kind).str();
    return false;
  }

  bool resolve(const ArgSpec &arg, SmallVectorImpl<Type> &types) {
    if (!arg.typeListAttr.empty()) {
      auto list = dyn_cast_or_null<ArrayAttr>(attrs(arg.typeListAttr));
      if (!list || !llvm::all_of(list, [](Attribute a) { return isa<TypeAttr>(a); }))
        return fail(arg.typeListAttr, "a list of types");
      for (Attribute type : list)
        types.push_back(declared(arg, cast<TypeAttr>(type).getValue()));
      return true;
    }
    Type type;
    if (!arg.typeAttr.empty()) {
      Attribute attr = attrs(arg.typeAttr);
      if (auto known = dyn_cast_or_null<TypeAttr>(attr))
        type = known.getValue();
      else if (isa_and_nonnull<PlaceholderAttr>(attr))
        type = typeFromNumber(context, DT_OPAQUE);
      else
        return fail(arg.typeAttr, "a type");
    } else {
      type = typeFromNumber(context, arg.type);
    }
    int64_t count = 1;
    if (!arg.numberAttr.empty()) {
      auto number = dyn_cast_or_null<IntegerAttr>(attrs(arg.numberAttr));
      if (!number || number.getInt() < 0 || number.getInt() > kMaxTensors)
        return fail(arg.numberAttr, "a number of tensors");
      count = number.getInt();
    }
    types.append(count, declared(arg, type));
    return true;
  }

  static Type declared(const ArgSpec &arg, Type type) {
    return arg.isRef && !isa<RefType>(type) && !isOpaque(type) ? Type(RefType::get(type)) : type;
  }

  MLIRContext *context;
  AttrLookup attrs;
  std::string *why;
};

} // namespace

std::optional<ResolvedSignature> resolveSignature(MLIRContext *context, ArrayRef<ArgSpec> inputs,
                                                  ArrayRef<ArgSpec> outputs, AttrLookup attrs,
                                                  std::string *why) {
  ResolvedSignature result;
  Resolver resolver(context, attrs, why);
  if (!resolver.resolve(inputs, result.inputs, result.inputGroups) ||
      !resolver.resolve(outputs, result.outputs, result.outputGroups))
    return std::nullopt;
  return result;
}

Attribute defaultAttr(MLIRContext *context, const OpSignature &op, StringRef name) {
  const OpAttr *attr = op.attr({name.data(), name.size()});
  if (!attr || !attr->hasDefault)
    return {};
  Builder b(context);
  SmallVector<int64_t> list(attr->list.begin(), attr->list.end());
  switch (attr->kind) {
  case AttrKind::String:
    return b.getStringAttr(ref(attr->text));
  case AttrKind::Int:
    return b.getI64IntegerAttr(attr->number);
  case AttrKind::Float:
    return b.getF32FloatAttr(attr->real);
  case AttrKind::Bool:
    return b.getBoolAttr(attr->number);
  case AttrKind::Type:
    return TypeAttr::get(typeFromNumber(context, attr->number));
  case AttrKind::Shape:
    for (int64_t &dim : list)
      dim = dim < 0 ? ShapedType::kDynamic : dim;
    return ShapeAttr::get(context, attr->number < 0, list);
  case AttrKind::IntList:
    return list.empty() ? Attribute(b.getArrayAttr({})) : b.getDenseI64ArrayAttr(list);
  case AttrKind::BoolList: {
    SmallVector<bool> bools(list.begin(), list.end());
    return bools.empty() ? Attribute(b.getArrayAttr({})) : b.getDenseBoolArrayAttr(bools);
  }
  case AttrKind::TypeList: {
    SmallVector<Attribute> types;
    for (int64_t type : list)
      types.push_back(TypeAttr::get(typeFromNumber(context, type)));
    return b.getArrayAttr(types);
  }
  case AttrKind::StringList:
  case AttrKind::FloatList:
  case AttrKind::ShapeList:
  case AttrKind::TensorList:
  case AttrKind::FuncList:
    return attr->text.empty() ? Attribute(b.getArrayAttr({})) : Attribute();
  case AttrKind::Tensor:
  case AttrKind::Func:
    return {};
  }
  llvm_unreachable("every kind of attribute is handled");
}

std::optional<ResolvedSignature> resolveSignature(MLIRContext *context, const OpSignature &op,
                                                  AttrLookup attrs, std::string *why) {
  SmallVector<ArgSpec> inputs, outputs;
  llvm::transform(op.inputs, std::back_inserter(inputs), specOf);
  llvm::transform(op.outputs, std::back_inserter(outputs), specOf);
  auto withDefaults = [&](StringRef name) {
    Attribute attr = attrs(name);
    return attr ? attr : defaultAttr(context, op, name);
  };
  return resolveSignature(context, inputs, outputs, withDefaults, why);
}

SmallVector<ArgSpec> functionArgs(ArrayAttr args) {
  SmallVector<ArgSpec> specs;
  for (Attribute attr : args ? args.getValue() : ArrayRef<Attribute>()) {
    auto arg = dyn_cast<DictionaryAttr>(attr);
    if (!arg)
      continue;
    auto text = [&](StringRef field) {
      auto value = arg.getAs<StringAttr>(field);
      return value ? value.getValue() : StringRef();
    };
    auto type = arg.getAs<IntegerAttr>("type");
    auto isRef = arg.getAs<BoolAttr>("is_ref");
    specs.push_back({text("name"), type ? static_cast<int>(type.getInt()) : 0, text("type_attr"),
                     text("number_attr"), text("type_list_attr"), isRef && isRef.getValue()});
  }
  return specs;
}

FuncOp findFunction(ModuleOp module, StringRef name) {
  for (FuncOp function : module.getOps<FuncOp>())
    if (function.getFuncName() == name)
      return function;
  return {};
}

std::optional<ResolvedSignature> resolveSignature(Node node, ModuleOp module, std::string *why) {
  StringRef type = node.type();
  auto lookup = [&](StringRef name) { return node.attr(name); };
  MLIRContext *context = node.operation()->getContext();
  if (const OpSignature *op = lookupOp({type.data(), type.size()}))
    return resolveSignature(context, *op, lookup, why);
  FuncOp function = findFunction(module, type);
  if (!function)
    return std::nullopt;
  DictionaryAttr signature = function.getSignature();
  return resolveSignature(context, functionArgs(signature.getAs<ArrayAttr>("input_arg")),
                          functionArgs(signature.getAs<ArrayAttr>("output_arg")), lookup, why);
}

std::string functionEdgeText(Value value) {
  auto result = dyn_cast<OpResult>(value);
  if (!result || isControl(value))
    return edgeText(value);
  Node node(result.getOwner());
  unsigned index = result.getResultNumber();
  auto names = node.operation()->getAttrOfType<ArrayAttr>(kOutputNamesAttr);
  if (names && index < names.size())
    return (node.name() + ":" + cast<StringAttr>(names[index]).getValue()).str();
  auto signature = resolveSignature(node, node.operation()->getParentOfType<ModuleOp>());
  unsigned first = 0;
  if (signature)
    for (auto [name, count] : signature->outputGroups) {
      if (index < first + count)
        return (node.name() + ":" + name + ":" + Twine(index - first)).str();
      first += count;
    }
  return (node.name() + ":" + Twine(index)).str();
}

} // namespace firn::graph

// Strings as wholes: joined, measured, hashed, encoded.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Hash.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Elementwise.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
namespace {

template <typename F> void mapStrings(Evaluation &e, F function) {
  mapElements<std::string, std::string>(e, DT_STRING, function);
}

// Scalars stand for as many as the others have.
void stringJoin(Evaluation &e) {
  Shape shape;
  for (const Tensor &input : e.inputs())
    if (input.rank() > 0)
      shape.assign(input.shape().begin(), input.shape().end());
  for (const Tensor &input : e.inputs())
    if (!expect(e, input.rank() == 0 || input.shape() == ArrayRef<int64_t>(shape),
                "expected scalars and strings of one shape, got " + input.text() + " and " +
                    shapeText(shape)))
      return;
  Tensor result = e.make(0, DT_STRING, shape);
  for (auto [i, text] : llvm::enumerate(result.mutableValues<std::string>()))
    for (const Tensor &input : e.inputs()) {
      if (&input != e.inputs().begin())
        text += e.text("separator");
      text += input.values<std::string>()[input.rank() ? i : 0];
    }
}

/// The axes to reduce, each once; nothing after a failure.
std::optional<llvm::SmallVector<int64_t>> distinctAxes(Evaluation &e) {
  auto axes = someIntegersInput(e, 1);
  if (!axes)
    return std::nullopt;
  std::vector<bool> seen(e.input(0).rank());
  for (int64_t &axis : *axes) {
    auto normal = normalAxis(e, axis, e.input(0).rank());
    if (!normal || !expect(e, !seen[*normal], "expected each axis once, got " + Twine(axis)))
      return std::nullopt;
    seen[axis = *normal] = true;
  }
  return axes;
}

// Joins along one axis after the other: the first one is the fastest.
void reduceJoin(Evaluation &e) {
  auto axes = distinctAxes(e);
  if (!axes)
    return;
  if (axes->empty())
    return e.give(e.input(0));
  const Tensor &input = e.input(0);
  Shape strides = stridesOf(input.shape()), joined, joinedStrides, kept, keptStrides, result;
  for (int64_t axis : llvm::reverse(*axes)) {
    joined.push_back(input.dim(axis));
    joinedStrides.push_back(strides[axis]);
  }
  for (int64_t axis = 0; axis < input.rank(); ++axis) {
    bool keep = !llvm::is_contained(*axes, axis);
    if (keep || e.flag("keep_dims"))
      result.push_back(keep ? input.dim(axis) : 1);
    if (keep) {
      kept.push_back(input.dim(axis));
      keptStrides.push_back(strides[axis]);
    }
  }
  Tensor output = e.make(0, DT_STRING, result);
  Shape at(kept.size(), 0);
  for (std::string &text : output.mutableValues<std::string>()) {
    Shape inner(joined.size(), 0);
    int64_t start = offsetOf(at, keptStrides);
    for (int64_t left = countElements(joined); left > 0; --left) {
      text += input.values<std::string>()[start + offsetOf(inner, joinedStrides)];
      if (left > 1)
        text += e.text("separator");
      nextIndex(inner, joined);
    }
    nextIndex(at, kept);
  }
}

void segmentJoin(Evaluation &e) {
  const Tensor &texts = e.input(0), &segments = e.input(1);
  auto count = integerInput(e, 2);
  bool fits = segments.rank() <= texts.rank() && segments.rank() > 0 &&
              segments.shape() == texts.shape().take_front(segments.rank());
  if (!count || !expect(e, fits,
                        "expected segment ids for the first dimensions, got " + texts.text() +
                            " and " + segments.text()))
    return;
  Shape shape{*count};
  llvm::append_range(shape, texts.shape().drop_front(segments.rank()));
  Tensor result = e.make(0, DT_STRING, shape);
  if (e.failed())
    return;
  int64_t row = countElements(ArrayRef<int64_t>(shape).drop_front());
  std::vector<bool> begun(*count);
  for (auto [i, id] : llvm::enumerate(integersOf(segments))) {
    if (!expect(e, id >= 0 && id < *count, "expected segment ids below " + Twine(*count)))
      return;
    for (int64_t j = 0; j < row; ++j) {
      std::string &text = result.mutableValues<std::string>()[id * row + j];
      text +=
          (begun[id] ? e.text("separator").str() : "") + texts.values<std::string>()[i * row + j];
    }
    begun[id] = true;
  }
}

bool inCharacters(Evaluation &e) { return e.text("unit") == "UTF8_CHAR"; }

void length(Evaluation &e) {
  bool characters = inCharacters(e);
  mapElements<std::string, int32_t>(e, DT_INT32, [&](StringRef text) -> int32_t {
    return characters ? llvm::count_if(text, [](char c) { return (c & 0xc0) != 0x80; })
                      : text.size();
  });
}

// Letters of ASCII; under "utf-8", where others would change too, there may be no others.
template <typename F> void changeCase(Evaluation &e, F change) {
  bool unicode = e.text("encoding") == "utf-8";
  for (const std::string &text : e.input(0).values<std::string>())
    if (unicode && !llvm::all_of(text, [](unsigned char c) { return c < 0x80; }))
      return e.fail("the reference interpreter lacks this op for letters beyond ASCII");
  mapStrings(e, [&](StringRef text) { return change(text); });
}

void lower(Evaluation &e) {
  changeCase(e, [](StringRef text) { return text.lower(); });
}
void upper(Evaluation &e) {
  changeCase(e, [](StringRef text) { return text.upper(); });
}

void strip(Evaluation &e) {
  mapStrings(e, [](StringRef text) { return text.trim(" \t\n\v\f\r").str(); });
}

template <typename F> void toBuckets(Evaluation &e, F hash) {
  int64_t count = e.integer("num_buckets");
  if (expect(e, count > 0, "expected at least one bucket, got " + Twine(count)))
    mapElements<std::string, int64_t>(
        e, DT_INT64, [&](StringRef text) -> int64_t { return hash(text) % uint64_t(count); });
}

void strongBucket(Evaluation &e) {
  llvm::SmallVector<int64_t> key = e.integers("key");
  if (expect(e, key.size() == 2, "expected a key of two numbers, got " + Twine(key.size())))
    toBuckets(e, [&](StringRef text) { return sipHash(key[0], key[1], text); });
}

// The web-safe alphabet has other digits for 62 and 63.
std::string replaceDigits(std::string text, StringRef from, StringRef to) {
  for (char &c : text)
    if (size_t at = from.find(c); at != StringRef::npos)
      c = to[at];
  return text;
}

void encodeBase64(Evaluation &e) {
  bool pad = e.flag("pad");
  mapStrings(e, [&](const std::string &text) {
    std::string encoded = replaceDigits(llvm::encodeBase64(text), "+/", "-_");
    return pad ? encoded : StringRef(encoded).rtrim('=').str();
  });
}

bool isBase64(StringRef text) {
  StringRef digits = text.rtrim('=');
  size_t padding = text.size() - digits.size();
  return digits.size() % 4 != 1 && padding <= 2 && (padding == 0 || text.size() % 4 == 0) &&
         llvm::all_of(digits, [](char c) { return llvm::isAlnum(c) || c == '-' || c == '_'; });
}

void decodeBase64(Evaluation &e) {
  mapStrings(e, [&](const std::string &text) {
    std::string padded = replaceDigits(text, "-_", "+/") + std::string(-text.size() % 4, '=');
    std::vector<char> decoded;
    bool good = isBase64(text) && !llvm::errorToBool(llvm::decodeBase64(padded, decoded));
    expect(e, good, "expected web-safe base64, got '" + text + "'");
    return std::string(decoded.begin(), decoded.end());
  });
}

constexpr KernelEntry kKernels[] = {
    {"StringJoin", stringJoin},
    {"ReduceJoin", reduceJoin},
    {"UnsortedSegmentJoin", segmentJoin},
    {"StringLength", length},
    {"StringLower", lower},
    {"StringUpper", upper},
    {"StringStrip", strip},
    {"StringToHashBucket", [](Evaluation &e) { toBuckets(e, murmurHash); }},
    {"StringToHashBucketFast", [](Evaluation &e) { toBuckets(e, farmFingerprint); }},
    {"StringToHashBucketStrong", strongBucket},
    {"EncodeBase64", encodeBase64},
    {"DecodeBase64", decodeBase64},
};

} // namespace

KernelList stringKernels() { return kKernels; }

} // namespace firn::reference

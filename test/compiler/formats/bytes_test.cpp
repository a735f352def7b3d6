// Encodings: checksums, ordered codes, string tensors, type names. Samples from files that
// TensorFlow wrote.
#include <limits>

#include "compiler/formats/crc32c.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/ordered_code.h"
#include "compiler/formats/string_tensor.h"
#include "support.h"

namespace firn {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32c, MaskIsInvertible) {
  EXPECT_EQ(maskCrc32c(0), 0xa282ead8u);
  for (uint32_t crc : {0u, 1u, 0xe3069283u, 0xffffffffu})
    EXPECT_EQ(unmaskCrc32c(maskCrc32c(crc)), crc);
}

TEST(Crc32c, EveryPathAgreesAtEveryLengthAndAlignment) {
  std::string bytes(40000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  for (size_t size : {0, 1, 7, 8, 9, 4095, 4096, 12287, 12288, 12289, 24576, 39990})
    for (size_t offset : {0, 1, 3, 7})
      EXPECT_EQ(crc32cExtend(17, bytes.data() + offset, size),
                crc32cExtendPortable(17, bytes.data() + offset, size))
          << size << " bytes at " << offset;
  const uint32_t whole = crc32c(bytes);
  uint32_t parts = crc32cExtend(0, bytes.data(), 13001);
  EXPECT_EQ(crc32cExtend(parts, bytes.data() + 13001, bytes.size() - 13001), whole);
}

std::string encodedNumber(uint64_t value) {
  std::string out;
  encodeOrderedNumber(value, &out);
  return out;
}

std::string encodedSigned(int64_t value) {
  std::string out;
  encodeOrderedSigned(value, &out);
  return out;
}

TEST(OrderedCode, Samples) {
  EXPECT_EQ(encodedNumber(0), "\0"s);
  EXPECT_EQ(encodedNumber(2), "\x01\x02"s);
  EXPECT_EQ(encodedSigned(0), "\x80");
  EXPECT_EQ(encodedSigned(-1), "\x7f");
  EXPECT_EQ(encodedSigned(100), "\xc0\x64");
  EXPECT_EQ(encodedSigned(20000), "\xe0\x4e\x20");
  EXPECT_EQ(encodedSigned(40000), "\xe0\x9c\x40");
}

TEST(OrderedCode, SignedNumbersKeepTheirOrderAndComeBack) {
  std::vector<int64_t> values = {std::numeric_limits<int64_t>::min(),
                                 std::numeric_limits<int64_t>::max()};
  for (int bit = 0; bit < 63; ++bit)
    for (int64_t near : {-2, -1, 0, 1, 2})
      for (int sign : {-1, 1})
        values.push_back(sign * static_cast<int64_t>((1ull << bit) + near));
  std::sort(values.begin(), values.end());
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string code = encodedSigned(values[i]);
    absl::string_view in = code;
    int64_t back;
    ASSERT_TRUE(decodeOrderedSigned(&in, &back)) << values[i];
    EXPECT_EQ(back, values[i]);
    EXPECT_TRUE(in.empty());
    if (i > 0) {
      EXPECT_LE(encodedSigned(values[i - 1]), code) << values[i];
    }
  }
}

TEST(OrderedCode, TensorNameSliceSample) {
  const std::string key = "\x00\x70\x2f\x77\x00\x01\x01\x02\x80\x82\x80\x83"s;
  EXPECT_EQ(encodeTensorNameSlice("p/w", {{0, 2}, {0, 3}}), key);
  auto back = decodeTensorNameSlice(key);
  ASSERT_TRUE(testing::ok(back));
  EXPECT_EQ(back->name, "p/w");
  EXPECT_THAT(back->slice, ElementsAre(StoredExtent{0, 2}, StoredExtent{0, 3}));
  // A whole dimension, as V1 writes all of them.
  EXPECT_EQ(encodeTensorNameSlice("w", {{0, -1}}), "\x00\x77\x00\x01\x01\x01\x80\x7f"s);
}

TEST(OrderedCode, NamesWithZeroAndFullBytesComeBack) {
  const std::string name = "a\0b\xff\xff\0"s;
  auto back = decodeTensorNameSlice(encodeTensorNameSlice(name, {{70000, 1}}));
  ASSERT_TRUE(testing::ok(back));
  EXPECT_EQ(back->name, name);
  EXPECT_THAT(back->slice, ElementsAre(StoredExtent{70000, 1}));
}

TEST(OrderedCode, CutKeysAreErrors) {
  const std::string key = encodeTensorNameSlice("p/w", {{100, 20000}, {0, 3}});
  for (size_t size = 0; size < key.size(); ++size)
    EXPECT_FALSE(decodeTensorNameSlice(key.substr(0, size)).ok()) << size;
  EXPECT_FALSE(decodeTensorNameSlice(key + "x").ok());
}

TEST(StringTensor, Sample) {
  const EncodedStrings encoded = encodeStrings({"ab", "", "xyz"});
  EXPECT_EQ(encoded.bytes, "\x02\x00\x03\x1b\x42\x8b\xca"
                           "abxyz"s);
  auto back = decodeStrings(encoded.bytes, 3, encoded.crc32c, {});
  ASSERT_TRUE(testing::ok(back));
  EXPECT_THAT(*back, ElementsAre("ab", "", "xyz"));
}

TEST(StringTensor, EveryFlippedBitIsFound) {
  const EncodedStrings encoded = encodeStrings({"hello", std::string(300, 'x')});
  for (size_t bit = 0; bit < encoded.bytes.size() * 8; ++bit) {
    std::string bytes = encoded.bytes;
    bytes[bit / 8] ^= 1 << bit % 8;
    EXPECT_FALSE(decodeStrings(bytes, 2, encoded.crc32c, {}).ok()) << bit;
  }
}

TEST(StringTensor, AShapeThatPromisesTooMuchAllocatesNothing) {
  const EncodedStrings encoded = encodeStrings({"a"});
  auto huge = decodeStrings(encoded.bytes, int64_t(1) << 60, encoded.crc32c, {});
  EXPECT_THAT(huge.status().message(), HasSubstr("expected 1152921504606846976 strings"));
}

TEST(DataType, NamesAndSizes) {
  EXPECT_EQ(dataTypeName(tensorflow::DT_FLOAT), "float");
  EXPECT_EQ(dataTypeName(tensorflow::DT_FLOAT_REF), "float_ref");
  EXPECT_EQ(dataTypeName(77), "dtype_77");
  for (int type = tensorflow::DataType_MIN; type <= tensorflow::DataType_MAX; ++type)
    if (tensorflow::DataType_IsValid(type))
      EXPECT_EQ(dataTypeFromName(dataTypeName(type)), type);
  EXPECT_EQ(dataTypeFromName("float32"), tensorflow::DT_FLOAT);
  EXPECT_EQ(dataTypeFromName("nonsense"), tensorflow::DT_INVALID);
  EXPECT_EQ(dataTypeSize(tensorflow::DT_BFLOAT16_REF), 2);
  EXPECT_EQ(dataTypeSize(tensorflow::DT_STRING), 0);
  EXPECT_EQ(dataTypeSize(77), 0);
  EXPECT_EQ(dataTypeSize(tensorflow::DT_INT4), 1);
  EXPECT_EQ(dataTypeSize(tensorflow::DT_COMPLEX128), 16);
  EXPECT_EQ(dataTypeSwapUnit(tensorflow::DT_COMPLEX64), 4);
  EXPECT_EQ(dataTypeSwapUnit(tensorflow::DT_COMPLEX128), 8);
  EXPECT_EQ(dataTypeSwapUnit(tensorflow::DT_HALF), 2);
}

} // namespace
} // namespace firn

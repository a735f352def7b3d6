// The expected bytes are those that numpy 1.26 writes.
#include "compiler/formats/npy.h"

#include "support.h"

namespace firn {
namespace {

using namespace tensorflow;
using testing::bytesOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ok;

class Npy : public testing::TempDir {
protected:
  // A file as numpy would have written it.
  std::string file(const std::string &dictionary, const std::string &data) const {
    std::string header = dictionary;
    header.append(63 - (10 + header.size()) % 64, ' ').push_back('\n');
    return write("x.npy", std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) +
                              std::string(1, '\0') + header + data);
  }
};

TEST_F(Npy, HeaderIsNumpys) {
  EXPECT_EQ(npyHeader(DT_FLOAT, {2, 3}),
            std::string("\x93NUMPY\x01\x00v\x00", 10) +
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" +
                std::string(58, ' ') + "\n");
  EXPECT_THAT(npyHeader(DT_BOOL, {5}),
              HasSubstr("'|b1', 'fortran_order': False, 'shape': (5,), }"));
  EXPECT_THAT(npyHeader(DT_INT64, {}), HasSubstr("'<i8', 'fortran_order': False, 'shape': (), }"));
  EXPECT_EQ(npyHeader(DT_FLOAT, {2, 3}).size() % 64, 0u);
}

TEST_F(Npy, DescrsOfTypesThatNumpyLacks) {
  EXPECT_EQ(npyDescr(DT_BFLOAT16), "<u2");
  EXPECT_EQ(npyDescr(DT_QINT8), "|i1");
  EXPECT_EQ(npyDescr(DT_STRING, 7), "|S7");
  EXPECT_EQ(npyDescr(DT_RESOURCE), "");
}

TEST_F(Npy, ReadsWhatItWrites) {
  for (int dtype :
       {DT_FLOAT, DT_DOUBLE, DT_HALF, DT_INT8, DT_UINT16, DT_INT64, DT_BOOL, DT_COMPLEX64}) {
    std::string data(6 * dataTypeSize(dtype), '\x01');
    auto array = readNpy(write("x.npy", npyHeader(dtype, {2, 3}) + data));
    ASSERT_TRUE(ok(array));
    EXPECT_EQ(array->dtype, dtype);
    EXPECT_THAT(array->shape, ElementsAre(2, 3));
    EXPECT_EQ(array->bytes, data);
  }
}

TEST_F(Npy, StringsLoseTheirPadding) {
  auto array = readNpy(write("x.npy", npyHeader(DT_STRING, {2}, 3) + std::string("ab\0xyz", 6)));
  ASSERT_TRUE(ok(array));
  EXPECT_THAT(array->strings, ElementsAre("ab", "xyz"));
}

TEST_F(Npy, ForeignOrdersAreTurned) {
  auto array = readNpy(file("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }",
                            std::string("\0\1\0\4\0\2\0\5\0\3\0\6", 12)));
  ASSERT_TRUE(ok(array));
  EXPECT_EQ(array->bytes, bytesOf<int16_t>({1, 2, 3, 4, 5, 6}));
}

TEST_F(Npy, BadFilesAreRefused) {
  EXPECT_EQ(readNpy(at("none.npy")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(readNpy(write("x.npy", "not an array at all")).status().message()),
              HasSubstr("expected a .npy file"));
  EXPECT_THAT(
      std::string(readNpy(file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "x"))
                      .status()
                      .message()),
      HasSubstr("x.npy: expected elements that a tensor can hold, got 'O'"));
  EXPECT_EQ(readNpy(write("x.npy", npyHeader(DT_FLOAT, {4}) + "short")).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(readNpy(write("x.npy", npyHeader(DT_FLOAT, {1LL << 40, 1LL << 40}))).status().code(),
            absl::StatusCode::kDataLoss);
  std::string whole = npyHeader(DT_FLOAT, {1}) + "abcd";
  for (size_t cut = 0; cut < whole.size(); ++cut)
    EXPECT_FALSE(readNpy(write("x.npy", whole.substr(0, cut))).ok()) << cut;
}

} // namespace
} // namespace firn

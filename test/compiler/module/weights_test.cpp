// The bytes of weights: every encoding, plain and in panels.
#include "compiler/module/WeightBytes.h"
#include "runtime/kernels/common/pack.h"
#include "schedule_text.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>
#include <unistd.h>

namespace firn {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

class Weights : public testing::Test {
protected:
  ~Weights() override { unlink(path.c_str()); }

  /// The bytes of the only weight of a program.
  absl::StatusOr<std::string> bytesOf(const std::string &weight) {
    ScheduleText text(programOf("  %w = schedule.weights " + weight + "\n"));
    WeightLayout layout;
    EXPECT_TRUE(mlir::succeeded(layout.add(text.program()))) << text.message();
    TensorFiles files;
    std::string bytes;
    const WeightEntry &entry = layout.entries()[0];
    absl::Status status = writeWeight(entry, files, true, [&](absl::string_view piece) {
      bytes.append(piece.data(), piece.size());
      return absl::OkStatus();
    });
    if (!status.ok())
      return status;
    EXPECT_EQ(bytes.size(), entry.bytes);
    return bytes;
  }

  template <typename T> std::vector<T> valuesOf(const std::string &weight) {
    absl::StatusOr<std::string> bytes = bytesOf(weight);
    EXPECT_TRUE(bytes.ok()) << bytes.status().message();
    if (!bytes.ok())
      return {};
    const T *begin = reinterpret_cast<const T *>(bytes->data());
    return {begin, begin + bytes->size() / sizeof(T)};
  }

  std::string messageOf(const std::string &weight) {
    return std::string(bytesOf(weight).status().message());
  }

  /// A file of floats 0, 1, 2 … behind three bytes of something else.
  std::string fileOf(size_t count) {
    std::vector<float> values(count);
    std::iota(values.begin(), values.end(), 0.0f);
    std::ofstream file(path, std::ios::binary);
    file.write("abc", 3);
    file.write(reinterpret_cast<const char *>(values.data()), count * sizeof(float));
    return path;
  }

  /// `rows` x `columns` of 0, 1, 2 … as panels; of the transposed matrix with `transposed`.
  static std::vector<float> panels(int64_t rows, int64_t columns, bool transposed) {
    std::vector<float> values(rows * columns);
    std::iota(values.begin(), values.end(), 0.0f);
    const kernels::WeightMatrix matrix =
        transposed ? kernels::WeightMatrix{values.data(), columns, rows, 1, columns}
                   : kernels::WeightMatrix{values.data(), rows, columns, columns, 1};
    std::vector<float> packed(kernels::packedFloats(matrix.depth, matrix.columns));
    kernels::packPanels(matrix, packed.data());
    return packed;
  }

  const std::string path = testing::TempDir() + "firn_weights_" + std::to_string(getpid());
};

TEST_F(Weights, Dense) {
  EXPECT_THAT(valuesOf<float>("dense<[1.0, 2.0]> : tensor<2xf32> -> tensor<2xf32>"),
              ElementsAre(1, 2));
  EXPECT_THAT(valuesOf<float>("dense<3.0> : tensor<3xf32> -> tensor<3xf32>"), ElementsAre(3, 3, 3));
  EXPECT_THAT(valuesOf<int64_t>("dense<[1, -2]> : tensor<2xi64> -> tensor<2xi64>"),
              ElementsAre(1, -2));
  EXPECT_THAT(valuesOf<uint8_t>("dense<[true, false, true]> : tensor<3xi1> -> tensor<3xi1>"),
              ElementsAre(1, 0, 1));
  EXPECT_THAT(valuesOf<uint8_t>("dense<true> : tensor<3xi1> -> tensor<3xi8>"),
              ElementsAre(1, 1, 1));
  EXPECT_THAT(
      valuesOf<float>("dense<[(1.0, 2.0)]> : tensor<1xcomplex<f32>> -> tensor<1xcomplex<f32>>"),
      ElementsAre(1, 2));
}

TEST_F(Weights, GraphTensors) {
  EXPECT_THAT(valuesOf<float>("#graph.tensor<content [1.0, 2.0] : tensor<2xf32>> -> tensor<2xf32>"),
              ElementsAre(1, 2));
  EXPECT_THAT(valuesOf<float>("#graph.tensor<values [1.0, 2.0] : tensor<4xf32>> -> tensor<4xf32>"),
              ElementsAre(1, 2, 2, 2))
      << "the last value repeats";
  EXPECT_THAT(valuesOf<int32_t>("#graph.tensor<values [] : tensor<2xi32>> -> tensor<2xi32>"),
              ElementsAre(0, 0));
  EXPECT_THAT(
      valuesOf<uint8_t>("#graph.tensor<values [true, false] : tensor<3xi1>> -> tensor<3xi8>"),
      ElementsAre(1, 0, 0));
  EXPECT_THAT(valuesOf<int8_t>("#graph.tensor<content \"0x01FF\" : tensor<2x!graph.dtype<qint8>>> "
                               "-> tensor<2xi8>"),
              ElementsAre(1, -1));
}

TEST_F(Weights, InFiles) {
  fileOf(8);
  EXPECT_THAT(valuesOf<float>("#graph.tensor<content file(\"" + path +
                              "\", 3, 16) : tensor<4xf32>> -> tensor<4xf32>"),
              ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(valuesOf<float>("#graph.tensor<content file(\"" + path + "\", 19, 8) file(\"" + path +
                              "\", 3, 8) : tensor<4xf32>> -> tensor<4xf32>"),
              ElementsAre(4, 5, 0, 1));
}

TEST_F(Weights, Packed) {
  for (const auto &[rows, columns] : {std::pair(4, 8), {1, 33}, {5, 64}, {3, 100}}) {
    fileOf(rows * columns);
    const std::string size = std::to_string(rows) + "x" + std::to_string(columns);
    const std::string weight = "#graph.tensor<content file(\"" + path + "\", 3, " +
                               std::to_string(rows * columns * 4) + ") : tensor<" + size +
                               "xf32>> -> tensor<" + size + "xf32>";
    EXPECT_THAT(valuesOf<float>(weight + " {packed}"), panels(rows, columns, false));
    EXPECT_THAT(valuesOf<float>(weight + " {packed, transposed}"),
                ElementsAreArray(panels(rows, columns, true)));
  }
  EXPECT_EQ(
      valuesOf<float>("dense<1.0> : tensor<3x3x8x40xf32> -> tensor<3x3x8x40xf32> {packed}").size(),
      2u * 72 * 32);
}

// More than is held in memory at once: groups of panels, each of parts of all rows.
TEST_F(Weights, PackedInPieces) {
  const int64_t rows = 30000, columns = 130;
  fileOf(rows * columns);
  const std::string half = std::to_string(rows * columns * 2);
  const std::string value = "#graph.tensor<content file(\"" + path + "\", 3, " + half +
                            ") file(\"" + path + "\", " + std::to_string(3 + rows * columns * 2) +
                            ", " + half + ") : ";
  EXPECT_EQ(valuesOf<float>(value + "tensor<30000x130xf32>> -> tensor<30000x130xf32> {packed}"),
            panels(rows, columns, false));
  EXPECT_EQ(valuesOf<float>(value + "tensor<130x30000xf32>> -> tensor<130x30000xf32> "
                                    "{packed, transposed}"),
            panels(columns, rows, true));
}

TEST_F(Weights, DamageIsSaid) {
  fileOf(4);
  const std::string checked = "#graph.tensor<content file(\"" + path + "\", 3, 16, 77) : ";
  EXPECT_EQ(bytesOf(checked + "tensor<4xf32>> -> tensor<4xf32>").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(bytesOf(checked + "tensor<2x2xf32>> -> tensor<2x2xf32> {packed}").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(bytesOf("#graph.tensor<content file(\"" + path +
                    "\", 3, 32) : tensor<8xf32>> -> tensor<8xf32>")
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
  EXPECT_THAT(messageOf("#graph.tensor<content file(\"" + path +
                        "\", 3, 16) : tensor<8xf32>> -> tensor<8xf32>"),
              HasSubstr("expected a constant of 32 bytes, as its shape says, got 16"));
  EXPECT_THAT(messageOf("#graph.tensor<proto \"0x00\" : tensor<1xf32>> -> tensor<1xf32>"),
              HasSubstr("expected a constant of plain elements, got float"));
  EXPECT_THAT(messageOf("dense<[1.0, 2.0]> : tensor<2xf32> -> tensor<3xf32>"),
              HasSubstr("as many elements as its shape"));
}

TEST(WeightLayout, EqualWeightsAreOne) {
  ScheduleText text(programOf(R"(
    %a = schedule.weights dense<1.0> : tensor<4x8xf32> -> tensor<4x8xf32>
    %b = schedule.weights dense<1.0> : tensor<4x8xf32> -> tensor<4x8xf32> {packed}
    %c = schedule.weights dense<1.0> : tensor<4x8xf32> -> tensor<4x8xf32>
    %d = schedule.weights dense<1.0> : tensor<4x8xf32> -> tensor<4x8xf32> {packed, transposed}
    %e = schedule.weights dense<1> : tensor<3xi8> -> tensor<3xi8>
    %f = schedule.weights dense<2> : tensor<i32> -> tensor<i32>
  )"));
  WeightLayout layout;
  ASSERT_TRUE(mlir::succeeded(layout.add(text.program())));
  std::vector<uint64_t> offsets, sizes;
  for (const WeightEntry &entry : layout.entries()) {
    offsets.push_back(entry.offset);
    sizes.push_back(entry.bytes);
  }
  EXPECT_THAT(sizes, ElementsAre(128, 4 * 32 * 4, 8 * 32 * 4, 3, 4));
  EXPECT_THAT(offsets, ElementsAre(0, 128, 640, 1664, 1728));
  EXPECT_EQ(layout.size(), 1732u);
}

} // namespace
} // namespace firn

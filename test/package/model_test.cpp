// A model that firn_add_model made a library of in firn's own tree, through its C++ class.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "perceptron.h"

namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

// `batch` images, of which one row of pixels is black.
std::vector<float> imagesOf(size_t batch) {
  std::vector<float> pixels(batch * 64);
  for (size_t i = 0; i < batch; ++i)
    std::fill_n(pixels.begin() + long(i * 64 + i % 8 * 8), 8, 1.0f);
  return pixels;
}

static_assert(perceptron::kPixelsDims[0] == -1 && perceptron::kPixelsDims[1] == 64);
static_assert(perceptron::kProbabilitiesDims.size() == 2);

TEST(Model, TakesAnyBatch) {
  perceptron::Model model = perceptron::Model::Create().value();
  for (size_t batch : {1, 3, 8, 2}) {
    const std::vector<float> pixels = imagesOf(batch);
    model.SetPixels(pixels).value();
    model.Run().value();
    const firn::Tensor<const float> p = model.Probabilities();
    ASSERT_THAT(p.dims(), ElementsAre(batch, 10));
    for (size_t row = 0; row < batch; ++row) {
      float sum = 0;
      for (size_t i = 0; i < 10; ++i)
        sum += p[row * 10 + i];
      EXPECT_THAT(sum, FloatNear(1, 1e-5f));
    }
  }
}

TEST(Model, RowsDoNotDependOnTheBatch) {
  perceptron::Model one = perceptron::Model::Create().value();
  perceptron::Model many = perceptron::Model::Create().value();
  const std::vector<float> pixels = imagesOf(8);
  many.SetPixels(pixels).value();
  many.Run().value();
  for (size_t row = 0; row < 8; ++row) {
    one.SetPixels({pixels.data() + row * 64, 64}).value();
    one.Run().value();
    for (size_t i = 0; i < 10; ++i)
      EXPECT_THAT(one.Probabilities()[i], FloatNear(many.Probabilities()[row * 10 + i], 1e-6f));
  }
}

TEST(Model, ThreadsHaveTheirOwn) {
  std::vector<std::thread> threads;
  std::vector<float> first(4);
  for (float &result : first)
    threads.emplace_back([&result] {
      const std::vector<float> pixels = imagesOf(2);
      perceptron::Model model = perceptron::Model::Create().value();
      for (int i = 0; i < 100; ++i) {
        model.SetPixels(pixels).value();
        model.Run().value();
      }
      result = model.Probabilities()[0];
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_THAT(first, ElementsAre(first[0], first[0], first[0], first[0]));
}

TEST(Model, IsAModuleAsWell) {
  const firn::Module module = firn::Module::OpenStatic(firn_model_perceptron).value();
  ASSERT_EQ(module.input_count(), 1u);
  EXPECT_STREQ(module.input(0).name(), "pixels:0");
  EXPECT_EQ(module.cpu_level(), firn_cpu_level_of_machine());
  const firn::Module lower = firn::Module::OpenStatic(firn_model_perceptron, {0, 2}).value();
  EXPECT_EQ(lower.cpu_level(), 2u);
  EXPECT_TRUE(firn::Context::Create(module));

  firn_static_module other = firn_model_perceptron;
  ++other.major;
  EXPECT_EQ(firn::Module::OpenStatic(other).code(), FIRN_VERSION);
}

TEST(Model, WhatIsWrongIsTold) {
  perceptron::Model model = perceptron::Model::Create().value();
  EXPECT_EQ(model.Run().code(), FIRN_NOT_READY);
  EXPECT_EQ(model.Probabilities().size(), 0u);
  const std::vector<float> pixels = imagesOf(2);
  firn::Status status = model.SetPixels(pixels, 3);
  if (status.ok())
    status = model.Run();
  EXPECT_EQ(status.code(), FIRN_INVALID);
  EXPECT_THAT(status.message(), HasSubstr("expected 768 bytes (float [3,64]), got 512"));
}

} // namespace

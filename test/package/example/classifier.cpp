#include "classifier.h"

#include <algorithm>

#include "digits.h"

int classify_digit(const float *pixels) {
  // A model has memory of its own, so each thread has one.
  static thread_local firn::Result<digits::Model> model = digits::Model::Create();
  if (!model)
    return -1;
  constexpr std::size_t count = 8 * 8;
  if (!model->SetImages({pixels, count}).ok() || !model->Run().ok())
    return -1;
  const firn::Tensor<const float> p = model->Probabilities();
  return static_cast<int>(std::max_element(p.begin(), p.end()) - p.begin());
}

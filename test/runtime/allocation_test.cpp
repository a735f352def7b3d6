// A run allocates nothing once dims were set. The linker sends every request to the heap of this
// program's own objects through the functions below.
#include <atomic>

#include <sys/mman.h>

#include "support.h"

namespace {
std::atomic<int> requests{0};
} // namespace

#define FIRN_COUNT(result, name, parameters, arguments)                                            \
  extern "C" result __real_##name parameters;                                                      \
  extern "C" result __wrap_##name parameters {                                                     \
    ++requests;                                                                                    \
    return __real_##name arguments;                                                                \
  }

FIRN_COUNT(void *, malloc, (size_t size), (size))
FIRN_COUNT(void *, calloc, (size_t count, size_t size), (count, size))
FIRN_COUNT(void *, realloc, (void *memory, size_t size), (memory, size))
FIRN_COUNT(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
FIRN_COUNT(int, posix_memalign, (void **memory, size_t alignment, size_t size),
           (memory, alignment, size))
FIRN_COUNT(void *, mmap,
           (void *address, size_t size, int protection, int flags, int file, off_t offset),
           (address, size, protection, flags, file, offset))

namespace firn::runtime {
namespace {

TEST(Allocation, ARunAsksForNothing) {
  requests = 0;
  TestModel model(sectionsOf(addProgram(-1), ramp(kAddWeights)), 3);
  EXPECT_GT(requests, 0) << "requests are counted";
  firn_context *context = model.context.get();
  for (int64_t n : {3000, 10, 4096}) {
    const std::vector<float> x = ramp(size_t(n));
    ASSERT_EQ(firn_set_input_dims(context, "x", &n, 1, nullptr), FIRN_OK);
    ASSERT_EQ(firn_prepare(context, nullptr), FIRN_OK);
    requests = 0;
    for (int round = 0; round < 10; ++round) {
      ASSERT_EQ(firn_set_input(context, "x", FIRN_FLOAT, x.data(), x.size() * 4, nullptr), FIRN_OK);
      ASSERT_EQ(firn_set_input_dims(context, "x", &n, 1, nullptr), FIRN_OK);
      ASSERT_EQ(firn_run(context, nullptr), FIRN_OK);
      firn_tensor y;
      ASSERT_EQ(firn_get_output(context, "y", &y, nullptr), FIRN_OK);
    }
    EXPECT_EQ(requests, 0);
  }
}

} // namespace
} // namespace firn::runtime

// The pool, and contexts of one module at once. Also built with the runtime under ThreadSanitizer.
#include "runtime/context/pool.h"

#include <thread>

#include "support.h"

namespace firn::runtime {
namespace {

using ::testing::Each;

struct Work {
  std::vector<int> done; // of each worker; plain, so that a race would be seen
  std::atomic<int> bodies{0};
};

void work(void *argument, uint32_t worker) {
  Work &work = *static_cast<Work *>(argument);
  work.done[worker] += 1;
  ++work.bodies;
}

TEST(Pool, RunsTheCallerAndWhoeverComes) {
  for (uint32_t threads : {1, 2, 8}) {
    Pool pool;
    ASSERT_EQ(pool.start({threads, nullptr, nullptr}, nullptr), FIRN_OK);
    Work record;
    record.done.resize(threads);
    constexpr int kJobs = 2000;
    for (int job = 0; job < kJobs; ++job) {
      const int before = record.bodies;
      const uint32_t wanted = 1 + uint32_t(job) % threads;
      pool.run(wanted, work, &record);
      EXPECT_GE(record.bodies, before + 1);
    }
    EXPECT_EQ(record.done[0], kJobs) << "the caller takes part in every job";
    int all = 0;
    for (int done : record.done)
      all += done;
    EXPECT_EQ(all, record.bodies);
  }
}

TEST(Pool, WakesAfterSleeping) {
  Pool pool;
  ASSERT_EQ(pool.start({4, nullptr, nullptr}, nullptr), FIRN_OK);
  for (int job = 0; job < 20; ++job) {
    Work record;
    record.done.resize(4);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    pool.run(
        4,
        [](void *argument, uint32_t worker) {
          work(argument, worker);
          // Everybody waits for a second one: a pool that never woke anyone would hang.
          while (static_cast<Work *>(argument)->bodies < 2)
            std::this_thread::yield();
        },
        &record);
    EXPECT_GE(record.bodies, 2);
  }
}

TEST(Pool, EndsWhileItsThreadsSpinOrSleep) {
  for (int round = 0; round < 50; ++round) {
    Pool pool;
    ASSERT_EQ(pool.start({3, nullptr, nullptr}, nullptr), FIRN_OK);
    Work record;
    record.done.resize(3);
    if (round % 2)
      pool.run(3, work, &record);
  }
}

void runOften(firn_context *context, float scale) {
  for (int64_t n : {4000, 33, 1, 1000, 2}) {
    const std::vector<float> x = ramp(size_t(n), scale);
    std::vector<float> expected = x;
    for (size_t i = 0; i < x.size(); ++i)
      expected[i] = (x[i] + float(i)) + float(i);
    ASSERT_EQ(firn_set_input_dims(context, "x", &n, 1, nullptr), FIRN_OK);
    setInput(context, "x", FIRN_FLOAT, x, nullptr);
    for (int round = 0; round < 40; ++round) {
      firn_status status;
      ASSERT_EQ(firn_run(context, &status), FIRN_OK) << status.message;
      ASSERT_EQ(outputOf<float>(context, "y"), expected);
    }
  }
}

TEST(Threads, ContextsOfOneModuleDoNotMeet) {
  TestModel model(sectionsOf(addProgram(-1), ramp(kAddWeights)), 8);
  const ContextPointer second = model.newContext(8), third = model.newContext(1);
  std::thread threads[] = {std::thread(runOften, model.context.get(), 0.25f),
                           std::thread(runOften, second.get(), 3.0f),
                           std::thread(runOften, third.get(), -1.0f)};
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Threads, ModulesCloseInAnyOrder) {
  std::vector<std::thread> threads;
  {
    TestModel model(sectionsOf(addProgram(-1), ramp(kAddWeights)));
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([context = model.newContext(2).release()] {
        runOften(context, 1);
        firn_context_destroy(context);
      });
    model.opened.module.reset();
    model.context.reset();
    for (std::thread &thread : threads)
      thread.join();
  }
}

} // namespace
} // namespace firn::runtime

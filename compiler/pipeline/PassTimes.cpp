#include "compiler/pipeline/PassTimes.h"

#include "mlir/Pass/Pass.h"

#include <chrono>

using namespace mlir;

namespace firn {
namespace {

using Clock = std::chrono::steady_clock;

class PassTimes : public PassInstrumentation {
public:
  explicit PassTimes(std::vector<PassTime> &times) : times(times) {}

  void runBeforePass(Pass *pass, Operation *) override {
    if (!pass->getArgument().empty())
      started = Clock::now();
  }
  // Adaptors of nested passes have no name: what they run has.
  void runAfterPass(Pass *pass, Operation *) override {
    if (pass->getArgument().empty())
      return;
    const std::chrono::duration<double, std::milli> time = Clock::now() - started;
    times.push_back({pass->getArgument().str(), time.count()});
  }

private:
  std::vector<PassTime> &times;
  Clock::time_point started;
};

} // namespace

std::unique_ptr<PassInstrumentation> createPassTimes(std::vector<PassTime> &times) {
  return std::make_unique<PassTimes>(times);
}

} // namespace firn

// What the tests of this room share: checkpoints made on the spot.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/workbench/execute.h"
#include "test/compiler/formats/support.h"

namespace firn::testing {

class WorkbenchTest : public TempDir {
protected:
  /// A float tensor of each key, counting from its number.
  std::unique_ptr<Checkpoint> save(const std::string &name,
                                   const std::map<std::string, std::vector<int64_t>> &shapes,
                                   float first = 0) {
    auto writer = CheckpointWriter::create(at(name));
    EXPECT_TRUE(ok(writer));
    for (const auto &[key, shape] : shapes) {
      int64_t count = 1;
      for (int64_t dim : shape)
        count *= dim;
      EXPECT_TRUE(
          ok(writeTensor(**writer, key, tensorflow::DT_FLOAT, shape, floats(count, first))));
    }
    EXPECT_TRUE(ok((*writer)->finish()));
    return open(name);
  }

  std::unique_ptr<Checkpoint> open(const std::string &name) {
    auto checkpoint = Checkpoint::open(at(name));
    EXPECT_TRUE(ok(checkpoint));
    return checkpoint.ok() ? *std::move(checkpoint) : nullptr;
  }

  std::unique_ptr<Checkpoint> execute(Plan plan, const std::string &name,
                                      const SinkOptions &sink = {}) {
    EXPECT_TRUE(ok(executePlan(std::move(plan), at(name), {sink, true, nullptr})));
    return open(name);
  }

  static std::string bytes(Checkpoint &checkpoint, const std::string &key) {
    auto read = checkpoint.read(key);
    EXPECT_TRUE(ok(read));
    return read.ok() ? *read : "";
  }
};

} // namespace firn::testing

// What `firn bench` tells.
#pragma once

#include <string>
#include <vector>

#include "compiler/pipeline/BenchModule.h"

namespace firn {

struct BenchReport {
  struct Input {
    std::string name, source; // "random", "in.npz"
    int dtype;
    std::vector<int64_t> shape;
  };
  std::string path;
  std::vector<Input> inputs;
  double loadMicroseconds = 0;
  ModuleProgram program;
  BenchResult result;
};

/// Tables, and the line `median_us: F` at the end. `all`: every dispatch, not the slowest 20.
std::string benchText(const BenchReport &report, bool all);
void printBenchJson(const BenchReport &report);

/// What a step runs, and the nodes it computes, in few words.
std::string stepKernelText(const ModuleProgram::Step &step);
std::string stepNodesText(const ModuleProgram::Step &step);

} // namespace firn

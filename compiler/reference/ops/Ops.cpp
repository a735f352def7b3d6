#include "compiler/reference/ops/Ops.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

namespace firn::reference {

static const llvm::StringMap<Kernel> &allKernels() {
  static const auto *kernels = [] {
    auto *map = new llvm::StringMap<Kernel>();
    for (KernelList list : {flowKernels(),
                            binaryKernels(),
                            divideKernels(),
                            compareKernels(),
                            unaryKernels(),
                            activationKernels(),
                            specialKernels(),
                            reduceKernels(),
                            selectKernels(),
                            batchNormKernels(),
                            lossKernels(),
                            resizeKernels(),
                            warpKernels(),
                            boxKernels(),
                            randomKernels(),
                            segmentKernels(),
                            matMulKernels(),
                            einsumKernels(),
                            convKernels(),
                            depthwiseKernels(),
                            poolKernels(),
                            normKernels(),
                            imageKernels(),
                            recurrentKernels(),
                            quantizeDequantizeKernels(),
                            quantizedKernels(),
                            quantizedOpKernels(),
                            quantizedProductKernels(),
                            audioKernels(),
                            fourierKernels(),
                            linalgKernels(),
                            spectralKernels(),
                            diagonalKernels(),
                            constructKernels(),
                            joinKernels(),
                            sliceKernels(),
                            gatherKernels(),
                            layoutKernels(),
                            padKernels(),
                            sortKernels(),
                            stringKernels(),
                            stringNumberKernels(),
                            stringPartKernels(),
                            tableKernels(),
                            tensorArrayKernels(),
                            tensorListKernels(),
                            tensorListRowKernels(),
                            sparseKernels(),
                            sparseDenseKernels()})
      for (const KernelEntry &entry : list)
        map->try_emplace(entry.op, entry.kernel);
    return map;
  }();
  return *kernels;
}

Kernel findKernel(llvm::StringRef op) { return allKernels().lookup(op); }

std::vector<llvm::StringRef> kernelNames() {
  std::vector<llvm::StringRef> names;
  for (const auto &entry : allKernels())
    names.push_back(entry.first());
  llvm::sort(names);
  return names;
}

} // namespace firn::reference

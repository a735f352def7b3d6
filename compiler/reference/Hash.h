// Hashes of strings by which TensorFlow chooses buckets.
#pragma once

#include <cstdint>

#include "llvm/ADT/StringRef.h"

namespace firn::reference {

/// FarmHash's 64-bit fingerprint, which is the same on all machines.
uint64_t farmFingerprint(llvm::StringRef text);
/// MurmurHash64A with TensorFlow's seed.
uint64_t murmurHash(llvm::StringRef text);
/// SipHash-2-4 under a key of two numbers.
uint64_t sipHash(uint64_t key0, uint64_t key1, llvm::StringRef text);

} // namespace firn::reference

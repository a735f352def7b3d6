// The CPU level that a kernel source is being compiled for, and how its entries are named.
#pragma once

#if defined(__AVX512F__)
#define FIRN_LEVEL 4
#define FIRN_LEVEL_NAMESPACE v4
#elif defined(__AVX2__) && defined(__FMA__)
#define FIRN_LEVEL 3
#define FIRN_LEVEL_NAMESPACE v3
#else
#define FIRN_LEVEL 2
#define FIRN_LEVEL_NAMESPACE v2
#endif

// Kernel templates live in a namespace of their level: one program holds all levels of one
// template, and the linker must not merge them.

#define FIRN_JOIN2(a, b) a##b
#define FIRN_JOIN(a, b) FIRN_JOIN2(a, b)

/// Symbol of an entry or of the epilogue: as given in bitcode, `NAME_v4` in native objects.
#if defined(FIRN_KERNEL_NATIVE)
#define FIRN_SYMBOL(name) FIRN_JOIN(FIRN_JOIN(name, _), FIRN_LEVEL_NAMESPACE)
#else
#define FIRN_SYMBOL(name) name
#endif

/// Parts of a kernel: always inlined, so that an entry is one function which the compiler may clone
/// with its own constants and epilogue.
#define FIRN_INLINE inline __attribute__((always_inline))
/// The same for a lambda: [](…) FIRN_INLINED { … }.
#define FIRN_INLINED __attribute__((always_inline))

/// In front of a loop over registers: it has to vanish.
#if defined(__clang__)
#define FIRN_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FIRN_UNROLL _Pragma("GCC unroll 32")
#endif

/// FIRN_KERNEL_ENTRY(matmul_14, firn_matmul_args) { … }: defines the entry `firn_kernel_matmul_14`
/// with the parameters `group` and `args`.
#define FIRN_KERNEL_ENTRY(name, arguments)                                                         \
  extern "C" uint32_t FIRN_SYMBOL(firn_kernel_##name)(const firn_workgroup *group,                 \
                                                      const arguments *args)

/* The runtime of compiled models. Plain C; every function may be called from C++.
 *
 *   firn_status status;
 *   firn_module *module;
 *   firn_context *context;
 *   firn_tensor prob;
 *   int64_t dims[] = {8, 224, 224, 3};
 *
 *   if (firn_module_open("model.firn", NULL, &module, &status))
 *     return puts(status.message);
 *   if (firn_context_create(module, NULL, &context, &status) ||
 *       firn_set_input_dims(context, "x", dims, 4, &status) ||
 *       firn_set_input(context, "x", FIRN_FLOAT, pixels, bytes, &status) ||
 *       firn_run(context, &status) ||
 *       firn_get_output(context, "prob", &prob, &status))
 *     puts(status.message);
 *   // prob.data, prob.dims: until the next firn_prepare, firn_set_output, firn_context_destroy
 *   firn_run(context, &status); // again, on what is in `pixels` now
 *   firn_context_destroy(context);
 *   firn_module_close(module);
 *
 * Opening maps the file and reads little of it; weights are used where they lie. A context has
 * memory and threads of its own. Inputs are pointers, nothing is copied. Dims are only set where
 * some are dynamic; firn_prepare, or the first firn_run after dims were set, makes all memory, a
 * later firn_run allocates nothing.
 *
 * A module never changes after it was opened: any number of threads may use it at once. A context
 * (arena, threads, pointers to inputs) belongs to one thread at a time; make one for each request
 * that runs at once. Results do not depend on the number of threads.
 *
 * Trust: a module holds machine code, it is as trusted as a shared library. Everything but the
 * weights is checked when it is opened; damage is an error, never a crash. Files are mapped:
 * replace them by rename, never in place. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FIRN_API __attribute__((visibility("default")))

typedef enum firn_code {
  FIRN_OK = 0,
  FIRN_INVALID = 1,       /* a name, dtype, size or pointer that the model does not take */
  FIRN_UNREADABLE = 2,    /* the file cannot be opened or mapped */
  FIRN_DAMAGED = 3,       /* the module contradicts itself or its checksums */
  FIRN_VERSION = 4,       /* made for a runtime of another version */
  FIRN_CPU = 5,           /* no code for this processor */
  FIRN_OUT_OF_MEMORY = 6, /* memory or threads */
  FIRN_NOT_READY = 7,     /* an input has no dims or pointer, or the module no code for it */
  FIRN_FAILED = 8,        /* a step failed on this input: an index out of range … */
} firn_code;

/* Every function that can fail returns its code, and fills `status` where that is not NULL. */
typedef struct firn_status {
  firn_code code;
  char message[508]; /* one line, no full stop; empty when the code is FIRN_OK */
} firn_status;

typedef struct firn_module firn_module;
typedef struct firn_context firn_context;

/* Element types: the numbers of tensorflow.DataType. Bool is a byte, 0 or 1. */
typedef int32_t firn_dtype;
enum firn_dtype_number {
  FIRN_FLOAT = 1,
  FIRN_DOUBLE = 2,
  FIRN_INT32 = 3,
  FIRN_UINT8 = 4,
  FIRN_INT16 = 5,
  FIRN_INT8 = 6,
  FIRN_COMPLEX64 = 8,
  FIRN_INT64 = 9,
  FIRN_BOOL = 10,
  FIRN_QINT8 = 11,
  FIRN_QUINT8 = 12,
  FIRN_QINT32 = 13,
  FIRN_BFLOAT16 = 14,
  FIRN_QINT16 = 15,
  FIRN_QUINT16 = 16,
  FIRN_UINT16 = 17,
  FIRN_COMPLEX128 = 18,
  FIRN_HALF = 19,
  FIRN_UINT32 = 22,
  FIRN_UINT64 = 23,
};
/* As TensorFlow names it: "float", "int32"; "none" for what no model takes or gives. */
FIRN_API const char *firn_dtype_name(firn_dtype dtype);

/* ---- Modules ---- */

enum firn_open_flag {
  FIRN_OPEN_VERIFY = 1,  /* compare the weights with their checksum as well: reads them all */
  FIRN_OPEN_INSPECT = 2, /* map no code: the module can be looked at on any machine, not run */
};

typedef struct firn_open_options {
  uint32_t flags;
  uint32_t
      cpu_level; /* use code of this x86-64 level at most: 2, 3, 4; 0: what the processor has */
} firn_open_options;

/* The environment's FIRN_CPU_LEVEL (v2, v3, v4) is a limit like `cpu_level`. `options` may be NULL.
 */
FIRN_API firn_code firn_module_open(const char *path, const firn_open_options *options,
                                    firn_module **module, firn_status *status);

/* From memory that stays as it is until the module and its contexts are gone; 64-byte aligned. Only
 * code is copied. */
FIRN_API firn_code firn_module_open_memory(const void *data, size_t size,
                                           const firn_open_options *options, firn_module **module,
                                           firn_status *status);

/* A model that is linked in: `firn embed` makes an object with this in it, and a header that shows
 * it. Raised with the ABI of code (runtime/abi/dispatch.h): another major version is refused, a
 * model of a higher minor version than the runtime's as well. */
#define FIRN_STATIC_MAJOR 1
#define FIRN_STATIC_MINOR 0

struct firn_workgroup;

typedef struct firn_static_code {
  uint32_t level, reserved; /* 2, 3 or 4, of x86-64; 0 */
  uint32_t (*entry)(uint32_t function, const struct firn_workgroup *group);
} firn_static_code;

typedef struct firn_static_module {
  uint32_t size; /* of this struct in bytes, as whoever made it knows it */
  uint16_t major, minor;
  const firn_static_code *code;
  const void *program; /* 8-byte aligned */
  const void *names;   /* the same; NULL: none */
  const void *weights; /* 64-byte aligned; NULL: none */
  uint64_t code_count, program_size, names_size, weights_size;
} firn_static_module;

/* Checks the program as of a file; reads no file, copies neither code nor weights. The weights are
 * as sound as the program that they are a part of: FIRN_OPEN_VERIFY compares nothing. */
FIRN_API firn_code firn_module_open_static(const firn_static_module *model,
                                           const firn_open_options *options, firn_module **module,
                                           firn_status *status);

/* Contexts that still use the module keep it alive. NULL is allowed. */
FIRN_API void firn_module_close(firn_module *module);

/* What the model takes or gives. A dynamic dimension is -1. Lives as long as the module. Where a
 * name is asked for, "x" is "x:0" as well. */
typedef struct firn_port {
  const char *name;
  firn_dtype dtype;
  uint32_t rank;
  const int64_t *dims;
} firn_port;

FIRN_API uint32_t firn_module_input_count(const firn_module *module);
FIRN_API uint32_t firn_module_output_count(const firn_module *module);
FIRN_API const firn_port *firn_module_input(const firn_module *module, uint32_t index);
FIRN_API const firn_port *firn_module_output(const firn_module *module, uint32_t index);

/* The x86-64 level of the code in use; 0: opened without code. */
FIRN_API uint32_t firn_module_cpu_level(const firn_module *module);
/* The level that this processor has: 0 (below x86-64-v2), 2, 3 or 4. */
FIRN_API uint32_t firn_cpu_level_of_machine(void);

/* The file: offsets of sections (runtime/module/format.h) count from `firn_module_bytes`. Of a
 * module that is linked in there are neither: NULL, 0. */
struct firn_section;
FIRN_API const void *firn_module_bytes(const firn_module *module, size_t *size);
FIRN_API const struct firn_section *firn_module_sections(const firn_module *module,
                                                         uint32_t *count);

/* ---- Contexts ---- */

/* Calls `body(argument, i)` once for each i below `count`, in any order, on any threads, and
 * returns when all have returned. `count` is at most `threads` of the context. */
typedef void (*firn_parallel_for)(void *user, uint32_t count,
                                  void (*body)(void *argument, uint32_t index), void *argument);

typedef struct firn_context_options {
  uint32_t threads;               /* the caller's included; 0: the processors it may run on */
  firn_parallel_for parallel_for; /* instead of threads of the runtime's own; may be NULL */
  void *parallel_user;
} firn_context_options;

FIRN_API firn_code firn_context_create(firn_module *module, const firn_context_options *options,
                                       firn_context **context, firn_status *status);
/* On the caller's thread alone. A program that links the runtime statically and makes no other
 * contexts has nothing of threads in it. */
FIRN_API firn_code firn_context_create_single(firn_module *module, firn_context **context,
                                              firn_status *status);
FIRN_API void firn_context_destroy(firn_context *context);

/* Takes effect in the next firn_prepare or firn_run. */
FIRN_API firn_code firn_set_input_dims(firn_context *context, const char *input,
                                       const int64_t *dims, uint32_t rank, firn_status *status);

/* The runtime reads `data` in every firn_run until another pointer is set. `bytes` has to be the
 * size of the tensor. */
FIRN_API firn_code firn_set_input(firn_context *context, const char *input, firn_dtype dtype,
                                  const void *data, size_t bytes, firn_status *status);

/* Lets the model write its output into the caller's memory (at least the size of the tensor; where
 * a dimension is known only after the run, of its upper bound). NULL: memory of the context again.
 */
FIRN_API firn_code firn_set_output(firn_context *context, const char *output, firn_dtype dtype,
                                   void *data, size_t bytes, firn_status *status);

/* Checks the dims of all inputs together and makes memory for them. firn_run does it where dims
 * have changed; after it, firn_run allocates nothing. */
FIRN_API firn_code firn_prepare(firn_context *context, firn_status *status);

FIRN_API firn_code firn_run(firn_context *context, firn_status *status);

typedef struct firn_tensor {
  firn_dtype dtype;
  uint32_t rank;
  const int64_t *dims;
  void *data;
  size_t bytes;
} firn_tensor;

/* After firn_prepare: dims (upper bounds of those that depend on data) and memory. After firn_run:
 * the result. */
FIRN_API firn_code firn_get_output(const firn_context *context, const char *output,
                                   firn_tensor *tensor, firn_status *status);

/* ---- For tools ---- */

/* A dispatch or copy that has just run. */
typedef struct firn_step {
  uint32_t index; /* in the program's steps */
  uint32_t function, grid[3];
  uint64_t nanoseconds;
  uint32_t binding_count;
  void *const *bindings; /* the first byte of each */
  const int64_t *slots;  /* the values of all slots of the program */
} firn_step;

typedef void (*firn_step_hook)(void *user, const firn_step *step);

/* `hook` is called on the thread that runs, after each dispatch and copy; NULL: no more. */
FIRN_API void firn_set_step_hook(firn_context *context, firn_step_hook hook, void *user);

typedef struct firn_memory {
  uint64_t arena;       /* tensors between steps */
  uint64_t arena_bound; /* no plan of the arena can be smaller */
  uint64_t scratch;     /* of all threads */
  uint64_t outputs;     /* made by the context */
} firn_memory;

/* After firn_prepare, in bytes. */
FIRN_API firn_memory firn_context_memory(const firn_context *context);
FIRN_API uint32_t firn_context_threads(const firn_context *context);

#ifdef __cplusplus
}
#endif

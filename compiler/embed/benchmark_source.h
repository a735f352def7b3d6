// The source of a model's benchmark, with `$KEY$` for what is the model's own.
#pragma once

namespace firn {

constexpr char kBenchmarkSource[] =
    R"(/* Tells how long the model `$name$` takes, as firn bench does of a module. Made by $generator$; do not edit.
 *
 * usage: [--batch N] [--threads N] [--seconds S] [--all] */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "$header$"

/* ---- The model ---- */

typedef struct input {
  const char *name;
  firn_dtype dtype;
  const char *type;
  uint32_t rank, size; /* bytes of an element */
  int64_t dims[$rank$];    /* -1: dynamic */
} input;

static const input inputs[] = {
$inputs$    {NULL, 0, NULL, 0, 0, {0}},
};

/* The bytes of a step are a sum of slots of the program. */
typedef struct term {
  uint32_t slot;
  int sign;
} term;

static const term terms[] = {
$terms$    {0, 0},
};

typedef struct step {
  uint32_t index, flops; /* a slot; 0: not known */
  uint32_t first_term, term_count;
  const char *kernel, *nodes;
} step;

static const step steps[] = {
$steps$    {0, 0, 0, 0, NULL, NULL},
};

enum {
  step_count = sizeof steps / sizeof steps[0] - 1,
  takes_batch = $takes_batch$, /* some first dimension is dynamic */
  fewest_runs = 5,
  steps_shown = 20
};

/* ---- What is measured ---- */

static double microseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void *allocate(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (!memory) {
    fprintf(stderr, "$name$: error: out of memory: %zu bytes\n", bytes);
    exit(1);
  }
  return memory;
}

/* Numbers that grow. */
typedef struct series {
  double *values;
  size_t count, room;
} series;

static void append(series *to, double value) {
  if (to->count == to->room) {
    to->room = to->room ? 2 * to->room : 1024;
    to->values = (double *)realloc(to->values, to->room * sizeof(double));
    if (!to->values)
      abort();
  }
  to->values[to->count++] = value;
}

static int order(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(series *of) {
  qsort(of->values, of->count, sizeof(double), order);
  return of->count ? of->values[of->count / 2] : 0;
}

typedef struct total {
  series times; /* of each run */
  double now, runs, flops, bytes;
} total;

static total totals[step_count + 1];

static double bytes_of(const step *of, const int64_t *slots) {
  double sum = 0;
  uint32_t i;
  for (i = 0; i < of->term_count; ++i)
    sum += terms[of->first_term + i].sign * (double)slots[terms[of->first_term + i].slot];
  return sum;
}

static void on_step(void *user, const firn_step *event) {
  uint32_t i = 0;
  (void)user;
  while (i < step_count && steps[i].index != event->index)
    ++i;
  if (i == step_count)
    return;
  totals[i].now += (double)event->nanoseconds / 1e3;
  totals[i].runs += 1;
  totals[i].flops += steps[i].flops ? (double)event->slots[steps[i].flops] : 0;
  totals[i].bytes += bytes_of(&steps[i], event->slots);
}

static void end_run(void) {
  uint32_t i;
  for (i = 0; i < step_count; ++i) {
    append(&totals[i].times, totals[i].now);
    totals[i].now = 0;
  }
}

/* ---- Inputs ---- */

static uint64_t random_bits(void) {
  static uint64_t state = 0;
  uint64_t bits = state += UINT64_C(0x9e3779b97f4a7c15);
  bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
  return bits ^ bits >> 31;
}

/* Floating-point numbers between 0 and 1, integers 0 or 1: indices that every model takes. */
static void fill(firn_dtype dtype, unsigned char *data, size_t bytes, size_t size) {
  size_t i;
  for (i = 0; i + size <= bytes; i += size) {
    const uint64_t bits = random_bits();
    const float small = (float)(bits >> 40) / 16777216.0f;
    const double large = (double)(bits >> 11) / 9007199254740992.0;
    const uint16_t half = (uint16_t)((dtype == FIRN_HALF ? 0x3800u : 0x3f00u) + (bits & 0x7f));
    memset(data + i, 0, size);
    if (dtype == FIRN_FLOAT || dtype == FIRN_COMPLEX64)
      memcpy(data + i, &small, sizeof small);
    else if (dtype == FIRN_DOUBLE || dtype == FIRN_COMPLEX128)
      memcpy(data + i, &large, sizeof large);
    else if (dtype == FIRN_HALF || dtype == FIRN_BFLOAT16)
      memcpy(data + i, &half, sizeof half);
    else
      data[i] = (unsigned char)(bits >> 63);
  }
}

static firn_code feed(firn_context *context, const input *in, int64_t batch, firn_status *status) {
  int64_t dims[$rank$];
  size_t bytes = in->size;
  unsigned char *data;
  uint32_t i;
  firn_code code;
  printf("  %s  %s [", in->name, in->type);
  for (i = 0; i < in->rank; ++i) {
    dims[i] = in->dims[i] >= 0 ? in->dims[i] : i == 0 ? batch : 1;
    bytes *= (size_t)dims[i];
    printf("%s%lld", i ? "," : "", (long long)dims[i]);
  }
  printf("]  random\n");
  data = (unsigned char *)allocate(bytes);
  fill(in->dtype, data, bytes, in->size);
  code = firn_set_input_dims(context, in->name, dims, in->rank, status);
  return code ? code : firn_set_input(context, in->name, in->dtype, data, bytes, status);
}

/* ---- The figures ---- */

static void print_steps(const series *whole, int all) {
  double medians[step_count + 1], sum = 0;
  uint32_t i, shown, next;
  for (i = 0; i < step_count; ++i)
    sum += medians[i] = median(&totals[i].times);
  printf("\n  step        us   share    runs  GFLOP/s     GB/s  kernel, nodes\n");
  for (shown = 0; shown < step_count && (all || shown < steps_shown); ++shown) {
    for (next = 0, i = 1; i < step_count; ++i)
      if (medians[i] > medians[next])
        next = i;
    if (totals[next].runs > 0) {
      const double runs = (double)whole->count, each = medians[next];
      printf("  %4u %9.1f %5.1f %% %7.4g", steps[next].index, each, sum > 0 ? 100 * each / sum : 0,
             totals[next].runs / runs);
      if (totals[next].flops > 0)
        printf(" %8.1f", totals[next].flops / runs / each / 1e3);
      else
        printf("         ");
      printf(" %8.1f  %s%s%s\n", totals[next].bytes / runs / each / 1e3, steps[next].kernel,
             steps[next].nodes[0] ? ", " : "", steps[next].nodes);
    }
    medians[next] = -1;
  }
  if (shown < step_count)
    printf("  and %u more; --all shows them\n", step_count - shown);
}

/* Runs again and again for a while, and a few times at least. */
static firn_code repeat(firn_context *context, double seconds, series *times, int by_step,
                        firn_status *status) {
  const double end = microseconds_now() + seconds * 1e6;
  while (times->count < fewest_runs || microseconds_now() < end) {
    const double start = microseconds_now();
    if (firn_run(context, status) != FIRN_OK)
      return status->code;
    append(times, microseconds_now() - start);
    if (by_step)
      end_run();
  }
  return FIRN_OK;
}

static double mean(const series *of) {
  double sum = 0;
  size_t i;
  for (i = 0; i < of->count; ++i)
    sum += of->values[i];
  return sum / (double)of->count;
}

static firn_code measure(firn_context *context, double opened, double seconds, int all,
                         firn_status *status) {
  series whole = {NULL, 0, 0}, stepped = {NULL, 0, 0};
  double first = microseconds_now();
  double flops = 0, middle;
  firn_memory memory;
  uint32_t i;
  if (firn_run(context, status) != FIRN_OK)
    return status->code;
  first = microseconds_now() - first;
  if (repeat(context, seconds, &whole, 0, status) != FIRN_OK)
    return status->code;
  firn_set_step_hook(context, on_step, NULL);
  if (repeat(context, seconds / 2, &stepped, 1, status) != FIRN_OK)
    return status->code;
  middle = median(&whole);
  print_steps(&stepped, all);
  for (i = 0; i < step_count; ++i)
    flops += totals[i].flops / (double)stepped.count;
  memory = firn_context_memory(context);
  printf("\nopened in %.2f ms, first run %.2f ms; arena %.1f kB, scratch %.1f kB, outputs %.1f kB\n",
         opened / 1e3, first / 1e3, (double)memory.arena / 1e3, (double)memory.scratch / 1e3,
         (double)memory.outputs / 1e3);
  printf("the model: %.1f GFLOP/s\n", flops / middle / 1e3);
  printf("%zu runs: min %.1f us, mean %.1f us, p99 %.1f us\n", whole.count, whole.values[0],
         mean(&whole), whole.values[(whole.count - 1) * 99 / 100]);
  printf("median_us: %.2f\n", middle);
  return FIRN_OK;
}

/* ---- The command line ---- */

typedef struct settings {
  firn_context_options context;
  int64_t batch;
  double seconds;
  int all;
} settings;

/* The number behind a flag; ends the program where there is none from `least` on. */
static double value_of(int count, char **arguments, int flag, double least) {
  char *end = NULL;
  const double value = flag + 1 < count ? strtod(arguments[flag + 1], &end) : -1;
  if (!end || *end || end == arguments[flag + 1] || !(value >= least)) {
    fprintf(stderr, "$name$: error: expected a number from %g on as %s\n", least, arguments[flag]);
    exit(2);
  }
  return value;
}

static settings read_arguments(int count, char **arguments) {
  settings result = {{0, NULL, NULL}, 1, 1, 0};
  int i;
  for (i = 1; i < count; ++i) {
    if (strcmp(arguments[i], "--all") == 0) {
      result.all = 1;
    } else if (takes_batch && strcmp(arguments[i], "--batch") == 0) {
      result.batch = (int64_t)value_of(count, arguments, i++, 1);
    } else if (strcmp(arguments[i], "--threads") == 0) {
      result.context.threads = (uint32_t)value_of(count, arguments, i++, 1);
    } else if (strcmp(arguments[i], "--seconds") == 0) {
      result.seconds = value_of(count, arguments, i++, 0);
    } else {
      fprintf(stderr, "$name$: error: unknown argument '%s': expected [%s--threads N] [--seconds S] [--all]\n",
              arguments[i], takes_batch ? "--batch N] [" : "");
      exit(2);
    }
  }
  return result;
}

static firn_code benchmark(const settings *how, firn_status *status) {
  const double start = microseconds_now();
  firn_module *module;
  firn_context *context;
  const input *in;
  double opened;
  if (firn_module_open_static(&$model$, NULL, &module, status) != FIRN_OK ||
      firn_context_create(module, &how->context, &context, status) != FIRN_OK)
    return status->code;
  opened = microseconds_now() - start;
  printf("$name$: x86-64-v%u, threads: %u\n", firn_module_cpu_level(module), firn_context_threads(context));
  for (in = inputs; in->name; ++in)
    if (feed(context, in, how->batch, status) != FIRN_OK)
      return status->code;
  return measure(context, opened, how->seconds, how->all, status);
}

int main(int count, char **arguments) {
  const settings how = read_arguments(count, arguments);
  firn_status status;
  if (benchmark(&how, &status) == FIRN_OK)
    return 0;
  fprintf(stderr, "$name$: error: %s\n", status.message);
  return 1;
}
)";

} // namespace firn

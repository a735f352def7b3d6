/* The shared library: which digit an image shows. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* `pixels`: 8x8 of 0..16. A negative number where that failed. From any thread. */
__attribute__((visibility("default"))) int classify_digit(const float *pixels);

#ifdef __cplusplus
}
#endif

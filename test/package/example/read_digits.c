/* read_digits IMAGE…: the digits that the images show, all of them read in one batch. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "image.h"
#include "mlp.h"

/* Of one row of probabilities. */
static int likeliest(const float *p, int64_t count) {
  int best = 0;
  for (int i = 1; i < count; ++i)
    if (p[i] > p[best])
      best = i;
  return best;
}

static int print_digits(const float *pixels, int64_t batch) {
  firn_status status;
  mlp_model model;
  if (mlp_create(&model, NULL, &status) || mlp_set_pixels(&model, pixels, batch, &status) ||
      mlp_run(&model, &status)) {
    fprintf(stderr, "%s\n", status.message);
    return 1;
  }
  int64_t dims[MLP_PROBABILITIES_RANK];
  const float *p = mlp_probabilities(&model, dims);
  for (int64_t i = 0; i < batch; ++i)
    printf(i + 1 < batch ? "%d " : "%d\n", likeliest(p + i * dims[1], dims[1]));
  mlp_destroy(&model);
  return 0;
}

int main(int count, char **paths) {
  const int batch = count - 1;
  float *pixels = malloc((size_t)batch * IMAGE_PIXELS * sizeof(float));
  int failed = pixels == NULL || batch < 1;
  for (int i = 0; !failed && i < batch; ++i)
    failed = !read_image(paths[i + 1], pixels + i * IMAGE_PIXELS);
  for (int i = 0; !failed && i < batch * IMAGE_PIXELS; ++i)
    pixels[i] /= 16; /* as in training */
  if (!failed)
    failed = print_digits(pixels, batch);
  free(pixels);
  return failed;
}

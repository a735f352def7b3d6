#include "image.h"

#include <stdio.h>

int read_image(const char *path, float *pixels) {
  FILE *file = fopen(path, "r");
  int count = 0;
  while (file && count < IMAGE_PIXELS && fscanf(file, "%f", &pixels[count]) == 1)
    ++count;
  if (file)
    fclose(file);
  if (count < IMAGE_PIXELS)
    fprintf(stderr, "%s: expected %d numbers, got %d\n", path, IMAGE_PIXELS, count);
  return count == IMAGE_PIXELS;
}

/* classify IMAGE…: the digits that the images show. */
#include <stdio.h>

#include "classifier.h"
#include "image.h"

int main(int count, char **paths) {
  for (int i = 1; i < count; ++i) {
    float pixels[IMAGE_PIXELS];
    if (!read_image(paths[i], pixels))
      return 1;
    const int digit = classify_digit(pixels);
    if (digit < 0)
      return 1;
    printf(i + 1 < count ? "%d " : "%d\n", digit);
  }
  return 0;
}

/* Images as text: 8 rows of 8 numbers from 0, white, to 16, black. */
#pragma once

enum { IMAGE_PIXELS = 64 };

/* 1 where the file holds an image; otherwise 0, and the reason is on stderr. */
int read_image(const char *path, float *pixels);

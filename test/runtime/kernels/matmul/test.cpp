// The matmul kernels at every level of this machine against the plain reference.
#include <gtest/gtest.h>

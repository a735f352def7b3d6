/* The functions of code.c, by the numbers that programs call them with. */
#pragma once

enum test_function { kAdd, kHit, kLess, kKeep, kMultiply, kPick, kFunctions };
enum { kStripe = 16 };

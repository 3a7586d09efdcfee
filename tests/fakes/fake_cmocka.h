// cmocka.h, and what it wants included before it.
#ifndef FAKE_CMOCKA_H
#define FAKE_CMOCKA_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#endif

// SPDX-License-Identifier: GPL-2.0
/* other.c: early.c by other names. */
#define NAMED(function)	other_##function
#include "early.c"

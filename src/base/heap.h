/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for much that is allocated in small pieces.  The first touch of a page costs more than
 * most of what is then done with it, above all in a virtual machine: huge pages are touched less.
 */
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

/*
 * The process is about to allocate some `bytes`, in pieces: keep that much address space for them,
 * in huge pages where the kernel gives them.  None of it is touched.  It cannot fail:
 * without that much address space everything is as before.
 */
void heap_expect(size_t bytes);

#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's side asks of the host: the heap, output, jumps.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "native/host.h"

/* Zeroed, and an object of its own even if it is empty. */
void *host_alloc(unsigned long size)
{
	return calloc(1, size ? size : 1);
}

void host_free(const void *memory)
{
	free((void *)memory);
}

void host_print(const char *fmt, va_list args)
{
	vprintf(fmt, args);
}

void host_random(void *buf, unsigned long len)
{
	if (getrandom(buf, len, 0) != (long)len)
		abort();
}

/* Where host_throw() leads to, and where it did before. */
static struct catcher {
	jmp_buf here;
	struct catcher *outer;
} *catcher;

/* Call a function; is it left by host_throw()? */
int host_try(void (*fn)(void *arg), void *arg)
{
	struct catcher inner = { .outer = catcher };

	catcher = &inner;
	if (setjmp(inner.here)) {
		catcher = inner.outer;
		return 1;
	}
	fn(arg);
	catcher = inner.outer;
	return 0;
}

void host_throw(void)
{
	if (!catcher)
		abort();
	longjmp(catcher->here, 1);
}

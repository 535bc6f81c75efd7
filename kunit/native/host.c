// SPDX-License-Identifier: GPL-2.0
/*
 * The program's end that faces the host: arguments, files, the heap, jumps.
 *
 *	native --list			the names of the suites
 *	native [--seed N] SUITE...	runs suites
 *	native --traces FILE...		performs traces; of each "trace FILE",
 *					the oracle's status, "end FILE"
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "native/host.h"

#define PIECE	4096

static jmp_buf *catcher;

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

/* Call a function; is it left by host_throw()? */
int host_try(void (*fn)(void *arg), void *arg)
{
	jmp_buf here, *const outer = catcher;

	catcher = &here;
	if (setjmp(here)) {
		catcher = outer;
		return 1;
	}
	fn(arg);
	catcher = outer;
	return 0;
}

void host_throw(void)
{
	if (!catcher)
		abort();
	longjmp(*catcher, 1);
}

static int die(const char *what, const char *which)
{
	fprintf(stderr, "%s: %s\n", what, which);
	return 2;
}

/* An error ends a trace; the oracle's status says which. */
static int perform(const char *path)
{
	static char buf[1 << 14];
	FILE *file = fopen(path, "r");
	size_t len;

	if (!file)
		return die("cannot be read", path);
	native_write("reset", "1", 1);
	while ((len = fread(buf, 1, PIECE, file)))
		if (native_write("trace", buf, len) < 0)
			break;
	fclose(file);
	native_read("status", buf, sizeof(buf));
	printf("trace %s\n%send %s\n", path, buf, path);
	return 0;
}

static int run(char **argument)
{
	int ret = 0;

	if (*argument && !strcmp(*argument, "--list")) {
		native_list_suites();
	} else if (*argument && !strcmp(*argument, "--traces")) {
		while (*++argument)
			ret |= perform(*argument);
	} else {
		for (; *argument; argument++)
			ret |= native_run_suite(*argument);
	}
	return ret;
}

int main(int nr, char **argument)
{
	int ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	argument++;
	if (nr > 2 && !strcmp(*argument, "--seed")) {
		native_set_param("seed", argument[1]);
		argument += 2;
	}
	if (native_start())
		return die("cannot start", "is the seed a number?");
	ret = run(argument);
	native_stop();
	return ret;
}

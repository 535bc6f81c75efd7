// SPDX-License-Identifier: GPL-2.0
/*
 * The program: arguments and files.
 *
 *	native --list			the names of the suites
 *	native [--seed N] SUITE...	runs suites
 *	native --traces FILE...		performs traces; of each "trace FILE",
 *					the oracle's status, "end FILE"
 *	native --inputs FILE [NUMBER]	performs a corpus of the fuzzer, or one input
 *					of it, in words
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native/host.h"

#define PIECE	4096

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

/* A byte in hexadecimal, -1 if it is none. */
static int byte_at(const char *text)
{
	char digits[3] = { text[0], text[0] ? text[1] : 0 };
	char *end;
	const long byte = strtol(digits, &end, 16);

	return end == digits + 2 ? byte : -1;
}

/* A line is an input, two digits a byte, or a comment. */
static unsigned long parse(const char *line, unsigned char *data)
{
	unsigned long size = 0;

	if (*line != '#')
		for (; byte_at(line) >= 0; line += 2)
			data[size++] = byte_at(line);
	return size;
}

/* Each is announced, so a log that breaks off tells which one it was. */
static int perform_inputs(const char *path, const char *only)
{
	static unsigned char data[1 << 14];
	static char line[1 << 15];
	unsigned int at = 0, good = 0, bad = 0;
	FILE *file = fopen(path, "r");
	unsigned long size;

	if (!file)
		return die("cannot be read", path);
	while (fgets(line, sizeof(line), file)) {
		size = parse(line, data);
		if (!size || (at++, only && (unsigned int)atoi(only) != at))
			continue;
		printf("input %u\n", at);
		if (native_fuzz(data, size, !!only))
			bad++;
		else
			good++;
	}
	fclose(file);
	printf("inputs: %u passed, %u failed\n", good, bad);
	return bad || !good;
}

static int run(char **argument)
{
	int ret = 0;

	if (*argument && !strcmp(*argument, "--list")) {
		native_list_suites();
	} else if (*argument && !strcmp(*argument, "--traces")) {
		while (*++argument)
			ret |= perform(*argument);
	} else if (*argument && !strcmp(*argument, "--inputs") && argument[1]) {
		ret = perform_inputs(argument[1], argument[2]);
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

// SPDX-License-Identifier: GPL-2.0
/*
 * The entry for libFuzzer, which has the main().  With FUZZ_WORDS in the
 * environment each operation is printed before it is compared; otherwise only
 * those of an input that has failed.
 */

#include <stdio.h>
#include <stdlib.h>

#include "native/host.h"

/* libFuzzer's name for it. */
int fuzz_one(const unsigned char *data, unsigned long size)
	__asm__("LLVMFuzzerTestOneInput");

int fuzz_one(const unsigned char *data, unsigned long size)
{
	const int words = !!getenv("FUZZ_WORDS");

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (native_fuzz(data, size, words)) {
		if (!words)
			native_fuzz(data, size, 1);
		abort();
	}
	return 0;
}

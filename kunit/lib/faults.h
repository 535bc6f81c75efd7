/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_FAULTS_H
#define PAGEALLOC_KUNIT_FAULTS_H

/* Perform an operation again and again, each time with a fault at another point. */

#include <kunit/test.h>

/**
 * struct pgat_operation - an operation, and what has to be true whenever it fails
 * @prepare: makes what the operation needs; may be NULL
 * @run: performs it; returns 0 or -errno
 * @verify: checks what there is after it; @done if it has succeeded
 * @undo: undoes @prepare and @run, which has succeeded
 * @survives: functions of the kernel, separated by blanks, without which it may
 *	succeed as well; may be NULL
 * @instead: an errno with which it may fail instead of that of the fault, or 0
 * @once: no more than one call fails at a time, since undoing a part may fail too
 */
struct pgat_operation {
	void (*prepare)(struct kunit *test);
	int (*run)(struct kunit *test);
	void (*verify)(struct kunit *test, bool done);
	void (*undo)(struct kunit *test);
	const char *survives;
	int instead;
	bool once;
};

void pgat_fail_each(struct kunit *test, const struct pgat_operation *op,
		    unsigned long least);

#endif

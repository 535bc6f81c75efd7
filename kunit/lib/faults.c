// SPDX-License-Identifier: GPL-2.0
/*
 * Faults at each point of an operation.
 *
 * The operation is performed with a fault at its first point, then at its second,
 * and so on, until it ends before the fault is due.  Then all this is done once
 * more, and each point behind the first that fails does so too.  After each fault
 * the operation must have failed with the errno of the fault, must have left
 * nothing behind, and must succeed at once when it is tried again.
 */

#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "base/fault.h"
#include "lib/faults.h"
#include "lib/testlib.h"

/* Whether the word @name is in @list. */
static bool has_word(const char *list, const char *name)
{
	const size_t len = strlen(name);

	for (; list && (list = strstr(list, name)); list += len)
		if (!list[len] || list[len] == ' ')
			return true;
	return false;
}

static void judge(struct kunit *test, const struct pgat_operation *op, int ret,
		  const struct pga_fault *f)
{
	if (!ret)
		KUNIT_EXPECT_TRUE_MSG(test, has_word(op->survives, f->what),
				      "point %lu, %s() in %s(): the errno is lost",
				      f->at, f->what, f->where);
	/* It may have gone on without the first one, and tried something else. */
	else if (ret != op->instead && ret != f->last)
		KUNIT_EXPECT_EQ_MSG(test, ret, f->error, "point %lu, %s() in %s()",
				    f->at, f->what, f->where);
}

/* Perform it with a fault at point @at; false if it has fewer points. */
static bool fail_at(struct kunit *test, const struct pgat_operation *op,
		    unsigned long at, unsigned long times, unsigned long *points)
{
	struct pga_fault f;
	int ret;

	pgat_alive();
	if (op->prepare)
		op->prepare(test);
	pga_fault_arm(at, times, current);
	ret = op->run(test);
	f = pga_fault_disarm();
	if (f.fired)
		judge(test, op, ret, &f);
	else
		KUNIT_ASSERT_EQ_MSG(test, ret, 0, "without a fault");
	op->verify(test, !ret);
	if (ret) {
		KUNIT_ASSERT_EQ_MSG(test, op->run(test), 0,
				    "again after point %lu, %s() in %s()", at,
				    f.what, f.where);
		op->verify(test, true);
	}
	op->undo(test);
	*points = f.points;
	return f.fired;
}

/**
 * pgat_fail_each() - perform an operation with a fault at each of its points
 * @test: the test
 * @op: the operation
 * @least: points that it has at the least; this number may rise, but not fall
 */
void pgat_fail_each(struct kunit *test, const struct pgat_operation *op,
		    unsigned long least)
{
	static const unsigned long times[] = { 1, PGA_FAULT_FOREVER };
	unsigned long at, points;
	unsigned int i;

	for (i = 0; i < (op->once ? 1 : ARRAY_SIZE(times)); i++) {
		at = 1;
		while (fail_at(test, op, at, times[i], &points))
			at++;
	}
	kunit_info(test, "%lu points\n", points);
	KUNIT_EXPECT_GE(test, points, least);
}
EXPORT_SYMBOL_GPL(pgat_fail_each);

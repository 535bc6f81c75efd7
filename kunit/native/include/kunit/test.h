/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_KUNIT_TEST_H
#define NATIVE_KUNIT_TEST_H

/*
 * KUnit, as far as the suites use it.  A failed assertion leaves the test by a
 * long jump; memory and resources of a test go when it ends.  What a failure
 * prints has the expressions and their values, as the kernel's has.
 */

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#define KUNIT_PARAM_DESC_SIZE	128

/**
 * struct kunit - a test that is running
 * @name: of its case
 * @priv: the test's own
 * @param_value: parameter of a KUNIT_CASE_PARAM()
 * @failed: something was not as expected
 * @memory: struct native_memory, what is freed with the test
 */
struct kunit {
	const char *name;
	void *priv;
	const void *param_value;
	bool failed;
	struct list_head memory;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

void native_add_suite(struct kunit_suite *suite);

#define kunit_test_suite(suite)						\
	native_constructor suite##_native(void)				\
	{								\
		native_add_suite(&(suite));				\
	}

#define KUNIT_CASE(test_name)	{ .run_case = test_name, .name = #test_name }
#define KUNIT_CASE_PARAM(test_name, gen_params)				\
	{								\
		.run_case = test_name, .name = #test_name,		\
		.generate_params = gen_params				\
	}

#define KUNIT_ARRAY_PARAM(prefix, array, get_desc)			\
	static const void *prefix##_gen_params(const void *prev, char *desc) \
	{								\
		typeof(&(array)[0]) next = (array);			\
									\
		if (prev)						\
			next = (typeof(next))prev + 1;			\
		if (next == (array) + ARRAY_SIZE(array))		\
			return NULL;					\
		get_desc(next, desc);					\
		return next;						\
	}

void native_free_memory(struct kunit *test);
void *kunit_kcalloc(struct kunit *test, size_t n, size_t size, gfp_t gfp);

static inline void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp)
{
	return kunit_kcalloc(test, 1, size, gfp);
}

#define kunit_info(test, fmt, args...)	native_print("    " fmt, ##args)

/**
 * struct native_place - where something is expected
 * @file: source file
 * @line: line of it
 * @fatal: if it is not so the test ends
 */
struct native_place {
	const char *file;
	int line;
	bool fatal;
};

#define native_here(fatal)	((struct native_place){ __FILE__, __LINE__, fatal })

__printf(4, 5)
void native_fail(struct kunit *test, struct native_place place, const char *what,
		 const char *fmt, ...);
__printf(8, 9)
void native_fail_binary(struct kunit *test, struct native_place place,
			const char *left, const char *op, const char *right,
			long long left_value, long long right_value,
			const char *fmt, ...);

#define KUNIT_FAIL(test, fmt, args...)					\
	native_fail(test, native_here(false), NULL, fmt, ##args)

/* A message follows; there is one always, so that it can be empty. */
#define native_unary(test, fatal, condition, text, fmt, args...)	\
do {									\
	if (!(condition))						\
		native_fail(test, native_here(fatal), text, fmt, ##args); \
} while (0)

#define native_binary(test, fatal, left, op, right, fmt, args...)	\
do {									\
	const typeof(left) __left = (left);				\
	const typeof(right) __right = (right);				\
									\
	if (!(__left op __right))					\
		native_fail_binary(test, native_here(fatal), #left, #op, \
				   #right, (long long)__left,		\
				   (long long)__right, fmt, ##args);	\
} while (0)

#define KUNIT_EXPECT_TRUE_MSG(test, c, fmt, args...) \
	native_unary(test, false, c, #c " is false", fmt, ##args)
#define KUNIT_ASSERT_TRUE_MSG(test, c, fmt, args...) \
	native_unary(test, true, c, #c " is false", fmt, ##args)
#define KUNIT_EXPECT_FALSE_MSG(test, c, fmt, args...) \
	native_unary(test, false, !(c), #c " is true", fmt, ##args)
#define KUNIT_ASSERT_FALSE_MSG(test, c, fmt, args...) \
	native_unary(test, true, !(c), #c " is true", fmt, ##args)
#define KUNIT_EXPECT_NULL_MSG(test, p, fmt, args...) \
	native_unary(test, false, !(p), #p " is not NULL", fmt, ##args)
#define KUNIT_ASSERT_NULL_MSG(test, p, fmt, args...) \
	native_unary(test, true, !(p), #p " is not NULL", fmt, ##args)
#define KUNIT_EXPECT_NOT_NULL_MSG(test, p, fmt, args...) \
	native_unary(test, false, p, #p " is NULL", fmt, ##args)
#define KUNIT_ASSERT_NOT_NULL_MSG(test, p, fmt, args...) \
	native_unary(test, true, p, #p " is NULL", fmt, ##args)
#define KUNIT_EXPECT_STREQ(test, a, b) \
	native_unary(test, false, !strcmp(a, b), #a " is not " #b, "%s, %s", a, b)
#define KUNIT_EXPECT_STRNEQ(test, a, b) \
	native_unary(test, false, strcmp(a, b), #a " is " #b, "%s", a)

#define KUNIT_EXPECT_EQ_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, ==, b, fmt, ##args)
#define KUNIT_ASSERT_EQ_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, ==, b, fmt, ##args)
#define KUNIT_EXPECT_NE_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, !=, b, fmt, ##args)
#define KUNIT_ASSERT_NE_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, !=, b, fmt, ##args)
#define KUNIT_EXPECT_LT_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, <, b, fmt, ##args)
#define KUNIT_ASSERT_LT_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, <, b, fmt, ##args)
#define KUNIT_EXPECT_LE_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, <=, b, fmt, ##args)
#define KUNIT_ASSERT_LE_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, <=, b, fmt, ##args)
#define KUNIT_EXPECT_GT_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, >, b, fmt, ##args)
#define KUNIT_ASSERT_GT_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, >, b, fmt, ##args)
#define KUNIT_EXPECT_GE_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, >=, b, fmt, ##args)
#define KUNIT_ASSERT_GE_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, >=, b, fmt, ##args)
#define KUNIT_EXPECT_PTR_EQ_MSG(test, a, b, fmt, args...) \
	native_binary(test, false, a, ==, b, fmt, ##args)
#define KUNIT_ASSERT_PTR_EQ_MSG(test, a, b, fmt, args...) \
	native_binary(test, true, a, ==, b, fmt, ##args)

#define KUNIT_EXPECT_TRUE(test, c)	KUNIT_EXPECT_TRUE_MSG(test, c, " ")
#define KUNIT_ASSERT_TRUE(test, c)	KUNIT_ASSERT_TRUE_MSG(test, c, " ")
#define KUNIT_EXPECT_FALSE(test, c)	KUNIT_EXPECT_FALSE_MSG(test, c, " ")
#define KUNIT_ASSERT_FALSE(test, c)	KUNIT_ASSERT_FALSE_MSG(test, c, " ")
#define KUNIT_EXPECT_NULL(test, p)	KUNIT_EXPECT_NULL_MSG(test, p, " ")
#define KUNIT_ASSERT_NULL(test, p)	KUNIT_ASSERT_NULL_MSG(test, p, " ")
#define KUNIT_EXPECT_NOT_NULL(test, p)	KUNIT_EXPECT_NOT_NULL_MSG(test, p, " ")
#define KUNIT_ASSERT_NOT_NULL(test, p)	KUNIT_ASSERT_NOT_NULL_MSG(test, p, " ")
#define KUNIT_EXPECT_EQ(test, a, b)	KUNIT_EXPECT_EQ_MSG(test, a, b, " ")
#define KUNIT_ASSERT_EQ(test, a, b)	KUNIT_ASSERT_EQ_MSG(test, a, b, " ")
#define KUNIT_EXPECT_NE(test, a, b)	KUNIT_EXPECT_NE_MSG(test, a, b, " ")
#define KUNIT_ASSERT_NE(test, a, b)	KUNIT_ASSERT_NE_MSG(test, a, b, " ")
#define KUNIT_EXPECT_LT(test, a, b)	KUNIT_EXPECT_LT_MSG(test, a, b, " ")
#define KUNIT_ASSERT_LT(test, a, b)	KUNIT_ASSERT_LT_MSG(test, a, b, " ")
#define KUNIT_EXPECT_LE(test, a, b)	KUNIT_EXPECT_LE_MSG(test, a, b, " ")
#define KUNIT_ASSERT_LE(test, a, b)	KUNIT_ASSERT_LE_MSG(test, a, b, " ")
#define KUNIT_EXPECT_GT(test, a, b)	KUNIT_EXPECT_GT_MSG(test, a, b, " ")
#define KUNIT_ASSERT_GT(test, a, b)	KUNIT_ASSERT_GT_MSG(test, a, b, " ")
#define KUNIT_EXPECT_GE(test, a, b)	KUNIT_EXPECT_GE_MSG(test, a, b, " ")
#define KUNIT_ASSERT_GE(test, a, b)	KUNIT_ASSERT_GE_MSG(test, a, b, " ")
#define KUNIT_EXPECT_PTR_EQ(test, a, b)	KUNIT_EXPECT_PTR_EQ_MSG(test, a, b, " ")
#define KUNIT_ASSERT_PTR_EQ(test, a, b)	KUNIT_ASSERT_PTR_EQ_MSG(test, a, b, " ")

#endif

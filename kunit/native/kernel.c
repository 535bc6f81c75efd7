// SPDX-License-Identifier: GPL-2.0
/*
 * The few functions of a kernel that the engines and their suites call, and the
 * part of KUnit that runs tests.
 *
 * Modules have registered what they have before main() begins, in any order:
 * first native_set_param(), then native_start() initializes them all.
 */

#include <kunit/test.h>
#include <linux/bug.h>
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "native/host.h"

/* So many of each are registered at most. */
#define REGISTERED_MAX	64

static int (*inits[REGISTERED_MAX])(void);
static void (*exits[REGISTERED_MAX])(void);
static struct kunit_suite *suites[REGISTERED_MAX];
static unsigned int nr_inits, nr_exits, nr_suites;

static struct param {
	const char *name;
	char **value;
} params[REGISTERED_MAX];
static unsigned int nr_params;

static struct debugfs_file {
	const char *name;
	void *data;
	const struct file_operations *fops;
} files[REGISTERED_MAX];
static unsigned int nr_files;

static unsigned int nr_warnings;

/* Where the next one of a list goes. */
static unsigned int next_in(unsigned int *nr)
{
	if (*nr == REGISTERED_MAX)
		__builtin_trap();
	return (*nr)++;
}

void native_add_init(int (*init)(void))
{
	inits[next_in(&nr_inits)] = init;
}

void native_add_exit(void (*exit)(void))
{
	exits[next_in(&nr_exits)] = exit;
}

void native_add_param(const char *name, char **value)
{
	params[next_in(&nr_params)] = (struct param) { name, value };
}

void native_add_suite(struct kunit_suite *suite)
{
	suites[next_in(&nr_suites)] = suite;
}

int native_set_param(const char *name, char *value)
{
	unsigned int i;

	for (i = 0; i < nr_params; i++) {
		if (!strcmp(params[i].name, name)) {
			*params[i].value = value;
			return 0;
		}
	}
	return -ENOENT;
}

int native_start(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < nr_inits && !ret; i++)
		ret = inits[i]();
	return ret;
}

void native_stop(void)
{
	while (nr_exits)
		exits[--nr_exits]();
}

void *native_alloc(size_t size)
{
	return host_alloc(size);
}

void native_free(const void *memory)
{
	host_free(memory);
}

void get_random_bytes(void *buf, size_t len)
{
	host_random(buf, len);
}

void native_print(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	host_print(fmt, args);
	va_end(args);
}

void native_warn(const char *file, int line)
{
	nr_warnings++;
	native_print("WARNING: %s:%d\n", file, line);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	if (!size)
		return 0;
	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return min_t(size_t, len, size - 1);
}

ssize_t strscpy(char *to, const char *from, size_t size)
{
	const size_t len = strnlen(from, size);

	if (!size)
		return -E2BIG;
	memcpy(to, from, min(len, size - 1));
	to[min(len, size - 1)] = '\0';
	return len < size ? len : -E2BIG;
}

void *memdup_user(const void __user *from, size_t len)
{
	void *copy = native_alloc(len);

	if (!copy || copy_from_user(copy, from, len))
		return ERR_PTR(-ENOMEM);
	return copy;
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(m->buf + m->count, m->size - m->count, fmt, args);
	va_end(args);
	m->count = min(m->size - 1, m->count + len);
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return NULL;
}

void debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
			 void *data, const struct file_operations *fops)
{
	files[next_in(&nr_files)] = (struct debugfs_file) { name, data, fops };
}

void debugfs_remove_recursive(struct dentry *dentry)
{
	nr_files = 0;
}

static const struct debugfs_file *find_file(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_files; i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	return NULL;
}

/* All of a text, in as many writes as that takes. */
long native_write(const char *file, const char *text, unsigned long len)
{
	const struct debugfs_file *f = find_file(file);
	loff_t pos = 0;
	ssize_t done;

	if (!f || !f->fops->write)
		return -ENOENT;
	for (; len; len -= done, text += done) {
		done = f->fops->write(NULL, (__force const char __user *)text,
				      len, &pos);
		if (done <= 0)
			return done ?: -EIO;
	}
	return 0;
}

unsigned long native_read(const char *file, char *buf, unsigned long size)
{
	const struct debugfs_file *f = find_file(file);
	struct seq_file m = { .buf = buf, .size = size };

	buf[0] = '\0';
	if (f && f->fops->show)
		f->fops->show(&m, NULL);
	return m.count;
}

/**
 * struct native_memory - memory that is freed with a test
 * @list: in the test's list
 * @memory: the memory
 */
struct native_memory {
	struct list_head list;
	void *memory;
};

void *kunit_kcalloc(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	struct native_memory *m = native_alloc(sizeof(*m));

	m->memory = native_alloc(array_size(n, size));
	list_add(&m->list, &test->memory);
	return m->memory;
}

/* Free all memory of a test. */
void native_free_memory(struct kunit *test)
{
	struct native_memory *m, *next;

	list_for_each_entry_safe(m, next, &test->memory, list) {
		list_del(&m->list);
		native_free(m->memory);
		native_free(m);
	}
}

/* Print where and what, then a message if there is one, and end the test. */
static void failed(struct kunit *test, struct native_place place, const char *fmt,
		   va_list args)
{
	if (strcmp(fmt, " ")) {
		native_print("        ");
		host_print(fmt, args);
		native_print("\n");
	}
	test->failed = true;
	if (place.fatal)
		host_throw();
}

static void print_place(struct native_place place)
{
	native_print("    %s failed at %s:%d\n", place.fatal ? "assertion" :
		     "expectation", place.file, place.line);
}

void native_fail(struct kunit *test, struct native_place place, const char *what,
		 const char *fmt, ...)
{
	va_list args;

	print_place(place);
	if (what)
		native_print("        %s\n", what);
	va_start(args, fmt);
	failed(test, place, fmt, args);
	va_end(args);
}

void native_fail_binary(struct kunit *test, struct native_place place,
			const char *left, const char *op, const char *right,
			long long left_value, long long right_value,
			const char *fmt, ...)
{
	va_list args;

	print_place(place);
	native_print("        expected %s %s %s, but\n", left, op, right);
	native_print("            %s is %lld (0x%llx)\n", left, left_value,
		     left_value);
	native_print("            %s is %lld (0x%llx)\n", right, right_value,
		     right_value);
	va_start(args, fmt);
	failed(test, place, fmt, args);
	va_end(args);
}

/**
 * struct running - a test that is being run
 * @suite: its suite
 * @run_case: its function
 * @test: what it sees
 */
struct running {
	const struct kunit_suite *suite;
	void (*run_case)(struct kunit *test);
	struct kunit test;
};

static void run_body(void *arg)
{
	struct running *r = arg;

	if (r->suite->init && r->suite->init(&r->test))
		r->test.failed = true;
	else
		r->run_case(&r->test);
}

static void run_exit(void *arg)
{
	struct running *r = arg;

	if (r->suite->exit)
		r->suite->exit(&r->test);
}

/* Run a case once; was all as it should be? */
static bool run_once(const struct kunit_suite *suite, const struct kunit_case *c,
		     const void *param)
{
	const unsigned int warnings = nr_warnings;
	struct running r = {
		.suite = suite,
		.run_case = c->run_case,
		.test = { .name = c->name, .param_value = param },
	};

	INIT_LIST_HEAD(&r.test.memory);
	host_try(run_body, &r);
	host_try(run_exit, &r);
	native_free_memory(&r.test);
	return !r.test.failed && nr_warnings == warnings;
}

/**
 * struct tally - what has become of tests
 * @good: passed
 * @bad: failed
 */
struct tally {
	unsigned int good;
	unsigned int bad;
};

static void count(struct tally *tally, bool good, const struct kunit_case *c,
		  const char *desc)
{
	if (good)
		tally->good++;
	else
		tally->bad++;
	native_print("  %s %s%s%s\n", good ? "ok" : "not ok", c->name,
		     *desc ? ": " : "", desc);
}

/* A case is a test, or as many as it has parameters. */
static void run_case(const struct kunit_suite *suite, const struct kunit_case *c,
		     struct tally *tally)
{
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;

	if (!c->generate_params) {
		count(tally, run_once(suite, c, NULL), c, desc);
		return;
	}
	while ((param = c->generate_params(param, desc)))
		count(tally, run_once(suite, c, param), c, desc);
}

/* The name without what all of them begin with. */
static const char *short_name(const struct kunit_suite *suite)
{
	static const char prefix[] = "pagealloc_";
	const size_t len = sizeof(prefix) - 1;

	return strncmp(suite->name, prefix, len) ? suite->name : suite->name + len;
}

void native_list_suites(void)
{
	unsigned int i;

	for (i = 0; i < nr_suites; i++)
		native_print("%s\n", short_name(suites[i]));
}

static int run_suite(struct kunit_suite *suite)
{
	const struct kunit_case *c;
	struct tally tally = {};

	if (suite->suite_init && suite->suite_init(suite)) {
		native_print("%s: suite_init failed\n", suite->name);
		return 1;
	}
	for (c = suite->test_cases; c->run_case; c++)
		run_case(suite, c, &tally);
	if (suite->suite_exit)
		suite->suite_exit(suite);
	native_print("suite %s: %u passed, %u failed\n", short_name(suite), tally.good,
		     tally.bad);
	return tally.bad || !tally.good;
}

int native_run_suite(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_suites; i++)
		if (!strcmp(short_name(suites[i]), name))
			return run_suite(suites[i]);
	native_print("there is no suite %s\n", name);
	return 1;
}

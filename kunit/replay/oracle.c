// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle: performs a trace of the Go runtime's page allocator on the bitmap
 * engine, line by line, and compares every result.
 *
 * The files are in /sys/kernel/debug/pagealloc_oracle/.  A write of any text to
 * "reset" starts with a new engine.  The trace is then written to "trace" as text,
 * in pieces of any size.  The trace ends at the first line that is invalid, or
 * whose results differ from the engine's, and further writes are refused.  "status"
 * shows the number of lines and checksums, the lines of each letter, whether the E
 * line was reached, and the error.
 *
 * scripts/trace.py checks the format of a trace before it is written here.  This
 * module does not rely on that and refuses any other input.
 */

#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "replay/oracle.h"

#define LINE_MAX	1024
#define MESSAGE_MAX	256

/**
 * struct session - a trace that is being written
 * @mutex: protects all fields
 * @oracle: the engine and the current line
 * @line: text of the current line, as far as it was written
 * @len: its length
 * @lines: lines so far
 * @letters: number of lines with each letter
 * @ended: the E line was reached
 * @error: the error, empty if there is none
 */
struct session {
	struct mutex mutex;
	struct oracle oracle;
	char line[LINE_MAX];
	size_t len;
	unsigned long lines;
	unsigned long letters[ORACLE_LETTERS];
	bool ended;
	char error[MESSAGE_MAX];
};

static struct session *session;
static struct dentry *dir;

static const char *parse_map(const char *text, unsigned long *map)
{
	char word[17] = {};
	unsigned int i;

	for (i = 0; i < PGA_CHUNK_WORDS; i++, text += 16) {
		if (strnlen(text, 16) < 16)
			return NULL;
		memcpy(word, text, 16);
		if (kstrtoul(word, 16, &map[i]))
			return NULL;
	}
	return text;
}

/* Parse the field at @text, up to a blank or the end of the line. */
static const char *parse_field(const char *text, char kind,
			       union oracle_field *field)
{
	char word[32];
	size_t len;

	if (kind == 'm')
		return parse_map(text, field->map);
	len = strcspn(text, " ");
	if (!len || len >= sizeof(word))
		return NULL;
	memcpy(word, text, len);
	word[len] = '\0';
	if (kind == 'x' ? kstrtou64(word, 16, &field->x) :
			  kstrtos64(word, 10, &field->n))
		return NULL;
	return text + len;
}

static bool parse_fields(const char *text, const char *kinds,
			 union oracle_field *field)
{
	for (; *kinds; kinds++, field++) {
		if (*text++ != ' ')
			return false;
		text = parse_field(text, *kinds == 'R' ? 'n' : tolower(*kinds), field);
		if (!text)
			return false;
	}
	return !*text;
}

static bool is_equal(char kind, const union oracle_field *got,
		     const union oracle_field *want)
{
	const s64 error = got->n - want->n;

	return kind == 'R' ? abs(error) <= abs(want->n) / 100 + 1 : !error;
}

/* Write those fields that are results into @text. */
static int show_results(char *text, size_t size, const char *kinds,
			const union oracle_field *field)
{
	int len = 0;

	for (; *kinds; kinds++, field++) {
		if (!isupper(*kinds))
			continue;
		len += scnprintf(text + len, size - len,
				 *kinds == 'X' ? "%s%llx" : "%s%lld",
				 len ? " " : "", field->x);
	}
	return len;
}

static int fail(const char *why)
{
	snprintf(session->error, MESSAGE_MAX, "%lu: %.100s: %s", session->lines,
		 session->line, why);
	return -EINVAL;
}

static int compare_results(char letter, const char *kinds)
{
	const struct oracle *o = &session->oracle;
	char got[96], want[96];
	unsigned int i;

	for (i = 0; kinds[i]; i++)
		if (isupper(kinds[i]) && !is_equal(kinds[i], &o->got[i], &o->field[i]))
			break;
	if (!kinds[i])
		return 0;
	show_results(got, sizeof(got), kinds, o->got);
	show_results(want, sizeof(want), kinds, o->field);
	snprintf(session->error, MESSAGE_MAX, "%lu: %c, got %s, want %s",
		 session->lines, letter, got, want);
	return -EINVAL;
}

static int perform_line(void)
{
	const unsigned char letter = session->line[0];
	struct oracle *o = &session->oracle;
	const struct oracle_op *op;
	const char *why;

	session->lines++;
	if (letter == '#')
		return 0;
	if (session->ended)
		return fail("a line after the end");
	if (letter == 'E' && !session->line[1]) {
		session->ended = true;
		return 0;
	}
	op = letter < ORACLE_LETTERS ? &oracle_ops[letter] : NULL;
	if (!op || !op->perform)
		return fail("unknown operation");
	if (!parse_fields(session->line + 1, op->fields, o->field))
		return fail("bad fields");
	session->letters[letter]++;
	memset(o->got, 0, sizeof(o->got));
	why = op->perform(o);
	return why ? fail(why) : compare_results(letter, op->fields);
}

static int take_byte(char c)
{
	int ret;

	if (c != '\n') {
		if (!isprint(c) || session->len == LINE_MAX - 1) {
			session->lines++;
			return fail("not a line of text");
		}
		session->line[session->len++] = c;
		return 0;
	}
	session->line[session->len] = '\0';
	session->len = 0;
	ret = perform_line();
	session->line[0] = '\0';
	return ret;
}

static ssize_t trace_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	size_t i, n = min_t(size_t, len, PAGE_SIZE);
	char *text = memdup_user(from, n);
	int ret = 0;

	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&session->mutex);
	if (*session->error)
		ret = -EINVAL;
	for (i = 0; i < n && !ret; i++)
		ret = take_byte(text[i]);
	mutex_unlock(&session->mutex);
	kfree(text);
	cond_resched();
	return ret ?: n;
}

static const struct file_operations trace_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = trace_write,
	.llseek = noop_llseek,
};

static void reset(void)
{
	oracle_reset(&session->oracle);
	session->len = 0;
	session->lines = 0;
	session->ended = false;
	session->error[0] = '\0';
	session->line[0] = '\0';
	memset(session->letters, 0, sizeof(session->letters));
}

static ssize_t reset_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	mutex_lock(&session->mutex);
	reset();
	mutex_unlock(&session->mutex);
	return len;
}

static const struct file_operations reset_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = reset_write,
	.llseek = noop_llseek,
};

static int status_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	mutex_lock(&session->mutex);
	seq_printf(m, "lines %lu\n", session->lines);
	seq_printf(m, "checksums %lu\n", session->letters['K']);
	seq_printf(m, "ended %d\n", session->ended);
	for (i = 0; i < ORACLE_LETTERS; i++)
		if (session->letters[i])
			seq_printf(m, "op_%c %lu\n", i, session->letters[i]);
	if (*session->error)
		seq_printf(m, "error %s\n", session->error);
	mutex_unlock(&session->mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(status);

static int __init oracle_init(void)
{
	session = kvzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		return -ENOMEM;
	mutex_init(&session->mutex);
	reset();
	dir = debugfs_create_dir("pagealloc_oracle", NULL);
	debugfs_create_file("trace", 0200, dir, NULL, &trace_fops);
	debugfs_create_file("reset", 0200, dir, NULL, &reset_fops);
	debugfs_create_file("status", 0400, dir, NULL, &status_fops);
	return 0;
}

static void __exit oracle_exit(void)
{
	debugfs_remove_recursive(dir);
	oracle_reset(&session->oracle);
	kvfree(session);
}

module_init(oracle_init);
module_exit(oracle_exit);

MODULE_DESCRIPTION("Performs traces of the Go runtime's page allocator on the bitmap engine");
MODULE_LICENSE("GPL");

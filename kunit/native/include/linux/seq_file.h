/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_SEQ_FILE_H
#define NATIVE_LINUX_SEQ_FILE_H

#include <linux/fs.h>

/**
 * struct seq_file - what a file prints
 * @buf: the text
 * @size: bytes there
 * @count: bytes in it
 */
struct seq_file {
	char *buf;
	size_t size;
	size_t count;
};

__printf(2, 3) void seq_printf(struct seq_file *m, const char *fmt, ...);

#define DEFINE_SHOW_ATTRIBUTE(name)					\
	static const struct file_operations name##_fops = {		\
		.show = name##_show,					\
	}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_FS_H
#define NATIVE_LINUX_FS_H

#include <linux/types.h>

struct file;
struct inode;
struct module;
struct seq_file;

/**
 * struct file_operations - those that the files of debugfs here have
 * @owner: not looked at
 * @open: not called
 * @write: writes
 * @llseek: not called
 * @show: set by DEFINE_SHOW_ATTRIBUTE(): prints everything
 */
struct file_operations {
	struct module *owner;
	int (*open)(struct inode *inode, struct file *file);
	ssize_t (*write)(struct file *file, const char __user *from, size_t len,
			 loff_t *pos);
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	int (*show)(struct seq_file *m, void *unused);
};

static inline int simple_open(struct inode *inode, struct file *file)
{
	return 0;
}

static inline loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return 0;
}

#endif

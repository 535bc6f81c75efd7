/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_DEBUGFS_H
#define NATIVE_LINUX_DEBUGFS_H

/* Files that kernel.c finds by their name. */

#include <linux/fs.h>

struct dentry;

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
void debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
			 void *data, const struct file_operations *fops);
void debugfs_remove_recursive(struct dentry *dentry);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_MODULE_H
#define NATIVE_LINUX_MODULE_H

/*
 * Modules are linked into one program.  Each registers what it has before main()
 * begins; kernel.c does the rest.
 */

#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/init.h>

void native_add_init(int (*init)(void));
void native_add_exit(void (*exit)(void));
void native_add_param(const char *name, char **value);

#define native_constructor	static void __attribute__((constructor))

#define module_init(fn)							\
	native_constructor fn##_native(void) { native_add_init(fn); }
#define module_exit(fn)							\
	native_constructor fn##_native(void) { native_add_exit(fn); }

/* Of type charp, which is all that is used. */
#define module_param(name, type, perm)					\
	native_constructor name##_native(void)				\
	{								\
		native_add_param(#name, &(name));				\
	}

#define MODULE_PARM_DESC(name, text)	struct native_module_info
#define MODULE_DESCRIPTION(text)	struct native_module_info
#define MODULE_LICENSE(text)		struct native_module_info

#endif

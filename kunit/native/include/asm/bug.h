/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_ASM_BUG_H
#define NATIVE_ASM_BUG_H

/* A warning fails the test that is running, as panic_on_warn does in the guest. */

#include <linux/compiler.h>
#include <linux/printk.h>

void native_warn(const char *file, int line);

#define WARN_ON(condition)						\
({									\
	const bool __warn = !!(condition);				\
									\
	if (unlikely(__warn))						\
		native_warn(__FILE__, __LINE__);			\
	unlikely(__warn);						\
})

#define WARN(condition, format...)					\
({									\
	const bool __cond = WARN_ON(condition);				\
									\
	if (__cond)							\
		native_print(format);						\
	__cond;								\
})

#define WARN_ON_ONCE(condition)		WARN_ON(condition)
#define WARN_ONCE(condition, format...)	WARN(condition, format)

#endif

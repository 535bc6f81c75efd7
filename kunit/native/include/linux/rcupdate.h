/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_RCUPDATE_H
#define NATIVE_LINUX_RCUPDATE_H

/* What rbtree.h needs to publish a pointer. */

#include <linux/compiler.h>

#define RCU_INIT_POINTER(p, v)		WRITE_ONCE(p, v)
#define rcu_assign_pointer(p, v)	WRITE_ONCE(p, v)

#endif

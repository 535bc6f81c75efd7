/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_ATOMIC_H
#define NATIVE_LINUX_ATOMIC_H

/* Of the compiler; what llist.h needs. */

#include <linux/compiler.h>

#define xchg(ptr, new)	__atomic_exchange_n(ptr, new, __ATOMIC_SEQ_CST)
#define try_cmpxchg(ptr, old, new)					\
	__atomic_compare_exchange_n(ptr, old, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_RANDOM_H
#define NATIVE_LINUX_RANDOM_H

#include <linux/types.h>

void get_random_bytes(void *buf, size_t len);

static inline u64 get_random_u64(void)
{
	u64 value;

	get_random_bytes(&value, sizeof(value));
	return value;
}

static inline u32 get_random_u32_below(u32 limit)
{
	return get_random_u64() % limit;
}

#include <linux/prandom.h>

#endif

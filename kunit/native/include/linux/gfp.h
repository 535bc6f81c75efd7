/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_GFP_H
#define NATIVE_LINUX_GFP_H

#include <linux/types.h>

#define __GFP_ZERO	((__force gfp_t)1)
#define GFP_KERNEL	((__force gfp_t)2)

#endif

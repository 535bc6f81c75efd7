/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_LINUX_INIT_H
#define NATIVE_LINUX_INIT_H

/* All code stays. */
#define __init
#define __exit

#endif

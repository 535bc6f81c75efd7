/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NATIVE_ASM_BITOPS_H
#define NATIVE_ASM_BITOPS_H

/*
 * Bit operations in C.  A processor's own are inline assembly, and no sanitizer
 * sees what memory that touches.
 */

#include <asm-generic/bitops/builtin-__ffs.h>
#include <asm-generic/bitops/builtin-ffs.h>
#include <asm-generic/bitops/builtin-__fls.h>
#include <asm-generic/bitops/builtin-fls.h>
#include <asm-generic/bitops/ffz.h>
#include <asm-generic/bitops/fls64.h>
#include <asm-generic/bitops/hweight.h>
#include <asm-generic/bitops/non-atomic.h>

/* There is one thread. */
#define set_bit(nr, addr)	__set_bit(nr, addr)
#define clear_bit(nr, addr)	__clear_bit(nr, addr)

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the sake of coverage: a function that is inlined has as many branches as
 * copies.  This is included after the headers that say what must be inlined.
 */
#undef __always_inline
#define __always_inline inline

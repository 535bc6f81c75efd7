/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's configuration, as far as the headers that are used here ask. */
#define CONFIG_64BIT 1

/* Where everything takes longer the random tests do less, as with KASAN. */
#ifdef NATIVE_SHORT
#define CONFIG_KASAN 1
#endif

#ifdef __clang__
#define CONFIG_CC_IS_CLANG 1
#define CONFIG_CLANG_VERSION (__clang_major__ * 10000)
#endif

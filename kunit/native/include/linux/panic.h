/* SPDX-License-Identifier: GPL-2.0 */
/* Nothing here panics; asm/bug.h has what warns. */

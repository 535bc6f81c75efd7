/* SPDX-License-Identifier: GPL-2.0 */
/* Nothing here asks which thread it is. */

# SPDX-License-Identifier: GPL-2.0
# On top of base.frag: where Debian's kernel, whose list of exported symbols a
# prepared tree borrows, exports something else than a kernel without it.
CONFIG_NUMA=y

# SPDX-License-Identifier: GPL-2.0
# On top of base.frag: a prepared tree uses the list of exported symbols of Debian's
# kernel, in which this option changes the list.
CONFIG_NUMA=y

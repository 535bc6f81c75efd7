# SPDX-License-Identifier: GPL-2.0
# On top of uml.frag: several CPUs, which UML supports from 7.0 on.
CONFIG_SMP=y
CONFIG_NR_CPUS=4

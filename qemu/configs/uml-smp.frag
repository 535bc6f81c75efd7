# SPDX-License-Identifier: GPL-2.0
# On top of uml.frag: more than one CPU, which UML can have from 7.0 on.
CONFIG_SMP=y
CONFIG_NR_CPUS=4

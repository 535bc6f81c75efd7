# SPDX-License-Identifier: GPL-2.0
# On top of base.frag, for a source that scripts/kernel.sh has patched: reserved
# memory in a device tree.
CONFIG_OF=y
CONFIG_OF_EARLY_FLATTREE=y
CONFIG_OF_RESERVED_MEM=y

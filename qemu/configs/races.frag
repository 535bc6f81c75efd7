# SPDX-License-Identifier: GPL-2.0
# On top of base.frag: KCSAN, which reports two accesses to the same memory that no
# lock orders.  A plain write is not taken for atomic, and one that does not change
# the value is a write as well.
CONFIG_EARLY_PRINTK=y
CONFIG_PREEMPT=y
CONFIG_KCSAN=y
CONFIG_KCSAN_SELFTEST=n
CONFIG_KCSAN_STRICT=n
CONFIG_KCSAN_REPORT_VALUE_CHANGE_ONLY=n
CONFIG_KCSAN_ASSUME_PLAIN_WRITES_ATOMIC=n

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# With lockdown=integrity debugfs cannot be written; the front needs none of it.

# shellcheck source=../lib
. /tests/lib

locked_down()
{
	mount -t securityfs securityfs /sys/kernel/security
	echo integrity >/sys/kernel/security/lockdown
	grep -q '\[integrity\]' /sys/kernel/security/lockdown
}

debugfs_refused() { fails sh -c "echo all >$POOLS/default/scavenge"; }

try lockdown_load load size=64M
try lockdown_set locked_down
try lockdown_debugfs debugfs_refused
try lockdown_offer offer pfn 0666
client lockdown zeroed
client lockdown requests_own
client lockdown memlock_ends
try lockdown_withdraw withdraw
try lockdown_pages offer pages
client lockdown leak
try lockdown_withdraw_pages withdraw

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Every case of the client, with both kinds of mappings.

# shellcheck source=../lib
. /tests/lib

FUZZ=$(sed -n 's/.*pagealloc.fuzz=\([0-9]*\).*/\1/p' /proc/cmdline)
SEED=$(sed -n 's/.*pagealloc.seed=\([0-9]*\).*/\1/p' /proc/cmdline)

# Ordinary users have the node, or the cases of their limits could not open it.
all_cases()
{
	for name in $(/front list); do
		client "$1" "$name"
		alive
	done
	client "$1" speed 32
	/front fuzz "$FUZZ" "$SEED" >/tmp/fuzz 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 2
		alive
	done
	wait $pid
	status=$?
	try "$1_fuzz" is "status ($(tail -n 1 /tmp/fuzz))" $status 0
	try "$1_sound" sound
	try "$1_in_use" is "bytes in use" "$(in_use)" 0
}

default_mode() { is mode "$(stat -c %a $NODE)" 600; }

user_refused()
{
	fails su -s /bin/sh user -c "cat $NODE" && grep -q 'ermission' /tmp/said
}

try cases_load load size=64M
try cases_offer offer pfn
try cases_mode default_mode
try cases_user user_refused
try cases_withdraw withdraw
try cases_offer_to_users offer pfn 0666
all_cases pfn
try cases_withdraw_pfn withdraw
try cases_offer_pages offer pages 0666
all_cases pages
try cases_withdraw_pages withdraw
try cases_offer_free offer pfn 0666 N
client free memlock_off
try cases_unload unload
try cases_gone gone

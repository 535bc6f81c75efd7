# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the scripts share: messages, package installation, the cache.
# Sourced, never run.  A script that sources it gets `set -euo pipefail`.

set -euo pipefail
shopt -s inherit_errexit

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${PAGEALLOC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pagealloc}
BUILD=${PAGEALLOC_BUILD:-$TOP/build}
JOBS=${JOBS:-$(nproc)}

# A user's locale must not change what a tool prints and we parse.
export LC_ALL=C

# Messages go to stderr: the standard output of several scripts is a result.
say()	{ printf '%s\n' "$*" >&2; }
step()	{ printf '\033[1m== %s\033[0m\n' "$*" | plain_unless_tty >&2; }
die()	{ printf 'error: %s\n' "$*" >&2; exit 1; }

# Strip the colours when stderr is a file or a pipe.
plain_unless_tty()
{
	if [ -t 2 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi
}

# Seconds since some fixed point, with a fraction.
now() { date +%s.%N; }

# elapsed START - seconds since START, one decimal
elapsed() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# quietly LOG COMMAND... - run COMMAND into LOG, show the end of it on failure
quietly()
{
	local log=$1 status=0

	shift
	mkdir -p "$(dirname "$log")"
	# In the background, since `if` would switch off -e inside a function.
	"$@" >"$log" 2>&1 </dev/null &
	wait $! || status=$?
	if [ $status != 0 ]; then
		say "failed: $*"
		tail -n 40 "$log" >&2
		say "(whole log: $log)"
		return 1
	fi
}

# as_root COMMAND... - packages need root; everything else runs as the caller
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		command -v sudo >/dev/null || die "need root to run: $*"
		sudo "$@"
	fi
}

# with_lock NAME COMMAND... - one caller at a time per NAME on this cache
with_lock()
{
	local lock=$CACHE/lock/$1

	shift
	mkdir -p "$CACHE/lock"
	# The lock's descriptor must not leak into what we start.
	( flock 9; "$@" 9>&- ) 9>"$lock"
}

# alone DIRECTORY - this script has it to itself until it ends; another one
# waits its turn
alone()
{
	mkdir -p "$1"
	exec 8>"$1/.lock"
	flock -n 8 && return
	say "waiting for another run in $1"
	flock 8
}

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The lists of a fresh image are empty or stale: refresh them once, and again
# only when they are older than a day.
apt_update_once()
{
	local stamp=$CACHE/apt-updated

	mkdir -p "$CACHE"
	if [ -n "$(find "$stamp" -mmin -1440 2>/dev/null)" ] &&
	   [ -n "$(apt_candidate busybox-static)" ]; then
		return
	fi
	say "updating the package lists"
	quietly "$CACHE/log/apt-update" as_root apt-get -q update
	touch "$stamp"
}

# apt_candidate PACKAGE - the version apt would install, empty if none
apt_candidate()
{
	apt-cache policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# need_packages PACKAGE... - install those that are missing
need_packages()
{
	local p missing=()

	for p in "$@"; do
		installed "$p" || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	with_lock apt install_packages "${missing[@]}"
}

install_packages()
{
	apt_update_once
	say "installing: $*"
	quietly "$CACHE/log/apt-install" as_root \
		env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
		--no-install-recommends install "$@"
}

# What a compiler run for an external module needs.
need_compiler() { need_packages gcc libc6-dev libelf1; }

# What the guest needs.
need_qemu() { need_packages qemu-system-x86 busybox-static cpio kmod; }

# fetch_deb DIR PACKAGE=VERSION [APT-OPTION...] - download into DIR, print the path
fetch_deb()
{
	local dir=$1 spec=$2 tmp deb

	shift 2
	mkdir -p "$dir"
	tmp=$(mktemp -d "$dir/.download-XXXXXX")
	cd "$tmp"
	quietly "$CACHE/log/apt-download" apt-get -q \
		-oAPT::Sandbox::User=root "$@" download "$spec"
	cd "$TOP"
	deb=$(basename "$tmp"/*.deb)
	mv "$tmp/$deb" "$dir/$deb"
	rmdir "$tmp"
	printf '%s\n' "$dir/$deb"
}

# trace_peak FILE - print how many pages the trace holds at its peak, the line
# after which it first holds them, and the number of lines
trace_peak()
{
	awk '
	$1 == "a" && $3 >= 0 { held += $2 }
	$1 == "c" && $4 >= 0 { held += $3 }
	$1 == "x" && $5 >= 0 { held += $6 }
	$1 == "f" || $1 == "y" { held -= $3 }
	held > peak { peak = held; line = NR }
	END { print peak + 0, line + 0, NR }' "$1"
}

# region_mb PAGES - a region for a trace with that peak: half as much again
# leaves room for fragmentation
region_mb()
{
	echo $(($1 * 4 * 3 / 2 / 1024 / 64 * 64 + 64))
}

# mib KB - as MiB with one decimal
mib() { awk -v kb="$1" 'BEGIN { printf "%.1f", kb / 1024 }'; }

# holds EXPRESSION - whether the arithmetic expression is true
holds() { (($1)); }

# criterion TEXT FIGURE TEST... - print a verdict, count it in the caller's
# passed and failed
criterion()
{
	local text=$1 figure=$2

	shift 2
	if "$@"; then
		printf '  ok      %-58s %s\n' "$text" "$figure"
		passed=$((passed + 1))
	else
		printf '  NOT OK  %-58s %s\n' "$text" "$figure"
		failed=$((failed + 1))
	fi
}

# percent A B - what share A is of B
percent() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f %%", b ? 100 * a / b : 0 }'; }

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Functions for all scripts: messages, packages, locks, verdicts.
# A script sources this file, and gets `set -euo pipefail' with it.

set -euo pipefail
shopt -s inherit_errexit

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${PAGEALLOC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pagealloc}
BUILD=${PAGEALLOC_BUILD:-$TOP/build}
JOBS=${JOBS:-$(nproc)}

# The scripts parse the output of tools, which must not depend on the locale.
export LC_ALL=C

# Messages go to standard error, since standard output is the result of a script.
say()	{ printf '%s\n' "$*" >&2; }
step()	{ printf '\033[1m== %s\033[0m\n' "$*" | plain_unless_tty >&2; }
die()	{ printf 'error: %s\n' "$*" >&2; exit 1; }

# Strip the colours if standard error is no terminal.
plain_unless_tty()
{
	if [ -t 2 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi
}

# Seconds since some fixed point, with a fraction.
now() { date +%s.%N; }

# elapsed START - seconds since START, one decimal
elapsed() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

# quietly LOG COMMAND... - run COMMAND with its output in LOG; if it fails show the
# end of LOG
quietly()
{
	local log=$1 status=0

	shift
	mkdir -p "$(dirname "$log")"
	# In the background, since `if' would disable -e inside a function.
	"$@" >"$log" 2>&1 </dev/null &
	wait $! || status=$?
	if [ $status != 0 ]; then
		say "failed: $*"
		tail -n 40 "$log" >&2
		say "(whole log: $log)"
		return 1
	fi
}

# as_root COMMAND... - run COMMAND as root, with sudo if necessary
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		command -v sudo >/dev/null || die "need root to run: $*"
		sudo "$@"
	fi
}

# with_lock NAME COMMAND... - run COMMAND while holding the lock NAME of the cache
with_lock()
{
	local lock=$CACHE/lock/$1

	shift
	mkdir -p "$CACHE/lock"
	# COMMAND must not inherit the descriptor of the lock.
	( flock 9; "$@" 9>&- ) 9>"$lock"
}

# alone DIRECTORY - lock DIRECTORY until the script ends, wait if another run has it
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

# Update the package lists if they are empty, or older than a day.
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

# apt_candidate PACKAGE - print the version that apt would install, if any
apt_candidate()
{
	apt-cache policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# need_packages PACKAGE... - install the missing packages
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

# need_compiler - install the packages for a build of an external module
need_compiler() { need_packages gcc libc6-dev libelf1; }

# need_qemu - install the packages for a guest
need_qemu() { need_packages qemu-system-x86 busybox-static cpio kmod; }

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# suite_of VERSION - print the suite that needs a private sources list, if any
suite_of()
{
	case $1 in
	6.1)	;;
	6.12)	echo bookworm-backports ;;
	7.3)	echo trixie-backports ;;
	*)	die "kernel version '$1': there are 6.1, 6.12 and 7.3" ;;
	esac
}

# mirror - print the Debian mirror that this machine uses
mirror()
{
	# apt expands the variable, not the shell.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' 'Label: Debian' |
		awk 'NR == 1'
}

# read_suite VERSION - update the package lists with VERSION, and set APT to the
# options that make apt use them
read_suite()
{
	local suite dir uri

	with_lock apt apt_update_once
	suite=$(suite_of "$1")
	APT=()
	[ -n "$suite" ] || return 0
	uri=$(mirror)
	[ -n "$uri" ] || die "apt lists no Debian mirror"
	dir=$CACHE/apt/$suite
	mkdir -p "$dir/lists/partial"
	printf 'deb [signed-by=%s] %s %s main\n' "$KEYRING" "$uri" "$suite" \
		>"$dir/list"
	APT=(-oAPT::Sandbox::User=root
	     -oDir::Etc::SourceList="$dir/list"
	     -oDir::Etc::SourceParts=/dev/null
	     -oDir::State::Lists="$dir/lists"
	     -oDir::Cache::pkgcache= -oDir::Cache::srcpkgcache=)
	quietly "$CACHE/log/apt-update-$suite" apt-get -q "${APT[@]}" update
}

# fetch_deb DIR PACKAGE [APT-OPTION...] - download a package, print its path
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

# trace_peak FILE - print the most pages that a trace holds, the line after which it
# holds them, and the number of lines
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

# region_mb PAGES - print the size of a region, in MiB, for a trace with this peak:
# half as much again leaves room for fragmentation
region_mb()
{
	echo $(($1 * 4 * 3 / 2 / 1024 / 64 * 64 + 64))
}

# mib KB - print KB in MiB, with one decimal
mib() { awk -v kb="$1" 'BEGIN { printf "%.1f", kb / 1024 }'; }

# holds EXPRESSION - succeed if the arithmetic expression is not 0
holds() { (($1)); }

# criterion TEXT FIGURE COMMAND... - print a verdict, which is good if COMMAND
# succeeds, and count it in $passed or $failed
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

# percent A B - print A in percent of B
percent() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f %%", b ? 100 * a / b : 0 }'; }

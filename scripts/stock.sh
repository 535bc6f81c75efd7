#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# stock.sh [--generic] image    print the path of an unmodified Debian kernel
# stock.sh [--generic] headers  print the path of its headers, to build modules against
# stock.sh --generic modules    print the path of its own modules, for a guest
#
# Without --generic it is the cloud kernel, which has few drivers and whose modules
# are not unpacked.  KERNEL=6.12 takes a generic kernel of bookworm-backports.
#
# The packages are unpacked into the cache and not installed, so the kernels and
# headers of the machine do not change.  A kernel in the cache is used again;
# REFRESH=1 asks apt for a newer one.

. "$(dirname "$0")/lib.sh"

STOCK=$CACHE/stock
KERNEL=${KERNEL:-6.1}
FLAVOUR=cloud-amd64
APT=()

# current_release - print the release of Debian's current kernel of the flavour
current_release()
{
	apt-cache "${APT[@]}" depends "linux-headers-$FLAVOUR" |
		awk '$2 ~ /^linux-headers-/ {
		sub(/^linux-headers-/, "", $2); print $2; exit }'
}

# needed_by RELEASE - print the packages that the headers of RELEASE consist of
needed_by()
{
	echo "linux-headers-$1"
	apt-cache "${APT[@]}" depends "linux-headers-$1" |
		awk '$2 ~ /^linux-(headers|kbuild)-/ { print $2 }'
}

# relocate_headers ROOT RELEASE - change the absolute path in the headers' Makefile
relocate_headers()
{
	local root=$1 release=$2
	local flavour=$root/usr/src/linux-headers-$release
	local common=$root/usr/src/linux-headers-${release%"-$FLAVOUR"}-common

	printf 'include %s/Makefile\n' "$common" >"$flavour/Makefile"
}

# unpack_stock RELEASE DIR - fetch and unpack the packages of one kernel.  No guest has
# a disk or a network, so the cloud kernel comes without its modules, and the generic
# one without the larger part of them.
unpack_stock()
{
	local release=$1 dir=$2 package deb packages
	local exclude=(--exclude='./lib/modules')

	mapfile -t packages < <(needed_by "$release")
	[ "$FLAVOUR" = cloud-amd64 ] ||
		exclude=(--exclude='*/kernel/'{net,sound,drivers/{net,staging,infiniband}}
			 --exclude='*/drivers/gpu/drm/'{amd,i915,nouveau,radeon,xe}
			 --exclude='*/drivers/media/'{dvb*,usb,tuners,pci})
	for package in "linux-image-$release" "${packages[@]}"; do
		deb=$(fetch_deb "$CACHE/deb" "$package" "${APT[@]}")
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" "${exclude[@]}"
		rm -f "$deb"
	done
	relocate_headers "$dir" "$release"
}

# newest - print the directory of the newest kernel in the cache
newest()
{
	mkdir -p "$STOCK"
	find "$STOCK" -mindepth 2 -maxdepth 2 -name .complete \
		-path "$STOCK/$KERNEL.*-$FLAVOUR/*" |
		if [ "$FLAVOUR" = amd64 ]; then grep -v cloud-amd64; else cat; fi |
		sort -V | tail -n 1 | xargs -r dirname
}

stock_tree()
{
	local dir release

	dir=$(newest || true)
	if [ -z "$dir" ] || [ -n "${REFRESH:-}" ]; then
		read_suite "$KERNEL"
		release=$(current_release)
		[ -n "$release" ] || die "apt does not know linux-headers-$FLAVOUR"
		dir=$STOCK/$release
		say "downloading Debian's kernel $release and its headers"
		rm -rf "$dir"
		mkdir -p "$dir"
		unpack_stock "$release" "$dir"
		touch "$dir/.complete"
	fi
	printf '%s\n' "$dir"
}

if [ "${1:-}" = --generic ]; then
	FLAVOUR=amd64
	shift
else
	KERNEL=6.1
fi
dir=$(with_lock "stock-$FLAVOUR" stock_tree)
release=$(basename "$dir")
case $FLAVOUR-${1:-} in
*-image)       echo "$dir/boot/vmlinuz-$release" ;;
*-headers)     echo "$dir/usr/src/linux-headers-$release" ;;
amd64-modules) echo "$dir/lib/modules/$release" ;;
*)	       die "usage: stock.sh [--generic] image | headers | modules" ;;
esac

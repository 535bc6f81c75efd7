#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# stock.sh image    print the path of an unmodified Debian cloud kernel
# stock.sh headers  print the path of its headers, to build modules against
#
# The packages are unpacked into the cache and not installed, so the kernels and
# headers of the machine do not change.  A kernel in the cache is used again;
# REFRESH=1 asks apt for a newer one.

. "$(dirname "$0")/lib.sh"

STOCK=$CACHE/stock

# current_release - print the release of Debian's current cloud kernel
current_release()
{
	apt-cache depends linux-headers-cloud-amd64 | awk '$2 ~ /^linux-headers-/ {
		sub(/^linux-headers-/, "", $2); print $2; exit }'
}

# relocate_headers ROOT RELEASE - change the absolute path in the headers' Makefile
relocate_headers()
{
	local root=$1 release=$2
	local flavour=$root/usr/src/linux-headers-$release
	local common=$root/usr/src/linux-headers-${release%%-cloud-amd64}-common

	printf 'include %s/Makefile\n' "$common" >"$flavour/Makefile"
}

# unpack_stock RELEASE DIR - fetch and unpack the packages of one kernel
unpack_stock()
{
	local release=$1 dir=$2 package deb packages

	packages=("linux-image-$release" "linux-headers-$release"
		  "linux-headers-${release%%-cloud-amd64}-common"
		  "linux-kbuild-${release%%.0-*}")
	for package in "${packages[@]}"; do
		deb=$(fetch_deb "$CACHE/deb" "$package")
		# The guest has no disk and cannot use the image's modules.
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$dir" --exclude=./lib/modules
		rm -f "$deb"
	done
	relocate_headers "$dir" "$release"
}

# newest - print the directory of the newest kernel in the cache
newest()
{
	mkdir -p "$STOCK"
	find "$STOCK" -mindepth 2 -maxdepth 2 -name .complete |
		sort -V | tail -n 1 | xargs -r dirname
}

stock_tree()
{
	local dir release

	dir=$(newest)
	if [ -z "$dir" ] || [ -n "${REFRESH:-}" ]; then
		with_lock apt apt_update_once
		release=$(current_release)
		[ -n "$release" ] || die "apt does not know linux-headers-cloud-amd64"
		dir=$STOCK/$release
		say "downloading Debian's kernel $release and its headers"
		rm -rf "$dir"
		mkdir -p "$dir"
		unpack_stock "$release" "$dir"
		touch "$dir/.complete"
	fi
	printf '%s\n' "$dir"
}

dir=$(with_lock stock stock_tree)
release=$(basename "$dir")
case ${1:-} in
image)	 echo "$dir/boot/vmlinuz-$release" ;;
headers) echo "$dir/usr/src/linux-headers-$release" ;;
*)	 die "usage: stock.sh image | headers" ;;
esac

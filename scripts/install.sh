#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# install.sh install KDIR    install the modules that are built, headers, udev rule
# install.sh uninstall KDIR  remove what that has installed
# install.sh dkms            install the sources for DKMS, and the other files
#
# Paths are below $DESTDIR, and modules below $DESTDIR$INSTALL_MOD_PATH.  Only with
# neither is the running system changed: depmod is called in any case, but udev is told
# of its rule only then.

. "$(dirname "$0")/lib.sh"

DESTDIR=${DESTDIR:-}
INSTALL_MOD_PATH=${INSTALL_MOD_PATH:-}
PREFIX=${PREFIX:-/usr}

INCLUDE=$DESTDIR$PREFIX/include/pagealloc
RULES=$DESTDIR$PREFIX/lib/udev/rules.d/60-pagealloc.rules
MODULES='pagealloc pagealloc_heap pagealloc_configfs'

# version - print the version of the modules
version()
{
	sed -n 's/^#define PAGEALLOC_VERSION[[:space:]]*"\(.*\)"$/\1/p' \
		"$TOP/pagealloc/pagealloc.h"
}

# release_of KDIR - print the release of the kernel that KDIR builds modules for
release_of()
{
	cat "$1/include/config/kernel.release" 2>/dev/null ||
		die "KDIR=$1 is not a kernel build tree"
}

# modules_dir RELEASE - print where its modules are installed
modules_dir() { echo "$DESTDIR$INSTALL_MOD_PATH/lib/modules/$1/updates"; }

# dependencies RELEASE - update the list of modules
dependencies()
{
	local root=$DESTDIR$INSTALL_MOD_PATH depmod

	depmod=$(PATH=$PATH:/sbin:/usr/sbin command -v depmod) ||
		die "need depmod; install kmod"
	"$depmod" -b "${root:-/}" "$1"
}

install_files()
{
	install -D -m 644 -t "$INCLUDE" "$TOP"/pagealloc/pagealloc.h \
		"$TOP"/heap/pagealloc_heap.h
	install -D -m 644 -t "$INCLUDE/uapi" "$TOP/pagealloc/uapi/pagealloc.h"
	install -D -m 644 "$TOP/scripts/60-pagealloc.rules" "$RULES"
	reload_udev
}

remove_files()
{
	rm -f "$INCLUDE"/pagealloc.h "$INCLUDE"/pagealloc_heap.h \
		"$INCLUDE"/uapi/pagealloc.h "$RULES"
	rmdir "$INCLUDE/uapi" "$INCLUDE" 2>/dev/null || true
	reload_udev
}

reload_udev()
{
	[ -z "$DESTDIR" ] || return 0
	! command -v udevadm >/dev/null || udevadm control --reload || true
}

do_install()
{
	local release dir module

	release=$(release_of "$1")
	dir=$(modules_dir "$release")
	[ -e "$BUILD/modules/pagealloc.ko" ] || die "make modules comes first"
	for module in $MODULES; do
		# A kernel may lack what a module needs, which is not built then.
		[ ! -e "$BUILD/modules/$module.ko" ] ||
			install -D -m 644 -t "$dir" "$BUILD/modules/$module.ko"
	done
	dependencies "$release"
	install_files
	say "installed version $(version) in $dir"
}

do_uninstall()
{
	local release dir module

	release=$(release_of "$1")
	dir=$(modules_dir "$release")
	for module in $MODULES; do
		rm -f "$dir/$module.ko"
	done
	rmdir "$dir" 2>/dev/null || true
	dependencies "$release"
	remove_files
}

do_dkms()
{
	local dir folder

	dir=$DESTDIR$PREFIX/src/pagealloc-$(version)
	rm -rf "$dir"
	install -d "$dir"
	for folder in pagealloc heap configfs; do
		(cd "$TOP" && find "$folder" \( -name '*.[ch]' -o -name Kbuild \) \
			! -name '*.mod.c' -exec install -D -m 644 {} "$dir/{}" \;)
	done
	install -m 644 -t "$dir" "$TOP/Kbuild" "$TOP/COPYING"
	sed "s/#MODULE_VERSION#/$(version)/" "$TOP/dkms.conf" >"$dir/dkms.conf"
	install_files
	say "sources in $dir; next: dkms install pagealloc/$(version)"
}

case ${1:-} in
install)   do_install "$2" ;;
uninstall) do_uninstall "$2" ;;
dkms)	   do_dkms ;;
version)   version ;;
*)	   die "usage: install.sh install KDIR | uninstall KDIR | dkms | version" ;;
esac

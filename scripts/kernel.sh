#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh VERSION CONFIG - print the path of a kernel build tree for external
# modules, and build the kernel if the cache does not have it
#
#   VERSION  6.1      Debian 12's own source package
#            6.12     from bookworm-backports
#            7.3      from trixie-backports
#   CONFIG   test     a small kernel with KUnit that boots in QEMU
#            debug    the same with KASAN, UBSAN, lockdep, kmemleak, ...
#            races    the same as test with KCSAN
#            poison   the same as test with memory failures: pages can be marked as bad
#            exports  the same as poison, from a patched source: it exports the
#                     functions to unmap pages of the direct map, and it reserves
#                     memory by a device tree, which x86 does not support
#            prepare  the configuration of test without a vmlinux, for compiling
#            bench    a kernel for measurements: test without any debugging
#            uml      User Mode Linux, a program of the host, for one CPU
#            uml-smp  the same for several CPUs; not 6.1 or 6.12
#
# kernel.sh --source VERSION - print the path of the unpacked source
#
# A source package in the cache is used again; REFRESH=1 asks apt for a newer one.
# Suites that the machine does not list are read through a private sources list, so
# apt's configuration and its lists do not change.

. "$(dirname "$0")/lib.sh"

FRAGMENTS=$TOP/qemu/configs

usage() { sed -n '3,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# fetch_source VERSION - download the source package, print its path
fetch_source()
{
	say "downloading linux-source-$1"
	read_suite "$1"
	fetch_deb "$CACHE/deb" "linux-source-$1" "${APT[@]}"
}

# source_deb VERSION - print the path of the newest source package in the cache, and
# download one if there is none
source_deb()
{
	local deb

	mkdir -p "$CACHE/deb"
	deb=$(find "$CACHE/deb" -name "linux-source-$1_*.deb" |
	      sort -V | tail -n 1)
	if [ -n "$deb" ] && [ -z "${REFRESH:-}" ]; then
		printf '%s\n' "$deb"
	else
		fetch_source "$1"
	fi
}

# unpack DEB DIR VERSION - unpack a source without the code of other architectures,
# the headers of the largest driver and most documentation, a third of the tar file.
# All Kconfig files are kept.
unpack()
{
	local deb=$1 dir=$2 version=$3 top=linux-source-$3

	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/linux-source-$version.tar.xz" |
		tar -xJ -C "$dir" --strip-components=1 --anchored \
		--exclude="$top/arch/[a-tv-wy-z]*.[chS]" \
		--exclude="$top/arch/[a-tv-wy-z]*.dts*" \
		--exclude="$top/drivers/gpu/drm/amd/include/*/*" \
		--exclude="$top/Documentation/[a-zA-JL-Z]*"
}

# source_tree VERSION - print the path of the unpacked source
source_tree()
{
	local deb tree

	deb=$(source_deb "$1")
	tree=$CACHE/src/$(basename "$deb" .deb)
	if [ ! -e "$tree/.unpacked" ]; then
		say "unpacking $(basename "$deb")"
		rm -rf "$tree" "$tree.tmp"
		need_packages xz-utils
		unpack "$deb" "$tree.tmp" "$1"
		touch "$tree.tmp/.unpacked"
		mv "$tree.tmp" "$tree"
	fi
	printf '%s\n' "$tree"
}

# export_symbol FILE FUNCTION - export FUNCTION to modules.  FILE is a hard link; sed
# writes a new file, so the other link does not change.
export_symbol()
{
	sed -i "/^[a-z].* $2(.*)\$/,/^}/ s/^}\$/}\nEXPORT_SYMBOL_GPL($2);/" "$1"
	grep -q "^EXPORT_SYMBOL_GPL($2);" "$1" || die "$1 has no $2"
}

# allow_device_tree TREE - let the device tree from the boot loader reserve memory, as
# on other architectures, with no more options than CONFIG_OF
allow_device_tree()
{
	local kconfig=$1/drivers/of/Kconfig code=$1/arch/x86/kernel/devicetree.c

	sed -i '/^config OF_EARLY_FLATTREE$/,/bool/ s/bool$/bool "Early device tree"/' \
		"$kconfig"
	# After the device tree was copied to its final place.
	sed -i '/^\t*unflatten_and_copy_device_tree();$/ a early_init_dt_scan_root(); early_init_fdt_scan_reserved_mem();' \
		"$code"
	grep -q 'bool "Early device tree"' "$kconfig" || die "$kconfig is unknown"
	grep -q '^early_init_dt_scan_root' "$code" || die "$code is unknown"
}

# patch_tree TREE - patch the source for the configuration `exports'
patch_tree()
{
	export_symbol "$1/arch/x86/mm/pat/set_memory.c" set_direct_map_invalid_noflush
	export_symbol "$1/arch/x86/mm/pat/set_memory.c" set_direct_map_default_noflush
	export_symbol "$1/arch/x86/mm/tlb.c" flush_tlb_kernel_range
	allow_device_tree "$1"
}

# exporting_tree SOURCE - print the path of a patched copy of the source; its name
# depends on the patch
exporting_tree()
{
	local src=$1 tree

	tree=$src-exports-$(declare -f export_symbol allow_device_tree patch_tree |
			    sha256sum | cut -c 1-12)
	if [ ! -e "$tree/.patched" ]; then
		rm -rf "$tree" "$tree.tmp"
		cp -al "$src" "$tree.tmp"
		patch_tree "$tree.tmp"
		touch "$tree.tmp/.patched"
		mv "$tree.tmp" "$tree"
	fi
	printf '%s\n' "$tree"
}

# fragments CONFIG - list the fragments of a configuration, in order
fragments()
{
	case $1 in
	test)	echo "$FRAGMENTS/base.frag" ;;
	exports) printf '%s\n' "$FRAGMENTS"/{base,poison,exports}.frag ;;
	debug|races|poison|prepare|bench) printf '%s\n' "$FRAGMENTS"/{base,"$1"}.frag ;;
	uml)	echo "$FRAGMENTS/uml.frag" ;;
	uml-smp) printf '%s\n' "$FRAGMENTS"/{uml,uml-smp}.frag ;;
	*)	die "configuration '$1': there are test, debug, races, poison, exports, prepare, bench, uml and uml-smp" ;;
	esac
}

# arch_of CONFIG - print the ARCH for make
arch_of()
{
	case $1 in
	uml*)	echo um ;;
	*)	echo x86 ;;
	esac
}

# settings FILE... - print the settings of fragments, without comments
settings() { grep -hE '^(# )?CONFIG_' "$@"; }

# check_config CONFIG FRAGMENT... - check that CONFIG has all settings of the
# fragments: Kconfig silently drops settings whose dependencies are not met
check_config()
{
	local config=$1 line name bad=0

	shift
	while read -r line; do
		case $line in
		CONFIG_*=n) name=${line%=n}; grep -q "^$name=" "$config" || continue ;;
		CONFIG_*)   ! grep -qxF "$line" "$config" || continue ;;
		"# CONFIG_"*" is not set")
			    name=${line#\# }; name=${name%% *}
			    grep -q "^$name=" "$config" || continue ;;
		esac
		say "not in the configuration: $line"
		bad=1
	done < <(settings "$@")
	[ "$bad" = 0 ]
}

configure()
{
	local src=$1 out=$2 arch make

	arch=$(arch_of "$3")
	make=(make -C "$src" O="$out" ARCH="$arch")
	shift 3
	"${make[@]}" tinyconfig
	(cd "$out" && ARCH=$arch "$src/scripts/kconfig/merge_config.sh" \
		-m -O "$out" "$out/.config" "$@")
	"${make[@]}" olddefconfig
	check_config "$out/.config" "$@"
}

# debian_exports VERSION - print the Module.symvers of Debian's kernel
debian_exports()
{
	local headers deb

	read_suite "$1"
	headers=$(apt-cache "${APT[@]}" depends linux-headers-amd64 |
		  awk '$2 ~ /^linux-headers-/ { print $2; exit }')
	deb=$(fetch_deb "$CACHE/deb" "$headers" "${APT[@]}")
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/$headers/Module.symvers"
	rm "$deb"
}

# exports VERSION SOURCE - print the symbols a module may use: those of Debian's
# kernel, and those of KUnit, which Debian's kernel does not have.  A tree without a
# vmlinux has no such list.
exports()
{
	debian_exports "$1"
	sed -n 's/^EXPORT_SYMBOL\(_GPL\)\?(\(.*\));.*/\2/p' "$2"/lib/kunit/*.c |
		while read -r symbol; do
			printf '0x00000000\t%s\tvmlinux\tEXPORT_SYMBOL_GPL\t\n' \
				"$symbol"
		done
}

compile()
{
	local src=$1 out=$2 config=$3 version=$4 arch image=bzImage

	arch=$(arch_of "$config")
	[ "$arch" != um ] || image=linux
	if [ "$config" = prepare ]; then
		make -C "$src" O="$out" ARCH="$arch" -j"$JOBS" modules_prepare
		exports "$version" "$src" >"$out/Module.symvers"
	else
		# `modules' writes Module.symvers; building the image does not.
		make -C "$src" O="$out" ARCH="$arch" -j"$JOBS" "$image" modules
	fi
}

# kernel_tree VERSION CONFIG - print the path of the build tree, build it if
# necessary; the caller holds a lock
kernel_tree()
{
	local version=$1 config=$2 src key out frags start

	mapfile -t frags < <(fragments "$config")
	src=$(source_tree "$version")
	[ "$config" != exports ] || src=$(exporting_tree "$src")
	key=$({ basename "$src"; gcc --version | head -n 1; settings "${frags[@]}"; } |
	      sha256sum | cut -c 1-12)
	out=$CACHE/kernel/$version-$config-$key
	if [ ! -e "$out/.complete" ]; then
		need_packages gcc libc6-dev make flex bison bc libelf-dev \
			cpio perl python3
		start=$(now)
		say "building a $version kernel ($config), once: this takes some minutes"
		rm -rf "$out"
		mkdir -p "$out"
		quietly "$out/configure.log" configure "$src" "$out" "$config" \
			"${frags[@]}"
		quietly "$out/build.log" compile "$src" "$out" "$config" \
			"$version"
		touch "$out/.complete"
		say "built $version ($config) in $(elapsed "$start") s"
	fi
	printf '%s\n' "$out"
}

main()
{
	[ $# = 2 ] || usage
	need_compiler
	if [ "$1" = --source ]; then
		suite_of "$2" >/dev/null
		with_lock "source-$2" source_tree "$2"
		return
	fi
	suite_of "$1" >/dev/null
	fragments "$2" >/dev/null
	with_lock "source-$1" source_tree "$1" >/dev/null
	with_lock "kernel-$1-$2" kernel_tree "$1" "$2"
}

main "$@"
exit

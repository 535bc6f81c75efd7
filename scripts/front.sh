#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# front.sh - pagealloc_heap on Debian's generic kernel, with real clients
#
#   KERNEL=6.1     or 6.12: the kernel
#   FUZZ=20000     calls of the fuzzer, for each kind of mapping
#   SEED=n         its seed (default: a new one)
#   BOOTS="a b"    only these of the boots below
#   SCRIPTS="a b"  only these scripts of qemu/front/BOOT
#
# Boots, each with console log and results below build/front-*/:
#   main     1 GiB: one large buffer, every case of the client (qemu/front/*.c), life and
#            death, the kernel's own selftest, Python, vgem, vivid, lockdown
#   movable  a loan in ZONE_MOVABLE, and a carve-out without page structs
#   configfs two nodes: pools at run time, and their figures
#   iommu    VFIO with QEMU's edu device, and vivid by DMA, behind an IOMMU

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/guest.sh"

export KERNEL=${KERNEL:-6.1}
FUZZ=${FUZZ:-20000}
SEED=${SEED:-$(new_seed)}
BOOTS=${BOOTS:-main movable configfs iommu}
OUT=$BUILD/front-$KERNEL
CONFIG=stock

# The modules of the kernel that the scripts load.
DRIVERS='vgem loop vivid vfio-pci vfio_iommu_type1 configfs'

# build_client - the test client and the kernel's selftest, for a guest without libraries
build_client()
{
	local common=$headers/../linux-headers-${release%-amd64}-common

	need_compiler
	mkdir -p "$OUT/include"
	ln -sfn "$(realpath "$common")/include/uapi/drm" "$OUT/include/drm"
	quietly "$OUT/client.log" gcc -O2 -Wall -Wextra -Werror -Wno-unused-parameter \
		-Wno-missing-field-initializers -Wno-sign-compare -static -pthread \
		-D__user= -I"$TOP" -I"$OUT/include" -o "$OUT/front" \
		"$TOP"/qemu/front/*.c
	source=$("$TOP/scripts/kernel.sh" --source 6.1)
	quietly "$OUT/selftest.log" gcc -O2 -static -D__user= -I"$OUT/include" \
		-o "$OUT/dmabuf-heap" \
		"$source/tools/testing/selftests/dmabuf-heaps/dmabuf-heap.c"
}

# stage_python DIR - Debian's Python, and what the example needs of it
stage_python()
{
	local dir=$1 file

	need_packages python3-minimal libpython3-stdlib
	/usr/bin/python3 -S - <<-'LIST' | sort -u | while read -r file; do
	import sys, encodings.idna, fcntl, mmap, os, struct
	print(sys.executable)
	for module in list(sys.modules.values()):
	    if getattr(module, "__file__", "").startswith("/"):
	        print(module.__file__)
	LIST
		echo "$file"
		ldd "$file" 2>/dev/null | grep -o '/[^ ]*' || true
	done | sort -u | while read -r file; do
		mkdir -p "$dir$(dirname "$file")"
		cp -L "$file" "$dir$file"
	done
}

# stage_drivers DIR - these modules of the kernel and those that they need
stage_drivers()
{
	local dir=$1/lib/modules/$release root=${modules%/lib/modules/*} driver file

	mkdir -p "$dir"
	[ -e "$modules/modules.dep" ] || /sbin/depmod -b "$root" "$release"
	for driver in $DRIVERS; do
		/sbin/modprobe -d "$root" -S "$release" --show-depends "$driver" |
			awk '$1 == "insmod" { print $2 }'
	done | sort -u | while read -r file; do
		cp "$file" "$dir"
	done
	cp "$modules"/modules.{order,builtin,builtin.modinfo} "$dir"
	/sbin/depmod -b "$1" "$release"
}

# stage_front BOOT - a root with the scripts of qemu/front/BOOT
stage_front()
{
	local dir=$OUT/$1/stage script

	stage "$1" guest "$OUT"/modules/pagealloc{,_heap,_configfs}.ko \
		"$OUT/front" "$OUT/dmabuf-heap" "$TOP/Documentation/front.py"
	mkdir -p "$dir/tests" "$dir/etc" "$dir/var/run"
	cp "$TOP/qemu/front/lib" "$dir/tests"
	for script in ${SCRIPTS:-$(basename -s .sh "$TOP/qemu/front/$1"/*.sh)}; do
		cp "$TOP/qemu/front/$1/$script.sh" "$dir/tests"
	done
	printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n' \
		>"$dir/etc/passwd"
	stage_drivers "$dir"
	[ "$1" != main ] || stage_python "$dir"
}

# boot NAME APPEND QEMU-ARGUMENTS - run a staged guest; its test lines are counted
boot()
{
	local name=$1 line why

	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		"ok "*)	    ok "${line#ok }" ;;
		"not ok "*) why=${line#not ok }
			    not_ok "${why%%:*}" "${why#*: }" ;;
		"guest-status 0") ok "boot_$name" ;;
		"guest-status "*) not_ok "boot_$name" \
			"the guest did not come to its end" ;;
		*)	    printf '  %s\n' "$line" ;;
		esac
	done < <(status=0; "$TOP/qemu/run.sh" -a "panic_on_warn=1 $2" -q "$3" \
		"$image" "$OUT/$name/stage" "$OUT/$name" || status=$?
		printf 'guest-status %s\n' "$status")
	tr -d '\r' <"$OUT/$name/console.log" >"$OUT/$name/log"
	quiet_log "$name" guest
}

main()
{
	local name image headers modules release source append qemu

	alone "$OUT"
	echo "seed $SEED (repeat with SEED=$SEED)"
	need_qemu
	image=$("$TOP/scripts/stock.sh" --generic image)
	headers=$("$TOP/scripts/stock.sh" --generic headers)
	modules=$("$TOP/scripts/stock.sh" --generic modules)
	release=$(basename "$modules")
	# Without the types of the kernel, which would need pahole.
	"$TOP/scripts/modules.sh" "$headers" "$OUT/modules" CONFIG_DEBUG_INFO_BTF_MODULES=
	build_client
	for name in $BOOTS; do
		step "$name: Debian's kernel $release"
		case $name in
		main)	 append="pagealloc.large=400 pagealloc.fuzz=$FUZZ pagealloc.seed=$SEED"
			 qemu="-m 1G" ;;
		movable) append="movablecore=512M memmap=64M\$0x20000000" qemu="-m 2G" ;;
		configfs) append="memmap=64M\$0x20000000"
			 qemu="-m 2G -object memory-backend-ram,id=m0,size=1G"
			 qemu+=" -object memory-backend-ram,id=m1,size=1G"
			 qemu+=" -numa node,cpus=0-1,memdev=m0 -numa node,memdev=m1" ;;
		iommu)	 append="intel_iommu=on"
			 qemu="-machine q35,kernel-irqchip=split -device intel-iommu -device edu" ;;
		*)	 die "BOOTS=\"$BOOTS\": there are main, movable, configfs and iommu" ;;
		esac
		stage_front "$name"
		boot "$name" "$append" "$qemu"
	done
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

main "$@"
exit

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# modules.sh KDIR DIR [MAKE-ARGUMENT...] - build the modules against KDIR
#
# The build of an external module writes its products beside the sources.  So the
# sources are copied into DIR/src and built there, and one checkout serves several
# kernels.  All modules are linked into DIR.  During the build DIR has no modules,
# so no other run may use it.

. "$(dirname "$0")/lib.sh"

# forget_removed SRC - remove the copy if it has a file that the tree no longer has,
# since the build would use it
forget_removed()
{
	local file

	[ -d "$1" ] || return 0
	while read -r file; do
		if [ ! -e "$TOP/$file" ]; then
			rm -rf "${1:?}"
			return
		fi
	done < <(cd "$1" && find . \( -name '*.[ch]' -o -name Kbuild \) \
			! -name '*.mod.c')
}

main()
{
	local kdir=$1 dir=$2

	shift 2
	[ -e "$kdir/Makefile" ] || die "KDIR=$kdir is not a kernel build tree; for Debian's kernel install linux-headers-amd64"
	need_packages make
	need_compiler
	dir=$(realpath -m "$dir")
	# Objects that were built for another kernel must not be used.
	if [ "$(cat "$dir/built-for" 2>/dev/null)" != "$kdir $*" ]; then
		rm -rf "$dir/src"
	fi
	forget_removed "$dir/src"
	mkdir -p "$dir/src"
	printf '%s %s\n' "$kdir" "$*" >"$dir/built-for"
	# Copy only files that have changed, so that a second build is fast.
	cp -au "$TOP"/{Kbuild,pagealloc,heap,configfs,kunit} "$dir/src"
	rm -f "$dir"/*.ko
	quietly "$dir/build.log" make -C "$kdir" M="$dir/src" -j"$JOBS" \
		"$@" modules
	find "$dir/src" -name '*.ko' -exec ln -t "$dir" {} +
}

main "$@"
exit

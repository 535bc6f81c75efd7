#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# modules.sh KDIR DIR [MAKE-ARGUMENT...] - build the modules against KDIR
#
# The sources are mirrored into DIR and built there: an external build writes
# its products beside its sources, and one checkout serves several kernels.
# DIR ends up with every module built, whatever folder it came from.  While this
# runs there are none in it: nobody else may be using them.

. "$(dirname "$0")/lib.sh"

# forget_removed SRC - drop the mirror if it has a source that the tree has not
# any more: what was built of it would be taken for ours
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
	[ -e "$kdir/Makefile" ] || die "KDIR=$kdir is no kernel build tree; that of Debian's kernel is in the package linux-headers-amd64"
	need_packages make
	need_compiler
	dir=$(realpath -m "$dir")
	# Objects built against another kernel must not be taken for ours.
	if [ "$(cat "$dir/built-for" 2>/dev/null)" != "$kdir $*" ]; then
		rm -rf "$dir/src"
	fi
	forget_removed "$dir/src"
	mkdir -p "$dir/src"
	printf '%s %s\n' "$kdir" "$*" >"$dir/built-for"
	# Only newer files, so that a second build has little to do.
	cp -au "$TOP"/{Kbuild,pagealloc,kunit} "$dir/src"
	rm -f "$dir"/*.ko
	quietly "$dir/build.log" make -C "$kdir" M="$dir/src" -j"$JOBS" \
		"$@" modules
	find "$dir/src" -name '*.ko' -exec ln -t "$dir" {} +
}

main "$@"
exit

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# layers.sh [--graph] [OBJECTS] - which file of pagealloc/, heap/ and configfs/ may use
# which
#
# A folder may include itself and the folders that the table names.  debugfs and
# module parameters belong to the highest layer.  There must be no circle of files,
# by includes or by calls.  The calls are read from the symbols of the object files
# below OBJECTS, if it is given: that of pagealloc/, with the others beside it.
#
# heap/ is a client of pagealloc/, and configfs/ of both.  They include what a client
# may, and what makes calls fail in test builds.
#
#   --graph  print for each file the files that it uses, nothing else

. "$(dirname "$0")/lib.sh"

# folder: what it may include besides itself
TABLE='
uapi:
base:		pagealloc.h
engine:		base
engine/bitmap:	base engine
engine/span:	base engine
pool:		base engine engine/bitmap engine/span pagealloc.h
api:		base engine pool pagealloc.h
backing:	base pagealloc.h
module:		base engine pool api backing pagealloc.h
'

# What a file of heap/ or configfs/ may include besides the headers there.
declare -A PUBLIC=(
	[heap]='pagealloc.h uapi/pagealloc.h base/fault.h'
	[configfs]='pagealloc.h pagealloc_heap.h base/fault.h base/size.h'
)

# The only kernel headers for engine/: nothing there locks, allocates, sleeps or
# reads a clock.
PURE='align asm/page bitfield bitmap bitops bits bug build_bug cache compiler
container_of errno export find hash kernel limits list log2 math math64 minmax
overflow rbtree rbtree_augmented stddef string swab types'

# Kernel headers that belong to backing/ and module/.
OUTSIDE='debugfs seq_file moduleparam memory notifier'

# The kernel's functions that can fail.  base/fault.h has a point for each that is
# called.
CAN_FAIL='k[mzc]alloc(_[a-z]+)?|kmalloc_array|krealloc(_[a-z]+)?|kv[mzc]alloc(_[a-z]+)?
kvmalloc_array|(__)?v[mz]alloc(_[a-z]+)?|kmem_cache_[a-z]*(alloc|create)[a-z_]*
kv?mem_?dup(_[a-z]+)?|kstrn?dup(_[a-z]+)?|kv?asprintf|(__)?alloc_percpu(_[a-z]+)?
(__)?(alloc_pages?|get_free_pages?)(_[a-z]+)?|alloc_contig_(range|pages)
alloc_(ordered_)?workqueue|kthread_(create|run)[a-z_]*|cpuhp_(setup|state_add)[a-z_]*
register_[a-z_]+|misc_register|shrinker_alloc|(__)?stack_depot_(init|save)[a-z_]*
(devm_)?memremap(_pages)?|ioremap[a-z_]*|vmap|(devm_)?request_(mem_)?region
set_memory_[a-z]+|set_direct_map_[a-z_]+|device_create|debugfs_create_dir|seq_open[a-z_]*
single_open[a-z_]*|xa_(insert|store|alloc|reserve)[a-z_]*|id[ra]_alloc[a-z_]*
percpu_(ref|counter)_init|init_srcu_struct|bitmap_[a-z]*alloc'

# The folder that is looked at.
module=pagealloc

finding() { printf "$module/%s: %s\n" "$@"; findings=$((findings + 1)); }

# among NAME LIST - whether NAME is a word of LIST
among() { [[ " ${2//$'\n'/ } " == *" $1 "* ]]; }

# allowed FOLDER - print the folders that FOLDER may include
allowed() { sed -n "s|^$1:[ \t]*||p" <<<"$TABLE"; }

# folder_of FILE - print the folder of FILE; pagealloc.h is a folder of its own
folder_of() { case $1 in */*) dirname "$1" ;; *) echo "$1" ;; esac; }

check_own()
{
	local file=$1 header=$2 from to

	from=$(folder_of "$file") to=$(folder_of "$header")
	[ -e "$header" ] || finding "$file" "includes $header, not by its path"
	[ "$from" = "$to" ] || among "$to" "$(allowed "$from")" ||
		finding "$file" "$from/ may not include $header"
}

check_kernel()
{
	local file=$1 header=$2 name

	name=${header#linux/}
	name=${name%.h}
	case $file in
	engine/*)
		among "$name" "$PURE" ||
			finding "$file" "engine/ may not include <$header>" ;;
	backing/*|module/*) ;;
	# Of these there is nothing in the product.
	base/fault.h) ;;
	*)	! among "$name" "$OUTSIDE" ||
			finding "$file" "<$header> belongs to module/" ;;
	esac
}

# includes - print "FILE HEADER" for each include; <HEADER> for the kernel's
includes()
{
	grep -roE --include='*.[ch]' --exclude='*.mod.c' \
		'^[ \t]*#[ \t]*include[ \t]*[<"][^>"]*[>"]' . |
		sed -E 's|^\./||; s|:.*include[ \t]*| |; s|"||g'
}

# can_fail - print "FILE FUNCTION" for each call of a kernel function that can fail;
# a comment that names one has no arguments
can_fail()
{
	grep -roE --include='*.[ch]' --exclude='*.mod.c' --exclude='fault.[ch]' \
		"\\b(${CAN_FAIL//$'\n'/|})\\([^)]" . |
		sed -E 's|^\./||; s|:| |; s|\(.$||' | sort -u
}

# Each such call is a point at which a test can have it fail.
check_faults()
{
	local file function

	local points=$TOP/pagealloc/base/fault.h

	[ -n "$(can_fail)" ] || finding . "no file calls what can fail"
	while read -r file function; do
		grep -qE "^#define $function\\(" "$points" ||
			finding "$file" "calls $function(), which is not in base/fault.h"
		grep -q '^#include "base/fault.h"$' "$file" ||
			finding "$file" "calls $function() without base/fault.h"
	done < <(can_fail)
}

# There is nothing of that in the product.
check_product()
{
	if nm "$1/$module.ko" | grep pga_fault; then
		finding "$module.ko" "has points of test builds"
	fi
}

# stem - remove the endings of file names, since a file and its header are one node
stem() { sed -E 's/\.[ch]( |$)/\1/g'; }

# include_edges - print "FILE USED" for each include, without the endings
include_edges()
{
	includes | grep -v '<' | stem | awk '$1 != $2'
}

# call_edges OBJECTS - print "FILE USED" for each call, by the symbols of object files
call_edges()
{
	local object

	(cd "$1" && find . -name '*.o' ! -name '*.mod.o' ! -name 'pagealloc*.o' |
	 sed 's|^\./||' | while read -r object; do
		nm "$object" | awk -v file="${object%.o}" 'NF == 2 && $1 == "U" {
			print "use", file, $2; next }
			NF == 3 && $2 ~ /[A-Z]/ { print "def", file, $3 }'
	 done) | awk '
	$1 == "def" { of[$3] = $2 }
	$1 == "use" { n++; user[n] = $2; symbol[n] = $3 }
	END { for (i = 1; i <= n; i++)
		if (symbol[i] in of && of[symbol[i]] != user[i])
			print user[i], of[symbol[i]] }'
}

edges()
{
	include_edges
	[ -z "$objects" ] || call_edges "$objects"
}

check_circles()
{
	local circle

	circle=$(edges | sort -u | tsort 2>&1 >/dev/null) && return
	# It names one after the other; the first is enough.
	printf 'circle of files: %s\n' "$(sed -n '1d; /contains a loop/q
		s/^tsort: //p' <<<"$circle" | xargs)"
	findings=$((findings + 1))
}

# check_client FOLDER OBJECTS - the same for a client's folder, which is one layer
check_client()
{
	local objects=${2:+$2/../$1} file header

	module=$1
	cd "$TOP/$1"
	while read -r file header; do
		case $header in
		\<linux/debugfs.h\>) finding "$file" "<linux/debugfs.h> is not for figures" ;;
		\<*) ;;
		*) [ -e "$header" ] || among "$header" "${PUBLIC[$1]}" ||
			finding "$file" "$1/ may not include $header" ;;
		esac
	done < <(includes)
	check_circles
	check_faults
	module=pagealloc_$1
	[ ! -e "$objects/$module.ko" ] || check_product "$objects"
}

main()
{
	local graph='' objects='' findings=0 file header

	[ "${1:-}" != --graph ] || { graph=1; shift; }
	[ -z "${1:-}" ] || objects=$(realpath "$1")
	cd "$TOP/pagealloc"
	if [ -n "$graph" ]; then
		edges | sort -u | awk '{ uses[$1] = uses[$1] " " $2 }
			END { for (file in uses) print file ":" uses[file] }' | sort
		return
	fi
	[ -z "$objects" ] || [ -n "$(call_edges "$objects")" ] ||
		finding "$objects" "has no object files"
	while read -r file; do
		among "$(folder_of "$file")" "$(cut -d: -f1 <<<"$TABLE") pagealloc.h" ||
			finding "$file" "is in no folder of the table"
	done < <(find . -name '*.[ch]' ! -name '*.mod.c' | sed 's|^\./||')
	while read -r file header; do
		case $header in
		\<*) header=${header#<}; check_kernel "$file" "${header%>}" ;;
		*) check_own "$file" "$header" ;;
		esac
	done < <(includes)
	check_circles
	check_faults
	[ -z "$objects" ] || check_product "$objects"
	check_client heap "$objects"
	check_client configfs "$objects"
	[ $findings = 0 ]
}

main "$@"
exit

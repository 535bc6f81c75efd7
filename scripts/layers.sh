#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# layers.sh [--graph] [OBJECTS] - which file of pagealloc/ may use which
#
# A folder may include itself and the folders that the table names.  debugfs and
# module parameters belong to the highest layer.  There must be no circle of files,
# by includes or by calls.  The calls are read from the symbols of the object files
# below OBJECTS, if it is given.
#
#   --graph  print for each file the files that it uses, nothing else

. "$(dirname "$0")/lib.sh"

# folder: what it may include besides itself
TABLE='
base:		pagealloc.h
engine:		base
engine/bitmap:	base engine
engine/span:	base engine
pool:		base engine engine/bitmap engine/span pagealloc.h
api:		base engine pool pagealloc.h
backing:	base pagealloc.h
module:		base engine pool api backing pagealloc.h
'

# The only kernel headers for engine/: nothing there locks, allocates, sleeps or
# reads a clock.
PURE='align asm/page bitfield bitmap bitops bits bug build_bug cache compiler
container_of errno export find hash kernel limits list log2 math math64 minmax
overflow rbtree rbtree_augmented stddef string swab types'

# Kernel headers that belong to backing/ and module/.
OUTSIDE='debugfs seq_file moduleparam memory notifier'

finding() { printf 'pagealloc/%s: %s\n' "$@"; findings=$((findings + 1)); }

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

	(cd "$1" && find . -name '*.o' ! -name '*.mod.o' ! -name 'pagealloc.o' |
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

	if ! circle=$(edges | sort -u | tsort 2>&1 >/dev/null); then
		finding "circle of files" \
			"$(sed '1d; s/^tsort: //' <<<"$circle" | xargs)"
	fi
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
	[ $findings = 0 ]
}

main "$@"
exit

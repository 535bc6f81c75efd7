#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# layers.sh - who may include whom in pagealloc/
#
# A file includes its own layer and lower ones only, and what belongs to the
# outside world (debugfs, module parameters) stays in the highest layer.  The
# tables below are the rule; a file that is not in them is a finding.

. "$(dirname "$0")/lib.sh"

# layer, then the files of it below pagealloc/ (patterns of the shell)
LAYERS='
0 pagealloc.h base/*
1 engine/*
2 pool/*
3 api/*
4 backing/* module/*
'

# The only kernel headers for layer 1: nothing there locks, allocates, sleeps or
# reads a clock.
PURE='align asm/page bitfield bitmap bitops bits bug build_bug cache compiler container_of errno
export find hash kernel limits list log2 math math64 minmax overflow rbtree
rbtree_augmented stddef string
swab types'

# Kernel headers that belong to layer 4.
OUTSIDE='debugfs seq_file moduleparam memory notifier'

# layer_of FILE - print its layer, nothing if it has none
layer_of()
{
	local layer patterns pattern

	while read -r layer patterns; do
		# The patterns are matched, not expanded.
		set -f
		for pattern in $patterns; do
			# shellcheck disable=SC2053
			[[ $1 != $pattern ]] || echo "$layer"
		done
		set +f
	done <<<"$LAYERS" | head -n 1
}

# resolve FILE HEADER - the path below pagealloc/ of a header in quotes
resolve()
{
	local beside

	beside=$(dirname "$1")/$2
	if [ -e "$beside" ]; then
		realpath --relative-to=. "$beside"
	else
		realpath -m --relative-to=. "$2"
	fi
}

finding() { printf 'pagealloc/%s:%s: %s\n' "$@"; findings=$((findings + 1)); }

# among NAME LIST - whether the word is in the list
among() { [[ " ${2//$'\n'/ } " == *" $1 "* ]]; }

check_own()
{
	local file=$1 line=$2 header=$3 layer=$4 other

	other=$(layer_of "$(resolve "$file" "$header")")
	if [ -z "$other" ]; then
		finding "$file" "$line" "$header is in no layer"
	elif [ "$other" -gt "$layer" ]; then
		finding "$file" "$line" \
			"layer $layer includes $header of layer $other"
	fi
}

check_kernel()
{
	local file=$1 line=$2 header=$3 layer=$4 name

	name=${header#linux/}
	name=${name%.h}
	if [ "$layer" = 1 ] && ! among "$name" "$PURE"; then
		finding "$file" "$line" "layer $layer includes <$header>"
	elif [ "$layer" -lt 4 ] && among "$name" "$OUTSIDE"; then
		finding "$file" "$line" "<$header> belongs to layer 4"
	fi
}

check_file()
{
	local file=$1 layer line header

	layer=$(layer_of "$file")
	if [ -z "$layer" ]; then
		finding "$file" 1 "the file is in no layer of scripts/layers.sh"
		return
	fi
	while IFS=: read -r line header; do
		case $header in
		\"*) check_own "$file" "$line" "${header//\"/}" "$layer" ;;
		\<*) check_kernel "$file" "$line" "${header//[<>]/}" "$layer" ;;
		esac
	done < <(sed -n 's/^[ \t]*#[ \t]*include[ \t]*\([<"][^>"]*[>"]\).*/\1/;t p;d;:p;=;p' \
		"$file" | paste -d : - -)
}

findings=0
cd "$TOP/pagealloc"
while read -r file; do
	check_file "$file"
done < <(find . -name '*.[ch]' ! -name '*.mod.c' | sed 's|^\./||' | sort)
[ $findings = 0 ]

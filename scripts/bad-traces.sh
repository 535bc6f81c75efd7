#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bad-traces.sh DIR - write invalid traces, and one that is valid
#
# Prints a line for each: FILE LINE WHY.  The check must name LINE and a reason that
# contains WHY.  If WHY has a '|', its left part is the reason of scripts/trace.py
# and its right part that of the guest, which gets the same input; '-' means that
# the guest does not get it.  LINE is 0 for the valid trace.

. "$(dirname "$0")/lib.sh"

DIR=$1
HEADER="H 1 512 1 4 2"

# bad NAME LINE WHY - write the trace on standard input, print its line
bad()
{
	cat >"$DIR/$1.txt"
	printf '%s.txt %s %s\n' "$1" "$2" "$3"
}

# text LINE... - print the lines
text() { printf '%s\n' "$@"; }

main()
{
	mkdir -p "$DIR"
	text "$HEADER" "G 0 2" "a 1 0 1" E | bad good 0 '-'

	# Errors that the host and the guest detect.
	text "$HEADER" "G 0 2" "a 1 0" E |
		bad fields-missing 3 'a has 3 fields|bad fields'
	text "$HEADER" "G 0 2 7" E |
		bad fields-too-many 2 'G has 2 fields|bad fields'
	text "$HEADER" "G 0 2" "a 99999999999999999999 0 1" E |
		bad number-of-20-digits 3 'not a valid field|bad fields'
	text "$HEADER" "G 0 2" "a 9223372036854775808 0 1" E |
		bad number-of-64-bits 3 'out of range|bad fields'
	text "$HEADER" "G 0 2" "a 1x 0 1" E |
		bad number-with-letters 3 'not a valid field|bad fields'
	text "$HEADER" "" E |
		bad empty-line 2 'no line begins|unknown operation'
	text "$HEADER" "Q 1 2" E |
		bad unknown-letter 2 'no line begins|unknown operation'
	text "$HEADER" "G 0 2" |
		bad no-end 3 'no E line|before the E line'
	text "$HEADER" E "G 0 2" |
		bad line-after-end 3 'after the E line|a line after the end'
	{ text "$HEADER" "G 0 2"; printf 'a 1 0'; } |
		bad cut-off-in-a-line 3 'cut off|before the E line'
	{ text "$HEADER"; head -c 4096 /dev/zero; } |
		bad zeroes 2 'too long|not a line of text'
	{ text "$HEADER"; seq 0 255 | awk '{ printf "\\x%02x", $1 }' |
		xargs -0 printf '%b'; } |
		bad binary 2 'no line begins|not a line of text'
	{ text "$HEADER"; head -c 1000000 /dev/zero | tr '\0' a; echo; text E; } |
		bad line-of-a-megabyte 2 'too long|not a line of text'
	text "$HEADER" "G 0 2" E | gzip >"$DIR/whole.gz"
	head -c 12 "$DIR/whole.gz" |
		bad packed-and-cut-off 1 'cannot be unpacked|-'

	# Errors that only the engine detects.
	text "$HEADER" "G 4 1" E | bad chunk-outside 2 'outside the region'
	text "$HEADER" "G 3 9223372036854775807" E |
		bad chunks-overflow 2 'outside the region'
	text "$HEADER" "G 0 0" E | bad grow-by-nothing 2 'outside the region'
	text "$HEADER" "G 0 2" "G 1 1" E | bad chunk-known 3 'known already'
	text "$HEADER" "G 0 1" "f 512 1" E | bad free-in-a-hole 3 'unknown chunk'
	text "$HEADER" "G 0 1" "a 512 0 512" "f 500 13" E |
		bad free-into-a-hole 4 'unknown chunk'
	text "$HEADER" "G 0 1" "f -5 1" E | bad free-below-zero 3 'unknown chunk'
	text "$HEADER" "G 0 1" "f 9223372036854775807 2" E |
		bad free-beyond-all 3 'unknown chunk'
	text "$HEADER" "G 0 1" "a 4 0 4" "f 0 5" E |
		bad free-of-free-pages 4 'not allocated'
	text "$HEADER" "G 0 1" "a 4 0 4" "f 0 4" "f 0 4" E |
		bad free-twice 5 'not allocated'
	text "$HEADER" "G 0 1" "x 2 511 1 0 0" E |
		bad look-into-a-hole 3 'unknown chunk'
	text "$HEADER" "G 0 1" "x 36028797018963968 511 1 0 0" E |
		bad look-past-64-bits 3 'unknown chunk'
	text "$HEADER" "e 4" E | bad empty-outside 2 'unknown chunk'
	text "$HEADER" "u 2048 1" E | bad use-outside 2 'unknown chunk'
	text "$HEADER" "G 0 1" "C 2 0 1 1" E | bad no-such-cache 3 'no such cache'
	text "$HEADER" "G 0 1" "a 0 0 0" E | bad no-pages 3 'no such length'
	text "G 0 1" E | bad no-header 1 'outside the region'
	text "$HEADER" "$HEADER" E | bad second-header 2 'second header'
	text "H 1 512 1 99999999999 2" E | bad header-too-large 1 'out of range'
	text "H 1 513 1 4 2" E | bad header-huge-odd 1 'out of range'
	text "H 2 512 1 4 2" E | bad header-of-version-2 1 'out of range'
	text "$HEADER" "G 0 1" "a 1 7 1" E | bad wrong-result 3 'got 0 1, want 7 1'
}

main
exit

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""trace.py NAME < TRACE > CLEAN - check the format of a trace.

The trace may be gzip-compressed.  The output has one line for each input line, so
line numbers do not change.  Comments are shortened to a '#', time stamps of
workloads are removed, and floating-point numbers are converted to units of 2^-40.
At the first format error the script prints 'NAME:LINE: why' to standard error and
exits with status 1.  It reads one line at a time, of at most LINE_MAX bytes, so it
needs little memory for any input.

The format is described in Documentation/testing.rst.
"""

import gzip
import re
import sys
from decimal import Decimal

LINE_MAX = 512
PACE_ONE = 1 << 40

# Fields of each line: n decimal, x hexadecimal, m the map of a chunk in hexadecimal,
# r a floating-point number, b true or false.
LINES = {
    "H": "nnnnn", "G": "nn", "a": "nnn", "f": "nn", "C": "nnxx", "c": "nnnn",
    "F": "n", "s": "nn", "b": "nn", "n": "", "x": "nnnnn", "y": "nn",
    "K": "xxxnnn", "v": "nnnnnnmm", "A": "xnx", "R": "xnn", "S": "mnnn",
    "N": "mnnnn", "P": "mnnn", "M": "n" * 28, "U": "nnnx", "D": "nnnnx",
    "u": "nn", "z": "nn", "e": "n", "q": "nnn", "p": "", "w": "nnnnrb",
    "E": "",
}

FIELDS = {
    "n": re.compile(r"-?[0-9]{1,19}"),
    "x": re.compile(r"[0-9a-f]{1,16}"),
    "m": re.compile(r"[0-9a-f]{128}"),
    "r": re.compile(r"[0-9]{1,20}(\.[0-9]{1,40})?(e[-+]?[0-9]{1,2})?"),
    "b": re.compile(r"true|false"),
}


class Bad(Exception):
    """The trace has a format error."""


def clean_field(kind, text):
    """Return the field in the format of the guest."""
    if not FIELDS[kind].fullmatch(text):
        raise Bad(f"'{text[:40]}' is not a valid field")
    if kind == "n" and not -(1 << 63) <= int(text) < 1 << 63:
        raise Bad(f"{text} is out of range")
    if kind == "r":
        value = int(Decimal(text) * PACE_ONE)
        if value >= 1 << 63:
            raise Bad(f"{text} is out of range")
        return str(value)
    if kind == "b":
        return "1" if text == "true" else "0"
    return text


def clean_line(line):
    """Return the line in the format of the guest."""
    if line.startswith("#"):
        return "#"
    letter, *fields = line.split(" @", 1)[0].split(" ")
    kinds = LINES.get(letter)
    if kinds is None:
        raise Bad(f"no line begins with '{letter[:20]}'")
    if len(fields) != len(kinds):
        raise Bad(f"{letter} has {len(kinds)} fields, not {len(fields)}")
    return " ".join([letter, *map(clean_field, kinds, fields)])


def lines(stream):
    """Yield the lines of a stream of bytes, none longer than LINE_MAX."""
    while raw := stream.readline(LINE_MAX + 1):
        if not raw.endswith(b"\n"):
            raise Bad("the line is too long or is cut off")
        try:
            yield raw[:-1].decode("ascii")
        except UnicodeDecodeError:
            raise Bad("the line is not text") from None


def clean(stream, out, count):
    """Clean a whole trace; count[0] is the number of the current line."""
    ended = False
    count[0] = 1
    for line in lines(stream):
        if ended and not line.startswith("#"):
            raise Bad("a line after the E line")
        text = clean_line(line)
        ended = ended or text == "E"
        out.write(text + "\n")
        count[0] += 1
    if not ended:
        raise Bad("no E line: the trace is cut off")


def main():
    """Check standard input."""
    name = sys.argv[1]
    raw = sys.stdin.buffer
    packed = raw.peek(2)[:2] == b"\x1f\x8b"
    count = [0]
    try:
        clean(gzip.GzipFile(fileobj=raw) if packed else raw, sys.stdout, count)
    except Bad as why:
        sys.exit(f"{name}:{count[0]}: {why}")
    except (OSError, EOFError) as why:
        sys.exit(f"{name}:{count[0]}: cannot be unpacked: {why}")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""coverage.py TOP DIR - print which lines and branches of pagealloc/ have run.

DIR has the objects of a build with --coverage, and what running it has counted.
Functions of headers and inline ones are compiled many times: a line has run, and a
branch has been taken, if it has in any copy.  What has not is in DIR/missed, a
line each.
"""

import json
import os
import subprocess
import sys


def notes(directory):
    """Yield the notes of all objects below a directory."""
    for path, _, files in os.walk(directory):
        for name in sorted(files):
            if name.endswith(".gcno"):
                yield os.path.join(path, name)


def records(top, directory):
    """Yield what gcov says of each source file, once for each object."""
    run = subprocess.run(
        ["gcov", "--json-format", "--branch-probabilities", "--stdout",
         *notes(directory)],
        cwd=top, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    for line in run.stdout.splitlines():
        for record in json.loads(line)["files"]:
            name = os.path.relpath(os.path.join(top, record["file"]), top)
            if name.startswith("pagealloc/"):
                yield name, record


def collect(top, directory):
    """Return the counts of lines and of branches, {name: ({line: n}, {branch: n})}."""
    files = {}
    for name, record in records(top, directory):
        lines, branches = files.setdefault(name, ({}, {}))
        for line in record["lines"]:
            number = line["line_number"]
            lines[number] = lines.get(number, 0) + line["count"]
            for i, branch in enumerate(line["branches"]):
                key = (number, i)
                branches[key] = branches.get(key, 0) + branch["count"]
    return files


def share(counts):
    """Return how many have run, of how many, and that in percent."""
    run = sum(1 for count in counts.values() if count)
    return run, len(counts), 100 * run / len(counts) if counts else 100


def row(name, lines, branches):
    """Return a line of the table."""
    return "%-36s %5d of %5d %6.1f %%   %5d of %5d %6.1f %%" % (
        name, *share(lines), *share(branches))


def missed(name, lines, branches):
    """Yield the lines that have not run, and those with such a branch."""
    for number in sorted(lines):
        if not lines[number]:
            yield f"{name}:{number}: has not run"
        elif not all(count for (line, _), count in branches.items()
                     if line == number):
            yield f"{name}:{number}: a branch has not been taken"


def main():
    """Print the table."""
    top, directory = sys.argv[1:3]
    files = collect(top, directory)
    if not files:
        sys.exit("no coverage in " + directory)
    all_lines, all_branches = {}, {}
    with open(os.path.join(directory, "missed"), "w", encoding="ascii") as out:
        print("%-36s %-23s %s" % ("file", "lines", "  branches"))
        for name in sorted(files):
            lines, branches = files[name]
            print(row(name, lines, branches))
            out.writelines(text + "\n" for text in missed(name, lines, branches))
            all_lines.update({(name, key): n for key, n in lines.items()})
            all_branches.update({(name, key): n for key, n in branches.items()})
    print(row("all", all_lines, all_branches))
    print(f"what has not run is in {out.name}")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py - what `make bench` measures, and what becomes of it

bench.py plan MACHINE        print the lines for the guest, as CASES, SUBJECTS,
                             RUNS and PAGES in the environment choose
bench.py table CSV           print the table and the bars
"""

import csv
import os
import sys

HEADER = ['case', 'subject', 'pages_in_pool', 'occupancy', 'run_pages', 'cpus',
          'metric', 'value', 'unit']

# One factor at a time is varied around this.
PAGES, OCCUPANCY, RUN = 1 << 16, 99, 1

GIB = 1 << 18                   # in pages
OURS = ('pagealloc', 'pagealloc-nocache')
PEERS = ('buddy', 'genpool', 'genpool-best')

# The most pages in a pool, and in a run, of those that cannot have any.
MOST = {'buddy': GIB, 'genpool': 64 * GIB, 'genpool-best': GIB}
LONGEST = {'buddy': 512}


def varied(case, subjects, cpus=1):
    """Yield the lines for a case with each factor varied."""
    for subject in subjects:
        most = MOST.get(subject, 1 << 34)
        for occupancy in (50, 90, 99, 100):
            yield case, subject, PAGES, occupancy, RUN, cpus
        for run in (8, 64, 512, 4096):
            if run <= LONGEST.get(subject, run):
                yield case, subject, PAGES, OCCUPANCY, run, cpus
        for pages in (GIB, 64 * GIB, 1024 * GIB):
            if pages <= most:
                yield case, subject, pages, OCCUPANCY, RUN, cpus


def plan_icount():
    """Yield all that is measured in instructions."""
    for case in ('pair', 'churn'):
        yield from varied(case, OURS + PEERS)
    for case in ('bulk-alloc', 'bulk-free', 'rand', 'repeat'):
        for subject in OURS + PEERS:
            yield case, subject, PAGES, OCCUPANCY, RUN, 1


PLANS = {'icount': plan_icount}


def chosen(name, value):
    """Tell whether the environment's list of that name has the value."""
    return str(value) in os.environ.get(name, '').split() or \
        not os.environ.get(name, '').split()


def plan(machine):
    """Print the plan for a machine, each line once."""
    lines = []
    for line in PLANS[machine]():
        case, subject, pages, _, run, _ = line
        if line not in lines and chosen('CASES', case) and \
           chosen('SUBJECTS', subject) and chosen('RUNS', run) and \
           chosen('PAGES', pages):
            lines.append(line)
    for line in lines:
        print(*line)


def size(pages):
    """Return the size of a pool in words."""
    for shift, unit in ((28, 'TiB'), (18, 'GiB'), (8, 'MiB')):
        if pages >> shift:
            return f'{pages >> shift} {unit}'
    return f'{4 * pages} KiB'


def table(path):
    """Print a table: a line for what is measured, a column for each subject."""
    cells, subjects, keys = {}, [], []
    with open(path, encoding='ascii', newline='') as file:
        for row in csv.DictReader(file):
            key = (row['case'], int(row['pages_in_pool']),
                   int(row['occupancy']), int(row['run_pages']),
                   int(row['cpus']), row['metric'])
            if row['metric'] == 'fail' and not float(row['value'].split()[0]):
                continue
            if row['subject'] not in subjects:
                subjects.append(row['subject'])
            if key not in keys:
                keys.append(key)
            cells[key, row['subject']] = float(row['value'])
    print(f'{"case":<12}{"pool":>9}{"full":>6}{"run":>6}{"cpus":>5} '
          f'{"metric":<10}' + ''.join(f'{s:>18}' for s in subjects))
    for key in keys:
        case, pages, occupancy, run, cpus, metric = key
        line = (f'{case:<12}{size(pages):>9}{occupancy:>5}%{run:>6}{cpus:>5} '
                f'{metric:<10}')
        for subject in subjects:
            value = cells.get((key, subject))
            if value is None:
                line += f'{"-":>18}'
            elif metric == 'locks':
                line += f'{value:>18.3f}'
            else:
                line += f'{value:>18.1f}'
        print(line)


def main():
    """Do what the arguments say."""
    if sys.argv[1] == 'plan':
        plan(sys.argv[2])
    else:
        table(sys.argv[2])


main()

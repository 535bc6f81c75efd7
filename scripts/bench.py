#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py - what `make bench` measures, and what becomes of it

bench.py plan MACHINE        print the lines for the guest, as CASES, SUBJECTS,
                             RUNS and PAGES in the environment choose
bench.py workloads DIRECTORY write the traces of programs, for the guest
bench.py table CSV           print the table and the bars
"""

import csv
import glob
import gzip
import os
import struct
import sys

HEADER = ['case', 'subject', 'pages_in_pool', 'occupancy', 'run_pages', 'cpus',
          'metric', 'value', 'unit']

# One factor at a time is varied around this.
PAGES, OCCUPANCY, RUN = 1 << 16, 99, 1

GIB, TIB = 1 << 18, 1 << 28     # in pages
OURS = ('pagealloc', 'pagealloc-nocache')
PEERS = ('buddy', 'genpool', 'genpool-best', 'gpu_buddy', 'bitmap')

# The most pages in a pool, and in a run, of those that cannot have any.
MOST = {'buddy': GIB, 'genpool': 64 * GIB, 'genpool-best': GIB,
        'gpu_buddy': GIB, 'bitmap': 64 * GIB}
LONGEST = {'buddy': 512}

TRACES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../kunit/traces')


def traces():
    """Return the paths of the workload traces."""
    return sorted(glob.glob(os.path.join(TRACES, 'workload-*.txt.gz')))


def name_of(path):
    """Return the name of a trace, which is that of its case."""
    return os.path.basename(path)[:-len('.txt.gz')]


def calls(path):
    """Yield (number of the run, pages) for each call, 0 pages for a free.

    What the trace's own scavenger holds and gives back is left out, as are
    allocations that failed.  A run counts as freed when its last page is.
    """
    at, left, number = {}, [], 0
    with gzip.open(path, 'rt', encoding='ascii') as trace:
        for line in trace:
            letter, *field = line.split(' @')[0].split()
            if letter in 'ac':
                pages, page = map(int, field[-3:-1])
                if page < 0:
                    continue
                for i in range(page, page + pages):
                    at[i] = number
                left.append(pages)
                yield number, pages
                number += 1
            elif letter == 'f':
                page, pages = map(int, field)
                for i in range(page, page + pages):
                    run = at.pop(i)
                    left[run] -= 1
                    if not left[run]:
                        yield run, 0


def peak(path):
    """Return the most pages that are held."""
    held = most = 0
    size_of = {}
    for run, pages in calls(path):
        if pages:
            size_of[run] = pages
        held += pages or -size_of.pop(run)
        most = max(most, held)
    return most


def varied(case, subjects, cpus=1):
    """Yield the lines for a case with each factor varied."""
    for subject in subjects:
        most = MOST.get(subject, 1 << 34)
        for occupancy in (50, 90, 99, 100):
            yield case, subject, PAGES, occupancy, RUN, cpus
        for run in (8, 64, 512, 4096):
            if run <= LONGEST.get(subject, run):
                yield case, subject, PAGES, OCCUPANCY, run, cpus
        for pages in (GIB, 64 * GIB, TIB):
            if pages <= most:
                yield case, subject, pages, OCCUPANCY, RUN, cpus


def plan_icount():
    """Yield all that is measured in instructions."""
    for case in ('pair', 'churn'):
        yield from varied(case, OURS + PEERS)
    for subject in OURS:
        for case in ('pair', 'churn'):
            for pages in (GIB, 64 * GIB, TIB):
                yield case, subject, pages, OCCUPANCY, 8, 1
        yield 'churn', subject, TIB, 100, 8, 1
    for run in (1, 8, 512):
        yield 'pair', 'contig', PAGES, 0, run, 1
    for subject in OURS + PEERS:
        for case in ('bulk-alloc', 'bulk-free'):
            for run in (1, 8):
                yield case, subject, PAGES, 50, run, 1
        yield 'rand', subject, PAGES, OCCUPANCY, 1, 1
        yield 'rand', subject, PAGES, 90, 1, 1
        yield 'rand', subject, PAGES, OCCUPANCY, 8, 1
        yield 'repeat', subject, PAGES, OCCUPANCY, 1, 1
        yield 'max', subject, PAGES, OCCUPANCY, 1, 1
        yield 'max', subject, PAGES, OCCUPANCY, 8, 1
        if subject != 'genpool-best':
            yield 'frag', subject, PAGES, 50, 1, 1
    for subject in OURS:
        for run in (1, 8, 63):
            for occupancy in (0, 99, 100):
                yield 'max', subject, TIB, occupancy, run, 1
        yield 'partly', subject, PAGES, OCCUPANCY, 8, 1
    yield 'scavenge', 'pagealloc', PAGES, 100, 512, 1
    yield 'irqoff', 'pagealloc', 2 * GIB, 0, GIB, 1
    for pages in (PAGES, GIB, 64 * GIB, TIB):
        yield 'metadata', 'pagealloc', pages, 100, 1, 1
    yield from plan_workloads()
    yield 'churn', 'pagealloc', 64 * TIB, OCCUPANCY, 8, 1


def plan_workloads():
    """Yield the committed traces of real programs."""
    for path in traces():
        pages = peak(path) * 3 // 2 // 16384 * 16384 + 16384
        for subject in OURS + PEERS:
            yield name_of(path), subject, pages, 0, 0, 1


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
    last = ''
    for line in lines:
        if line[0].startswith('workload-') and line[0] != last:
            print('trace', line[0])
        last = line[0]
        print(*line)


def workloads(directory):
    """Write the traces as the guest wants them."""
    for path in traces():
        with open(os.path.join(directory, name_of(path)), 'wb') as file:
            for run, pages in calls(path):
                file.write(struct.pack('<II', run, pages))


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
    elif sys.argv[1] == 'workloads':
        workloads(sys.argv[2])
    else:
        table(sys.argv[2])


main()

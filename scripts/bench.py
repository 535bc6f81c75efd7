#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bench.py - plan the measurements of `make bench`, and present the results

bench.py check MACHINE...    refuse choices in the environment that are invalid or
                             leave nothing to measure on these machines
bench.py check-profile       the same for PROFILE
bench.py plan MACHINE        print the measurements for the guest that CASES,
                             SUBJECTS, RUNS, PAGES and OCCUPANCY choose
bench.py workloads DIRECTORY write the traces of programs for the guest
bench.py table CSV           print the table and the bars
bench.py svg CSV             draw the cost over the size of the pool
"""

import csv
import glob
import gzip
import os
import struct
import sys

import svg

# The default of each factor; a measurement varies one of them.
PAGES, OCCUPANCY, RUN = 1 << 16, 99, 1

GIB, TIB = 1 << 18, 1 << 28     # in pages
# Occupancy and run, for the slowest call.  A layout needs runs that divide 512.
SLOWEST = [(occupancy, run) for occupancy in (0, 99, 100)
           for run in (1, 8, 63 if not occupancy else 32)]

OURS = ('pagealloc', 'pagealloc-nocache')
PEERS = ('pagealloc-span', 'buddy', 'genpool', 'genpool-best', 'gpu_buddy', 'bitmap')

# The most pages in a pool, and in a run, of subjects that have a limit.
MOST = {'pagealloc-span': GIB, 'buddy': GIB, 'genpool': 64 * GIB, 'genpool-best': GIB,
        'gpu_buddy': GIB, 'bitmap': 64 * GIB}
LONGEST = {'buddy': 512}

TRACES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '../kunit/traces')


def traces():
    """Return the paths of the workload traces."""
    return sorted(glob.glob(os.path.join(TRACES, 'workload-*.txt.gz')))


def name_of(path):
    """Return the name of a trace, which is the name of its case."""
    return os.path.basename(path)[:-len('.txt.gz')]


def calls(path):
    """Yield (number of the run, pages) for each call, 0 pages for a free.

    This leaves out allocations that failed, and the pages that the scavenger of the
    trace takes and returns.  A run counts as freed when its last page is freed.
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
    """Return the most pages in use."""
    held = most = 0
    size_of = {}
    for run, pages in calls(path):
        if pages:
            size_of[run] = pages
        held += pages or -size_of.pop(run)
        most = max(most, held)
    return most


def varied(case, subjects, cpus=1):
    """Yield the measurements of a case, with each factor varied."""
    for subject in subjects:
        most = MOST.get(subject, 1 << 34)
        for occupancy in (50, 90, 99, 100):
            # Best fit visits each hole, which takes too long with many holes.
            if subject == 'genpool-best' and occupancy < 99:
                continue
            yield case, subject, PAGES, occupancy, RUN, cpus
        for run in (8, 64, 512, 4096):
            if run <= LONGEST.get(subject, run):
                yield case, subject, PAGES, OCCUPANCY, run, cpus
        for pages in (GIB, 64 * GIB, TIB):
            if pages <= most:
                yield case, subject, pages, OCCUPANCY, RUN, cpus


def plan_icount():
    """Yield the measurements in instructions."""
    for case in ('pair', 'churn'):
        yield from varied(case, OURS + PEERS)
    for subject in OURS + PEERS:
        for pages in (GIB, 64 * GIB, TIB):
            if pages <= MOST.get(subject, pages):
                yield 'churn', subject, pages, OCCUPANCY, 8, 1
    for subject in OURS:
        yield 'pair', subject, TIB, OCCUPANCY, 8, 1
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
        yield 'partly', subject, PAGES, OCCUPANCY, 8, 1
    for occupancy, run in SLOWEST:
        yield 'max', 'pagealloc', TIB, occupancy, run, 1
    for subject in OURS:
        for pages in (1 << 15, PAGES, GIB, 4 * GIB):
            yield 'fill-aligned', subject, pages, 100, 2, 1
        yield 'churn-aligned', subject, PAGES, OCCUPANCY, 2, 1
        yield 'churn', subject, PAGES, OCCUPANCY, 2, 1
        for run in (8, 512):
            yield 'bulk-natural', subject, PAGES, 50, run, 1
            yield 'bulk-alloc', subject, PAGES, 50, run, 1
        yield 'long', subject, 2 * GIB, 0, GIB, 1
    for run in (8, 512):
        yield 'bulk-natural', 'buddy', PAGES, 50, run, 1
    yield 'scavenge', 'pagealloc', PAGES, 100, 512, 1
    yield 'irqoff', 'pagealloc', 2 * GIB, 0, GIB, 1
    for pages in (PAGES, GIB, 64 * GIB, TIB):
        yield 'metadata', 'pagealloc', pages, 100, 1, 1
    yield 'metadata', 'pagealloc-span', PAGES, 100, 1, 1
    yield from plan_workloads()
    yield 'churn', 'pagealloc', 64 * TIB, OCCUPANCY, 8, 1


def plan_workloads():
    """Yield the measurements of the traces of real programs."""
    for path in traces():
        pages = peak(path) * 3 // 2 // 16384 * 16384 + 16384
        for subject in OURS + PEERS:
            yield name_of(path), subject, pages, 0, 0, 1


def plan_uml():
    """Yield the measurements in nanoseconds on one CPU."""
    for subject in OURS + PEERS:
        for case in ('pair', 'churn'):
            for run in (1, 8, 512):
                yield case, subject, PAGES, OCCUPANCY, run, 1
        for case in ('bulk-alloc', 'bulk-free'):
            yield case, subject, PAGES, 50, 1, 1
    yield 'churn', 'pagealloc', TIB, OCCUPANCY, 8, 1
    for run in (1, 512):
        yield 'pair', 'contig', PAGES, 0, run, 1
    yield from plan_workloads()


def plan_uml_smp():
    """Yield the measurements in nanoseconds on one CPU and on two."""
    for subject in OURS + PEERS:
        if subject == 'genpool-best':
            continue
        for case in ('repeat', 'rand'):
            for cpus in (1, 2):
                yield case, subject, PAGES, OCCUPANCY, RUN, cpus


PLANS = {'icount': plan_icount, 'uml-6.1': plan_uml, 'uml-7.3': plan_uml_smp}

# The choices of the environment, and the field of a measurement for each.
CHOICES = {'CASES': 0, 'SUBJECTS': 1, 'PAGES': 2, 'OCCUPANCY': 3, 'RUNS': 4}


def words(name):
    """Return a list from the environment, empty if it is not set."""
    return os.environ.get(name, '').split()


def chosen(line):
    """Tell whether the environment chooses a measurement."""
    return all(str(line[field]) in words(name)
               for name, field in CHOICES.items() if words(name))


def refuse(name, takes):
    """Exit with an error: the variable does not have a valid value."""
    raise SystemExit(f'error: {name}="{os.environ.get(name, "")}": {takes}')


def check_listed(name, valid):
    """Refuse a list with a value that is not valid."""
    valid = list(dict.fromkeys(valid))
    if all(isinstance(value, int) for value in valid):
        valid.sort()
    if not set(words(name)) <= set(map(str, valid)):
        refuse(name, 'it takes some of ' + ' '.join(map(str, valid)))


def check_number(name, least, most):
    """Refuse a value that is not a number in this range."""
    text = os.environ.get(name, '')
    if text and not (text.isdecimal() and least <= int(text) <= most):
        refuse(name, f'with PROFILE it takes a number from {least} to {most}')


def check(machines):
    """Refuse invalid choices, and choices that leave nothing to measure."""
    if not set(machines) <= set(PLANS):
        refuse('MACHINES', 'it takes some of ' + ' '.join(PLANS))
    lines = [line for make in PLANS.values() for line in make()]
    for name, field in CHOICES.items():
        check_listed(name, [line[field] for line in lines])
    if not any(chosen(line) for machine in machines for line in PLANS[machine]()):
        raise SystemExit('error: together these choices leave nothing to measure: '
                         f'MACHINES="{" ".join(machines)}"' +
                         ''.join(f' {name}="{os.environ[name]}"'
                                 for name in CHOICES if words(name)))


def check_profile():
    """Refuse a profile with invalid choices."""
    cases = list(dict.fromkeys(line[0] for line in plan_icount() if line[-2]))
    case, *run = words('PROFILE')
    if case not in cases or len(run) != 1 or not run[0].isdecimal():
        refuse('PROFILE', 'it takes the pages in a run after one of ' +
               ' '.join(cases))
    check_listed('SUBJECTS', [line[1] for line in plan_icount()])
    check_number('PAGES', 1, 64 * TIB)
    check_number('OCCUPANCY', 0, 100)


def plan(machine):
    """Print the measurements for a machine, each once."""
    lines = list(dict.fromkeys(filter(chosen, PLANS[machine]())))
    # The guest keeps a large pool if the next measurement uses it too.
    large = [line for line in lines if line[2] >= 64 * GIB]
    lines = [line for line in lines if line not in large] + \
        sorted(large, key=lambda line: (line[1], line[2]))
    last = ''
    for line in lines:
        if line[0].startswith('workload-') and line[0] != last:
            print('trace', line[0])
        last = line[0]
        print(*line)


def workloads(directory):
    """Write the traces in the format of the guest."""
    for path in traces():
        with open(os.path.join(directory, name_of(path)), 'wb') as file:
            for run, pages in calls(path):
                file.write(struct.pack('<II', run, pages))


def size(pages):
    """Return the size of a pool with a unit."""
    for shift, unit in ((28, 'TiB'), (18, 'GiB'), (8, 'MiB')):
        if pages >> shift:
            return f'{pages >> shift} {unit}'
    return f'{4 * pages} KiB'


class Results:
    """The lines of a CSV file, by the measurement and the metric."""

    def __init__(self, path):
        """Read the file."""
        self.value, self.rows = {}, []
        with open(path, encoding='ascii', newline='') as file:
            for row in csv.DictReader(file):
                about = (row['case'], int(row['pages_in_pool']),
                         int(row['occupancy']), int(row['run_pages']),
                         int(row['cpus']), row['metric'])
                self.rows.append((about, row['subject']))
                self.value[about, row['subject']] = float(row['value'])

    def get(self, case, run=RUN, metric='insns', subject='pagealloc',
            pages=PAGES, occupancy=OCCUPANCY, cpus=1):
        """Return a value, None if it was not measured."""
        return self.value.get(((case, pages, occupancy, run, cpus, metric),
                               subject))


def number(value, metric=''):
    """Return a value as text."""
    if value is None:
        return '-'
    return f'{value:.3f}' if metric in ('locks', 'bits_per_page') or \
        0 < value < 10 else f'{value:.1f}'


def table(results):
    """Print a table: a line for each measurement, a column for each subject."""
    abouts = list(dict.fromkeys(about for about, _ in results.rows))
    subjects = list(dict.fromkeys(subject for _, subject in results.rows))
    print(f'{"case":<26}{"pool":>8}{"full":>6}{"run":>7}{"cpus":>5} '
          f'{"metric":<13}' + ''.join(f'{s:>18}' for s in subjects))
    for about in abouts:
        values = [results.value.get((about, s)) for s in subjects]
        case, pages, occupancy, run, cpus, metric = about
        # A line of failures is printed only if there are any.
        if metric.endswith('fail') and not any(values):
            continue
        print(f'{case:<26}{size(pages):>8}{occupancy:>5}%{run:>7}{cpus:>5} '
              f'{metric:<13}' + ''.join(f'{number(v, metric):>18}'
                                        for v in values))


def over(a, b):
    """Return the quotient, None if one of the two was not measured."""
    return a / b if a is not None and b else None


def most_of(values):
    """Return the largest, None if one was not measured."""
    return None if None in values else max(values)


def bars(r):
    """Yield (what, value, limit, whether less is better)."""
    get = r.get
    yield 'pair, 1 page', get('pair'), 110, True
    yield 'pair, 1 page, by the buddy\'s order 0', \
        over(get('pair'), get('pair', subject='buddy')), 0.2, True
    yield 'churn, 1 page', get('churn'), 130, True
    yield 'rand, 1 page', get('rand'), 340, True
    yield 'rand, 1 page, the free', get('rand', 1, 'insns_free'), 280, True
    yield 'rand, 1 page, by the buddy\'s order 0', \
        over(get('rand'), get('rand', subject='buddy')), 0.5, True
    for case, eight, chunk in (('pair', 480, 650), ('churn', 560, 900)):
        yield f'{case}, 8 pages', get(case, 8), eight, True
        yield f'{case}, 512 pages', get(case, 512), chunk, True
        yield f'{case}, 512 pages, by gen_pool\'s', \
            over(get(case, 512), get(case, 512, subject='genpool')), 1, True
        yield f'{case}, 512 pages, by the buddy\'s order 9', \
            over(get(case, 512), get(case, 512, subject='buddy')), 0.1, True
    yield 'long: a ready run of 1 GiB', \
        get('long', GIB, pages=2 * GIB, occupancy=0), 100000, True
    for case, limit in (('bulk-alloc', 600), ('bulk-free', 450)):
        yield f'{case}, 1 page, without caches', \
            get(case, subject='pagealloc-nocache', occupancy=50), limit, True
    yield 'fill-aligned, a run, 4 GiB by 128 MiB', \
        over(get('fill-aligned', 2, pages=4 * GIB, occupancy=100),
             get('fill-aligned', 2, pages=1 << 15, occupancy=100)), 1.5, True
    yield 'churn-aligned, by churn of 2 pages', \
        over(get('churn-aligned', 2), get('churn', 2)), 3, True
    for run in (8, 512):
        yield f'bulk-natural, {run} pages, by bulk-alloc\'s', \
            over(get('bulk-natural', run, occupancy=50),
                 get('bulk-alloc', run, occupancy=50)), 1.3, True
        yield f'bulk-natural, {run} pages, by the buddy\'s', \
            over(get('bulk-natural', run, occupancy=50),
                 get('bulk-natural', run, subject='buddy', occupancy=50)), 1, True
    yield 'churn, 8 pages, 1 TiB', get('churn', 8, pages=TIB), 750, True
    yield 'churn, 8 pages, 1 TiB full', \
        get('churn', 8, pages=TIB, occupancy=100), 950, True
    yield 'churn, 8 pages, 64 TiB', get('churn', 8, pages=64 * TIB), 1200, True
    yield 'pair, 8 pages, chunks partly discarded', get('partly', 8), 600, True
    yield 'slowest call below 64 pages, 1 TiB', most_of(
        [get('max', run, 'max', pages=TIB, occupancy=occupancy)
         for occupancy, run in SLOWEST]), 2000, True
    yield 'longest with interrupts off, 1 GiB run', \
        get('irqoff', GIB, 'irqoff_max', pages=2 * GIB, occupancy=0), 7885, True
    yield 'scavenge a chunk, without the backing', \
        get('scavenge', 512, occupancy=100), 1436, True
    yield 'lock taken a call, rand, 1 page, 90 %', \
        get('rand', 1, 'locks', occupancy=90), 1 / 36, True
    yield 'bits of metadata a page, 1 TiB', \
        get('metadata', 1, 'bits_per_page', pages=TIB, occupancy=100), 2.26, True
    yield 'pair, 1 page, ns by the buddy\'s order 0', \
        over(get('pair', 1, 'ns'), get('pair', 1, 'ns', 'buddy')), 0.4, True
    once, twice = (get('repeat', 1, 'ns', cpus=cpus) for cpus in (1, 2))
    yield 'repeat, 1 page, throughput of 2 CPUs by 1', \
        over(2 * once if once else None, twice), 1.8, False
    yield 'free chunks after 100 rounds, less the buddy\'s', \
        (None if get('frag', 1, 'free_chunks', occupancy=50) is None or
         get('frag', 1, 'free_chunks', 'buddy', occupancy=50) is None else
         get('frag', 1, 'free_chunks', occupancy=50) -
         get('frag', 1, 'free_chunks', 'buddy', occupancy=50)), 0, False


# Results of other allocators in user space, for 1 page and for 512 pages.
ELSEWHERE = '''
ns, measured elsewhere, natively          1 page     512 pages
LLFree, 64 GiB: pair                          55            41
LLFree: bulk allocate / random free      34 / 24        84 / -
LLFree: churn                                190             -
LLFree: bits of metadata a page             1.13
Go, 1 TiB: pair, 1 to 64 pages             57-98             -
Go: churn                                196-508             -
Go: served by the cache                      1.6             -
'''


def print_bars(results):
    """Print the bars, and whether each is met."""
    print(f'\n{"bar (instructions unless a unit is given)":<50}{"value":>12}'
          f'{"limit":>12}')
    missing = 0
    for what, value, limit, less in bars(results):
        if value is None:
            missing += 1
            continue
        met = value <= limit if less else value >= limit
        print(f'{what:<50}{number(value, "locks" if limit < 3 else ""):>12}'
              f'{"<=" if less else ">=":>4}{f"{limit:.3f}".rstrip("0").rstrip("."):>8}'
              f'  {"ok" if met else "MISS"}')
    if missing:
        print(f'({missing} more not measured this time)')
    print(ELSEWHERE, end='')


# Colours of the subjects, distinct for colour-blind readers too.
COLOURS = {'pagealloc': '#0072b2', 'pagealloc-nocache': '#56b4e9',
           'pagealloc-span': '#cc79a7', 'buddy': '#d55e00',
           'genpool': '#009e73', 'genpool-best': '#888888',
           'gpu_buddy': '#e69f00', 'bitmap': '#000000'}


def curves(results, case, run, metric):
    """Yield (subject, colour, points) for the cost over the size of the pool."""
    for subject, colour in COLOURS.items():
        points = [(4096 * about[1], value)
                  for (about, whose), value in results.value.items()
                  if whose == subject and value > 0 and
                  (about[0],) + about[2:] == (case, OCCUPANCY, run, 1, metric)]
        if points:
            yield subject, colour, sorted(points)


def draw(results):
    """Draw the cost over the size of the pool."""
    panels = [(f'{case}, {run} page{"s" * (run > 1)}, {OCCUPANCY} % in use: '
               'instructions an operation, by the size of the pool',
               list(curves(results, case, run, 'insns')))
              for case, run in (('churn', 1), ('churn', 8), ('pair', 1))]
    print(svg.loglog([panel for panel in panels if panel[1]],
                     [(4096 * pages, size(pages)) for pages in
                      (PAGES, GIB, 64 * GIB, TIB, 64 * TIB)]))


def main():
    """Run the command in the arguments."""
    what, *arguments = sys.argv[1:]
    if what == 'check':
        check(arguments)
    elif what == 'check-profile':
        check_profile()
    elif what == 'plan':
        plan(*arguments)
    elif what == 'workloads':
        workloads(*arguments)
    elif what == 'svg':
        draw(Results(*arguments))
    else:
        results = Results(*arguments)
        table(results)
        print_bars(results)


main()

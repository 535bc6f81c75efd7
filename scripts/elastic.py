#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""elastic.py POOL_MB SERIES... - draw what `make elastic` has sampled

A panel for each series: what the guest has free, what the pool has released and
what QEMU has resident on the host, over time.  A series has lines
"phase NAME TIME", "rss TIME KB" and "guest TIME MEMFREE_KB RELEASED_KB ...".
"""

import sys

from svg import document, text

WIDTH, HEIGHT = 920, 330        # of a panel
LEFT, RIGHT, TOP, BOTTOM = 70, 160, 54, 46
LINES = (('MemFree in the guest', '#0072b2'),
         ('released by the pool', '#009e73'),
         ("QEMU's RSS on the host", '#d55e00'))
PHASES = (('fill', 'fill'), ('freed', 'all freed, left alone'),
          ('trace', 'trace'), ('traced', 'freeze, thaw'))
TITLES = {'alone': 'An ordinary zone: a granule is a pageblock, 4 MiB',
          'movable': 'ZONE_MOVABLE (movablecore=): a granule is a page'}


def load(path):
    """Return the phases and the three lines of a file, in s and MiB."""
    phases, memfree, released, rss = {}, [], [], []
    with open(path, encoding='ascii') as series:
        for line in series:
            kind, *field = line.split()
            if kind == 'phase':
                phases[field[0]] = float(field[1])
                continue
            time, kib = float(field[0]), [int(x) / 1024 for x in field[1:]]
            if kind == 'rss':
                rss.append((time, kib[0]))
            else:
                memfree.append((time, kib[0]))
                released.append((time, kib[1]))
    start, end = phases['loaded'] - 1, phases['end'] + 1
    phases = {name: time - start for name, time in phases.items()}
    return phases, [[(time - start, value) for time, value in points
                     if start <= time <= end]
                    for points in (memfree, released, rss)], end - start


def step_for(span, parts):
    """Return a round step that divides the span in about so many parts."""
    for step in (5, 10, 20, 50, 100, 200, 250, 500, 1000):
        if span / step <= parts:
            return step
    return 2000


def panel(path, pool, top):
    """Return the elements of one panel, the upper edge of which is at top."""
    phases, lines, span = load(path)
    peak = max([value for points in lines for _, value in points] + [pool])
    up = step_for(peak * 1.05, 5)
    high = (int(peak * 1.02) // up + 1) * up
    bottom = top + HEIGHT - BOTTOM

    def px(time):
        return LEFT + time / span * (WIDTH - LEFT - RIGHT)

    def py(value):
        return bottom - value / high * (HEIGHT - TOP - BOTTOM)

    out = [text(LEFT, top + 20, TITLES.get(path.split('/')[-2], path),
                extra='font-weight="bold"')]
    for value in range(0, high + 1, up):
        out.append(f'<line class="grid" x1="{LEFT}" x2="{px(span):.1f}" '
                   f'y1="{py(value):.1f}" y2="{py(value):.1f}"/>')
        out.append(text(LEFT - 8, py(value) + 4, value, 'end'))
    out.append(text(18, (py(0) + py(high)) / 2, 'MiB', 'middle',
                    f'transform="rotate(-90 18 {(py(0) + py(high)) / 2:.1f})"'))
    for time in range(0, int(span) + 1, step_for(span, 12)):
        out.append(f'<line class="axis" x1="{px(time):.1f}" x2="{px(time):.1f}" '
                   f'y1="{bottom}" y2="{bottom + 5}"/>')
        out.append(text(px(time), bottom + 19, time, 'middle'))
    out.append(text(px(span / 2), bottom + 37, 'seconds', 'middle'))
    out.append(f'<path class="axis" d="M{LEFT} {py(high):.1f}V{bottom}'
               f'H{px(span):.1f}"/>')
    for name, label in PHASES:
        x = px(phases[name])
        anchor, by = ('end', -3) if name == 'trace' else ('start', 3)
        out.append(f'<line class="phase" x1="{x:.1f}" x2="{x:.1f}" '
                   f'y1="{py(high):.1f}" y2="{bottom}"/>')
        out.append(text(x + by, py(high) - 5, label, anchor, 'class="small"'))
    ends = []
    for (name, colour), points in zip(LINES, lines):
        if not points:
            continue
        path_data = 'L'.join(f'{px(t):.1f} {py(v):.1f}' for t, v in points)
        out.append(f'<path fill="none" stroke="{colour}" stroke-width="2" '
                   f'stroke-linejoin="round" d="M{path_data}"/>')
        ends.append((py(points[-1][1]) + 4, name, colour))
    last = 0
    for y, name, colour in sorted(ends):
        last = max(y, last + 16)
        out.append(text(px(span) + 6, last, name, extra=f'fill="{colour}"'))
    return out


def main():
    """Draw to the standard output."""
    pool, paths = int(sys.argv[1]), sys.argv[2:]
    out = []
    for number, path in enumerate(paths):
        out += panel(path, pool, number * HEIGHT)
    print(document(WIDTH, HEIGHT * len(paths) + 10, out))


main()

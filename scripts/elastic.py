#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""elastic.py [--memory] POOL_MB SERIES... - draw what `make elastic` has sampled

A panel for each series: what the guest has free, what the pool has released and
what QEMU has resident on the host, over time.  A series has lines
"phase NAME TIME", "rss TIME KB" and
"guest TIME MEMFREE_KB RELEASED_KB IN_USE_KB ...".

--memory: one panel that needs no explanation, of the first series: the host's
memory, from the filling of the pool to the end of the trace.
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
    """Return the phases and the lines of a file, in s and MiB, and its length."""
    phases, memfree, released, rss, in_use = {}, [], [], [], []
    with open(path, encoding='ascii') as series:
        for line in series:
            kind, *field = line.split()
            if kind == 'phase':
                phases[field[0]] = float(field[1])
                continue
            time, kib = float(field[0]), [int(x) / 1024 for x in field[1:4]]
            if kind == 'rss':
                rss.append((time, kib[0]))
            else:
                memfree.append((time, kib[0]))
                released.append((time, kib[1]))
                in_use.append((time, kib[2]))
    start, end = phases['loaded'] - 1, phases['end'] + 1
    phases = {name: time - start for name, time in phases.items()}
    return phases, [[(time - start, value) for time, value in points
                     if start <= time <= end]
                    for points in (memfree, released, rss, in_use)], end - start


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


def between(points, start, end):
    """Return the points of that time."""
    return [(time, value) for time, value in points if start <= time <= end]


class Memory:
    """The one panel: what QEMU has resident, what the pool's clients have."""

    WIDTH, HEIGHT = 880, 400
    LEFT, RIGHT, TOP, BOTTOM = 60, 14, 96, 48
    HOST, POOL = '#c2410c', '#1d4ed8'

    def __init__(self, path, pool):
        phases, (_, _, rss, in_use), _ = load(path)
        self.phases, self.pool = phases, pool
        self.start, self.end = phases['fill'] - 1, phases['traced'] + 3
        self.rss = between(rss, self.start, self.end)
        self.in_use = between(in_use, self.start, self.end)
        peak = max(value for _, value in self.rss)
        self.step = step_for(peak, 5)
        self.high = (int(peak * 1.1) // self.step + 1) * self.step
        self.out = []

    def px(self, time):
        """Return where a time is."""
        return self.LEFT + (time - self.start) / (self.end - self.start) * \
            (self.WIDTH - self.LEFT - self.RIGHT)

    def py(self, value):
        """Return where an amount is."""
        return self.HEIGHT - self.BOTTOM - value / self.high * \
            (self.HEIGHT - self.TOP - self.BOTTOM)

    def text(self, x, y, string, anchor='middle', size=14, colour='#333',
             weight='normal'):
        """Add a text."""
        self.out.append(text(x, y, string, anchor,
                             f'font-size="{size}" fill="{colour}" '
                             f'font-weight="{weight}"'))

    def figure(self, x, y, string, anchor, colour):
        """Add a text that belongs to a line."""
        self.text(x, y, string, anchor, 15, colour, 'bold')

    def bands(self):
        """Add the phases, each a band with its name on top."""
        phase, top = self.phases, self.py(self.high)
        height = self.HEIGHT - self.BOTTOM - top
        for begin, end, colour, lines in (
                (phase['fill'], phase['freed'], '#fde8d8',
                 ('a driver', 'uses it')),
                (phase['freed'], phase['trace'], '#e6f4ea',
                 ('all of it is free again, nobody asks for anything:',
                  'the pool gives it back, at 1 % of a CPU')),
                (phase['trace'], phase['traced'], '#fde8d8',
                 ('used', 'again'))):
            left, right = self.px(begin), self.px(end)
            self.out.append(f'<rect x="{left:.1f}" y="{top:.1f}" '
                            f'width="{right - left:.1f}" '
                            f'height="{height:.1f}" fill="{colour}"/>')
            for number, line in enumerate(lines):
                self.text((left + right) / 2, top - 24 + 17 * number, line)

    def axes(self):
        """Add both axes."""
        bottom = self.HEIGHT - self.BOTTOM
        for value in range(0, self.high + 1, self.step):
            y = self.py(value)
            self.out.append(f'<line stroke="#d4d4d4" x1="{self.LEFT}" '
                            f'x2="{self.WIDTH - self.RIGHT}" y1="{y:.1f}" '
                            f'y2="{y:.1f}"/>')
            self.text(self.LEFT - 8, y + 5, value, 'end')
        self.text(self.LEFT - 8, self.py(self.high) - 12, 'MiB', 'end')
        span = self.end - self.start
        for time in range(0, int(span) + 1, step_for(span, 10)):
            x = self.px(self.start + time)
            self.out.append(f'<line stroke="#333" x1="{x:.1f}" x2="{x:.1f}" '
                            f'y1="{bottom}" y2="{bottom + 5}"/>')
            self.text(x, bottom + 21, time)
        self.text((self.LEFT + self.WIDTH - self.RIGHT) / 2, bottom + 40,
                  'seconds')
        self.out.append(f'<line stroke="#333" x1="{self.LEFT}" '
                        f'x2="{self.WIDTH - self.RIGHT}" y1="{bottom}" '
                        f'y2="{bottom}"/>')

    def path(self, points):
        """Return the line through some points."""
        return 'M' + 'L'.join(f'{self.px(time):.1f} {self.py(value):.1f}'
                              for time, value in points)

    def curves(self):
        """Add what the pool's clients have, and the host's memory."""
        floor = f'V{self.py(0):.1f}H{self.px(self.rss[0][0]):.1f}Z'
        self.out += [
            f'<path fill="{self.HOST}" fill-opacity="0.18" '
            f'd="{self.path(self.rss)}{floor}"/>',
            f'<path fill="none" stroke="{self.POOL}" stroke-width="2" '
            f'stroke-dasharray="7 4" d="{self.path(self.in_use)}"/>',
            f'<path fill="none" stroke="{self.HOST}" stroke-width="3.5" '
            f'stroke-linejoin="round" d="{self.path(self.rss)}"/>']

    def figures(self):
        """Add the names, and the highest and lowest of the host's memory."""
        phase = self.phases
        used = between(self.rss, phase['fill'], phase['freed'])
        alone = between(self.rss, phase['freed'], phase['trace'])
        most = max(value for _, value in used)
        least = min(value for _, value in alone)
        # Down to where all but a twentieth of the pool is back.
        down = next(time for time, value in alone
                    if value <= max(least, most - self.pool * 0.95))
        x, right = self.px(phase['freed']) + 10, self.px(phase['trace']) - 10
        self.figure(x, self.py(most) - 12, "memory that the guest takes on the host: "
                    f'{most:.0f} MiB', 'start', self.HOST)
        self.figure(right, self.py(least) + 24, f'{down - phase["freed"]:.0f} s '
                    f'later {least:.0f} MiB,', 'end', self.HOST)
        self.figure(right, self.py(least) + 44, f'{most - least:.0f} MiB are '
                    "the host's again", 'end', self.HOST)
        self.figure(x, self.py(0) - 12, 'allocated from the pool', 'start',
                    self.POOL)

    def draw(self):
        """Return the drawing."""
        self.text(self.LEFT, 28, 'Host memory over time: a guest with a pool of '
                  f'{self.pool} MiB', 'start', 19, '#111', 'bold')
        self.bands()
        self.axes()
        self.curves()
        self.figures()
        return document(self.WIDTH, self.HEIGHT, self.out)


def main():
    """Draw to the standard output."""
    arguments = sys.argv[1:]
    if arguments[0] == '--memory':
        print(Memory(arguments[2], int(arguments[1])).draw())
        return
    pool, paths = int(arguments[0]), arguments[1:]
    out = []
    for number, path in enumerate(paths):
        out += panel(path, pool, number * HEIGHT)
    print(document(WIDTH, HEIGHT * len(paths) + 10, out))


main()

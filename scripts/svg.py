# SPDX-License-Identifier: GPL-2.0
"""svg.py - functions to draw charts"""

import math

STYLE = ('.grid{stroke:#ddd}.axis{stroke:#444;fill:none}'
         '.phase{stroke:#888;stroke-dasharray:3 3}'
         '.small{font-size:11px;fill:#444}')

WIDTH, HEIGHT = 920, 380        # size of a panel of loglog()
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 44, 46


def text(x, y, string, anchor='start', extra=''):
    """Return a text element."""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>'
            f'{string}</text>')


def document(width, height, elements):
    """Return a whole drawing with a white background."""
    return '\n'.join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
         f'height="{height}" viewBox="0 0 {width} {height}" '
         'font-family="sans-serif" font-size="12">',
         '<!-- SPDX-License-Identifier: GPL-2.0 -->',
         f'<style>{STYLE}</style>',
         '<rect width="100%" height="100%" fill="#fff"/>'] +
        elements + ['</svg>'])


def panel(top, title, curves, ticks):
    """Return the elements of a panel with two logarithmic axes."""
    values = [value for _, _, points in curves for _, value in points]
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    bottom = top + HEIGHT - BOTTOM
    first, last = (math.log2(ticks[i][0]) for i in (0, -1))

    def px(x):
        return LEFT + (math.log2(x) - first) / (last - first) * \
            (WIDTH - LEFT - RIGHT)

    def py(y):
        return bottom - (math.log10(y) - low) / (high - low) * \
            (HEIGHT - TOP - BOTTOM)

    out = [text(LEFT, top + 22, title, extra='font-weight="bold"')]
    for decade in range(low, high + 1):
        y = py(10 ** decade)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                   f'y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(text(LEFT - 8, y + 4, 10 ** decade, 'end'))
    for x, label in ticks:
        out.append(f'<line class="axis" x1="{px(x):.1f}" x2="{px(x):.1f}" '
                   f'y1="{bottom}" y2="{bottom + 5}"/>')
        out.append(text(px(x), bottom + 19, label, 'middle'))
    out.append(f'<path class="axis" d="M{LEFT} {py(10 ** high):.1f}V{bottom}'
               f'H{WIDTH - RIGHT}"/>')
    return out + lines(curves, px, py)


def lines(curves, px, py):
    """Return the elements of the curves, each with its name at its end."""
    out, below = [], 0
    for name, colour, points in sorted(
            curves, key=lambda curve: py(curve[2][-1][1])):
        data = 'L'.join(f'{px(x):.1f} {py(y):.1f}' for x, y in points)
        out.append(f'<path fill="none" stroke="{colour}" stroke-width="2" '
                   f'd="M{data}"/>')
        for x, y in points:
            out.append(f'<circle cx="{px(x):.1f}" cy="{py(y):.1f}" r="3" '
                       f'fill="{colour}"/>')
        below = max(py(points[-1][1]) + 4, below + 15)
        out.append(text(px(points[-1][0]) + 8, below, name,
                        extra=f'fill="{colour}"'))
    return out


def loglog(panels, ticks):
    """Return a drawing with a panel for each (title, curves).

    A curve is (name, colour, [(x, y)]), ticks are [(x, label)].
    """
    out = []
    for number, (title, curves) in enumerate(panels):
        out += panel(number * HEIGHT, title, curves, ticks)
    return document(WIDTH, HEIGHT * len(panels) + 10, out)

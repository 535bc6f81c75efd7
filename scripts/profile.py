#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""profile.py - count the instructions of a guest by function

profile.py watch SOCKET LOG        Log instructions to LOG through QEMU's monitor.
                                   The guest stops itself at the start and at the
                                   end of each part to log.
profile.py report LOG SYMBOLS...   Print the instructions of each function, in all
                                   and for each call of the allocator.
"""

import bisect
import collections
import re
import socket
import sys
import time

PROMPT = b'(qemu) '
PLACE = re.compile(r'\[[0-9a-f]+/([0-9a-f]+)/')


class Monitor:
    """A connection to QEMU's monitor."""

    def __init__(self, path):
        """Connect as soon as QEMU is there."""
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(600):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit('QEMU has no monitor')
        self.answer()

    def answer(self):
        """Return the text up to the next prompt."""
        data = b''
        while not data.endswith(PROMPT):
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError
            data += piece
        return data

    def do(self, *commands):
        """Perform commands, return the answer to the last one."""
        for command in commands:
            self.socket.sendall(command.encode() + b'\n')
            data = self.answer()
        return data


def watch(path, log):
    """Switch the log on or off each time the guest has stopped itself."""
    monitor, logging, stops = Monitor(path), False, 0
    try:
        while True:
            if b'panicked' not in monitor.do('info status'):
                time.sleep(0.02)
                continue
            stops += 1
            logging = not logging
            if logging:
                monitor.do(f'logfile {log}.{stops}', 'singlestep on',
                           'log exec,nochain', 'cont')
            else:
                monitor.do('log none', 'singlestep off', 'cont')
    except (EOFError, OSError):
        pass
    if not stops or logging:
        raise SystemExit('the guest did not stop itself')
    with open(log, 'w', encoding='ascii') as whole:
        for stop in range(1, stops, 2):
            with open(f'{log}.{stop}', encoding='ascii') as part:
                whole.writelines(part)


def symbols(paths):
    """Return addresses and names of functions, sorted by address."""
    found = {}
    for path in paths:
        with open(path, encoding='ascii') as file:
            for line in file:
                address, kind, name = line.split()[:3]
                # Names that end in _start are sections, not functions.
                if kind in 'tTwW' and not name.endswith('_start'):
                    found.setdefault(int(address, 16), name)
    places = sorted(found)
    return places, [found[place] for place in places]


def report(log, *paths):
    """Print the profile."""
    places, names = symbols(paths)
    count, calls = collections.Counter(), 0
    with open(log, encoding='ascii') as file:
        for line in file:
            match = PLACE.search(line)
            if not match:
                continue
            address = int(match.group(1), 16)
            index = bisect.bisect_right(places, address) - 1
            count[names[index]] += 1
            calls += places[index] == address and \
                names[index] in ('pagealloc_alloc', 'pagealloc_free')
    total = sum(count.values())
    print(f'{"function":<36}{"instructions":>14}{"a call":>10}{"share":>9}')
    for name, number in count.most_common():
        print(f'{name:<36}{number:>14}{number / max(calls, 1):>10.2f}'
              f'{number / total:>9.1%}')
    print(f'{"all, with the measuring loop":<36}{total:>14}'
          f'{total / max(calls, 1):>10.2f}')
    print(f'calls of pagealloc_alloc() and pagealloc_free(): {calls}')


if __name__ == '__main__':
    {'watch': watch, 'report': report}[sys.argv[1]](*sys.argv[2:])

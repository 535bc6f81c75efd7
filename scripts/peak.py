#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""peak.py COMMAND... - run COMMAND, print its peak memory to standard error."""

import resource
import subprocess
import sys

status = subprocess.run(sys.argv[1:], check=False).returncode
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f"peak {peak} kB", file=sys.stderr)
sys.exit(status)

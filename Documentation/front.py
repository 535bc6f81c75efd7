#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# front.py [NODE] - two megabytes of contiguous memory, and what to do with them

import fcntl, mmap, os, struct, sys

LEN = 2 << 20
DMA_HEAP_IOCTL_ALLOC = 0xC0184800		# _IOWR('H', 0, 24 bytes)

heap = os.open(sys.argv[1] if sys.argv[1:] else "/dev/dma_heap/default", os.O_RDWR)
request = struct.pack("=QIIQ", LEN, 0, os.O_RDWR | os.O_CLOEXEC, 0)
answer = fcntl.ioctl(heap, DMA_HEAP_IOCTL_ALLOC, request)
fd = struct.unpack("=QIIQ", answer)[1]
with mmap.mmap(fd, LEN) as memory:		# shared, to read and to write
    assert memory[:] == bytes(LEN)		# it comes zeroed
    memory[:5] = b"hello"
with mmap.mmap(fd, LEN) as memory:		# the buffer is still there
    print(memory[:5].decode(), "from", LEN, "bytes in one piece")
os.close(fd)					# and now it is gone

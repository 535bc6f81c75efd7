// SPDX-License-Identifier: GPL-2.0
/*
 * front fuzz CALLS [SEED] - random ioctls, mappings and closes, with arguments that are
 * good, nearly good and bad.  The calls may return what they like: the kernel must live,
 * and nothing may be left afterwards.
 */

#define _GNU_SOURCE
#include <time.h>

#include "client.h"

#define FDS	16
#define MAPS	8

static uint64_t seed;
static int zero;
static int fds[FDS];
static struct {
	void *p;
	size_t len;
} maps[MAPS];

static uint32_t below(uint32_t n)
{
	return next_random(&seed) % n;
}

/* A number that is interesting more often than not. */
static uint64_t number(void)
{
	switch (below(8)) {
	case 0: return 0;
	case 1: return (uint64_t)next_random(&seed) << 32 | next_random(&seed);
	case 2: return 1ULL << below(64);
	case 3: return (1ULL << below(64)) - 1;
	case 4: return -(uint64_t)below(2 * PAGE);
	default: return below(64) * PAGE + below(2) * below(PAGE);
	}
}

static int descriptor(void)
{
	return below(4) ? fds[below(FDS)] : (int)below(64) - 1;
}

/* Keep a descriptor, and let another one go. */
static void keep(int fd)
{
	int i = below(FDS);

	if (fd < 0)
		return;
	if (fds[i] >= 0)
		close(fds[i]);
	fds[i] = fd;
}

static void fuzz_heap(int dev)
{
	union {
		struct dma_heap_allocation_data data;
		uint64_t words[64];
	} u = { { 0 } };
	unsigned int size = below(4) ? sizeof(u.data) : below(sizeof(u));
	unsigned int dir = below(8) ? _IOC_READ | _IOC_WRITE : below(4);

	u.data.len = number();
	u.data.fd_flags = below(4) ? O_RDWR | O_CLOEXEC : number();
	u.data.fd = below(16) ? 0 : number();
	u.data.heap_flags = below(16) ? 0 : number();
	if (!ioctl(dev, _IOC(dir, 'H', below(16) ? 0 : below(4), size), &u) &&
	    dir & _IOC_READ && size >= 12)
		keep(u.data.fd);
}

static void fuzz_alloc(int dev)
{
	union {
		struct pagealloc_ioc_alloc a;
		uint64_t words[512];
	} u = { { 0 } };

	u.a.size = below(4) ? sizeof(u.a) : number() % (sizeof(u) + PAGE);
	u.a.flags = below(4) ? below(4) : number();
	u.a.len = number();
	u.a.align = below(2) ? 0 : number();
	u.a.boundary = below(2) ? 0 : number();
	u.a.limit = below(2) ? 0 : number();
	u.a.fd_flags = below(4) ? O_RDWR | O_CLOEXEC : number();
	u.a.fd = below(16) ? 0 : number();
	if (!below(8))
		u.words[6 + below(500)] = number();
	if (!ioctl(dev, PAGEALLOC_IOC_ALLOC, &u))
		keep(u.a.fd);
}

static void fuzz_info(int dev)
{
	union {
		struct pagealloc_ioc_info info;
		uint64_t words[512];
	} u = { { 0 } };

	u.info.size = below(4) ? sizeof(u.info) : number() % (sizeof(u) + PAGE);
	u.info.flags = below(4) ? below(4) : number();
	u.info.fd = below(4) ? descriptor() : 0;
	if (!below(8))
		u.words[below(512)] = number();
	ioctl(dev, PAGEALLOC_IOC_INFO, &u);
}

/* Any number at any address. */
static void fuzz_wild(int dev)
{
	static const unsigned int cmds[] = {
		DMA_HEAP_IOCTL_ALLOC, PAGEALLOC_IOC_ALLOC, PAGEALLOC_IOC_INFO,
	};
	unsigned int cmd = below(2) ? cmds[below(3)] : next_random(&seed);

	ioctl(below(4) ? dev : descriptor(), cmd,
	      below(2) ? (void *)number() : maps[below(MAPS)].p);
}

static void fuzz_map(void)
{
	int i = below(MAPS);
	size_t len = (below(64) + 1) * PAGE;
	void *p;

	if (maps[i].p)
		munmap(maps[i].p, maps[i].len);
	maps[i].p = NULL;
	p = mmap(NULL, len, below(8), below(8) ? MAP_SHARED : MAP_PRIVATE, descriptor(),
		 below(2) ? 0 : number() & -PAGE);
	if (p == MAP_FAILED)
		return;
	maps[i].p = p;
	maps[i].len = len;
}

static void fuzz_mapping(void)
{
	int i = below(MAPS);
	char *p = maps[i].p;
	size_t len = maps[i].len, new;

	if (!p)
		return;
	switch (below(5)) {
	case 0:
		mlock(p, len);
		munlock(p, len);
		break;
	case 1:
		mprotect(p, len, below(8));
		break;
	case 2:
		madvise(p, len, below(26));
		break;
	case 3:
		new = (below(64) + 1) * PAGE;
		p = mremap(p, len, new, MREMAP_MAYMOVE);
		if (p != MAP_FAILED) {
			maps[i].p = p;
			maps[i].len = new;
		}
		break;
	default:
		/* The kernel writes there, or says that it cannot. */
		if (read(zero, p, 64) < 0)
			break;
	}
}

static void fuzz_all(int argc, char **argv)
{
	unsigned long calls = argc ? strtoul(argv[0], NULL, 0) : 10000, i;
	int dev = device();

	seed = argc > 1 ? strtoul(argv[1], NULL, 0) : (unsigned long)time(NULL);
	seed = seed * 2 + 1;
	printf("calls %lu, seed %lu\n", calls, (long)seed / 2);
	memset(fds, -1, sizeof(fds));
	zero = open("/dev/zero", O_RDONLY);
	check(zero >= 0, "/dev/zero: %m");
	for (i = 0; i < calls; i++) {
		switch (below(8)) {
		case 0: case 1:
			fuzz_heap(dev);
			break;
		case 2: case 3:
			fuzz_alloc(dev);
			break;
		case 4:
			fuzz_info(dev);
			break;
		case 5:
			fuzz_wild(dev);
			break;
		case 6:
			fuzz_map();
			break;
		default:
			fuzz_mapping();
		}
		if (i % 4096 == 0) {
			printf("fuzz %lu\n", i);
			fflush(stdout);
		}
	}
}

const struct front_case fuzz_cases[] = {
	{ "fuzz", fuzz_all, true },
	{ NULL }
};

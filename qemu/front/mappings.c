// SPDX-License-Identifier: GPL-2.0
/* What mappings can and cannot do, and that nobody takes hold of a page by its number. */

#define _GNU_SOURCE
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "client.h"

#define LEN	(16 * PAGE)

static void fill(uint64_t *p, uint64_t len, uint64_t seed)
{
	uint64_t i;

	for (i = 0; i < len / 8; i++)
		p[i] = seed + i * 0x9e3779b97f4a7c15ULL;
}

static bool filled(const uint64_t *p, uint64_t len, uint64_t seed)
{
	uint64_t i;

	for (i = 0; i < len / 8; i++)
		if (p[i] != seed + i * 0x9e3779b97f4a7c15ULL)
			return false;
	return true;
}

/* All of a buffer is zero, also one that had an owner before. */
static void zeroed(int argc, char **argv)
{
	static const uint64_t lens[] = { PAGE, 15 * PAGE, 16 * PAGE, HUGE, HUGE + PAGE };
	unsigned int round, i;
	uint64_t *p, j;
	int fd;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(lens); i++) {
			fd = must_alloc(lens[i]);
			p = map(fd, lens[i]);
			for (j = 0; j < lens[i] / 8; j++)
				check(!p[j], "%lx at %lx", (long)p[j], (long)(8 * j));
			memset(p, 0xa5, lens[i]);
			munmap(p, lens[i]);
			close(fd);
		}
	}
}

/* Two mappings show the same memory, and a mapping needs no descriptor. */
static void shared(int argc, char **argv)
{
	int fd = must_alloc(LEN);
	uint64_t *a = map(fd, LEN), *b = map(fd, LEN);

	close(fd);
	fill(a, LEN, 1);
	check(filled(b, LEN, 1), "the other mapping differs");
	munmap(a, LEN);
	check(filled(b, LEN, 1), "after munmap of the first");
	await_figure("buffers", 1);
}

static int try_map(size_t len, int prot, int flags, int fd, off_t offset)
{
	void *p = mmap(NULL, len, prot, flags, fd, offset);

	if (p == MAP_FAILED)
		return errno;
	munmap(p, len);
	return 0;
}

static void bounds(int argc, char **argv)
{
	static const struct {
		size_t len;
		int prot, flags;
		off_t offset;
		int error;
	} cases[] = {
		{ LEN, PROT_READ | PROT_WRITE, MAP_SHARED, 0, 0 },
		{ LEN, PROT_NONE, MAP_SHARED, 0, 0 },
		{ PAGE, PROT_READ, MAP_SHARED, LEN - PAGE, 0 },
		{ 1, PROT_READ, MAP_SHARED, LEN - PAGE, 0 },
		{ PAGE, PROT_READ, MAP_SHARED, LEN, EINVAL },
		{ 2 * PAGE, PROT_READ, MAP_SHARED, LEN - PAGE, EINVAL },
		{ LEN + 1, PROT_READ, MAP_SHARED, 0, EINVAL },
		{ LEN + PAGE, PROT_READ, MAP_SHARED, 0, EINVAL },
		{ PAGE, PROT_READ, MAP_SHARED, -(off_t)PAGE, EOVERFLOW },
		{ PAGE, PROT_READ, MAP_SHARED, 1ULL << 46, EINVAL },
		{ PAGE, PROT_READ, MAP_SHARED, 1, EINVAL },
		{ LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, EINVAL },
		{ LEN, PROT_READ, MAP_PRIVATE, 0, EINVAL },
		{ LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_LOCKED, 0, 0 },
		{ LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, 0, 0 },
	};
	int fd = must_alloc(LEN), ret;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ret = try_map(cases[i].len, cases[i].prot, cases[i].flags, fd,
			      cases[i].offset);
		check(ret == cases[i].error, "case %u: %s", i, strerror(ret));
	}
}

/* An offset shows the page that is there. */
static void offsets(int argc, char **argv)
{
	int fd = must_alloc(LEN);
	uint64_t *all = map(fd, LEN), *p, i;

	for (i = 0; i < LEN / PAGE; i++)
		all[i * PAGE / 8] = i + 1;
	for (i = 0; i < LEN / PAGE; i++) {
		p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, i * PAGE);
		check(p != MAP_FAILED && *p == i + 1, "page %lu", (long)i);
		munmap(p, PAGE);
	}
}

/* A descriptor that may only read cannot be mapped to write. */
static void read_only(int argc, char **argv)
{
	struct dma_heap_allocation_data data = { .len = LEN, .fd_flags = O_RDONLY };
	uint64_t *p;

	check(!ioctl(device(), DMA_HEAP_IOCTL_ALLOC, &data), "%m");
	check(try_map(LEN, PROT_READ | PROT_WRITE, MAP_SHARED, data.fd, 0) == EACCES,
	      "mapped to write");
	p = mmap(NULL, LEN, PROT_READ, MAP_SHARED, data.fd, 0);
	check(p != MAP_FAILED, "to read: %m");
	check(!p[0] && !p[LEN / 8 - 1], "not zero");
	check(mprotect(p, LEN, PROT_READ | PROT_WRITE) == -1 && errno == EACCES,
	      "mprotect: %m");
}

static void moves(int argc, char **argv)
{
	int fd = must_alloc(LEN);
	char *p = map(fd, LEN), *q;

	fill((uint64_t *)p, LEN, 2);
	q = mremap(p, LEN, 2 * LEN, MREMAP_MAYMOVE);
	check(q == MAP_FAILED && errno == EFAULT, "it can grow: %m");
	q = mremap(p, 0, LEN, MREMAP_MAYMOVE);
	check(q == MAP_FAILED, "it can be doubled");
	q = mmap(NULL, LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	q = mremap(p, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, q);
	check(q != MAP_FAILED, "it cannot move: %m");
	check(filled((uint64_t *)q, LEN, 2), "not the same after a move");
	/* A hole, and what is left of both sides. */
	check(!munmap(q + 4 * PAGE, 4 * PAGE), "munmap: %m");
	check(mremap(q, 4 * PAGE, 2 * PAGE, 0) == q, "it cannot shrink: %m");
	check(((uint64_t *)q)[8 * PAGE / 8] ==
	      2 + (8 * PAGE / 8) * 0x9e3779b97f4a7c15ULL, "behind the hole");
	check(madvise(q, PAGE, MADV_DODUMP) == -1 && errno == EINVAL, "DODUMP: %m");
	check(!mlock(q, PAGE) || errno == ENOMEM, "mlock: %m");
	check(!munlock(q, PAGE), "munlock: %m");
	check(!msync(q, PAGE, MS_ASYNC), "msync: %m");
}

/* With mlockall() it is as without. */
static void locked(int argc, char **argv)
{
	int fd;
	char *p;

	check(!mlockall(MCL_CURRENT | MCL_FUTURE), "mlockall: %m");
	fd = must_alloc(LEN);
	p = map(fd, LEN);
	memset(p, 1, LEN);
	check(!munlockall(), "munlockall: %m");
}

/* The ways to the page behind an address. */
static int by_vmsplice(void *p)
{
	struct iovec iov = { p, PAGE };
	int pipes[2];

	check(!pipe(pipes), "pipe: %m");
	return vmsplice(pipes[1], &iov, 1, 0) == PAGE ? 0 : errno;
}

static int by_readv(void *p)
{
	static char to[PAGE];
	struct iovec local = { to, PAGE }, remote = { p, PAGE };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == PAGE ? 0 : errno;
}

static int by_ptrace(void *p)
{
	pid_t pid = fork();
	int status, ret;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status), "the child");
	errno = 0;
	ptrace(PTRACE_PEEKDATA, pid, p, NULL);
	ret = errno;
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	waitpid(pid, &status, 0);
	return ret;
}

static int by_mem(void *p)
{
	static char to[PAGE];
	int fd = open("/proc/self/mem", O_RDWR), ret;

	check(fd >= 0, "/proc/self/mem: %m");
	ret = pread(fd, to, PAGE, (off_t)p) == PAGE ? 0 : errno;
	close(fd);
	return ret;
}

/* Mapped by number none of them finds a page; mapped by page each of them does. */
static void taking_hold(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*take)(void *p);
		int error;
	} ways[] = {
		{ "vmsplice", by_vmsplice, EFAULT },
		{ "process_vm_readv", by_readv, EFAULT },
		{ "ptrace", by_ptrace, EIO },
		{ "/proc/self/mem", by_mem, EIO },
	};
	int fd = must_alloc(LEN), want, ret;
	char *p = map(fd, LEN);
	unsigned int i;

	memset(p, 3, LEN);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		want = by_pages() ? 0 : ways[i].error;
		ret = ways[i].take(p);
		check(ret == want, "%s: %s", ways[i].name, strerror(ret));
	}
}

/* write() and read() copy, and that is no hold. */
static void copies(int argc, char **argv)
{
	int fd = must_alloc(LEN), file;
	char *p = map(fd, LEN);
	static char back[LEN];

	fill((uint64_t *)p, LEN, 4);
	file = open("/tmp/copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(write(file, p, LEN) == LEN, "write: %m");
	check(pread(file, back, LEN, 0) == LEN && !memcmp(back, p, LEN), "the copy");
	memset(p, 0, LEN);
	check(pread(file, p, LEN, 0) == LEN && filled((uint64_t *)p, LEN, 4), "read");
	close(file);
	unlink("/tmp/copy");
}

/* dma-buf's own ioctls. */
static void dmabuf(int argc, char **argv)
{
	struct dma_buf_sync {
		uint64_t flags;
	} sync;
	int fd = must_alloc(LEN), i;
	char line[256], path[64];
	FILE *file;
	bool found = false;

	for (i = 0; i < 8; i++) {
		sync.flags = i;
		check((ioctl(fd, _IOW('b', 0, struct dma_buf_sync), &sync) == 0) ==
		      (i % 4 != 0), "sync %d: %m", i);
	}
	check(!ioctl(fd, _IOW('b', 1, uint64_t), "mine"), "set name: %m");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "exp_name:", 9))
			found = strstr(line, pool_name);
	}
	check(found, "exp_name is not the pool");
}

/* Parts of a mapping that huge pages may fill: holes, protection, a child, a move. */
static void huge_parts(int argc, char **argv)
{
	uint64_t len = 2 * HUGE;
	int fd = must_alloc(len), status;
	char *p = map_aligned(fd, len), *q;

	fill((uint64_t *)p, len, 5);
	check(!mprotect(p + PAGE, PAGE, PROT_READ), "mprotect: %m");
	check(filled((uint64_t *)p, len, 5), "after mprotect");
	if (!fork()) {
		check(filled((uint64_t *)p, len, 5), "in a child");
		check(!munmap(p + HUGE, PAGE), "munmap in a child: %m");
		p[0] = 'c';
		p[len - 1] = 'c';
		exit(0);
	}
	check(wait(&status) > 0 && !status, "a child failed");
	check(p[0] == 'c' && p[len - 1] == 'c', "what a child wrote");
	fill((uint64_t *)(p + HUGE), HUGE, 6);
	check(!munmap(p + HUGE + 7 * PAGE, PAGE), "munmap: %m");
	check(filled((uint64_t *)(p + HUGE), 7 * PAGE, 6), "before the hole");
	q = mmap(NULL, HUGE, PROT_READ, MAP_SHARED, fd, HUGE);
	check(q != MAP_FAILED && filled((uint64_t *)q, HUGE, 6), "by another mapping");
	munmap(q, HUGE);
	/* To an address that huge pages do not fit. */
	q = mmap(NULL, 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(q != MAP_FAILED, "mmap: %m");
	q = (char *)(((uintptr_t)q + HUGE - 1) & ~(HUGE - 1)) - 3 * PAGE;
	q = mremap(p + 2 * PAGE, HUGE - 2 * PAGE, HUGE - 2 * PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE);
	check(q != MAP_FAILED, "mremap: %m");
	check(((uint64_t *)q)[1] == 5 + (2 * PAGE / 8 + 1) * 0x9e3779b97f4a7c15ULL,
	      "after a move");
}

/* Map at an address that huge pages do not fit. */
static void *map_unaligned(int fd, uint64_t len)
{
	char *at = map_aligned(fd, len), *p;

	munmap(at, len);
	p = mmap(at + PAGE, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	check(p != MAP_FAILED, "mmap: %m");
	return p;
}

/*
 * speed [MIB [unaligned]] - from the call to touched memory, in ms; faults say how it is
 * mapped
 */
static void speed(int argc, char **argv)
{
	uint64_t len = argc ? strtoul(argv[0], NULL, 0) * MIB : 32 * MIB, i;
	double start = now(), got, mapped, touched;
	long faults = 0;
	char line[512];
	FILE *file;
	int fd = must_alloc(len);
	char *p;

	got = now();
	p = argc > 1 ? map_unaligned(fd, len) : map_aligned(fd, len);
	mapped = now();
	for (i = 0; i < len; i += PAGE)
		p[i] = 1;
	touched = now();
	file = fopen("/proc/self/stat", "r");
	if (file && fgets(line, sizeof(line), file))
		sscanf(line, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %lu", &faults);
	printf("figure %lu MiB %s%s: ioctl %.2f ms, mmap %.2f ms, touch %.2f ms, faults %ld\n",
	       (long)(len / MIB), by_pages() ? "pages" : "pfn",
	       argc > 1 ? " unaligned" : "", (got - start) * 1e3,
	       (mapped - got) * 1e3, (touched - mapped) * 1e3, faults);
}

/* One buffer that is most of the machine: each page of it, and what is left of memory. */
static void large(int argc, char **argv)
{
	uint64_t len = argc ? strtoul(argv[0], NULL, 0) * MIB : 32 * MIB, i;
	int fd = must_alloc(len);
	uint64_t *p = map(fd, len);

	for (i = 0; i < len / 8; i += PAGE / 8) {
		check(!p[i], "not zero at %lx", (long)i * 8);
		p[i] = i;
	}
	for (i = 0; i < len / 8; i += PAGE / 8)
		check(p[i] == i, "at %lx", (long)i * 8);
	puts("holding");
	/* The caller looks at the memory of the machine until it writes a line. */
	if (argc > 1)
		getchar();
}

const struct front_case mapping_cases[] = {
	{ "zeroed", zeroed },
	{ "shared", shared },
	{ "bounds", bounds },
	{ "offsets", offsets },
	{ "read_only", read_only },
	{ "moves", moves },
	{ "locked", locked },
	{ "taking_hold", taking_hold },
	{ "copies", copies },
	{ "dmabuf", dmabuf },
	{ "huge_parts", huge_parts },
	{ "speed", speed, true },
	{ "large", large, true },
	{ NULL }
};

// SPDX-License-Identifier: GPL-2.0
/*
 * A user keeps a page of a buffer that is gone: in a pipe, by vmsplice().  The next
 * owner must not get it, or the first one reads what he writes.
 */

#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/uio.h>

#include "client.h"

#define LEN	HUGE

static void leak(int argc, char **argv)
{
	int fd = must_alloc(LEN), pipes[2], next[64], i, n = 0;
	uint64_t phys = phys_of(fd), at;
	char *p = map(fd, LEN), *q, back[PAGE];
	struct iovec iov = { p + 5 * PAGE, PAGE };

	memset(p, 'a', LEN);
	check(!pipe(pipes), "pipe: %m");
	if (vmsplice(pipes[1], &iov, 1, 0) != PAGE) {
		check(!by_pages() && errno == EFAULT, "vmsplice: %m");
		return;
	}
	check(by_pages(), "a page of a buffer that is mapped by number");
	munmap(p, LEN);
	close(fd);
	await_figure("quarantined", LEN / PAGE);
	check(heap_figure("buffers") == 1, "its buffer is gone");

	/* All of the pool that can be had, and the page is not in it. */
	while (n < 64 && (next[n] = heap_alloc(LEN)) >= 0) {
		at = phys_of(next[n]);
		check(at >= phys + LEN || at + LEN <= phys, "the next owner has it");
		q = map(next[n], LEN);
		memset(q, 'S', LEN);
		munmap(q, LEN);
		n++;
	}
	check(n > 0, "nobody else got a buffer");
	check(read(pipes[0], back, PAGE) == PAGE, "read: %m");
	for (i = 0; i < (int)PAGE; i++)
		check(back[i] == 'a', "the pipe reads '%c'", back[i]);
	/* The pipe was the last one to refer to it. */
	await_figure("quarantined", 0);
	await_figure("buffers", n);
}

/* The charge stays, too, as long as the page is kept. */
static void leak_charge(int argc, char **argv)
{
	const struct rlimit limit = { 8 * MIB, 8 * MIB };
	int fd, pipes[2], n = 0;
	struct iovec iov;
	char *p;

	if (!by_pages())
		return;
	check(!pipe(pipes), "pipe: %m");
	check(fcntl(pipes[1], F_SETPIPE_SZ, 64 * PAGE) > 0, "F_SETPIPE_SZ: %m");
	check(!setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit: %m");
	become_user(1000);
	/* In pieces of 1 MiB, with a page of each in the pipe. */
	while (n < 32 && (fd = heap_alloc(MIB)) >= 0) {
		p = map(fd, MIB);
		p[0] = 1;
		iov = (struct iovec) { p, PAGE };
		check(vmsplice(pipes[1], &iov, 1, 0) == PAGE, "vmsplice: %m");
		munmap(p, MIB);
		close(fd);
		n++;
	}
	check(n == 8, "%d MiB in quarantine with a limit of 8 MiB", n);
	close(pipes[0]);
	close(pipes[1]);
	await_figure("quarantined", 0);
	fd = must_alloc(MIB);
}

const struct front_case leak_cases[] = {
	{ "leak", leak },
	{ "leak_charge", leak_charge },
	{ NULL }
};

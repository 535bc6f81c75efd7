// SPDX-License-Identifier: GPL-2.0
/* RLIMIT_MEMLOCK: what a user has of buffers, however many processes he has. */

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "client.h"

#define USER	1000
#define LIMIT	(8 * MIB)
#define PIECE	(MIB)

static void become_limited(unsigned int uid)
{
	const struct rlimit limit = { LIMIT, LIMIT };

	check(!setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit: %m");
	become_user(uid);
}

/* Allocate pieces until there is an error; returns how many there were. */
static int allocate_all(void)
{
	int n = 0, fd;

	while ((fd = heap_alloc(PIECE)) >= 0)
		n++;
	check(fd == -ENOMEM, "after %d: %s", n, strerror(-fd));
	return n;
}

static void in_child(void (*function)(void))
{
	int status;

	fflush(stdout);
	if (!fork()) {
		function();
		exit(0);
	}
	check(wait(&status) > 0 && !status, "a child failed");
}

static void loop(void)
{
	uint64_t before = heap_figure("memlock_fail");

	become_limited(USER);
	check(allocate_all() == LIMIT / PIECE, "not as many as the limit says");
	check(heap_figure("memlock_fail") == before + 1, "memlock_fail");
}

/* A user reaches RLIMIT_MEMLOCK several times; no charge is left over. */
static void memlock(int argc, char **argv)
{
	int i;

	for (i = 0; i < 3; i++)
		in_child(loop);
}

static void nothing_left(void)
{
	check(allocate_all() == 0, "a fork has room");
}

static void forks(void)
{
	become_limited(USER);
	check(allocate_all() == LIMIT / PIECE, "not as many as the limit says");
	in_child(nothing_left);
}

/* A child of a process that has used up the limit has nothing. */
static void memlock_fork(int argc, char **argv)
{
	in_child(forks);
}

static int orphan[2];

static void orphans(void)
{
	char c;

	become_limited(USER);
	check(allocate_all() == LIMIT / PIECE, "not as many as the limit says");
	if (!fork()) {
		/* It has all descriptors, and its parent ends. */
		check(read(orphan[0], &c, 1) >= 0, "read: %m");
		exit(0);
	}
}

static void after_parent(void)
{
	become_limited(USER);
	check(allocate_all() == 0, "what a child has is not charged");
}

static void one_other(void)
{
	become_limited(USER + 1);
	check(allocate_all() == LIMIT / PIECE, "another user pays");
}

static void all_again(void)
{
	become_limited(USER);
	check(allocate_all() == LIMIT / PIECE, "something stayed charged");
}

/* The charge outlives the process that asked, and ends with the last descriptor. */
static void memlock_orphan(int argc, char **argv)
{
	check(!pipe(orphan), "pipe: %m");
	in_child(orphans);
	in_child(after_parent);
	in_child(one_other);
	check(write(orphan[1], "", 1) == 1, "write: %m");
	await_figure("buffers", 0);
	in_child(all_again);
}

static int sockets[2];

static void give_all(void)
{
	int fd;

	become_limited(USER);
	while ((fd = heap_alloc(PIECE)) >= 0) {
		send_fd(sockets[1], fd);
		close(fd);
	}
	check(fd == -ENOMEM, "%s", strerror(-fd));
}

/* A user who passes a buffer to another one stays charged until the buffer is gone. */
static void memlock_passed(int argc, char **argv)
{
	int i, fds[LIMIT / PIECE];
	char *p;

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "socketpair: %m");
	in_child(give_all);
	for (i = 0; i < (int)ARRAY_SIZE(fds); i++)
		fds[i] = receive_fd(sockets[0]);
	in_child(after_parent);
	p = map(fds[0], PIECE);
	for (i = 0; i < (int)ARRAY_SIZE(fds); i++)
		close(fds[i]);
	await_figure("buffers", 1);
	munmap(p, PIECE);
	await_figure("buffers", 0);
	in_child(all_again);
}

static void no_limit(void)
{
	const struct rlimit limit = { 0, 0 };

	check(!setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit: %m");
	check(must_alloc(LIMIT) >= 0, "root has a limit");
}

static void nothing(void)
{
	const struct rlimit limit = { PAGE - 1, PAGE - 1 };

	check(!setrlimit(RLIMIT_MEMLOCK, &limit), "setrlimit: %m");
	become_user(USER);
	check(heap_alloc(1) == -ENOMEM, "a page with a limit of less");
}

static void memlock_ends(int argc, char **argv)
{
	in_child(no_limit);
	in_child(nothing);
}

static void beyond(void)
{
	become_limited(USER);
	check(must_alloc(2 * LIMIT) >= 0, "it is charged");
}

/* For a pool that charges nobody. */
static void memlock_off(int argc, char **argv)
{
	in_child(beyond);
}

const struct front_case limit_cases[] = {
	{ "memlock", memlock },
	{ "memlock_fork", memlock_fork },
	{ "memlock_orphan", memlock_orphan },
	{ "memlock_passed", memlock_passed },
	{ "memlock_ends", memlock_ends },
	{ "memlock_off", memlock_off, true },
	{ NULL }
};

// SPDX-License-Identifier: GPL-2.0
/* Buffers among processes, and processes that die at any point. */

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "client.h"

#define LEN	(4 * MIB)

/* A child has the memory of its parent, also when that is gone. */
static void forked(int argc, char **argv)
{
	int fd = must_alloc(LEN), pipes[2], status;
	volatile char *p = map(fd, LEN);
	char c = 0;
	pid_t maker;

	check(!pipe(pipes), "pipe: %m");
	maker = fork();
	if (!maker) {
		volatile char *q = map(must_alloc(PAGE), PAGE);
		pid_t parent = getpid();

		*p = 'p';
		*q = 'q';
		if (!fork()) {
			/* Until the process that has made the second one is gone. */
			while (getppid() == parent)
				usleep(1000);
			c = *p == 'p' && *q == 'x' ? 'y' : 'n';
			check(write(pipes[1], &c, 1) == 1, "write: %m");
			exit(0);
		}
		*q = 'x';
		_exit(0);
	}
	check(waitpid(maker, &status, 0) == maker && !status, "the maker failed");
	check(read(pipes[0], &c, 1) == 1 && c == 'y', "the child of a process that ended");
	check(*p == 'p', "what a child wrote");
}

/* A descriptor goes to another process, its maker is killed, the memory stays. */
static void passed(int argc, char **argv)
{
	int sockets[2], status, fd;
	uint64_t *p, i;
	pid_t maker;

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "socketpair: %m");
	maker = fork();
	if (!maker) {
		fd = must_alloc(LEN);
		p = map(fd, LEN);
		for (i = 0; i < LEN / 8; i++)
			p[i] = ~i;
		send_fd(sockets[1], fd);
		raise(SIGKILL);
	}
	check(waitpid(maker, &status, 0) == maker, "waitpid: %m");
	fd = receive_fd(sockets[0]);
	p = map(fd, LEN);
	for (i = 0; i < LEN / 8; i++)
		check(p[i] == ~i, "at %lx", (long)i * 8);
}

/* A descriptor in a socket that nobody reads goes with the socket. */
static void in_flight(int argc, char **argv)
{
	int sockets[2], fd = must_alloc(LEN);

	check(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), "socketpair: %m");
	send_fd(sockets[0], fd);
	close(fd);
	await_figure("buffers", 1);
	close(sockets[0]);
	close(sockets[1]);
	await_figure("buffers", 0);
}

/* Allocate, map, touch, pass on and close, forever. */
static void busy(uint64_t seed)
{
	for (;;) {
		uint64_t len = (next_random(&seed) % 256 + 1) * PAGE;
		int fd = heap_alloc(len);
		char *p;

		if (fd < 0)
			continue;
		p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p == MAP_FAILED)
			continue;
		memset(p, 1, len);
		if (next_random(&seed) % 2)
			close(fd);
		if (next_random(&seed) % 2)
			munmap(p, len);
		if (next_random(&seed) % 4 == 0 && !fork())
			_exit(0);
	}
}

/* kill -9 at any point of that. */
static void killed(int argc, char **argv)
{
	int rounds = argc ? atoi(argv[0]) : 60, i;
	uint64_t seed = time(NULL) | 1;

	printf("seed %lu\n", (long)seed);
	signal(SIGCHLD, SIG_IGN);
	for (i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (!pid) {
			setpgid(0, 0);
			busy(seed + i);
		}
		usleep(next_random(&seed) % 30000);
		kill(pid, SIGKILL);
		while (!kill(pid, 0))
			usleep(1000);
	}
	await_figure("buffers", 0);
}

static int race_fd;
static volatile bool race_over;

static void *closer(void *arg)
{
	while (!race_over)
		close(*(int *)arg);
	return NULL;
}

/* One thread asks for buffers, another closes the descriptors under it. */
static void closed_beside(int argc, char **argv)
{
	struct pagealloc_ioc_info info;
	pthread_t thread;
	int dev = device(), i;
	char *p;

	race_fd = must_alloc(16 * PAGE);
	check(!pthread_create(&thread, NULL, closer, &race_fd), "pthread_create");
	for (i = 0; i < 2000; i++) {
		struct dma_heap_allocation_data data = {
			.len = 16 * PAGE,
			.fd_flags = O_RDWR,
		};

		if (ioctl(dev, DMA_HEAP_IOCTL_ALLOC, &data))
			fail("%m");
		info = (struct pagealloc_ioc_info) {
			.size = sizeof(info),
			.flags = PAGEALLOC_INFO_BUFFER,
			.fd = data.fd,
		};
		if (ioctl(dev, PAGEALLOC_IOC_INFO, &info))
			check(errno == EBADF, "info: %m");
		p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, data.fd, 0);
		if (p != MAP_FAILED) {
			p[0] = 1;
			munmap(p, 16 * PAGE);
		} else {
			check(errno == EBADF, "mmap: %m");
		}
		race_fd = data.fd;
		close(data.fd);
	}
	race_over = true;
	pthread_join(thread, NULL);
}

/* Several processes at a time: no two have the same page. */
static void one_owner(int argc, char **argv)
{
	int processes = 4, rounds = argc ? atoi(argv[0]) : 100, i, j, status;

	for (i = 0; i < processes; i++) {
		if (fork())
			continue;
		for (j = 0; j < rounds; j++) {
			uint64_t len = (1 + (i * 7 + j * 13) % 300) * PAGE, k;
			int fd = heap_alloc(len);
			uint64_t *p;

			if (fd == -ENOMEM || fd == -EBUSY)
				continue;
			check(fd >= 0, "alloc: %s", strerror(-fd));
			p = map(fd, len);
			for (k = 0; k < len / 8; k += 64) {
				check(!p[k], "not zero: two owners");
				p[k] = getpid();
			}
			for (k = 0; k < len / 8; k += 64)
				check(p[k] == (uint64_t)getpid(), "two owners");
			munmap(p, len);
			close(fd);
		}
		exit(0);
	}
	for (i = 0; i < processes; i++) {
		wait(&status);
		check(!status, "a process failed");
	}
}

/* Hold a buffer of so many MiB, say so, and wait; for the scripts. */
static void hold(int argc, char **argv)
{
	uint64_t len = argc ? strtoul(argv[0], NULL, 0) * MIB : MIB;
	int fd = must_alloc(len), dev = device();
	struct dma_heap_allocation_data data = { .len = PAGE, .fd_flags = O_RDWR };
	char *p = map(fd, len), line[64];

	memset(p, 7, len);
	puts("holding");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "ask", 3))
			puts(ioctl(dev, DMA_HEAP_IOCTL_ALLOC, &data) ? strerror(errno) : "got one");
		else if (!strncmp(line, "look", 4))
			puts(p[0] == 7 && p[len - 1] == 7 ? "intact" : "spoilt");
		else
			break;
	}
	/* The device of a pool that was withdrawn has no figures any more. */
	_exit(0);
}

const struct front_case sharing_cases[] = {
	{ "forked", forked },
	{ "passed", passed },
	{ "in_flight", in_flight },
	{ "killed", killed },
	{ "closed_beside", closed_beside },
	{ "one_owner", one_owner },
	{ "hold", hold, true },
	{ NULL }
};

// SPDX-License-Identifier: GPL-2.0
/*
 * front CASE [ARGUMENT...] - a client of /dev/dma_heap/POOL, with good and bad input
 *
 * "front list" prints the names of the cases that need no arguments.  A case runs in a
 * child, and afterwards nothing may be left: no buffer, and no page of the pool in use.
 * POOL is $POOL, or "default".
 */

#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "client.h"

const char *pool_name = "default";

static const struct front_case * const tables[] = {
	ioctl_cases, mapping_cases, sharing_cases, limit_cases, leak_cases,
	driver_cases, fuzz_cases,
};

/* A descriptor of the device. */
int device(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", pool_name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0, "open %s: %m", path);
	return fd;
}

/* Ask for a buffer as of the kernel's heaps; returns a descriptor or an errno, negative. */
int heap_alloc(uint64_t len)
{
	struct dma_heap_allocation_data data = {
		.len = len,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int dev = device(), ret;

	ret = ioctl(dev, DMA_HEAP_IOCTL_ALLOC, &data) ? -errno : (int)data.fd;
	close(dev);
	return ret;
}

int must_alloc(uint64_t len)
{
	int fd = heap_alloc(len);

	check(fd >= 0, "no buffer of %lu bytes: %s", (long)len, strerror(-fd));
	return fd;
}

void *map(int fd, uint64_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(p != MAP_FAILED, "mmap of %lu bytes: %m", (long)len);
	return p;
}

/* Map at an address that huge pages can begin at. */
void *map_aligned(int fd, uint64_t len)
{
	char *room = mmap(NULL, len + HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = (char *)(((uintptr_t)room + HUGE - 1) & ~(HUGE - 1));

	check(room != MAP_FAILED, "mmap: %m");
	at = mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	check(at != MAP_FAILED, "mmap of %lu bytes: %m", (long)len);
	return at;
}

static void info(int fd, struct pagealloc_ioc_info *info, uint32_t flags)
{
	int dev = device();

	*info = (struct pagealloc_ioc_info) {
		.size = sizeof(*info),
		.flags = flags,
		.fd = fd,
	};
	check(!ioctl(dev, PAGEALLOC_IOC_INFO, info), "PAGEALLOC_IOC_INFO: %m");
	close(dev);
}

uint64_t phys_of(int fd)
{
	struct pagealloc_ioc_info i;

	info(fd, &i, PAGEALLOC_INFO_BUFFER | PAGEALLOC_INFO_PHYS);
	return i.phys;
}

bool by_pages(void)
{
	struct pagealloc_ioc_info i;

	info(0, &i, 0);
	return i.attributes & PAGEALLOC_ATTRIBUTE_PAGES;
}

/* A file of the heap's device in sysfs. */
uint64_t heap_figure(const char *name)
{
	static const char * const classes[] = { "dma_heap", "pagealloc_heap" };
	char path[128];
	unsigned long value;
	FILE *file = NULL;
	unsigned int i;

	for (i = 0; !file && i < ARRAY_SIZE(classes); i++) {
		snprintf(path, sizeof(path), "/sys/class/%s/%s/%s", classes[i],
			 pool_name, name);
		file = fopen(path, "r");
	}
	check(file && fscanf(file, "%lu", &value) == 1, "cannot read %s of the heap", name);
	fclose(file);
	return value;
}

/* A gauge or counter of the pool. */
uint64_t pool_figure(const char *name)
{
	struct pagealloc_ioc_info i;

	info(0, &i, 0);
	if (!strcmp(name, "in_use"))
		return i.in_use;
	if (!strcmp(name, "total"))
		return i.total;
	if (!strcmp(name, "available"))
		return i.available;
	fail("there is no figure %s", name);
}

/* Wait until the heap says so; a descriptor is closed at once, a mapping may be later. */
void await_figure(const char *name, uint64_t want)
{
	double end = now() + 30;

	while (heap_figure(name) != want) {
		check(now() < end, "%s is %lu instead of %lu", name,
		      (long)heap_figure(name), (long)want);
		usleep(10000);
	}
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void become_user(unsigned int uid)
{
	check(!setgid(uid) && !setuid(uid), "setuid %u: %m", uid);
}

void send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(int));
	check(sendmsg(socket, &message, 0) == 1, "sendmsg: %m");
}

int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	check(recvmsg(socket, &message, 0) == 1, "recvmsg: %m");
	check(CMSG_FIRSTHDR(&message), "no descriptor came");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* xorshift64*; a state that is not 0 */
uint32_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1dULL) >> 32;
}

static const struct front_case *find(const char *name)
{
	const struct front_case *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (c = tables[i]; c->name; c++)
			if (!strcmp(c->name, name))
				return c;
	return NULL;
}

static void list(void)
{
	const struct front_case *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (c = tables[i]; c->name; c++)
			if (!c->on_request)
				puts(c->name);
}

static void run(const struct front_case *c, int argc, char **argv)
{
	uint64_t in_use = pool_figure("in_use"), buffers = heap_figure("buffers");
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	check(pid >= 0, "fork: %m");
	if (!pid) {
		c->run(argc, argv);
		exit(0);
	}
	check(waitpid(pid, &status, 0) == pid, "waitpid: %m");
	check(!WIFSIGNALED(status), "signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status))
		exit(1);
	await_figure("buffers", buffers);
	await_figure("quarantined", 0);
	check(pool_figure("in_use") == in_use, "%lu bytes in use, %lu before",
	      (long)pool_figure("in_use"), (long)in_use);
}

int main(int argc, char **argv)
{
	const struct front_case *c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("POOL"))
		pool_name = getenv("POOL");
	if (argc > 1 && !strcmp(argv[1], "list")) {
		list();
		return 0;
	}
	c = argc > 1 ? find(argv[1]) : NULL;
	if (!c) {
		fprintf(stderr, "usage: front CASE [ARGUMENT...] | list\n");
		return 2;
	}
	run(c, argc - 2, argv + 2);
	return 0;
}

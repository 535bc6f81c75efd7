// SPDX-License-Identifier: GPL-2.0
/* Each ioctl with good and bad sizes, flags, structures, pointers and descriptors. */

#include <sys/stat.h>
#include <sys/wait.h>

#include "client.h"

#define KERNEL_ADDRESS	((void *)0xffff888000000000UL)

/* The lengths of buffers, and what comes of them; POOL stands for that of the pool. */
#define POOL	(1ULL << 62)

static const struct {
	uint64_t len;
	int error;
	uint64_t got;
} lengths[] = {
	{ 0, EINVAL },
	{ 1, 0, PAGE },
	{ PAGE - 1, 0, PAGE },
	{ PAGE, 0, PAGE },
	{ PAGE + 1, 0, 2 * PAGE },
	{ HUGE, 0, HUGE },
	{ HUGE + 1, 0, HUGE + PAGE },
	{ POOL + 1, ENOMEM },
	{ 1ULL << 63, ENOMEM },
	{ ~0ULL - 2 * PAGE, ENOMEM },
	{ ~0ULL - PAGE + 1, ENOMEM },
	{ ~0ULL - PAGE + 2, EINVAL },
	{ ~0ULL, EINVAL },
};

static uint64_t size_of(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	check(size >= 0, "lseek: %m");
	return size;
}

static void lengths_heap(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint64_t len = lengths[i].len;
		int fd;

		if (len > POOL && len < POOL + PAGE)
			len = len - POOL + pool_figure("total");
		fd = heap_alloc(len);
		if (lengths[i].error) {
			check(fd == -lengths[i].error, "%lx: got %d", (long)len, fd);
			continue;
		}
		check(fd >= 0, "%lx: got %d", (long)len, fd);
		check(size_of(fd) == lengths[i].got, "%lx: %lx bytes", (long)len,
		      (long)size_of(fd));
		close(fd);
	}
}

/* The next free descriptor: none may be lost. */
static int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static int try_heap(int dev, unsigned int cmd, void *data)
{
	int before = next_descriptor();
	int ret = ioctl(dev, cmd, data) ? errno : 0;

	check(!ret || next_descriptor() == before, "a descriptor is lost");
	return ret;
}

static void arguments_heap(int argc, char **argv)
{
	static const struct {
		struct dma_heap_allocation_data data;
		int error;
	} cases[] = {
		{ { .len = PAGE, .fd = 1 }, EINVAL },
		{ { .len = PAGE, .fd = -1 }, EINVAL },
		{ { .len = PAGE, .fd_flags = O_NONBLOCK }, EINVAL },
		{ { .len = PAGE, .fd_flags = ~0U }, EINVAL },
		{ { .len = PAGE, .heap_flags = 1 }, EINVAL },
		{ { .len = PAGE, .heap_flags = 1ULL << 63 }, EINVAL },
		{ { .len = PAGE, .fd_flags = O_RDONLY }, 0 },
		{ { .len = PAGE, .fd_flags = O_WRONLY }, 0 },
		{ { .len = PAGE, .fd_flags = O_RDWR }, 0 },
		{ { .len = PAGE, .fd_flags = O_ACCMODE }, 0 },
	};
	struct dma_heap_allocation_data data;
	int dev = device(), ret;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		data = cases[i].data;
		ret = try_heap(dev, DMA_HEAP_IOCTL_ALLOC, &data);
		check(ret == cases[i].error, "case %u: %s", i, strerror(ret));
		if (!ret)
			close(data.fd);
	}
	data = (struct dma_heap_allocation_data) { .len = PAGE, .fd_flags = O_RDWR };
	check(try_heap(dev, _IO('H', 1), &data) == EINVAL, "number 1");
	check(try_heap(dev, _IO('H', 255), &data) == EINVAL, "number 255");
	check(try_heap(dev, _IO('h', 0), &data) == ENOTTY, "another type");
	/* Without a direction nothing is read, so there is no length. */
	check(try_heap(dev, _IO('H', 0), &data) == EINVAL, "no direction");
	check(try_heap(dev, _IOR('H', 0, data), &data) == EINVAL, "out only");
}

/* The structure of a client may be shorter or longer than the kernel's. */
static void structures_heap(int argc, char **argv)
{
	struct {
		struct dma_heap_allocation_data data;
		uint64_t rest[8];
	} in = { { 0 } };
	int dev = device(), ret;
	unsigned int size;

	for (size = 0; size <= sizeof(in); size++) {
		memset(&in, 0, sizeof(in));
		memset(in.rest, 0xff, sizeof(in.rest));
		in.data.len = PAGE;
		in.data.fd_flags = O_RDWR | O_CLOEXEC;
		ret = try_heap(dev, _IOC(_IOC_READ | _IOC_WRITE, 'H', 0, size), &in);
		/* The length itself is in the first byte or two. */
		if (size < 2)
			check(ret == EINVAL, "size %u: %s", size, strerror(ret));
		else
			check(!ret, "size %u: %s", size, strerror(ret));
		check(in.rest[7] == ~0ULL, "size %u: overwritten", size);
		if (size >= 12)
			close(in.data.fd);
		else if (!ret)
			close(next_descriptor() - 1);
	}
}

/* A page that can be read and not written, and behind it nothing. */
static char *read_only_page(const void *data, size_t size)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(p != MAP_FAILED, "mmap: %m");
	memcpy(p + PAGE - size, data, size);
	check(!mprotect(p, PAGE, PROT_READ), "mprotect: %m");
	check(!munmap(p + PAGE, PAGE), "munmap: %m");
	return p + PAGE - size;
}

static void pointers(int argc, char **argv)
{
	struct dma_heap_allocation_data heap = { .len = PAGE, .fd_flags = O_RDWR };
	struct pagealloc_ioc_alloc alloc = { .size = sizeof(alloc), .len = PAGE };
	struct pagealloc_ioc_info info = { .size = sizeof(info) };
	const struct {
		unsigned int cmd;
		const void *data;
		size_t size;
	} cases[] = {
		{ DMA_HEAP_IOCTL_ALLOC, &heap, sizeof(heap) },
		{ PAGEALLOC_IOC_ALLOC, &alloc, sizeof(alloc) },
		{ PAGEALLOC_IOC_INFO, &info, sizeof(info) },
	};
	int dev = device();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		char *page = read_only_page(cases[i].data, cases[i].size);

		check(try_heap(dev, cases[i].cmd, NULL) == EFAULT, "%u: NULL", i);
		check(try_heap(dev, cases[i].cmd, (void *)-1UL) == EFAULT, "%u: -1", i);
		check(try_heap(dev, cases[i].cmd, KERNEL_ADDRESS) == EFAULT,
		      "%u: an address of the kernel", i);
		check(try_heap(dev, cases[i].cmd, page) == EFAULT,
		      "%u: memory that cannot be written", i);
		check(try_heap(dev, cases[i].cmd, page + 8) == EFAULT ||
		      i == 1 || i == 2, "%u: it ends too early", i);
		/* And the structure across the end, from a size that is right. */
		page = read_only_page(cases[i].data, 8);
		check(try_heap(dev, cases[i].cmd, page) == EFAULT,
		      "%u: only its beginning is there", i);
	}
	await_figure("buffers", 0);
}

/* Structures of ours of any size: E2BIG only if what is not known is not zero. */
static void structures_own(int argc, char **argv)
{
	static const struct {
		uint32_t size;
		bool garbage;
		int alloc, info;
	} cases[] = {
		{ 0, false, EINVAL, EINVAL },
		{ 1, false, EINVAL, EINVAL },
		{ 4, false, EINVAL, EINVAL },
		{ PAGEALLOC_IOC_ALLOC_SIZE_1 - 1, false, EINVAL, EINVAL },
		{ PAGEALLOC_IOC_ALLOC_SIZE_1, false, 0, EINVAL },
		{ PAGEALLOC_IOC_INFO_SIZE_1 - 1, false, 0, EINVAL },
		{ PAGEALLOC_IOC_INFO_SIZE_1, false, 0, 0 },
		{ PAGEALLOC_IOC_INFO_SIZE_1 + 1, false, 0, 0 },
		{ PAGEALLOC_IOC_INFO_SIZE_1 + 1, true, E2BIG, E2BIG },
		{ PAGE, false, 0, 0 },
		{ PAGE, true, E2BIG, E2BIG },
		{ PAGE + 1, false, E2BIG, E2BIG },
		{ 1U << 31, false, E2BIG, E2BIG },
		{ ~0U, false, E2BIG, E2BIG },
	};
	static char room[2 * PAGE];
	struct pagealloc_ioc_alloc *alloc = (void *)room;
	struct pagealloc_ioc_info *info = (void *)room;
	int dev = device(), ret;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(room, 0, sizeof(room));
		alloc->size = cases[i].size;
		alloc->len = PAGE;
		if (cases[i].garbage)
			room[cases[i].size - 1] = 1;
		ret = try_heap(dev, PAGEALLOC_IOC_ALLOC, alloc);
		check(ret == cases[i].alloc, "alloc %u: %s", i, strerror(ret));
		if (!ret)
			close(alloc->fd);
		memset(room, 0, sizeof(room));
		info->size = cases[i].size;
		if (cases[i].garbage)
			room[cases[i].size - 1] = 1;
		ret = try_heap(dev, PAGEALLOC_IOC_INFO, info);
		check(ret == cases[i].info, "info %u: %s", i, strerror(ret));
		check(ret || info->size == cases[i].size, "info %u: size", i);
	}
}

/* What can be asked of a buffer, and where it is then. */
static void requests_own(int argc, char **argv)
{
	static const struct {
		struct pagealloc_ioc_alloc a;
		int error;
	} cases[] = {
		{ { .len = 0 }, EINVAL },
		{ { .len = 1 }, 0 },
		{ { .len = ~0ULL }, EINVAL },
		{ { .len = ~0ULL - PAGE + 1 }, ENOMEM },
		{ { .len = 1ULL << 62 }, ENOMEM },
		{ { .len = PAGE, .flags = 4 }, EINVAL },
		{ { .len = PAGE, .flags = ~0U }, EINVAL },
		{ { .len = PAGE, .fd_flags = O_NONBLOCK }, EINVAL },
		{ { .len = PAGE, .fd_flags = ~0U }, EINVAL },
		{ { .len = PAGE, .fd_flags = O_RDWR | O_CLOEXEC }, 0 },
		{ { .len = PAGE, .fd = 1 }, EINVAL },
		{ { .len = PAGE, .fd = -1 }, EINVAL },
		{ { .len = PAGE, .align = 1 }, 0 },
		{ { .len = PAGE, .align = 3 }, EINVAL },
		{ { .len = PAGE, .align = 3 * PAGE }, EINVAL },
		{ { .len = PAGE, .align = PAGE / 2 }, 0 },
		{ { .len = PAGE, .align = 64 * PAGE }, 0 },
		{ { .len = 3 * PAGE, .align = MIB }, 0 },
		{ { .len = PAGE, .align = 1ULL << 63 }, ENOMEM },
		{ { .len = PAGE, .boundary = PAGE }, 0 },
		{ { .len = PAGE, .boundary = 1 }, EINVAL },
		{ { .len = 2 * PAGE, .boundary = PAGE }, EINVAL },
		{ { .len = 2 * PAGE, .boundary = 3 * PAGE }, EINVAL },
		{ { .len = 15 * PAGE, .boundary = 16 * PAGE }, 0 },
		{ { .len = MIB, .boundary = 1ULL << 63 }, 0 },
		{ { .len = PAGE, .limit = 1 }, EINVAL },
		{ { .len = PAGE, .limit = PAGE }, ENOMEM },
		{ { .len = PAGE, .limit = 1ULL << 32 }, 0 },
		{ { .len = PAGE, .limit = ~0ULL }, 0 },
		{ { .len = PAGE, .flags = PAGEALLOC_ALLOC_HUGE }, 0 },
		{ { .len = 3 * MIB, .flags = PAGEALLOC_ALLOC_HUGE, .align = 4 * MIB }, 0 },
		{ { .len = HUGE }, 0 },
	};
	struct pagealloc_ioc_alloc a;
	int dev = device(), ret;
	uint64_t phys, end;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		a = cases[i].a;
		a.size = sizeof(a);
		ret = try_heap(dev, PAGEALLOC_IOC_ALLOC, &a);
		check(ret == cases[i].error, "case %u: %s", i, strerror(ret));
		if (ret)
			continue;
		phys = phys_of(a.fd);
		end = phys + size_of(a.fd);
		check(!(phys % PAGE), "case %u: at %lx", i, (long)phys);
		check(size_of(a.fd) == ((a.len + PAGE - 1) & -PAGE), "case %u: size", i);
		check(!a.align || !(phys & (a.align - 1)), "case %u: at %lx", i,
		      (long)phys);
		check(!a.boundary || (phys & -a.boundary) == ((end - 1) & -a.boundary),
		      "case %u: at %lx", i, (long)phys);
		check(!a.limit || end <= a.limit, "case %u: at %lx", i, (long)phys);
		check(!(a.flags & PAGEALLOC_ALLOC_HUGE) || !(phys % HUGE),
		      "case %u: at %lx", i, (long)phys);
		check(a.len < HUGE || !(phys % HUGE), "case %u: at %lx", i, (long)phys);
		close(a.fd);
	}
	check(try_heap(dev, _IOWR(PAGEALLOC_IOC_MAGIC, 0x7f, a), &a) == ENOTTY, "number 7f");
	check(try_heap(dev, _IOWR(PAGEALLOC_IOC_MAGIC, 0x82, a), &a) == ENOTTY, "number 82");
	check(try_heap(dev, _IOW(PAGEALLOC_IOC_MAGIC, 0x80, a), &a) == ENOTTY,
	      "a direction that is not ours");
}

/* Without waiting there is ready memory only, and no more than 4096 pages. */
static void nowait(int argc, char **argv)
{
	struct pagealloc_ioc_alloc a = {
		.size = sizeof(a),
		.len = PAGE,
		.flags = PAGEALLOC_ALLOC_NOWAIT,
	};
	int dev = device(), fd, ret;

	fd = must_alloc(HUGE);
	close(fd);
	ret = try_heap(dev, PAGEALLOC_IOC_ALLOC, &a);
	check(!ret, "with ready memory: %s", strerror(ret));
	close(a.fd);
	a.fd = 0;
	a.len = 4097 * PAGE;
	ret = try_heap(dev, PAGEALLOC_IOC_ALLOC, &a);
	check(ret == EINVAL, "too long: %s", strerror(ret));
}

static int try_info(int dev, uint32_t flags, int fd)
{
	struct pagealloc_ioc_info info = {
		.size = sizeof(info),
		.flags = flags,
		.fd = fd,
	};

	return try_heap(dev, PAGEALLOC_IOC_INFO, &info);
}

static void info_own(int argc, char **argv)
{
	struct pagealloc_ioc_info info = { .size = sizeof(info) };
	int dev = device(), fd = must_alloc(3 * PAGE), closed = dup(fd), pipes[2];
	int status;

	check(!ioctl(dev, PAGEALLOC_IOC_INFO, &info), "%m");
	check(info.page_size == PAGE && info.huge_size == HUGE, "sizes of pages");
	check(info.total >= info.in_use && info.available >= info.largest_available,
	      "the figures contradict");
	check(info.in_use >= 3 * PAGE && !info.len && !info.phys, "figures");
	info = (struct pagealloc_ioc_info) {
		.size = sizeof(info),
		.flags = PAGEALLOC_INFO_BUFFER,
		.fd = fd,
	};
	check(!ioctl(dev, PAGEALLOC_IOC_INFO, &info), "%m");
	check(info.len == 3 * PAGE && !info.phys && info.node == 0, "the buffer");
	check(phys_of(fd), "no address");

	check(!pipe(pipes), "pipe: %m");
	close(closed);
	check(try_info(dev, 4, 0) == EINVAL, "unknown flag");
	check(try_info(dev, ~0U, 0) == EINVAL, "unknown flags");
	check(try_info(dev, 0, fd) == EINVAL, "a descriptor without its flag");
	check(try_info(dev, PAGEALLOC_INFO_PHYS, 0) == EINVAL, "an address of nothing");
	check(try_info(dev, PAGEALLOC_INFO_BUFFER, -1) == EINVAL, "-1");
	check(try_info(dev, PAGEALLOC_INFO_BUFFER, closed) == EBADF, "a closed one");
	check(try_info(dev, PAGEALLOC_INFO_BUFFER, 0x7fffffff) == EBADF, "no one");
	check(try_info(dev, PAGEALLOC_INFO_BUFFER, dev) == EINVAL, "the device");
	check(try_info(dev, PAGEALLOC_INFO_BUFFER, pipes[0]) == EINVAL, "a pipe");
	if (!fork()) {
		become_user(1000);
		check(!try_info(dev, PAGEALLOC_INFO_BUFFER, fd), "as a user");
		check(try_info(dev, PAGEALLOC_INFO_BUFFER | PAGEALLOC_INFO_PHYS, fd) ==
		      EPERM, "a user gets addresses");
		exit(0);
	}
	wait(&status);
	check(!status, "the child failed");
}

/* A device has ioctls and nothing else. */
static void other_calls(int argc, char **argv)
{
	int dev = device();
	char c;

	check(read(dev, &c, 1) == -1 && errno == EINVAL, "read: %m");
	check(write(dev, &c, 1) == -1 && errno == EINVAL, "write: %m");
	check(lseek(dev, 0, SEEK_SET) == -1 && errno == ESPIPE, "lseek: %m");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dev, 0) == MAP_FAILED &&
	      errno == ENODEV, "mmap: %m");
	check(ioctl(dev, 0x5401, &c) == -1 && errno == ENOTTY, "TCGETS: %m");
}

const struct front_case ioctl_cases[] = {
	{ "lengths_heap", lengths_heap },
	{ "arguments_heap", arguments_heap },
	{ "structures_heap", structures_heap },
	{ "pointers", pointers },
	{ "structures_own", structures_own },
	{ "requests_own", requests_own },
	{ "nowait", nowait },
	{ "info_own", info_own },
	{ "other_calls", other_calls },
	{ NULL }
};

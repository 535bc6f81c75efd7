// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers of the kernel that use our buffers: vgem, vivid, a disk, io_uring, and VFIO
 * with a PCI device.
 */

#define _GNU_SOURCE
#include <linux/dma-buf.h>
#include <linux/io_uring.h>
#include <linux/vfio.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include <drm/drm.h>

#include "client.h"

#define LEN	(4 * MIB)

static int open_vgem(void)
{
	char path[32], name[8];
	int i, fd;

	for (i = 0; i < 8; i++) {
		struct drm_version version = { .name = name, .name_len = sizeof(name) };

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!ioctl(fd, DRM_IOCTL_VERSION, &version) && version.name_len == 4 &&
		    !memcmp(name, "vgem", 4))
			return fd;
		close(fd);
	}
	fail("no vgem");
}

/* An importer keeps the buffer after our descriptor is closed, and ends it. */
static void vgem(int argc, char **argv)
{
	struct drm_prime_handle import = { 0 }, export = { 0 };
	struct drm_gem_close end = { 0 };
	int drm = open_vgem(), fd = must_alloc(LEN);
	uint64_t *p = map(fd, LEN), i;

	for (i = 0; i < LEN / 8; i++)
		p[i] = ~i;
	munmap(p, LEN);
	import.fd = fd;
	check(!ioctl(drm, DRM_IOCTL_PRIME_FD_TO_HANDLE, &import), "import: %m");
	close(fd);
	usleep(100000);
	check(heap_figure("buffers") == 1, "the importer does not keep the buffer");
	export.handle = import.handle;
	export.flags = DRM_CLOEXEC | DRM_RDWR;
	check(!ioctl(drm, DRM_IOCTL_PRIME_HANDLE_TO_FD, &export), "export: %m");
	p = map(export.fd, LEN);
	for (i = 0; i < LEN / 8; i++)
		check(p[i] == ~i, "at %lx", (long)i * 8);
	munmap(p, LEN);
	close(export.fd);
	end.handle = import.handle;
	check(!ioctl(drm, DRM_IOCTL_GEM_CLOSE, &end), "close: %m");
	await_figure("buffers", 0);
}

/* A buffer that cannot be imported. */
static void no_import(int argc, char **argv)
{
	struct drm_prime_handle import = { .fd = must_alloc(LEN) };

	check(ioctl(open_vgem(), DRM_IOCTL_PRIME_FD_TO_HANDLE, &import) == -1 &&
	      errno == EOPNOTSUPP, "import: %m");
}

#define FRAMES	6
#define BUFFERS	3

/* A camera that writes test pictures, by the CPU or as by DMA. */
static void vivid(int argc, char **argv)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_requestbuffers request = {
		.count = BUFFERS,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_DMABUF,
	};
	int video = open("/dev/video0", O_RDWR | O_CLOEXEC), type = format.type;
	int fds[BUFFERS], i, n;
	uint8_t *p[BUFFERS];
	uint64_t len, j;

	check(video >= 0, "/dev/video0: %m");
	check(!ioctl(video, VIDIOC_G_FMT, &format), "G_FMT: %m");
	format.fmt.pix.width = 640;
	format.fmt.pix.height = 360;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
	check(!ioctl(video, VIDIOC_S_FMT, &format), "S_FMT: %m");
	len = (format.fmt.pix.sizeimage + PAGE - 1) & -PAGE;
	check(!ioctl(video, VIDIOC_REQBUFS, &request), "REQBUFS: %m");
	for (i = 0; i < BUFFERS; i++) {
		struct v4l2_buffer b = {
			.type = type,
			.memory = V4L2_MEMORY_DMABUF,
			.index = i,
			.length = len,
		};

		fds[i] = must_alloc(len);
		p[i] = map(fds[i], len);
		b.m.fd = fds[i];
		check(!ioctl(video, VIDIOC_QBUF, &b), "QBUF: %m");
	}
	check(!ioctl(video, VIDIOC_STREAMON, &type), "STREAMON: %m");
	for (n = 0; n < FRAMES; n++) {
		struct pollfd poller = { video, POLLIN, 0 };
		struct dma_buf_sync sync = { DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ };
		struct v4l2_buffer b = { .type = type, .memory = V4L2_MEMORY_DMABUF };
		unsigned int levels[256] = { 0 }, different = 0;

		check(poll(&poller, 1, 30000) == 1, "no picture");
		check(!ioctl(video, VIDIOC_DQBUF, &b), "DQBUF: %m");
		ioctl(fds[b.index], DMA_BUF_IOCTL_SYNC, &sync);
		/* Coloured bars: several levels of brightness, many points of each. */
		for (j = 0; j < b.bytesused; j += 2)
			levels[p[b.index][j]]++;
		for (j = 0; j < 256; j++)
			different += levels[j] > 1000;
		check(different >= 5, "picture %d has %u levels of brightness", n,
		      different);
		memset(p[b.index], 0, len);
		b.m.fd = fds[b.index];
		check(!ioctl(video, VIDIOC_QBUF, &b), "QBUF again: %m");
	}
	ioctl(video, VIDIOC_STREAMOFF, &type);
	printf("figure %d pictures of %lu bytes\n", n, (long)len);
}

/* direct DISK - a disk is read into a buffer past the page cache. */
static void direct(int argc, char **argv)
{
	int fd = must_alloc(LEN), disk = open(argv[0], O_RDONLY | O_DIRECT);
	char *p = map(fd, LEN), *cached = malloc(LEN);
	ssize_t got;

	check(disk >= 0, "%s: %m", argv[0]);
	got = read(disk, p, LEN);
	if (got < 0) {
		check(!by_pages() && errno == EFAULT, "read: %m");
		return;
	}
	check(by_pages(), "a disk is read into what is mapped by number");
	check(got == LEN, "%ld bytes", (long)got);
	disk = open(argv[0], O_RDONLY);
	check(pread(disk, cached, LEN, 0) == LEN && !memcmp(p, cached, LEN),
	      "it reads something else");
}

/* Before 6.5 io_uring pins nothing that belongs to a file. */
static bool pins_files(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	check(!uname(&name), "uname: %m");
	check(sscanf(name.release, "%d.%d", &major, &minor) == 2, "uname");
	return major > 6 || (major == 6 && minor >= 5);
}

/* Fixed buffers of io_uring are pinned for long, beyond the end of the buffer. */
static void uring(int argc, char **argv)
{
	struct io_uring_params params = { 0 };
	int fd = must_alloc(LEN), ring = syscall(__NR_io_uring_setup, 4, &params);
	char *p = map(fd, LEN);
	struct iovec iov = { p, LEN };

	check(ring >= 0, "io_uring_setup: %m");
	if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1)) {
		check(by_pages() ? errno == EOPNOTSUPP && !pins_files() :
		      errno == EFAULT, "register: %m");
		return;
	}
	check(by_pages(), "io_uring pins what is mapped by number");
	munmap(p, LEN);
	close(fd);
	await_figure("quarantined", LEN / PAGE);
	check(!syscall(__NR_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0),
	      "unregister: %m");
	await_figure("quarantined", 0);
}

/* The registers of QEMU's edu device. */
#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98
#define EDU_BUFFER	0x40000
#define IOVA		0x1000000UL
#define COUNT		2048

struct vfio {
	int container;
	int group;
	int device;
};

static void open_container(struct vfio *v, const char *group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[64];

	v->container = open("/dev/vfio/vfio", O_RDWR);
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	v->group = open(path, O_RDWR);
	check(v->container >= 0 && v->group >= 0, "%s: %m", path);
	check(!ioctl(v->group, VFIO_GROUP_GET_STATUS, &status) &&
	      status.flags & VFIO_GROUP_FLAGS_VIABLE, "the group is not viable");
	check(!ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container), "container: %m");
	check(!ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), "IOMMU: %m");
}

static volatile uint8_t *open_device(struct vfio *v, const char *name)
{
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	volatile uint8_t *bar;
	uint16_t command;

	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, name);
	check(v->device >= 0, "device %s: %m", name);
	check(!ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, &region), "region: %m");
	check(pread(v->device, &command, 2, region.offset + 4) == 2, "command: %m");
	command |= 6;
	check(pwrite(v->device, &command, 2, region.offset + 4) == 2, "command: %m");
	region.index = 0;
	check(!ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, &region), "region: %m");
	bar = mmap(NULL, region.size, PROT_READ | PROT_WRITE, MAP_SHARED, v->device,
		   region.offset);
	check(bar != MAP_FAILED, "mmap of the device: %m");
	return bar;
}

static void edu_copy(volatile uint8_t *bar, uint64_t from, uint64_t to, uint64_t command)
{
	volatile uint64_t *reg = (volatile uint64_t *)bar;
	double end = now() + 30;

	reg[EDU_SOURCE / 8] = from;
	reg[EDU_TARGET / 8] = to;
	reg[EDU_COUNT / 8] = COUNT;
	reg[EDU_COMMAND / 8] = command;
	while (reg[EDU_COMMAND / 8] & 1) {
		check(now() < end, "the device does not end");
		usleep(1000);
	}
}

/*
 * vfio DEVICE GROUP - a device copies from our buffer and back, behind an IOMMU.  The
 * buffer is closed while VFIO has it mapped; it waits in quarantine until it has not.
 */
static void drive_edu(int argc, char **argv)
{
	struct vfio_iommu_type1_dma_map dma = {
		.argsz = sizeof(dma),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = IOVA,
		.size = HUGE,
	};
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = IOVA,
		.size = HUGE,
	};
	volatile uint8_t *bar;
	struct vfio v;
	uint8_t *p;
	int fd, i;

	check(argc == 2, "usage: vfio DEVICE GROUP");
	open_container(&v, argv[1]);
	fd = must_alloc(HUGE);
	p = map(fd, HUGE);
	p[0] = 0;
	dma.vaddr = (uintptr_t)p;
	if (ioctl(v.container, VFIO_IOMMU_MAP_DMA, &dma)) {
		check(!by_pages() && errno == EFAULT, "MAP_DMA: %m");
		return;
	}
	check(by_pages(), "VFIO maps what is mapped by number");
	bar = open_device(&v, argv[0]);
	for (i = 0; i < COUNT; i++)
		p[i] = 37 * i + 5;
	edu_copy(bar, IOVA, EDU_BUFFER, 1);
	edu_copy(bar, EDU_BUFFER, IOVA + PAGE, 3);
	check(!memcmp(p, p + PAGE, COUNT), "the device copied something else");

	munmap(p, HUGE);
	close(fd);
	await_figure("quarantined", HUGE / PAGE);
	check(heap_figure("buffers") == 1, "VFIO has a buffer that is gone");
	check(!ioctl(v.container, VFIO_IOMMU_UNMAP_DMA, &unmap), "UNMAP_DMA: %m");
	await_figure("quarantined", 0);
}

const struct front_case driver_cases[] = {
	{ "vgem", vgem, true },
	{ "no_import", no_import, true },
	{ "vivid", vivid, true },
	{ "direct", direct, true },
	{ "uring", uring },
	{ "vfio", drive_edu, true },
	{ NULL }
};

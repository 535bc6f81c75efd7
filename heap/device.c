// SPDX-License-Identifier: GPL-2.0
/*
 * The device of a heap: its node /dev/dma_heap/NAME, and what its directory in sysfs
 * says.
 *
 * Programs that know the kernel's heaps look for /dev/dma_heap.  We do not register
 * with the kernel's heaps, since a heap can never leave them again.  Our class has the
 * same name, so that rules for the permissions of heaps apply to ours too, unless the
 * kernel has heaps of its own and with them this class.
 */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/sysfs.h>

#include "base/fault.h"
#include "compat.h"
#include "device.h"
#include "ioctl.h"

#define CLASS_NAME	(IS_ENABLED(CONFIG_DMABUF_HEAPS) ? "pagealloc_heap" : "dma_heap")
#define MINORS		256

static dev_t first_devt;
static struct class *class;
static DEFINE_IDA(minors);

static struct pgh_heap *heap_of(const struct device *dev)
{
	return container_of(dev, struct pgh_heap, dev);
}

static int heap_open(struct inode *inode, struct file *file)
{
	/* The file keeps the character device, and that keeps the heap. */
	file->private_data = container_of(inode->i_cdev, struct pgh_heap, cdev);
	return nonseekable_open(inode, file);
}

static long heap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pgh_heap *heap = file->private_data;
	long ret;

	if (!pgh_heap_use(heap))
		return -ENODEV;
	ret = pgh_ioctl(heap, cmd, arg);
	pgh_heap_unuse(heap);
	return ret;
}

static const struct file_operations heap_fops = {
	.owner = THIS_MODULE,
	.open = heap_open,
	.unlocked_ioctl = heap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static ssize_t mapping_show(struct device *dev, struct device_attribute *attr,
			    char *text)
{
	return sysfs_emit(text, "%s\n",
			  pgh_heap_by_pages(heap_of(dev)) ? "pages" : "pfn");
}
static DEVICE_ATTR_RO(mapping);

static ssize_t show_locked(struct device *dev, const unsigned long *value, char *text)
{
	struct pgh_heap *heap = heap_of(dev);
	unsigned long read;

	spin_lock(&heap->lock);
	read = *value;
	spin_unlock(&heap->lock);
	return sysfs_emit(text, "%lu\n", read);
}

static ssize_t buffers_show(struct device *dev, struct device_attribute *attr,
			    char *text)
{
	return show_locked(dev, &heap_of(dev)->buffers, text);
}
static DEVICE_ATTR_RO(buffers);

static ssize_t quarantined_show(struct device *dev, struct device_attribute *attr,
				char *text)
{
	return show_locked(dev, &heap_of(dev)->quarantined, text);
}
static DEVICE_ATTR_RO(quarantined);

static ssize_t memlock_fail_show(struct device *dev, struct device_attribute *attr,
				 char *text)
{
	return show_locked(dev, &heap_of(dev)->refused, text);
}
static DEVICE_ATTR_RO(memlock_fail);

static struct attribute *heap_attrs[] = {
	&dev_attr_buffers.attr,
	&dev_attr_mapping.attr,
	&dev_attr_memlock_fail.attr,
	&dev_attr_quarantined.attr,
	NULL,
};
ATTRIBUTE_GROUPS(heap);

static void heap_release(struct device *dev)
{
	struct pgh_heap *heap = heap_of(dev);

	if (dev->devt)
		ida_free(&minors, MINOR(dev->devt) - MINOR(first_devt));
	kfree(heap);
}

static char *heap_devnode(PGH_DEVNODE_CONST struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = heap_of(dev)->config.mode;
	return kasprintf(GFP_KERNEL, "dma_heap/%s", dev_name(dev));
}

/**
 * pgh_device_alloc() - allocate a heap, whose device is initialized
 *
 * Return: the heap, which put_device() frees; NULL without memory.
 */
struct pgh_heap *pgh_device_alloc(void)
{
	struct pgh_heap *heap = kzalloc(sizeof(*heap), GFP_KERNEL);

	if (!heap)
		return NULL;
	device_initialize(&heap->dev);
	heap->dev.class = class;
	heap->dev.groups = heap_groups;
	heap->dev.release = heap_release;
	cdev_init(&heap->cdev, &heap_fops);
	heap->cdev.owner = THIS_MODULE;
	return heap;
}

/* Has somebody else a heap of this name? */
static bool node_exists(const char *name)
{
	struct path path;
	char *text = kasprintf(GFP_KERNEL, "/dev/dma_heap/%s", name);
	bool exists;

	exists = text && !kern_path(text, 0, &path);
	if (exists)
		path_put(&path);
	kfree(text);
	return exists;
}

/**
 * pgh_device_add() - let programs see a heap
 * @heap: the heap, filled in
 *
 * Context: may sleep.
 * Return: 0; -EEXIST if /dev/dma_heap has a node of this name; -ENOSPC if there are
 * 256 heaps; -ENOMEM.
 */
int pgh_device_add(struct pgh_heap *heap)
{
	int minor, ret;

	if (node_exists(heap->name))
		return -EEXIST;
	minor = ida_alloc_max(&minors, MINORS - 1, GFP_KERNEL);
	if (minor < 0)
		return minor;
	heap->dev.devt = MKDEV(MAJOR(first_devt), MINOR(first_devt) + minor);
	ret = dev_set_name(&heap->dev, "%s", heap->name);
	return ret ?: cdev_device_add(&heap->cdev, &heap->dev);
}

/**
 * pgh_device_remove() - undo pgh_device_add()
 * @heap: the heap; files of the node that are open stay
 *
 * Context: may sleep.
 */
void pgh_device_remove(struct pgh_heap *heap)
{
	cdev_device_del(&heap->cdev, &heap->dev);
}

/**
 * pgh_device_init() - prepare for devices
 *
 * Return: 0, or an errno.
 */
int pgh_device_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&first_devt, 0, MINORS, "pagealloc_heap");
	if (ret)
		return ret;
	class = pgh_class_create(CLASS_NAME);
	if (IS_ERR(class)) {
		unregister_chrdev_region(first_devt, MINORS);
		return PTR_ERR(class);
	}
	class->devnode = heap_devnode;
	return 0;
}

/* No heap is left. */
void pgh_device_exit(void)
{
	class_destroy(class);
	unregister_chrdev_region(first_devt, MINORS);
	ida_destroy(&minors);
}

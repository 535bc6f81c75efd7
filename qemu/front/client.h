/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FRONT_CLIENT_H
#define FRONT_CLIENT_H

/* What the cases of the test client share.  A case runs in a process of its own. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/dma-heap.h>

#include "pagealloc/uapi/pagealloc.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define HUGE	(2 * MIB)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* End the case, which has failed. */
#define fail(...)							\
	do {								\
		printf("%s:%d: ", __func__, __LINE__);			\
		printf(__VA_ARGS__);					\
		printf("\n");						\
		exit(1);						\
	} while (0)

#define check(ok, ...)							\
	do {								\
		if (!(ok))						\
			fail(__VA_ARGS__);				\
	} while (0)

/* A case: @run returns if it is good. */
struct front_case {
	const char *name;
	void (*run)(int argc, char **argv);
	bool on_request;	/* not among those that "all" runs */
};

extern const struct front_case ioctl_cases[], mapping_cases[], sharing_cases[],
	limit_cases[], leak_cases[], driver_cases[], fuzz_cases[];

extern const char *pool_name;

int device(void);
int heap_alloc(uint64_t len);
int must_alloc(uint64_t len);
void *map(int fd, uint64_t len);
void *map_aligned(int fd, uint64_t len);
uint64_t phys_of(int fd);
bool by_pages(void);
uint64_t heap_figure(const char *name);
uint64_t pool_figure(const char *name);
void await_figure(const char *name, uint64_t want);
double now(void);
void become_user(unsigned int uid);
void send_fd(int socket, int fd);
int receive_fd(int socket);
uint32_t next_random(uint64_t *state);

#endif

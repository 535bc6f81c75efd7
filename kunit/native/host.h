/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_NATIVE_HOST_H
#define PAGEALLOC_NATIVE_HOST_H

/*
 * The border between two worlds.  host.c is an ordinary program and includes the
 * C library's headers; everything else includes the kernel's.  Only types of the
 * language itself cross.
 */

/* What the host does for the kernel's side. */
void *host_alloc(unsigned long size);
void host_free(const void *memory);
void host_print(const char *fmt, __builtin_va_list args);
void host_random(void *buf, unsigned long len);
int host_try(void (*fn)(void *arg), void *arg);
void host_throw(void);

/* What the kernel's side does for the host. */
int native_set_param(const char *name, char *value);
int native_start(void);
void native_stop(void);
void native_list_suites(void);
int native_run_suite(const char *name);
int native_fuzz(const unsigned char *data, unsigned long size, int words);
long native_write(const char *file, const char *text, unsigned long len);
unsigned long native_read(const char *file, char *buf, unsigned long size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_CONFIGFS_MADE_H
#define PAGEALLOC_CONFIGFS_MADE_H

struct pga_made;
struct pga_settings;

struct pga_made *pga_make(const char *name, const struct pga_settings *settings);
void pga_unmake(struct pga_made *made);
int pga_made_init(void);
void pga_made_exit(void);

#endif

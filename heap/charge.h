/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_HEAP_CHARGE_H
#define PAGEALLOC_HEAP_CHARGE_H

struct user_struct;

/**
 * struct pgh_charge - pages that a user has been charged
 * @user: the user; NULL for nobody
 * @nr_pages: pages
 */
struct pgh_charge {
	struct user_struct *user;
	unsigned long nr_pages;
};

int pgh_charge(struct pgh_charge *charge, unsigned long nr_pages);
void pgh_uncharge(struct pgh_charge *charge);

#endif

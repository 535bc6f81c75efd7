// SPDX-License-Identifier: GPL-2.0
/*
 * Spans of one state by length, and by address among equals.
 *
 * The first span that is long enough is the best fit.  The last span is the
 * first to give back.  Each node knows the oldest span of its subtree.  So one
 * descent finds the longest span among those idle since some time or before:
 *
 *	              (8, oldest 2)
 *	             /             \
 *	   (3, oldest 2)        (40, oldest 7)	longest idle since 5 or before: the
 *	   /		\			left subtree has one, and there it is
 *	(1, since 9)  (4, since 2)		the one of 4 pages
 */

#include <linux/minmax.h>
#include <linux/rbtree_augmented.h>

#include "engine/span/by_length.h"

static struct pga_span *of_length(const struct rb_node *node)
{
	return rb_entry_safe(node, struct pga_span, by_length);
}

static unsigned long oldest_of(const struct rb_node *node)
{
	return node ? of_length(node)->oldest : PGA_NEVER_IDLE;
}

static unsigned long oldest_with(const struct pga_span *span)
{
	return min3(span->since, oldest_of(span->by_length.rb_left),
		    oldest_of(span->by_length.rb_right));
}

static bool update_oldest(struct pga_span *span, bool exit)
{
	const unsigned long oldest = oldest_with(span);

	if (exit && span->oldest == oldest)
		return true;
	span->oldest = oldest;
	return false;
}

RB_DECLARE_CALLBACKS(static, length_callbacks, struct pga_span, by_length,
		     oldest, update_oldest);

/* Does @span come after a span of @nr pages that begins at @start? */
static bool is_behind(const struct pga_span *span, unsigned long nr,
		      unsigned long start)
{
	return span->nr > nr || (span->nr == nr && span->start > start);
}

/**
 * pga_by_length_insert() - insert a span
 * @root: the tree
 * @span: the span, its length, address and age set
 */
void pga_by_length_insert(struct rb_root *root, struct pga_span *span)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = is_behind(of_length(parent), span->nr, span->start) ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&span->by_length, parent, link);
	span->oldest = span->since;
	length_callbacks.propagate(parent, NULL);
	rb_insert_augmented(&span->by_length, root, &length_callbacks);
}

/**
 * pga_by_length_erase() - remove a span
 * @root: the tree
 * @span: the span, unchanged since it was inserted
 */
void pga_by_length_erase(struct rb_root *root, struct pga_span *span)
{
	rb_erase_augmented(&span->by_length, root, &length_callbacks);
}

/**
 * pga_by_length_aged() - update the tree after the age of a span has changed
 * @span: the span
 */
void pga_by_length_aged(struct pga_span *span)
{
	length_callbacks.propagate(&span->by_length, NULL);
}

/**
 * pga_by_length_fit() - find the best fit
 * @root: the tree
 * @nr: pages
 *
 * Return: the shortest span of at least so many pages, the lowest of these, or
 * NULL.
 */
struct pga_span *pga_by_length_fit(const struct rb_root *root, unsigned long nr)
{
	struct rb_node *node = root->rb_node;
	struct pga_span *fit = NULL;

	while (node) {
		if (of_length(node)->nr >= nr) {
			fit = of_length(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return fit;
}

/* The last span idle since @since or before, in a subtree that has one. */
static struct pga_span *last_idle(struct rb_node *node, unsigned long since)
{
	while (oldest_of(node->rb_right) <= since ||
	       of_length(node)->since > since)
		node = oldest_of(node->rb_right) <= since ? node->rb_right :
							    node->rb_left;
	return of_length(node);
}

/**
 * pga_by_length_before() - find the next shorter span that is old enough
 * @root: the tree
 * @nr: it comes before a span of so many pages
 * @start: that begins at this page
 * @since: it is idle since then or before; PGA_NEVER_IDLE for any span
 *
 * Return: the longest such span, the highest of these, or NULL.
 */
struct pga_span *pga_by_length_before(const struct rb_root *root,
				      unsigned long nr, unsigned long start,
				      unsigned long since)
{
	struct rb_node *node = root->rb_node, *best = NULL;

	/* Spans before it are nodes on its path, and the subtrees to their left. */
	while (node) {
		if (of_length(node)->nr > nr ||
		    (of_length(node)->nr == nr && of_length(node)->start >= start)) {
			node = node->rb_left;
			continue;
		}
		if (of_length(node)->since <= since ||
		    oldest_of(node->rb_left) <= since)
			best = node;
		node = node->rb_right;
	}
	if (!best || of_length(best)->since <= since)
		return of_length(best);
	return last_idle(best->rb_left, since);
}

/**
 * pga_by_length_oldest() - age of the oldest span
 * @root: the tree
 *
 * Return: since when it is idle, PGA_NEVER_IDLE if no span is.
 */
unsigned long pga_by_length_oldest(const struct rb_root *root)
{
	return oldest_of(root->rb_node);
}

/**
 * pga_by_length_right() - is a span in its place, and its summary right?
 * @root: the tree
 * @span: the span
 *
 * Return: false if a search would not find it, or finds the wrong age.
 */
bool pga_by_length_right(const struct rb_root *root, const struct pga_span *span)
{
	struct rb_node *node = root->rb_node;

	while (node && of_length(node) != span)
		node = is_behind(of_length(node), span->nr, span->start) ?
			node->rb_left : node->rb_right;
	return node && span->oldest == oldest_with(span);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Spans of both states by address.
 *
 * Each node knows where its subtree begins and ends, how many pages follow one
 * another at its two ends and at the most, and whether any span in it is
 * discarded.  So neighbours are found without a look at pages, and so is a run
 * for which no single span has room but neighbours of different states do.
 */

#include <linux/minmax.h>
#include <linux/rbtree_augmented.h>

#include "engine/span/by_address.h"
#include "base/kunit_export.h"

static struct pga_span *of_address(const struct rb_node *node)
{
	return rb_entry_safe(node, struct pga_span, by_address);
}

/* The summary of two stretches, @b anywhere behind @a. */
static struct pga_stretch join(struct pga_stretch a, struct pga_stretch b)
{
	const bool touch = a.end == b.first;
	struct pga_stretch all = {
		.first = a.first,
		.end = b.end,
		.head = a.head,
		.tail = b.tail,
		.longest = a.longest > b.longest ? a.longest : b.longest,
		.discarded = a.discarded || b.discarded,
	};

	if (!touch)
		return all;
	if (a.head == a.end - a.first)
		all.head += b.head;
	if (b.tail == b.end - b.first)
		all.tail += a.tail;
	if (all.longest < a.tail + b.head)
		all.longest = a.tail + b.head;
	return all;
}

static struct pga_stretch alone(const struct pga_span *span)
{
	return (struct pga_stretch) {
		.first = span->start,
		.end = pga_span_end(span),
		.head = span->nr,
		.tail = span->nr,
		.longest = span->nr,
		.discarded = span->discarded,
	};
}

static struct pga_stretch stretch_with(const struct pga_span *span)
{
	const struct pga_span *left = of_address(span->by_address.rb_left);
	const struct pga_span *right = of_address(span->by_address.rb_right);
	struct pga_stretch all = alone(span);

	if (left)
		all = join(left->all, all);
	if (right)
		all = join(all, right->all);
	return all;
}

static bool same_stretch(const struct pga_stretch *a, const struct pga_stretch *b)
{
	return a->first == b->first && a->end == b->end && a->head == b->head &&
	       a->tail == b->tail && a->longest == b->longest &&
	       a->discarded == b->discarded;
}

static bool update_stretch(struct pga_span *span, bool exit)
{
	const struct pga_stretch all = stretch_with(span);

	if (exit && same_stretch(&span->all, &all))
		return true;
	span->all = all;
	return false;
}

RB_DECLARE_CALLBACKS(static, address_callbacks, struct pga_span, by_address,
		     all, update_stretch);

/**
 * pga_by_address_insert() - insert a span
 * @root: the tree
 * @span: the span, which overlaps no other
 */
void pga_by_address_insert(struct rb_root *root, struct pga_span *span)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = of_address(parent)->start > span->start ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&span->by_address, parent, link);
	span->all = alone(span);
	address_callbacks.propagate(parent, NULL);
	rb_insert_augmented(&span->by_address, root, &address_callbacks);
}

/**
 * pga_by_address_erase() - remove a span
 * @root: the tree
 * @span: the span
 */
void pga_by_address_erase(struct rb_root *root, struct pga_span *span)
{
	rb_erase_augmented(&span->by_address, root, &address_callbacks);
}

/**
 * pga_by_address_moved() - update the tree after a span has grown or shrunk in
 * its place
 * @span: the span
 */
void pga_by_address_moved(struct pga_span *span)
{
	address_callbacks.propagate(&span->by_address, NULL);
}

/**
 * pga_by_address_at() - find a span by address
 * @root: the tree
 * @page: the page
 *
 * Return: the span with @page, or the next one; NULL if there is none.
 */
struct pga_span *pga_by_address_at(const struct rb_root *root, unsigned long page)
{
	struct rb_node *node = root->rb_node;
	struct pga_span *at = NULL;

	while (node) {
		if (pga_span_end(of_address(node)) > page) {
			at = of_address(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return at;
}
PGA_EXPORT_FOR_KUNIT(pga_by_address_at);

static bool has_discarded(const struct rb_node *node)
{
	return node && of_address(node)->all.discarded;
}

/* The first discarded span, in a subtree that has one. */
static struct pga_span *first_discarded(struct rb_node *node)
{
	while (has_discarded(node->rb_left) || !of_address(node)->discarded)
		node = has_discarded(node->rb_left) ? node->rb_left :
						      node->rb_right;
	return of_address(node);
}

/**
 * pga_by_address_discarded() - find the next discarded span
 * @root: the tree
 * @page: the page
 *
 * Return: the first discarded span that ends behind @page, or NULL.
 */
struct pga_span *pga_by_address_discarded(const struct rb_root *root,
					  unsigned long page)
{
	struct rb_node *node = root->rb_node, *best = NULL;

	/*
	 * Spans behind it are nodes on its path, and the subtrees to their
	 * right.
	 */
	while (node) {
		if (pga_span_end(of_address(node)) <= page) {
			node = node->rb_right;
			continue;
		}
		if (of_address(node)->discarded || has_discarded(node->rb_right))
			best = node;
		node = node->rb_left;
	}
	if (!best || of_address(best)->discarded)
		return of_address(best);
	return first_discarded(best->rb_right);
}

/**
 * pga_by_address_fit() - find the lowest place for a run
 * @root: the tree
 * @nr: pages, at least 1
 * @page: set to the first page
 *
 * The run may lie in several spans of any state.
 *
 * Return: the span it begins in, or NULL.
 */
struct pga_span *pga_by_address_fit(const struct rb_root *root, unsigned long nr,
				    unsigned long *page)
{
	struct rb_node *node = root->rb_node;

	if (pga_by_address_longest(root) < nr)
		return NULL;
	for (;;) {
		struct pga_span *span = of_address(node);
		struct pga_span *left = of_address(node->rb_left);
		struct pga_span *right = of_address(node->rb_right);
		unsigned long start = span->start, end = pga_span_end(span);

		if (left && left->all.longest >= nr) {
			node = node->rb_left;
			continue;
		}
		if (left && left->all.end == start)
			start -= left->all.tail;
		if (right && right->all.first == end)
			end += right->all.head;
		if (end - start >= nr) {
			*page = start;
			return pga_by_address_at(root, start);
		}
		node = node->rb_right;
	}
}

/**
 * pga_by_address_row_end() - find the end of a row of spans
 * @span: the first span
 *
 * Return: the page after the last one that follows @span without a hole, in any
 * state.
 */
unsigned long pga_by_address_row_end(const struct pga_span *span)
{
	const struct rb_node *node = &span->by_address, *parent;
	unsigned long end = pga_span_end(span);
	const struct pga_span *right;

	for (;;) {
		right = of_address(node->rb_right);
		if (right && right->all.first != end)
			return end;
		if (right)
			end += right->all.head;
		if (right && right->all.end != end)
			return end;
		/* All spans to its right belong to the row.  Go to the next one. */
		while ((parent = rb_parent(node)) && node == parent->rb_right)
			node = parent;
		if (!parent || of_address(parent)->start != end)
			return end;
		end = pga_span_end(of_address(parent));
		node = parent;
	}
}

/**
 * pga_by_address_longest() - length of the longest run
 * @root: the tree
 *
 * Return: pages that follow one another, in any state.
 */
unsigned long pga_by_address_longest(const struct rb_root *root)
{
	return root->rb_node ? of_address(root->rb_node)->all.longest : 0;
}

/**
 * pga_by_address_right() - is the summary of a span right?
 * @span: the span
 *
 * Return: whether it is what the span and its two subtrees make it.
 */
bool pga_by_address_right(const struct pga_span *span)
{
	const struct pga_stretch all = stretch_with(span);

	return same_stretch(&span->all, &all);
}

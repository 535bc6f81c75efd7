// SPDX-License-Identifier: GPL-2.0
/*
 * The operations: all that engine/map.h offers, as bytes pick it.
 *
 * Each operation keeps to the contract, or breaks it in a way that the contract
 * says what becomes of.  It says in words what it does, performs it on the
 * engine, and tells the model.
 */

#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "native/fuzz/fuzz.h"

/* A number of pages: 0 is all there are, most others are small. */
static unsigned long length_of(const struct fuzz_op *op, unsigned long all)
{
	const unsigned long length = op->length & 0x7f;

	if (!length)
		return all;
	return min(all, length < 64 ? length : (length - 62) * 32);
}

/* Pages of the pool, grown or not. */
static unsigned long pages_of(const struct fuzz_side *s)
{
	const struct pgat_window *w = s->model->window;
	unsigned long pages = 0;

	for (; w < s->model->window + s->model->nr_windows; w++)
		pages += w->end - w->start;
	return pages;
}

static unsigned long page_of(const struct fuzz_side *s, unsigned int where)
{
	const struct pgat_window *w = s->model->window;
	unsigned long i;

	for (i = where % pages_of(s); i >= w->end - w->start; w++)
		i -= w->end - w->start;
	return w->start + i;
}

/* The next page of the pool, the first one after the last. */
static unsigned long next_page(const struct fuzz_side *s, unsigned long page)
{
	const struct pgat_window *w = s->model->window;
	unsigned int i = 0;

	while (page >= w[i].end)
		i++;
	if (page + 1 < w[i].end)
		return page + 1;
	return w[(i + 1) % s->model->nr_windows].start;
}

static unsigned int where_of(const struct fuzz_op *op)
{
	return op->where[0] | op->where[1] << 8;
}

/*
 * Pages in a row in some states: the first at or behind a page, or all that the
 * row has before it as well.  False if there are none.
 */
static bool pick(const struct fuzz_side *s, const struct fuzz_op *op,
		 unsigned long states, struct pga_extent *e)
{
	unsigned long page = page_of(s, where_of(op)), i = pages_of(s), end;

	for (; !(states & BIT(fuzz_at(s, page))); page = next_page(s, page))
		if (!i--)
			return false;
	if (op->length & 0x80)
		page = fuzz_row_start(s, page, states);
	end = fuzz_row_end(s, page, states);
	*e = (struct pga_extent) { page, length_of(op, end - page) };
	return true;
}

static const char *name_of(enum pga_which which)
{
	return which == PGA_READY ? "ready" : "free";
}

/**
 * fuzz_feed() - add nodes to the reserve
 * @s: the side
 * @nr: nodes
 */
void fuzz_feed(struct fuzz_side *s, unsigned int nr)
{
	const size_t size = s->map.ops->node_size;

	if (!size)
		return;
	s->nodes += nr;
	s->bytes += nr * size;
	while (nr--)
		pga_map_feed(&s->map, kmalloc(size, GFP_KERNEL));
}

/* Drop one of the pieces that there are. */
static void lose_piece(struct pga_parts *parts, unsigned int which)
{
	unsigned int i, nr = 0;

	for (i = 0; i < PGA_PARTS; i++)
		nr += !!parts->memory[i];
	which %= nr;
	for (i = 0; !parts->memory[i] || which--; i++)
		;
	kvfree(parts->memory[i]);
	parts->memory[i] = NULL;
}

/**
 * fuzz_grow() - grow by the next pages of a region
 * @s: the side
 * @r: the region, which has pages left
 * @nr: pages
 * @made: what they become
 * @missing: 0, or the number of the piece of memory that is missing
 */
void fuzz_grow(struct fuzz_side *s, struct fuzz_region *r, unsigned long nr,
	       enum pga_made made, unsigned int missing)
{
	const unsigned long page = r->pages.start + r->grown;
	struct pga_parts parts;
	size_t offered;
	bool any;

	nr = min3(nr, r->pages.nr - r->grown, ALIGN(page + 1, BIT(PGA_BLOCK_SHIFT)) - page);
	if (s->nr_tracts == FUZZ_TRACTS_MAX)
		return;
	pga_map_missing(&s->map, page, nr, &parts);
	pgat_parts_get(s->test, &parts);
	any = pga_parts_bytes(&parts);
	if (missing && any)
		lose_piece(&parts, missing);
	fuzz_tell(s, "grow by %lu pages at %lu, %s%s", nr, page,
		  made == PGA_MADE_READY ? "ready" : "discarded",
		  missing && any ? ", but memory is missing" : "");
	offered = pga_parts_bytes(&parts);
	KUNIT_ASSERT_EQ(s->test, pga_map_grow(&s->map, page, nr, made, &parts),
			!missing || !any);
	s->bytes += offered - pga_parts_bytes(&parts);
	pgat_parts_put(&parts);
	if (missing && any)
		return;
	r->grown += nr;
	s->nodes += fuzz_is_span(s);
	s->tract[s->nr_tracts++].pages = (struct pga_extent) { page, nr };
	fuzz_put(s, (struct pga_extent) { page, nr }, made == PGA_MADE_DISCARDED, false);
}

static void op_grow(struct fuzz_side *s, const struct fuzz_op *op)
{
	unsigned int i;

	for (i = 0; i < s->nr_regions; i++) {
		struct fuzz_region *r = &s->region[(where_of(op) + i) % s->nr_regions];

		if (r->grown == r->pages.nr)
			continue;
		fuzz_grow(s, r, length_of(op, r->pages.nr),
			  op->flags & 1 ? PGA_MADE_DISCARDED : PGA_MADE_READY,
			  op->flags & 2 ? op->flags >> 2 : 0);
		return;
	}
}

/* Find a place for a run and take it; sometimes one that is just too long. */
static void op_alloc(struct fuzz_side *s, const struct fuzz_op *op)
{
	const enum pga_which which = op->flags & 1 ? PGA_READY : PGA_FREE;
	const unsigned long longest = pgat_model_longest(s->model, which);
	const unsigned long nr = length_of(op, longest) + !!(op->flags & 2);
	unsigned long page;

	if (!nr)
		return;
	page = pga_map_find(&s->map, which, nr);
	fuzz_tell(s, "allocate %lu %s pages: %ld", nr, name_of(which), (long)page);
	KUNIT_ASSERT_EQ(s->test, page, fuzz_find(s, which, nr));
	if (page == PGA_NONE)
		return;
	KUNIT_ASSERT_TRUE(s->test, pga_map_alloc(&s->map, page, nr));
	fuzz_hold(s, (struct pga_extent) { page, nr }, PGAT_BUSY);
}

/* Free pages are held, or allocated, wherever they are. */
static void op_hold(struct fuzz_side *s, const struct fuzz_op *op)
{
	const bool use = op->flags & 1;
	struct pga_extent e;

	if (!pick(s, op, FUZZ_FREE, &e))
		return;
	fuzz_tell(s, "%s %lu pages at %lu", use ? "take" : "hold", e.nr, e.start);
	KUNIT_ASSERT_TRUE(s->test, use ? pga_map_alloc(&s->map, e.start, e.nr) :
					 pga_map_hold(&s->map, e.start, e.nr));
	fuzz_hold(s, e, use ? PGAT_BUSY : PGAT_HELD);
}

/* Pages of one chunk of which one is not free: refused. */
static void op_wrong_hold(struct fuzz_side *s, const struct fuzz_op *op)
{
	const unsigned long page = page_of(s, where_of(op));
	const unsigned long nr = length_of(op, PGA_CHUNK_PAGES - page % PGA_CHUNK_PAGES);

	if (fuzz_row_end(s, page, FUZZ_FREE) >= page + nr)
		return;
	fuzz_tell(s, "hold %lu pages at %lu, not all of them free", nr, page);
	KUNIT_ASSERT_FALSE(s->test, op->flags & 1 ? pga_map_alloc(&s->map, page, nr) :
						    pga_map_hold(&s->map, page, nr));
}

static void op_use(struct fuzz_side *s, const struct fuzz_op *op)
{
	struct pga_extent e;

	if (!pick(s, op, FUZZ_HELD, &e))
		return;
	fuzz_tell(s, "use %lu pages at %lu", e.nr, e.start);
	pga_map_use(&s->map, e.start, e.nr);
	fuzz_use(s, e);
}

static void op_put(struct fuzz_side *s, const struct fuzz_op *op)
{
	const bool discarded = op->flags & 1;
	struct pga_extent e;

	if (!pick(s, op, FUZZ_HELD, &e))
		return;
	fuzz_tell(s, "put %lu pages at %lu, %s", e.nr, e.start,
		  discarded ? "discarded" : "ready");
	KUNIT_ASSERT_TRUE(s->test, pga_map_put(&s->map, e.start, e.nr,
					       discarded ? PGA_MADE_DISCARDED :
							   PGA_MADE_READY));
	fuzz_put(s, e, discarded, false);
}

static void op_free(struct fuzz_side *s, const struct fuzz_op *op)
{
	struct pga_extent e;

	if (!pick(s, op, FUZZ_USED, &e))
		return;
	fuzz_tell(s, "free %lu pages at %lu", e.nr, e.start);
	KUNIT_ASSERT_TRUE(s->test, pga_map_free(&s->map, e.start, e.nr));
	fuzz_put(s, e, false, true);
}

#define ANY	(~BIT(PGAT_HOLE))

/* Pages of the pool of which one is free, or parked: refused. */
static void op_wrong_put(struct fuzz_side *s, const struct fuzz_op *op)
{
	struct pga_extent e;

	if (!pick(s, op, ANY, &e) ||
	    fuzz_row_end(s, e.start, FUZZ_USED | FUZZ_HELD) >= pga_extent_end(e))
		return;
	fuzz_tell(s, "free %lu pages at %lu, some of them free", e.nr, e.start);
	if (op->flags & 1)
		KUNIT_ASSERT_FALSE(s->test, pga_map_free(&s->map, e.start, e.nr));
	else
		KUNIT_ASSERT_FALSE(s->test, pga_map_put(&s->map, e.start, e.nr,
							op->flags & 2 ?
							PGA_MADE_DISCARDED :
							PGA_MADE_READY));
}

static void op_take_words(struct fuzz_side *s, const struct fuzz_op *op)
{
	const enum pga_which which = op->flags & 1 ? PGA_READY : PGA_FREE;
	const unsigned int words = 1 + (op->flags >> 1) % 10;
	const unsigned int pages = length_of(op, 700);
	struct pga_cache got[PGA_CHUNK_WORDS] = {}, want[PGA_CHUNK_WORDS] = {};
	const unsigned long page = page_of(s, where_of(op));
	unsigned int i, n;

	n = pga_map_take_words(&s->map, page, which, words, pages, got);
	fuzz_tell(s, "take %s pages of %u words at %lu until there are %u: %u words",
		  name_of(which), words, page, pages, n);
	KUNIT_ASSERT_EQ(s->test, n, fuzz_take_words(s, page, which, words, pages, want));
	for (i = 0; i < n; i++) {
		KUNIT_ASSERT_EQ(s->test, got[i].base, want[i].base);
		KUNIT_ASSERT_EQ(s->test, got[i].owned, want[i].owned);
		KUNIT_ASSERT_EQ(s->test, got[i].discarded, want[i].discarded);
	}
}

/* Ones and zeroes by turns, in runs of one length, from a byte. */
static u64 pattern(u8 byte)
{
	const unsigned int run = 1 + byte % 16, shift = byte >> 4;
	u64 bits = 0;
	unsigned int i;

	for (i = 0; i < 64; i++)
		if ((i + shift) / run % 2)
			bits |= BIT_ULL(i);
	return bits;
}

/* Pages in use among 64, and some that are free already. */
static void op_put_word(struct fuzz_side *s, const struct fuzz_op *op)
{
	u64 owned = 0, discarded = 0, mask = ~0ULL;
	unsigned long states = FUZZ_USED;
	struct pga_extent e;
	unsigned int i;

	if (!pick(s, op, FUZZ_USED, &e))
		return;
	if (op->flags & 1)
		states |= FUZZ_FREE | BIT(PGAT_PARKED_READY) | BIT(PGAT_PARKED_DISCARDED);
	if (op->flags & 2)
		mask = pattern(op->length);
	e.start = ALIGN_DOWN(e.start, PGA_CACHE_PAGES);
	for (i = 0; i < PGA_CACHE_PAGES; i++)
		if (states & BIT(fuzz_at(s, e.start + i)))
			owned |= mask & BIT_ULL(i);
	if (op->flags & 4)
		discarded = owned & pattern(op->flags >> 3);
	if (!owned)
		return;
	fuzz_tell(s, "put pages %llx of the word at %lu, discarded ones %llx", owned,
		  e.start, discarded);
	KUNIT_ASSERT_EQ(s->test, pga_map_put_word(&s->map, e.start, owned, discarded),
			fuzz_put_word(s, e.start, owned, discarded));
}

/* Of which of the 64 pages from @page on are the states among @states? */
static u64 word_in(const struct fuzz_side *s, unsigned long page, unsigned long states)
{
	u64 bits = 0;
	unsigned int i;

	for (i = 0; i < PGA_CACHE_PAGES; i++)
		if (states & BIT(fuzz_at(s, page + i)))
			bits |= BIT_ULL(i);
	return bits;
}

#define PUT_WORDS	12

/*
 * Several words are put back at a time: behind one another, with gaps, and in part free
 * already.  Some have an address that tells nothing of the pages, as those have that are
 * not the pool's as a whole.
 */
static void op_put_words(struct fuzz_side *s, const struct fuzz_op *op)
{
	static unsigned long none;
	const unsigned long base = PGA_INDEX_PAGES << (op->flags & 1);
	struct pga_put put = { .base = base, .work = INT_MAX, .words = PUT_WORDS };
	struct pga_word word[PUT_WORDS];
	unsigned long pages = 0, twice = 0, was[PUT_WORDS], states = FUZZ_USED;
	const struct pga_words *words;
	struct pga_extent e;
	unsigned int i, n, first;
	u64 free;

	if (!pick(s, op, FUZZ_USED, &e))
		return;
	if (op->flags & 2)
		put.work = op->flags >> 4;
	if (op->flags & 4)
		put.words = 2;
	if (op->flags & 8)
		states |= FUZZ_FREE;
	for (i = 0; i < PUT_WORDS; i++) {
		const unsigned long page = ALIGN_DOWN(e.start, PGA_CACHE_PAGES);

		words = pga_map_words(&s->map, page);
		word[i] = (struct pga_word) {
			.pfn = base + page,
			.owned = word_in(s, page, states) &
				 pattern(op->length + i * (op->flags >> 4)),
			.allocated = words && i % 5 != 4 ? pga_word_at(words, page) : &none,
		};
		was[i] = word[i].owned;
		put.pages += i < 3 ? hweight64(was[i]) : 0;
		first = page_of(s, where_of(op) + (i + 1) * (64 + op->flags));
		e.start = fuzz_row_end(s, first, ANY & ~FUZZ_USED);
		if (fuzz_at(s, e.start) == PGAT_HOLE)
			e.start = page;
	}
	n = pga_map_put_words(&s->map, word, PUT_WORDS, &put);
	for (i = 0; i < n; i++) {
		/* A word may be there for the second time. */
		free = was[i] ? fuzz_put_word(s, word[i].pfn - base, was[i], 0) : 0;
		KUNIT_ASSERT_EQ(s->test, word[i].owned, 0);
		fuzz_tell(s, "put pages %lx of the word at %lu, with others", was[i],
			  word[i].pfn - base);
		twice += hweight64(free);
		pages += hweight64(was[i] & ~free);
	}
	for (; i < PUT_WORDS; i++)
		KUNIT_ASSERT_EQ(s->test, word[i].owned, was[i]);
	KUNIT_ASSERT_EQ(s->test, put.put, pages);
	KUNIT_ASSERT_EQ(s->test, put.twice, twice);
	if (n < PUT_WORDS && !(op->flags & 2)) {
		KUNIT_ASSERT_EQ(s->test, put.words, 2);
		KUNIT_ASSERT_GE(s->test, n, 2);
		KUNIT_ASSERT_GE(s->test, pages + twice, put.pages);
	}
}

static void op_unpark(struct fuzz_side *s, const struct fuzz_op *op)
{
	const unsigned int budget = op->length;
	const unsigned long left = pga_map_unpark(&s->map, budget);

	fuzz_tell(s, "unpark up to %u runs, %lu pages are left", budget, left);
	KUNIT_ASSERT_EQ(s->test, left, fuzz_unpark(s, budget));
}

static void op_feed(struct fuzz_side *s, const struct fuzz_op *op)
{
	const unsigned int nr = op->length & 0x80 ? 140 : op->length % 16;

	fuzz_tell(s, "feed %u nodes", nr);
	fuzz_feed(s, nr);
}

/* Take nodes out that the reserve can do without, and ask what it lacks. */
static void op_surplus(struct fuzz_side *s, const struct fuzz_op *op)
{
	const unsigned long spare = fuzz_is_span(s) ? s->nodes - fuzz_spans(s) : 0;
	const unsigned long lacks = fuzz_is_span(s) && spare < PGA_RESERVE_NODES ?
				    PGA_RESERVE_NODES - spare : 0;
	unsigned int nr = op->length;
	void *node;

	fuzz_tell(s, "take surplus nodes, up to %u", nr);
	KUNIT_ASSERT_EQ(s->test, pga_map_wants(&s->map), lacks);
	for (; nr && (node = pga_map_surplus(&s->map)); nr--) {
		kfree(node);
		s->nodes--;
		s->bytes -= s->map.ops->node_size;
		KUNIT_ASSERT_GE(s->test, s->nodes - fuzz_spans(s),
				2 * PGA_RESERVE_NODES);
	}
	if (nr && fuzz_is_span(s))
		KUNIT_ASSERT_LE(s->test, s->nodes - fuzz_spans(s), 2 * PGA_RESERVE_NODES);
}

/* Count pages of any kind. */
static void op_count(struct fuzz_side *s, const struct fuzz_op *op)
{
	const unsigned long page = page_of(s, where_of(op));
	const unsigned long nr = length_of(op, FUZZ_PAGES_MAX);
	struct pga_count want = {}, got;
	unsigned long at;

	for (at = page; at < page + nr; at++) {
		want.free += fuzz_is_free(fuzz_at(s, at));
		want.allocated += !fuzz_is_free(fuzz_at(s, at)) &&
				  !fuzz_is_parked(fuzz_at(s, at));
	}
	got = pga_map_count(&s->map, page, nr);
	fuzz_tell(s, "count %lu pages at %lu", nr, page);
	KUNIT_ASSERT_EQ(s->test, got.free, want.free);
	KUNIT_ASSERT_EQ(s->test, got.allocated, want.allocated);
	KUNIT_ASSERT_EQ(s->test, pga_map_test(&s->map, page, nr, true),
			want.allocated == nr);
	KUNIT_ASSERT_EQ(s->test, pga_map_test(&s->map, page, nr, false),
			want.free == nr);
	KUNIT_ASSERT_EQ(s->test, pga_map_busy(&s->map, page, page + nr), want.allocated);
	KUNIT_ASSERT_EQ(s->test, pga_map_busy(&s->map, page + nr, page), 0);
}

static void op_next_discarded(struct fuzz_side *s, const struct fuzz_op *op)
{
	struct pga_extent e, got, want = {};
	unsigned long end;

	if (!pick(s, op, ANY, &e))
		return;
	end = pga_extent_end(e);
	want.start = fuzz_row_end(s, e.start, ANY & ~BIT(PGAT_DISCARDED));
	if (want.start < end)
		want.nr = min(end, fuzz_row_end(s, want.start, BIT(PGAT_DISCARDED))) -
			  want.start;
	fuzz_tell(s, "the first discarded of %lu pages at %lu", e.nr, e.start);
	KUNIT_ASSERT_EQ(s->test, pga_map_next_discarded(&s->map, e.start, end, &got),
			want.nr > 0);
	KUNIT_ASSERT_EQ(s->test, got.nr, want.nr);
	if (want.nr)
		KUNIT_ASSERT_EQ(s->test, got.start, want.start);
}

/* The word of a page: parked pages may not be freed, and are not in it. */
static void op_allocated(struct fuzz_side *s, const struct fuzz_op *op)
{
	const struct pga_words *words;
	unsigned long page, want = 0;
	struct pga_extent e;
	unsigned int i;

	if (!pick(s, op, ANY, &e))
		return;
	page = ALIGN_DOWN(e.start, BITS_PER_LONG);
	for (i = 0; i < BITS_PER_LONG; i++)
		if (!fuzz_is_free(fuzz_at(s, page + i)) &&
		    !fuzz_is_parked(fuzz_at(s, page + i)))
			want |= BIT(i);
	fuzz_tell(s, "the allocated map of 64 pages at %lu", page);
	KUNIT_ASSERT_EQ(s->test, pga_map_allocated(&s->map, page), want);
	words = pga_map_words(&s->map, page);
	KUNIT_ASSERT_EQ(s->test, !words, fuzz_is_span(s));
	if (words)
		KUNIT_ASSERT_EQ(s->test, *pga_word_at(words, page), want);
}

static void begin_fit(struct fuzz_side *s, const struct fuzz_op *op)
{
	struct pga_constraint where = {
		.nr = length_of(op, pgat_model_longest(s->model, PGA_FREE) + 1),
		.align = BIT(op->flags % 12),
		.high = PGA_NO_END,
	};

	if (op->flags % 12 == 11)
		where.align = BIT(op->where[0] % 40);
	if (op->flags & 0x10)
		where.boundary = roundup_pow_of_two(where.nr) << op->where[0] % 3;
	if (op->flags & 0x20)
		where.low = page_of(s, where_of(op));
	if (op->flags & 0x40)
		where.high = page_of(s, where_of(op) * 3) + 1;
	pga_fit_begin(&s->fit, op->flags & 0x80 ? PGA_READY : PGA_FREE, &where);
	fuzz_tell(s, "look for %lu %s pages at multiples of %lu, within %lu, from %lu to %ld",
		  where.nr, name_of(s->fit.which), where.align, where.boundary,
		  where.low, (long)where.high);
	s->changed = false;
	s->fitting = true;
}

/* Go on with a search; what it finds is allowed and free, and the lowest. */
static void go_on(struct fuzz_side *s, unsigned int budget)
{
	const struct pga_constraint where = s->fit.where;
	unsigned long page;

	s->fitting = !pga_map_fit(&s->map, &s->fit, budget, &page);
	if (s->fitting)
		return;
	fuzz_tell(s, "the place found is %ld", (long)page);
	if (!s->changed) {
		KUNIT_ASSERT_EQ(s->test, page, fuzz_fit(s, s->fit.which, &where));
	} else if (page != PGA_NONE) {
		KUNIT_ASSERT_TRUE(s->test, fuzz_allows(&where, page));
		KUNIT_ASSERT_GE(s->test,
				fuzz_row_end(s, page, s->fit.which == PGA_READY ?
					     BIT(PGAT_READY) : FUZZ_FREE),
				page + where.nr);
	}
}

/* A search that is resumed may look at so many nodes for the second time. */
#define RESUMED		(2 * PGA_NR_LEVELS + 2)

static void op_fit(struct fuzz_side *s, const struct fuzz_op *op)
{
	const unsigned int budget = 1 + op->where[1];
	unsigned int left = 100000;

	begin_fit(s, op);
	while (s->fitting && left--) {
		go_on(s, budget);
		if (op->where[0] & 1 && budget > RESUMED)
			pga_fit_resume(&s->fit);
	}
	KUNIT_ASSERT_FALSE(s->test, s->fitting);
}

/* The same, but other operations come between. */
static void op_fit_step(struct fuzz_side *s, const struct fuzz_op *op)
{
	if (!s->fitting) {
		begin_fit(s, op);
	} else {
		pga_fit_resume(&s->fit);
		fuzz_tell(s, "go on looking for a place, budget %u", 1 + op->length);
	}
	go_on(s, 1 + op->length);
}

/* Whole granules, in one chunk or a single one, and ready. */
static void check_found(struct fuzz_side *s, const struct pga_piece *piece,
			struct pga_extent e)
{
	const unsigned long unit = max(piece->granule, PGA_CHUNK_PAGES);

	KUNIT_ASSERT_NE(s->test, e.nr, 0);
	KUNIT_ASSERT_TRUE(s->test, IS_ALIGNED(e.start | e.nr, piece->granule));
	KUNIT_ASSERT_EQ(s->test, e.start / unit, (pga_extent_end(e) - 1) / unit);
	KUNIT_ASSERT_GE(s->test, fuzz_row_end(s, e.start, BIT(PGAT_READY)),
			pga_extent_end(e));
	if (!piece->huge || piece->granule > PGA_SMALL_GRANULE)
		KUNIT_ASSERT_LE(s->test, e.nr, ALIGN(clamp(piece->max, 1UL, unit),
						     piece->granule));
}

/*
 * They have been idle for the delay, but for a tick in the bitmap engine.  Before a
 * time was told, pages have no age.
 */
static void check_idle(struct fuzz_side *s, struct pga_extent e)
{
	const u64 tick = fuzz_is_span(s) ? 0 : BIT_ULL(s->map.tick_shift);
	unsigned long page;

	if (!s->map.delay)
		return;
	for (page = e.start; page < pga_extent_end(e); page++) {
		const u64 since = s->since[fuzz_index(s, page)];

		if (since && (fuzz_is_span(s) || since > s->delay_since))
			KUNIT_ASSERT_GE_MSG(s->test, s->map.now - since + tick,
					    s->map.delay, "page %lu", page);
	}
}

/* The piece that the bitmap engine finds below a page in a chunk. */
static void check_candidate(struct fuzz_side *s, const struct pga_piece *piece,
			    unsigned long below, struct pga_extent e)
{
	const unsigned long first = ALIGN_DOWN(e.start, PGA_CHUNK_PAGES);
	DECLARE_BITMAP(busy, PGA_CHUNK_PAGES);
	struct pga_candidate want;
	unsigned int bit, end;

	if (fuzz_is_span(s) || piece->granule > PGA_SMALL_GRANULE)
		return;
	end = min(below - first, PGA_CHUNK_PAGES);
	bitmap_fill(busy, PGA_CHUNK_PAGES);
	for (bit = 0; bit < end; bit++)
		if (fuzz_at(s, first + bit) == PGAT_READY)
			__clear_bit(bit, busy);
	want = pgat_candidate(busy, end - 1, piece->granule, piece->max, piece->huge);
	KUNIT_ASSERT_EQ(s->test, e.start - first, want.start);
	KUNIT_ASSERT_EQ(s->test, e.nr, want.nr);
}

/* What may become of pages that a sweep has found. */
enum action { DISCARD, REFUSE, KEEP_HELD, LEAVE };

static void act(struct fuzz_side *s, const struct pga_sweep *sweep,
		struct pga_extent e, enum action action)
{
	static const char * const what[] = { "discarded", "refused", "held", "left" };

	fuzz_tell(s, "  found %lu pages at %lu: %s", e.nr, e.start, what[action]);
	if (action == LEAVE)
		return;
	KUNIT_ASSERT_TRUE(s->test, pga_map_hold(&s->map, e.start, e.nr));
	fuzz_hold(s, e, PGAT_HELD);
	if (action == KEEP_HELD)
		return;
	KUNIT_ASSERT_TRUE(s->test, pga_map_put(&s->map, e.start, e.nr,
					       action == DISCARD ? PGA_MADE_DISCARDED :
								   PGA_MADE_READY));
	fuzz_put(s, e, action == DISCARD, false);
	if (action == REFUSE) {
		pga_map_pass_by(&s->map, sweep, e.start, e.nr);
		s->refused = true;
	}
}

/* A sweep for idle pages must not leave what it finds. */
static enum action action_of(const struct fuzz_op *op, unsigned int turn, bool idle)
{
	return (op->where[1] >> (turn % 4 * 2)) % (idle ? 3 : 4);
}

static struct pga_piece piece_of(const struct fuzz_side *s, const struct fuzz_op *op)
{
	static const unsigned long huge[] = { 0, 512, 64, 16 };

	return (struct pga_piece) {
		.granule = s->granule,
		.max = length_of(op, PGA_NONE),
		.huge = huge[op->where[0] % 4],
	};
}

static unsigned int budget_of(const struct fuzz_op *op)
{
	return PGA_NR_LEVELS + (op->flags >> 1) % 8;
}

static void tell_sweep(const struct fuzz_side *s, const char *what, bool idle,
		       const struct pga_piece *piece)
{
	fuzz_tell(s, "%s for %s pages, up to %ld, huge pages of %lu, delay %llu", what,
		  idle ? "idle" : "all", (long)piece->max, piece->huge, s->map.delay);
}

/* Whole granules of ready pages; a one for each. */
static unsigned long *ready_granules(struct fuzz_side *s)
{
	unsigned long *bits = kunit_kcalloc(s->test, BITS_TO_LONGS(FUZZ_PAGES_MAX),
					    sizeof(*bits), GFP_KERNEL);
	const struct pgat_window *w = s->model->window;
	unsigned long page;

	for (; w < s->model->window + s->model->nr_windows; w++)
		for (page = ALIGN(w->start, s->granule); page < w->end;
		     page += s->granule)
			if (fuzz_row_end(s, page, BIT(PGAT_READY)) >= page + s->granule)
				__set_bit(fuzz_index(s, page), bits);
	return bits;
}

/* Each granule is found once, if it was ready from the beginning. */
static void strike_out(struct fuzz_side *s, unsigned long *left, struct pga_extent e)
{
	unsigned long page;

	for (page = e.start; page < pga_extent_end(e); page += s->granule) {
		KUNIT_ASSERT_TRUE_MSG(s->test, test_bit(fuzz_index(s, page), left),
				      "page %lu is found again", page);
		__clear_bit(fuzz_index(s, page), left);
	}
}

static void check_none_left(struct fuzz_side *s, const unsigned long *left)
{
	KUNIT_ASSERT_EQ_MSG(s->test, find_first_bit(left, FUZZ_PAGES_MAX), FUZZ_PAGES_MAX,
			    "a granule is not found");
}

/* From the first page to the last, all at once. */
static void op_sweep(struct fuzz_side *s, const struct fuzz_op *op)
{
	const struct pga_piece piece = piece_of(s, op);
	struct pga_sweep sweep = { .idle = op->flags & 1 };
	unsigned long *left = ready_granules(s), before = PGA_NONE;
	unsigned int turn = 0, patience = 100000;
	struct pga_extent e;

	tell_sweep(s, "sweep", sweep.idle, &piece);
	while (!sweep.over) {
		KUNIT_ASSERT_NE(s->test, patience--, 0);
		if (!pga_map_next_idle(&s->map, &sweep, budget_of(op), &piece, &e))
			continue;
		check_found(s, &piece, e);
		if (sweep.idle) {
			check_idle(s, e);
		} else {
			check_candidate(s, &piece, before, e);
			strike_out(s, left, e);
			before = e.start;
		}
		act(s, &sweep, e, action_of(op, turn++, sweep.idle));
	}
	if (!sweep.idle)
		check_none_left(s, left);
	else if (fuzz_is_span(s) && !s->map.delay && !s->refused)
		check_none_left(s, ready_granules(s));
}

/* A step, between others. */
static void op_sweep_step(struct fuzz_side *s, const struct fuzz_op *op)
{
	const struct pga_piece piece = piece_of(s, op);
	struct pga_extent e;
	bool found;

	if (!s->sweeping)
		s->sweep = (struct pga_sweep) { .idle = op->flags & 1 };
	tell_sweep(s, s->sweeping ? "go on with a sweep" : "begin a sweep", s->sweep.idle,
		   &piece);
	found = pga_map_next_idle(&s->map, &s->sweep, budget_of(op), &piece, &e);
	s->sweeping = !s->sweep.over;
	if (!found)
		return;
	check_found(s, &piece, e);
	if (s->sweep.idle)
		check_idle(s, e);
	act(s, &s->sweep, e, action_of(op, 0, s->sweep.idle));
}

static void op_time(struct fuzz_side *s, const struct fuzz_op *op)
{
	pga_map_tell_time(&s->map, s->map.now + ((u64)op->length << op->flags % 24));
	fuzz_tell(s, "it is %llu", s->map.now);
}

static void op_delay(struct fuzz_side *s, const struct fuzz_op *op)
{
	pga_map_set_delay(&s->map, (u64)op->length << op->flags % 28);
	s->delay_since = s->map.now;
	fuzz_tell(s, "the delay is %llu", s->map.delay);
}

static void op_generation(struct fuzz_side *s, const struct fuzz_op *op)
{
	fuzz_tell(s, "a generation is over");
	pga_map_next_generation(&s->map);
}

/* A hint for whether an idle sweep is worth it: none in a pool with nothing ready. */
static void op_too_young(struct fuzz_side *s, const struct fuzz_op *op)
{
	const bool young = pga_map_too_young(&s->map);

	fuzz_tell(s, "something is too young: %s", young ? "yes" : "no");
	if (fuzz_is_span(s) && !s->refused)
		KUNIT_ASSERT_EQ(s->test, young,
				!bitmap_empty(ready_granules(s), FUZZ_PAGES_MAX));
}

static void op_examine(struct fuzz_side *s, const struct fuzz_op *op)
{
	fuzz_tell(s, "examine");
	fuzz_check_all(s);
	fuzz_verify(s);
}

static void (*const operations[])(struct fuzz_side *s, const struct fuzz_op *op) = {
	op_grow, op_alloc, op_hold, op_use, op_put, op_free, op_wrong_hold, op_wrong_put,
	op_take_words, op_put_word, op_unpark, op_feed, op_surplus, op_count,
	op_next_discarded, op_allocated, op_fit, op_fit_step, op_sweep, op_sweep_step,
	op_time, op_delay, op_generation, op_too_young, op_examine,
	/* What changes pages comes more often. */
	op_alloc, op_hold, op_use, op_put, op_free, op_take_words, op_put_words, op_alloc,
	op_hold, op_free, op_put,
};

/**
 * fuzz_operation() - perform an operation and compare
 * @s: the side
 * @op: the operation
 */
void fuzz_operation(struct fuzz_side *s, const struct fuzz_op *op)
{
	if (!s->hungry && fuzz_is_span(s) && s->map.nr_spare < 40)
		fuzz_feed(s, 40);
	operations[op->what % ARRAY_SIZE(operations)](s, op);
	fuzz_check(s);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The operations of a trace.
 *
 * Each handler takes the arguments of a line from o->field, calls the engine, and
 * stores the engine's results in o->got, in the places of the line's results.  It
 * does not read the results of the line; oracle.c compares them.
 */

#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "engine/bitmap/bits.h"
#include "engine/bitmap/candidate.h"
#include "engine/bitmap/sweep.h"
#include "engine/word.h"
#include "replay/oracle.h"
#include "lib/usage.h"
#include "replay/oracle.h"

static const char * const no_memory = "out of memory";

/* The trace has -1 where the engine has PGA_NONE. */
static s64 page_or_none(unsigned long page)
{
	return page == PGA_NONE ? -1 : (s64)page;
}

static bool grow_part(struct oracle *o, unsigned long page, unsigned long nr,
		      enum pga_made made)
{
	struct pga_parts parts;
	unsigned int i;
	bool done;

	pga_map_missing(&o->bitmap.map, page, nr, &parts);
	for (i = 0; i < PGA_PARTS; i++)
		if (parts.size[i])
			parts.memory[i] = kvzalloc(parts.size[i], GFP_KERNEL);
	done = pga_map_grow(&o->bitmap.map, page, nr, made, &parts);
	for (i = 0; i < PGA_PARTS; i++)
		kvfree(parts.memory[i]);
	return done;
}

static const char *grow(struct oracle *o, unsigned long chunk, unsigned long nr,
			enum pga_made made)
{
	unsigned long page = pga_chunk_start(chunk);
	const unsigned long end = pga_chunk_start(chunk + nr);
	unsigned long next;

	if (!nr || chunk + nr < chunk || chunk + nr > o->chunks)
		return "a chunk outside the region";
	if (find_next_bit(o->known, chunk + nr, chunk) < chunk + nr)
		return "a chunk that is known already";
	bitmap_set(o->known, chunk, nr);
	for (; page < end; page = next) {
		next = min(end, ALIGN(page + 1, 1UL << PGA_BLOCK_SHIFT));
		if (!grow_part(o, page, next - page, made))
			return no_memory;
	}
	return NULL;
}

/* Whether the @nr pages from @page on are in known chunks. */
static bool is_known(struct oracle *o, unsigned long page, unsigned long nr)
{
	const unsigned long end = page + nr;

	return nr && end > page && end <= pga_chunk_start(o->chunks) &&
	       find_next_zero_bit(o->known, pga_chunk_of(end - 1) + 1,
				  pga_chunk_of(page)) > pga_chunk_of(end - 1);
}

void oracle_reset(struct oracle *o)
{
	pga_store_drain(&o->bitmap.tree.store, kvfree);
	kvfree(o->known);
	memset(o, 0, sizeof(*o));
	pga_map_init(&o->bitmap.map, &pga_bitmap_engine, PAGE_SIZE, PAGE_SIZE);
	pga_pace_init(&o->pace, 1);
}

static bool huge_ok(s64 huge)
{
	return !huge || (huge > 0 && huge <= PGA_INDEX_PAGES && is_power_of_2(huge));
}

static bool granule_ok(s64 granule)
{
	return granule > 0 && granule <= PGA_SMALL_GRANULE &&
	       is_power_of_2(granule);
}

static const char *do_header(struct oracle *o)
{
	const union oracle_field *f = o->field;

	if (o->known)
		return "a second header";
	if (f[0].n != 1 || !huge_ok(f[1].n) || !granule_ok(f[2].n) ||
	    f[3].n < 1 || f[3].n > pga_chunk_of(PGA_INDEX_PAGES) ||
	    f[4].n < 0 || f[4].n > ORACLE_CACHES_MAX)
		return "a header out of range";
	o->huge = f[1].n;
	o->granule = f[2].n;
	o->chunks = f[3].n;
	o->nr_caches = f[4].n;
	o->known = kvcalloc(BITS_TO_LONGS(o->chunks), sizeof(long), GFP_KERNEL);
	return o->known ? NULL : no_memory;
}

static const char *do_grow(struct oracle *o)
{
	return grow(o, o->field[0].n, o->field[1].n, PGA_MADE_DISCARDED);
}

static const char *do_alloc(struct oracle *o)
{
	const unsigned long nr = o->field[0].n, before = o->bitmap.map.discarded;
	unsigned long page;

	if (!nr || nr > PGA_INDEX_PAGES)
		return "no such length";
	page = pga_map_find(&o->bitmap.map, PGA_FREE, nr);
	if (page != PGA_NONE && !pga_map_alloc(&o->bitmap.map, page, nr))
		return "found pages that are not free";
	o->got[1].n = page_or_none(page);
	o->got[2].n = before - o->bitmap.map.discarded;
	return NULL;
}

static const char *do_free(struct oracle *o)
{
	const unsigned long page = o->field[0].n, nr = o->field[1].n;

	if (!is_known(o, page, nr))
		return "pages of an unknown chunk";
	return pga_map_free(&o->bitmap.map, page, nr) ? NULL :
		"pages that are not allocated";
}

static struct pga_cache *cache_of(struct oracle *o)
{
	return o->field[0].x < o->nr_caches ? &o->cache[o->field[0].n] : NULL;
}

static const char *do_refill(struct oracle *o)
{
	struct pga_cache *cache = cache_of(o);

	if (!cache)
		return "no such cache";
	if (cache->owned)
		return "a cache that is not empty";
	if (!pgat_cache_refill(cache, &o->bitmap.map, PGA_FREE)) {
		o->got[1].n = -1;
		return NULL;
	}
	o->got[1].n = cache->base;
	o->got[2].x = cache->owned;
	o->got[3].x = cache->discarded;
	return NULL;
}

static const char *do_cache_alloc(struct oracle *o)
{
	struct pga_cache *cache = cache_of(o);
	unsigned int discarded = 0;

	if (!cache)
		return "no such cache";
	if (o->field[1].n < 1 || o->field[1].n > PGA_CACHE_PAGES)
		return "no such length";
	o->got[2].n = page_or_none(pgat_cache_alloc(cache, o->field[1].n,
						    &discarded));
	o->got[3].n = discarded;
	return NULL;
}

static const char *do_flush(struct oracle *o)
{
	struct pga_cache *cache = cache_of(o);

	if (!cache)
		return "no such cache";
	pgat_cache_flush(cache, &o->bitmap.map);
	return NULL;
}

static const char *scavenge(struct oracle *o, bool forced)
{
	const unsigned long wanted = o->field[0].n;
	struct pga_piece piece = { .granule = o->granule, .huge = o->huge };
	struct pga_search search = {};
	unsigned long released = 0;
	struct pga_extent e;

	while (released < wanted) {
		piece.max = wanted - released;
		if (!pga_bitmap_next_candidate(&o->bitmap, &piece, forced, &search,
					       UINT_MAX, &e))
			break;
		if (!e.nr)
			continue;
		if (!pga_map_hold(&o->bitmap.map, e.start, e.nr) ||
		    !pga_map_put(&o->bitmap.map, e.start, e.nr, PGA_MADE_DISCARDED))
			return "a candidate that is not free";
		released += e.nr;
	}
	o->got[1].n = released;
	return NULL;
}

static const char *do_scavenge_forced(struct oracle *o)
{
	return scavenge(o, true);
}

static const char *do_scavenge_background(struct oracle *o)
{
	return scavenge(o, false);
}

static const char *do_generation(struct oracle *o)
{
	pga_index_next_generation(&o->bitmap.index, &o->bitmap.tree.store);
	return NULL;
}

/* A scavenger searches a chunk and takes the candidate it finds. */
static const char *do_take(struct oracle *o)
{
	const unsigned long chunk = o->field[0].n;
	unsigned long buf[PGA_CHUNK_WORDS];
	struct pga_candidate c = {};

	if (chunk >= o->chunks ||
	    !is_known(o, pga_chunk_start(chunk), PGA_CHUNK_PAGES))
		return "an unknown chunk";
	if (o->field[1].x >= PGA_CHUNK_PAGES)
		return "no such page";
	if (pga_tree_get(&o->bitmap.tree, PGA_FREE, 0, chunk).max >= o->granule)
		c = pga_candidate_find(pga_chunk_busy(pga_store_chunk(&o->bitmap.tree.store,
								      chunk),
						      PGA_READY, buf),
				       o->field[1].n, o->granule, o->field[2].n,
				       o->huge);
	o->got[3].n = c.nr ? pga_chunk_start(chunk) + c.start : 0;
	o->got[4].n = c.nr;
	if (!c.nr)
		pga_index_empty(&o->bitmap.tree.store, chunk);
	else if (!pga_map_hold(&o->bitmap.map, o->got[3].n, c.nr))
		return "a candidate that is not free";
	return NULL;
}

static const char *do_return(struct oracle *o)
{
	const unsigned long page = o->field[0].n, nr = o->field[1].n;

	if (!is_known(o, page, nr))
		return "pages of an unknown chunk";
	return pga_map_put(&o->bitmap.map, page, nr, PGA_MADE_DISCARDED) ? NULL :
		"pages that are not held";
}

#define FNV_START	0xcbf29ce484222325ULL
#define FNV_PRIME	1099511628211ULL

static u64 fnv(u64 hash, const u64 *words, unsigned int nr)
{
	unsigned int i, byte;

	for (i = 0; i < nr; i++)
		for (byte = 0; byte < 64; byte += 8)
			hash = (hash ^ (words[i] >> byte & 0xff)) * FNV_PRIME;
	return hash;
}

static const char *do_checksums(struct oracle *o)
{
	u64 allocated = FNV_START, discarded = FNV_START, sums = FNV_START;
	unsigned long i, free = 0, nr_discarded = 0;

	for_each_set_bit(i, o->known, o->chunks) {
		const struct pga_chunk *c = pga_store_chunk(&o->bitmap.tree.store, i);
		const struct pga_sum s = pga_tree_get(&o->bitmap.tree, PGA_FREE, 0, i);
		const u64 words[] = { s.start, s.max, s.end };

		allocated = fnv(allocated, (const u64 *)c->allocated, PGA_CHUNK_WORDS);
		discarded = fnv(discarded, (const u64 *)c->discarded, PGA_CHUNK_WORDS);
		sums = fnv(sums, words, ARRAY_SIZE(words));
		free += PGA_CHUNK_PAGES - bitmap_weight(c->allocated, PGA_CHUNK_PAGES);
		nr_discarded += bitmap_weight(c->discarded, PGA_CHUNK_PAGES);
	}
	if (free != o->bitmap.map.free || nr_discarded != o->bitmap.map.discarded)
		return "the engine's counts and its maps disagree here";
	o->got[0].x = allocated;
	o->got[1].x = discarded;
	o->got[2].x = sums;
	o->got[3].n = free;
	o->got[4].n = nr_discarded;
	o->got[5].n = pga_tree_root(&o->bitmap.tree, PGA_FREE).max;
	return NULL;
}

static const char *do_candidate(struct oracle *o)
{
	const union oracle_field *f = o->field;
	unsigned long busy[PGA_CHUNK_WORDS];
	struct pga_candidate c;

	if (!huge_ok(f[0].n) || f[1].x >= PGA_CHUNK_PAGES || !granule_ok(f[2].n))
		return "a search out of range";
	bitmap_or(busy, f[6].map, f[7].map, PGA_CHUNK_PAGES);
	c = pga_candidate_find(busy, f[1].n, f[2].n, f[3].n, f[0].n);
	o->got[4].n = c.start;
	o->got[5].n = c.nr;
	return NULL;
}

static const char *do_fill(struct oracle *o)
{
	if (!granule_ok(o->field[1].n))
		return "no such group";
	o->got[2].x = pga_fill_aligned(o->field[0].x, o->field[1].n);
	return NULL;
}

static const char *do_word_run(struct oracle *o)
{
	if (o->field[1].n < 1 || o->field[1].n > BITS_PER_LONG)
		return "no such length";
	o->got[2].n = pga_word_find_run(o->field[0].x, o->field[1].n);
	return NULL;
}

static void got_sum(union oracle_field *got, struct pga_sum s)
{
	got[0].n = s.start;
	got[1].n = s.max;
	got[2].n = s.end;
}

static const char *do_summarize(struct oracle *o)
{
	got_sum(&o->got[1], pga_bits_summarize(o->field[0].map));
	return NULL;
}

static const char *do_bits_find(struct oracle *o)
{
	unsigned int pos, first_free;

	if (o->field[1].n < 1 || o->field[1].n > PGA_CHUNK_PAGES ||
	    o->field[2].x >= PGA_CHUNK_PAGES)
		return "a search out of range";
	pos = pga_bits_find(o->field[0].map, o->field[1].n, o->field[2].n,
			    &first_free);
	o->got[3].n = pos < PGA_CHUNK_PAGES ? (s64)pos : -1;
	o->got[4].n = pos < PGA_CHUNK_PAGES ? (s64)first_free : -1;
	return NULL;
}

static const char *do_weight(struct oracle *o)
{
	const u64 start = o->field[1].x, nr = o->field[2].x;

	if (!nr || start >= PGA_CHUNK_PAGES || nr > PGA_CHUNK_PAGES - start)
		return "a range that is not in the chunk";
	o->got[3].n = pga_bits_weight(o->field[0].map, start, nr);
	return NULL;
}

static struct pga_sum sum_at(const union oracle_field *f)
{
	return (struct pga_sum) { f[0].n, f[1].n, f[2].n };
}

static const char *do_merge(struct oracle *o)
{
	struct pga_wide wide[PGA_FANOUT];
	pga_leaf_t leaf[PGA_FANOUT];
	pga_mid_t mid[PGA_FANOUT];
	unsigned int shift = o->field[0].n, i;

	if (o->field[0].x < PGA_CHUNK_SHIFT || o->field[0].x > PGA_INDEX_SHIFT)
		return "no such level";
	for (i = 0; i < PGA_FANOUT; i++) {
		const struct pga_sum s = sum_at(&o->field[4 + 3 * i]);

		leaf[i] = pga_leaf_pack(s);
		mid[i] = pga_mid_pack(s);
		wide[i] = pga_wide_pack(s);
	}
	if (shift == PGA_CHUNK_SHIFT)
		got_sum(&o->got[1], pga_leaf_merge(leaf));
	else if (shift < pga_level_shift(PGA_FIRST_WIDE))
		got_sum(&o->got[1], pga_mid_merge(mid, BIT(shift)));
	else
		got_sum(&o->got[1], pga_wide_merge(wide, BIT(shift)));
	return NULL;
}

static const char *do_pack(struct oracle *o)
{
	if (o->field[0].x > PGA_MID_PAGES || o->field[1].x > PGA_MID_PAGES ||
	    o->field[2].x > PGA_MID_PAGES)
		return "a summary out of range";
	o->got[3].x = pga_mid_pack(sum_at(o->field));
	return NULL;
}

/*
 * The engine's record of a chunk's usage has half the size of that in the trace.  So
 * the values are packed and unpacked by the engine, and then packed in the format of
 * the trace.  The engine stores only a part of the generation, and only the first
 * flag.
 */
static const char *do_usage(struct oracle *o)
{
	const u64 gen = o->field[0].x, flags = o->field[3].x;
	struct pga_usage u = {
		.in_use = o->field[1].n,
		.last_in_use = o->field[2].n,
		.tag = gen % PGA_GENERATION_TAGS,
		.has_free = flags & 1,
	};

	if (gen > U32_MAX || flags > 63 || o->field[1].x > PGA_CHUNK_PAGES ||
	    o->field[2].x > PGA_CHUNK_PAGES)
		return "a record out of range";
	u = pga_usage_unpack(pgat_usage_pack(u));
	if (u.tag != gen % PGA_GENERATION_TAGS)
		return "the packed record has another generation";
	o->got[4].x = u.in_use | (u64)u.last_in_use << 16 | gen << 32 |
		      ((flags & ~1ULL) | u.has_free) << 26;
	return NULL;
}

/* Traces of the index alone have no G lines; all chunks exist from the start. */
static const char *prepare_index(struct oracle *o)
{
	if (!o->known)
		return "no header";
	return o->bitmap.map.pages ? NULL : grow(o, 0, o->chunks, PGA_MADE_READY);
}

static const char *do_index_use(struct oracle *o)
{
	const char *why = prepare_index(o);

	if (why)
		return why;
	if (!is_known(o, o->field[0].n, o->field[1].n))
		return "pages of an unknown chunk";
	pga_index_alloc(&o->bitmap.index, &o->bitmap.tree.store, o->field[0].n,
			o->field[1].n);
	return NULL;
}

static const char *do_index_unuse(struct oracle *o)
{
	const char *why = prepare_index(o);

	if (why)
		return why;
	if (!is_known(o, o->field[0].n, o->field[1].n))
		return "pages of an unknown chunk";
	pga_index_free(&o->bitmap.index, &o->bitmap.tree.store, o->field[0].n,
		       o->field[1].n, 0);
	return NULL;
}

static const char *do_index_empty(struct oracle *o)
{
	if (o->field[0].x >= o->chunks)
		return "an unknown chunk";
	pga_index_empty(&o->bitmap.tree.store, o->field[0].n);
	return NULL;
}

static const char *do_index_find(struct oracle *o)
{
	struct pga_search search = {};
	unsigned long page;

	o->got[1].n = -1;
	if (pga_index_find(&o->bitmap.index, &o->bitmap.tree.store, o->field[0].n,
			   &search, UINT_MAX, &page)) {
		o->got[1].n = pga_chunk_of(page);
		o->got[2].n = page % PGA_CHUNK_PAGES;
	}
	return NULL;
}

static const char *do_pace_new(struct oracle *o)
{
	pga_pace_init(&o->pace, 1);
	return NULL;
}

static const char *do_pace(struct oracle *o)
{
	const union oracle_field *f = o->field;

	if (f[0].n < 0 || f[1].n < 1 || f[1].n > INT_MAX || f[3].n < 0)
		return "a time out of range";
	o->got[2].n = pga_pace_sleep(&o->pace, f[0].n);
	pga_pace_update(&o->pace, f[0].n, f[3].n, f[1].n);
	o->got[4].n = o->pace.ratio;
	o->got[5].n = 1;
	return NULL;
}

const struct oracle_op oracle_ops[ORACLE_LETTERS] = {
	['H'] = { "nnnnn", do_header },
	['G'] = { "nn", do_grow },
	['a'] = { "nNN", do_alloc },
	['f'] = { "nn", do_free },
	['C'] = { "nNXX", do_refill },
	['c'] = { "nnNN", do_cache_alloc },
	['F'] = { "n", do_flush },
	['s'] = { "nN", do_scavenge_forced },
	['b'] = { "nN", do_scavenge_background },
	['n'] = { "", do_generation },
	['x'] = { "nnnNN", do_take },
	['y'] = { "nn", do_return },
	['K'] = { "XXXNNN", do_checksums },
	['v'] = { "nnnnNNmm", do_candidate },
	['A'] = { "xnX", do_fill },
	['R'] = { "xnN", do_word_run },
	['S'] = { "mNNN", do_summarize },
	['N'] = { "mnnNN", do_bits_find },
	['P'] = { "mnnN", do_weight },
	['M'] = { "nNNNnnnnnnnnnnnnnnnnnnnnnnnn", do_merge },
	['U'] = { "nnnX", do_pack },
	['D'] = { "nnnnX", do_usage },
	['u'] = { "nn", do_index_use },
	['z'] = { "nn", do_index_unuse },
	['e'] = { "n", do_index_empty },
	['q'] = { "nNN", do_index_find },
	['p'] = { "", do_pace_new },
	['w'] = { "nnRnRN", do_pace },
};

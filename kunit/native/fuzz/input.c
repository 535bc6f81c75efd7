// SPDX-License-Identifier: GPL-2.0
/*
 * An input: bytes that say which pool there is and what is done to it.
 *
 *	byte 0	the layout of the pool
 *	byte 1	the size of a granule
 *	byte 2	bit 0: the span engine is short of nodes; bits 1 and 2: pages that
 *		the pool has at first: none, ready, discarded, or ready and in use;
 *		bit 3: there is a delay from the beginning
 *	then five bytes an operation (struct fuzz_op)
 *
 * Any bytes are an input, and what is missing at the end is not performed.
 */

#include <linux/minmax.h>
#include <linux/slab.h>

#include "engine/bitmap/engine.h"
#include "engine/span/engine.h"
#include "native/fuzz/fuzz.h"
#include "native/host.h"

#define SIDES		2
#define HEADER		3
#define OPERATIONS_MAX	400

#define CHUNKS(first, nr)	{ 512UL * (first), 512UL * (nr) }

/* Regions in the order of growth.  Granules end beyond some of them. */
static const struct pga_extent layouts[][FUZZ_REGIONS_MAX] = {
	{ CHUNKS(0, 1) },
	{ { 5, 1 }, { 63, 2 }, { 512 * 9 + 37, 400 } },
	{ CHUNKS(5, 3) },
	{ { 512 + 100, 5 * 512 - 200 } },
	{ { 70, 300 }, { 512, 512 }, { 1100, 800 }, { 2048, 65 } },
	{ { 100, 412 }, { 512, 100 }, { 612, 1000 }, { 1612, 9 } },
	{ CHUNKS(64, 1), CHUNKS(63, 1), CHUNKS(61, 2), CHUNKS(8, 1), CHUNKS(7, 1) },
	{ CHUNKS(0, 8) },
	{ { BIT(18) - 600, 1200 } },
	{ { BIT(21), 600 }, { BIT(21) - 600, 600 } },
	{ { BIT(24), 500 }, { BIT(24) - 1000, 1000 } },
	{ { BIT(34) - 2048, 2048 } },
	{ CHUNKS(BIT(18) - 1, 1), CHUNKS(0, 1) },
	{ CHUNKS(0, 1), { BIT(18) - 1, 200 }, { BIT(21) - 10, 200 },
	  { BIT(24) - 10, 200 }, { BIT(27) - 10, 200 } },
	{ { BIT(27) - 10, 200 }, { BIT(24) - 10, 200 },
	  { BIT(21) - 10, 200 }, { BIT(18) - 10, 200 }, CHUNKS(0, 1) },
	{ CHUNKS(510, 4) },
	/* Runs that are longer than a part of a summary. */
	{ CHUNKS(3, 13) },
	{ CHUNKS(60, 9), CHUNKS(69, 3) },
	/* In such a pool, an engine is not asked to examine itself. */
	{ CHUNKS(0, 1), { BIT(30) - 10, 200 }, { BIT(33) - 10, 200 } },
};

/**
 * struct input - bytes that are being performed
 * @data: the bytes
 * @size: how many
 * @test: the test
 * @side: both engines
 */
struct input {
	const u8 *data;
	unsigned long size;
	struct kunit test;
	struct fuzz_side *side[SIDES];
};

static bool telling;

/**
 * fuzz_tell() - say in words what is done
 * @s: the side
 * @fmt: the words
 */
void fuzz_tell(const struct fuzz_side *s, const char *fmt, ...)
{
	va_list args;

	if (!telling)
		return;
	native_print("%s: ", s->map.ops->name);
	va_start(args, fmt);
	host_print(fmt, args);
	va_end(args);
	native_print("\n");
}

static void add_region(struct fuzz_side *s, struct pga_extent e)
{
	s->region[s->nr_regions++].pages = e;
	pgat_model_window(s->test, s->model, e.start, e.nr);
}

static struct fuzz_side *create(struct input *in, const struct pga_engine_ops *ops)
{
	struct fuzz_side *s = kunit_kzalloc(&in->test, sizeof(*s), GFP_KERNEL);
	const unsigned int layout = in->data[0] % ARRAY_SIZE(layouts);
	const unsigned int shift = in->data[1] % 12;
	unsigned int i;

	s->test = &in->test;
	s->granule = shift < 11 ? BIT(shift) : 1;
	s->hungry = in->data[2] & 1;
	s->low = PGA_NONE;
	s->model = pgat_model_create(s->test, 0);
	for (i = 0; i < FUZZ_REGIONS_MAX && layouts[layout][i].nr; i++)
		add_region(s, layouts[layout][i]);
	/* A granule may also be smaller than a page. */
	pga_map_init(&s->map, ops, 4096, shift < 11 ? 4096UL << shift : 1024);
	fuzz_tell(s, "layout %u, granules of %lu pages%s", layout, s->granule,
		  s->hungry ? ", short of nodes" : "");
	return s;
}

/* A delay of 16 ms, long after the machine was started. */
static void begin_time(struct fuzz_side *s)
{
	pga_map_set_delay(&s->map, 16000000);
	pga_map_tell_time(&s->map, 1000000000000ULL);
	fuzz_tell(s, "the delay is %llu, and it is %llu", s->map.delay, s->map.now);
}

/* The pages that a pool has at first. */
static void furnish(struct fuzz_side *s, unsigned int how)
{
	struct fuzz_region *r = s->region;

	if (!how)
		return;
	for (; r < s->region + s->nr_regions; r++)
		while (r->grown < r->pages.nr)
			fuzz_grow(s, r, r->pages.nr, how == 2 ? PGA_MADE_DISCARDED :
								PGA_MADE_READY, 0);
	if (how != 3)
		return;
	for (r = s->region; r < s->region + s->nr_regions; r++) {
		KUNIT_ASSERT_TRUE(s->test, pga_map_alloc(&s->map, r->pages.start,
							 r->pages.nr));
		fuzz_hold(s, r->pages, PGAT_BUSY);
	}
}

static void perform(void *arg)
{
	static const struct pga_engine_ops * const engines[SIDES] = {
		&pga_bitmap_engine, &pga_span_engine,
	};
	struct input *in = arg;
	const u8 *at = in->data + HEADER, *end = in->data + in->size;
	unsigned int i, nr;

	if (in->size < HEADER)
		return;
	for (i = 0; i < SIDES; i++) {
		in->side[i] = create(in, engines[i]);
		fuzz_feed(in->side[i], in->side[i]->hungry ? 0 : 40);
		if (in->data[2] & 8)
			begin_time(in->side[i]);
		furnish(in->side[i], (in->data[2] >> 1) % 4);
		fuzz_check(in->side[i]);
	}
	for (nr = 0; nr < OPERATIONS_MAX && end - at >= (long)sizeof(struct fuzz_op);
	     nr++, at += sizeof(struct fuzz_op))
		for (i = 0; i < SIDES; i++)
			fuzz_operation(in->side[i], (const struct fuzz_op *)at);
	for (i = 0; i < SIDES; i++) {
		fuzz_check_all(in->side[i]);
		fuzz_verify(in->side[i]);
	}
}

static void drain(struct input *in)
{
	unsigned int i;

	for (i = 0; i < SIDES; i++)
		if (in->side[i])
			pga_map_drain(&in->side[i]->map, pgat_release);
}

/**
 * native_fuzz() - perform an input
 * @data: its bytes
 * @size: how many
 * @words: print each operation
 *
 * Return: 0, or 1 if an engine and its model differ.
 */
int native_fuzz(const unsigned char *data, unsigned long size, int words)
{
	struct input in = { .data = data, .size = size, .test.name = "fuzz" };

	telling = words;
	INIT_LIST_HEAD(&in.test.memory);
	host_try(perform, &in);
	drain(&in);
	native_free_memory(&in.test);
	return in.test.failed;
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PAGEALLOC_KUNIT_ORACLE_H
#define PAGEALLOC_KUNIT_ORACLE_H

#include "engine/bitmap/bitmap.h"
#include "engine/bitmap/engine.h"
#include "engine/pace.h"
#include "lib/cache.h"

#define ORACLE_CACHES_MAX	256
#define ORACLE_FIELDS_MAX	32
#define ORACLE_LETTERS		128

/**
 * union oracle_field - a field of a line, or the engine's result for it
 * @n: a decimal number
 * @x: a hexadecimal number
 * @map: the bits of a chunk
 */
union oracle_field {
	s64 n;
	u64 x;
	unsigned long map[PGA_CHUNK_WORDS];
};

/**
 * struct oracle - a trace being performed on an engine
 * @bitmap: the engine
 * @known: chunks that a G line has named
 * @chunks: chunks in the region, with holes
 * @huge: pages of a huge page
 * @granule: pages of a granule
 * @nr_caches: caches in use
 * @cache: the caches
 * @pace: the sleep controller
 * @field: the fields of the line
 * @got: the engine's results, in the places of the fields they belong to
 */
struct oracle {
	struct pga_bitmap bitmap;
	unsigned long *known;
	unsigned long chunks;
	unsigned long huge;
	unsigned long granule;
	unsigned long nr_caches;
	struct pga_cache cache[ORACLE_CACHES_MAX];
	struct pga_pace pace;
	union oracle_field field[ORACLE_FIELDS_MAX];
	union oracle_field got[ORACLE_FIELDS_MAX];
};

/**
 * struct oracle_op - an operation, the line of one letter
 * @fields: the fields after the letter: n decimal, x hexadecimal, m a map.  A
 *	    result is in capitals.  R is a decimal result with an error of up to 1 %.
 * @perform: performs a line and sets the results; returns NULL, or why the line is
 *	    invalid
 */
struct oracle_op {
	const char *fields;
	const char *(*perform)(struct oracle *o);
};

extern const struct oracle_op oracle_ops[ORACLE_LETTERS];

void oracle_reset(struct oracle *o);

#endif

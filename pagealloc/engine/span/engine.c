// SPDX-License-Identifier: GPL-2.0
/*
 * The span engine by the contract of engine/map.h.
 *
 * It does not care whether pages are held or in use, nor for generations, and
 * keeps no words that could be read without the lock.
 */

#include "engine/span/engine.h"
#include "engine/span/read.h"
#include "engine/span/span.h"
#include "engine/span/sweep.h"
#include "engine/span/verify.h"
#include "base/kunit_export.h"

const struct pga_engine_ops pga_span_engine = {
	.name = "span",
	.size = sizeof(struct pga_spans),
	.node_size = sizeof(struct pga_span),
	.grow_max = 1UL << PGA_BLOCK_SHIFT,
	.best_fit = true,
	.init = pga_spans_init,
	.drain = pga_spans_drain,
	.missing = pga_spans_missing,
	.grow = pga_spans_grow,
	.find = pga_spans_find,
	.fit = pga_spans_fit,
	.longest = pga_spans_longest,
	.count = pga_spans_count,
	.next_discarded = pga_spans_next_discarded,
	.read = pga_spans_read,
	.next_span = pga_spans_next,
	.hold = pga_spans_hold,
	.put = pga_spans_put,
	.unpark = pga_spans_unpark,
	.allocated = pga_spans_allocated,
	.take_words = pga_spans_take_words,
	.put_word = pga_spans_put_word,
	.put_words = pga_map_put_each,
	.next_idle = pga_spans_next_idle,
	.pass_by = pga_spans_pass_by,
	.too_young = pga_spans_any_idle,
	.verify = pga_spans_verify,
};
PGA_EXPORT_FOR_KUNIT(pga_span_engine);

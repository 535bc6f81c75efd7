// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that come and go, while others are at work: each is made of something
 * else, is used for a short time by one thread and by those who look into debugfs,
 * is judged, and is destroyed.
 */

#include <linux/delay.h>
#include <linux/slab.h>

#include "chance.h"
#include "count.h"
#include "frees.h"
#include "judge.h"
#include "meddle.h"
#include "requests.h"
#include "target.h"
#include "thread.h"
#include "visitor.h"

#define LOAN_PAGES	2048

/* How long a pool is there, and the pause before the next one. */
#define REQUESTS	600
#define PAUSE_MS	50

static void draw_sim(struct stress_spec *spec, struct rnd_state *random)
{
	static const unsigned int granules[] = { 1, 2, 8, 16, 64, 128, 512, 1024 };

	spec->granule = granules[stress_below(random, ARRAY_SIZE(granules))];
	spec->pages = 2048 + 1024 * stress_below(random, 8);
	spec->regions = 1 + stress_below(random, STRESS_REGIONS_MAX);
	spec->hole = stress_one_in(random, 2) ? 0 : 8192;
	if (stress_one_in(random, 4))
		spec->offset = 1 + stress_below(random, 100);
}

static struct stress_spec draw(const char *name, struct rnd_state *random)
{
	static const unsigned int track[] = {
		0, 0, PAGEALLOC_TRACK, PAGEALLOC_TRACK_STACKS,
	};
	struct stress_spec spec = {
		.name = name,
		.engine = stress_one_in(random, 2) ? "span" : NULL,
		.flags = track[stress_below(random, ARRAY_SIZE(track))],
		.loan = stress_one_in(random, 4),
		.pages = LOAN_PAGES,
	};

	if (stress_one_in(random, 2))
		spec.flags |= PAGEALLOC_READY_FIRST;
	if (stress_one_in(random, 3))
		spec.flags |= PAGEALLOC_NO_WORKER;
	if (stress_one_in(random, 3))
		spec.flags |= PAGEALLOC_NO_CACHE;
	if (!spec.loan)
		draw_sim(&spec, random);
	return spec;
}

static void use(struct stress_thread *me, struct stress_target *target)
{
	unsigned int i;

	for (i = 0; i < REQUESTS && !stress_threads_stopping(); i++) {
		WRITE_ONCE(me->since, jiffies);
		stress_request(target, &me->random, me->pfns);
		if (stress_one_in(&me->random, 20))
			stress_meddle(target, &me->random);
		cond_resched();
	}
	stress_free_all(target, &me->random);
	stress_judge_target(target, true);
}

/* Where memory is short there may be no room for a pool. */
static bool may_fail(int ret)
{
	return ret == -ENOMEM || ret == -EBUSY;
}

/**
 * stress_visit() - make a pool, use it and destroy it
 * @me: the thread
 */
void stress_visit(struct stress_thread *me)
{
	struct stress_target *target = kzalloc(sizeof(*target), GFP_KERNEL);
	int ret;

	if (!target)
		return;
	WRITE_ONCE(me->where, me->data);
	target->spec = draw(me->data, &me->random);
	ret = stress_target_make(target);
	if (!ret) {
		use(me, target);
		ret = stress_target_destroy(target);
		if (ret) {
			stress_fault(me->data, "destroy: %d", ret);
			/* The pool is still there, so all that it knows must stay. */
			return;
		}
		stress_count(STRESS_POOL);
	} else if (!may_fail(ret)) {
		stress_fault(me->data, "make: %d", ret);
	}
	kfree(target);
	msleep(PAUSE_MS);
}

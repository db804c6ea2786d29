// SPDX-License-Identifier: GPL-2.0
/*
 * What `dmatrace diff` says of two recordings, written and read as any other.
 */
#include "golden.h"
#include "made.h"
#include "analysis/compare.h"

#define INTERVALS 12

static char paths[2][48];

/* So much as comes in one interval; ns changes a little from one to the next. */
static void work(struct model *m, enum dmt_op op, enum path path, unsigned calls,
		 unsigned long long ns)
{
	const struct aggregate like = { .device = (char *)"0000:00:02.0", .driver = (char *)"nvme",
					.bus = (char *)"pci", .op = op,
					.direction = DMT_FROM_DEVICE, .path = path };

	add_calls(aggregate_like(m, &like), calls, 4096, ns);
}

static void machine(struct model *m, const char *release)
{
	m->host = strdup("build7");
	m->release = strdup(release);
	m->arch = strdup("x86_64");
	m->followed = true;
	for (int hook = 0; hook < DMT_HOOK_MAX; hook++)
		m->hooks[hook] = (struct hook_state){ .op = hook_op(hook), .on = true,
						      .wanted = true, .way = WAY_FENTRY };
	m->losses[0] = (struct loss){ "missed", 0 };
	m->nlosses = 1;
}

/* So many still mapped by a function, the oldest for so long. */
static void held_by(struct live_row *row, const char *caller, unsigned count,
		    unsigned long long oldest_ns)
{
	*row = (struct live_row){ .device = strdup("0000:00:02.0"), .driver = strdup("nvme"),
				  .op = DMT_OP_MAP, .count = count, .bytes = 4096 * count,
				  .oldest_ns = oldest_ns };
	row->stack.names = calloc(2, sizeof(char *));
	row->stack.names[0] = strdup("dma_map_page_attrs");
	row->stack.names[1] = strdup(caller);
	row->stack.count = 2;
}

/*
 * Of those still mapped three are young, and so many older than any other grew: of one path, which
 * stands there twice, as it does for two calls in one function.  Of another path more are young,
 * and a third has always held some.
 */
static void mapped(struct model *m, unsigned old)
{
	make_followed(m);
	add_samples(&m->lifetimes->lifetime, 8000, 90000);
	age_add(m->ages, 20000, 3);
	age_add(m->ages, 2000000000, old);
	m->live = calloc(4, sizeof(*m->live));
	held_by(&m->live[m->nlive++], "refill [nvme]", 1 + old, 20000);
	held_by(&m->live[m->nlive++], "probe [nvme]", 5, 5000000000);
	if (!old)
		return;
	held_by(&m->live[m->nlive++], "submit [nvme]", old, 2000000000);
	held_by(&m->live[m->nlive++], "submit [nvme]", 1, 30000);
}

/* The second time with all that can go wrong. */
static void record(const char *path, bool worse)
{
	struct recording *r;
	struct model m = { 0 };

	assert_int_equal(recording_create(&r, path, true), 0);
	machine(&m, worse ? "6.12.0-2" : "6.12.0-1");
	for (int i = 1; i <= INTERVALS; i++) {
		unsigned noise = i * 7 % 5;

		m.duration_ns = i * 1000000000ull;
		work(&m, DMT_OP_MAP, VIA_DIRECT, 1000, (worse ? 1200 : 1000) + noise);
		if (worse)
			work(&m, DMT_OP_MAP, VIA_BOUNCE, 10, 5000 + noise);
		work(&m, DMT_OP_UNMAP, VIA_NONE, 1000, 400 + noise);
		work(&m, DMT_OP_SYNC_CPU, VIA_NONE, worse ? 30 : 10, 40 + noise);
		work(&m, DMT_OP_MAP_SG, VIA_DIRECT, 2, 700);
		if (worse && i == INTERVALS) {
			m.hooks[DMT_HOOK_MAP_SG].way = WAY_KPROBE;
			m.losses[0].count = 7;
		}
		if (i == INTERVALS)
			mapped(&m, worse);
		assert_int_equal(recording_write(r, &m, i == INTERVALS), 0);
	}
	recording_close(r);
	model_release(&m);
}

static int make(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		int fd;

		snprintf(paths[i], sizeof(paths[i]), "/tmp/dmatrace-diff%d.XXXXXX", i);
		fd = mkstemp(paths[i]);
		assert_true(fd >= 0);
		close(fd);
		record(paths[i], i);
	}
	return 0;
}

static int drop(void **state)
{
	(void)state;
	return unlink(paths[0]) | unlink(paths[1]);
}

typedef void check_fn(struct doc *doc, const char *name);

static void as_text(struct doc *doc, const char *name)
{
	check_text(doc, name, 130);
}

/* The recordings' names are not always the same, what else is said of them is. */
static void check(int before, int after, bool all, check_fn *fn, const char *name)
{
	struct recorded a, b;
	struct comparison c;

	assert_int_equal(recorded_open(&a, paths[before]), 0);
	assert_int_equal(recorded_open(&b, paths[after]), 0);
	a.path = "a.db";
	b.path = "b.db";
	assert_int_equal(comparison_make(&c, &a, &b, 0.1), 0);
	fn(report_diff(&a, 1, &b, &c, all), name);
	comparison_release(&c);
	recorded_close(&a);
	recorded_close(&b);
}

static void what_changed(void **state)
{
	(void)state;
	check(0, 1, false, as_text, "diff/worse.txt");
	check(0, 1, true, as_text, "diff/worse-all.txt");
	check(0, 1, false, check_json, "diff/worse.json");
}

static void nothing_changed(void **state)
{
	(void)state;
	check(0, 0, false, as_text, "diff/same.txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_changed),
		cmocka_unit_test(nothing_changed),
	};

	return cmocka_run_group_tests(tests, make, drop);
}

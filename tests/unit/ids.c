// SPDX-License-Identifier: GPL-2.0
/*
 * kernel/ids.c, where an index has 8 bits of an id, as it has 32 on a 32-bit
 * machine: ids pass the end of the index many times.
 */
#include "unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define KDTLS_INDEX	uint8_t
#define KDTLS_INDEX_MAX	UINT8_MAX

/* The parts of the kernel that ids.c needs. */

typedef struct {
	u64 n;
} atomic64_t;

struct xarray {
	void *slots[KDTLS_INDEX_MAX + 1];
};

typedef int gfp_t;
#define XA_PRESENT		0

static u64 atomic64_inc_return(atomic64_t *n)
{
	return ++n->n;
}

static void cond_resched(void)
{
}

static int xa_insert_bh(struct xarray *xa, KDTLS_INDEX index, void *entry, int gfp)
{
	if (xa->slots[index])
		return -EBUSY;
	xa->slots[index] = entry;
	return 0;
}

static void xa_erase_bh(struct xarray *xa, KDTLS_INDEX index)
{
	xa->slots[index] = NULL;
}

static void *xa_load(struct xarray *xa, KDTLS_INDEX index)
{
	return xa->slots[index];
}

static void *xa_find(struct xarray *xa, KDTLS_INDEX *index, unsigned int max, int mark)
{
	for (unsigned int i = *index; i <= max; i++)
		if (xa->slots[i]) {
			*index = i;
			return xa->slots[i];
		}
	return NULL;
}

#include "../../kernel/ids.c"

#define LIVING	200

static struct xarray table;
static u64 living[LIVING];

static int fill(void **state)
{
	memset(&table, 0, sizeof(table));
	for (int i = 0; i < LIVING; i++)
		if (kdtls_ids_add(&table, &living[i], 0))
			return -1;
	return 0;
}

/* A thousand are added and removed between those that stay. */
static void none_is_lost(void **state)
{
	u64 other, last = living[LIVING - 1];

	for (int n = 0; n < 1000; n++) {
		assert_int_equal(kdtls_ids_add(&table, &other, 0), 0);
		assert_true(other > last);
		last = other;
		assert_ptr_equal(kdtls_ids_find(&table, other), &other);
		for (int i = 0; i < LIVING; i++)
			assert_ptr_equal(kdtls_ids_find(&table, living[i]), &living[i]);
		kdtls_ids_del(&table, &other);
		assert_null(kdtls_ids_find(&table, other));
	}
}

static void all_of_the_id(void **state)
{
	for (int i = 0; i < LIVING; i++) {
		assert_null(kdtls_ids_find(&table, living[i] + KDTLS_INDEX_MAX + 1));
		assert_null(kdtls_ids_find(&table, living[i] + (1ull << 32)));
		if (living[i] > KDTLS_INDEX_MAX)
			assert_null(kdtls_ids_find(&table, living[i] - KDTLS_INDEX_MAX - 1));
	}
}

/* Two tables take their ids from one counter. */
static void never_twice(void **state)
{
	struct xarray second = { 0 };
	u64 ids[50];

	for (int i = 0; i < 50; i++) {
		assert_int_equal(kdtls_ids_add(i % 2 ? &table : &second, &ids[i], 0), 0);
		for (int j = 0; j < LIVING; j++)
			assert_true(ids[i] != living[j]);
		for (int j = 0; j < i; j++)
			assert_true(ids[i] != ids[j]);
	}
	for (int i = 0; i < 50; i++)
		assert_null(kdtls_ids_find(i % 2 ? &second : &table, ids[i]));
}

static int walk(u64 *seen[], int room)
{
	struct kdtls_cursor cursor = { 0 };
	int n = 0;
	u64 *id;

	while ((id = kdtls_ids_next(&table, &cursor))) {
		assert_true(n < room);
		seen[n++] = id;
	}
	assert_true(cursor.end);
	assert_null(kdtls_ids_next(&table, &cursor));
	return n;
}

static void each_once(void **state)
{
	u64 *seen[LIVING];
	int found = 0;

	assert_int_equal(walk(seen, LIVING), LIVING);
	for (int i = 0; i < LIVING; i++)
		for (int j = 0; j < LIVING; j++)
			found += seen[i] == &living[j];
	assert_int_equal(found, LIVING);
}

/* The last index is not followed by the first. */
static void full(void **state)
{
	u64 rest[KDTLS_INDEX_MAX + 1 - LIVING], one_more;
	u64 *seen[KDTLS_INDEX_MAX + 1];

	for (int i = 0; i < KDTLS_INDEX_MAX + 1 - LIVING; i++)
		assert_int_equal(kdtls_ids_add(&table, &rest[i], 0), 0);
	assert_int_equal(kdtls_ids_add(&table, &one_more, 0), -EBUSY);
	assert_int_equal(walk(seen, KDTLS_INDEX_MAX + 1), KDTLS_INDEX_MAX + 1);
	kdtls_ids_del(&table, seen[7]);
	assert_int_equal(kdtls_ids_add(&table, &one_more, 0), 0);
	assert_int_equal(one_more % (KDTLS_INDEX_MAX + 1), 7);
}

static void empty(void **state)
{
	u64 *seen[1];

	memset(&table, 0, sizeof(table));
	assert_int_equal(walk(seen, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(none_is_lost, fill),
		cmocka_unit_test_setup(all_of_the_id, fill),
		cmocka_unit_test_setup(never_twice, fill),
		cmocka_unit_test_setup(each_once, fill),
		cmocka_unit_test_setup(full, fill),
		cmocka_unit_test(empty),
	};

	return run_tap("ids", tests);
}

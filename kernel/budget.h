/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a call that does not wait, or one run of a work item, spends on opening
 * in search of a record: so many records, in however few packets they come,
 * and so much time. One packet it always opens, so each of them gets further.
 */
#ifndef KDTLS_BUDGET_H
#define KDTLS_BUDGET_H

#include <linux/jiffies.h>
#include <linux/types.h>

#define KDTLS_BUDGET_RECORDS	64
#define KDTLS_BUDGET_MS		4

struct kdtls_budget {
	int		records;
	unsigned long	end;		/* jiffies */
};

static inline void kdtls_budget_init(struct kdtls_budget *budget)
{
	budget->records = KDTLS_BUDGET_RECORDS;
	budget->end = jiffies + msecs_to_jiffies(KDTLS_BUDGET_MS);
}

/* records: what kdtls_input() has decided. False: nothing is left. */
static inline bool kdtls_budget_spend(struct kdtls_budget *budget, int records)
{
	budget->records -= records;
	return budget->records > 0 && !time_after(jiffies, budget->end);
}

#endif /* KDTLS_BUDGET_H */

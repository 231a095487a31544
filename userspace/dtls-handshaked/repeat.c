// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "repeat.h"

/* The last entry is shared by all kinds for which there is none. */
static struct repeat *find_kind(struct repeats *r, const void *kind)
{
	struct repeat *k = r->kinds;

	while (k->kind && k->kind != kind && k < &r->kinds[REPEAT_KINDS - 1])
		k++;
	k->kind = kind;
	return k;
}

static void begin_window(struct repeat *k, uint64_t now)
{
	k->since = now;
	k->lines = 0;
	k->same = 0;
}

bool repeats_allow(struct repeats *r, const void *kind, const char *text,
		   unsigned int same, uint64_t now)
{
	struct repeat *k = find_kind(r, kind);
	bool again = !strncmp(k->text, text, REPEAT_TEXT - 1);

	/* a window with lines held back ends in repeats_due() */
	if (!k->lines || (!k->held && now - k->since >= REPEAT_WINDOW))
		begin_window(k, now);
	k->same = again ? k->same + 1 : 1;
	if (!again)
		snprintf(k->text, sizeof(k->text), "%s", text);
	if (k->lines < REPEAT_MANY && k->same <= same) {
		k->lines++;
		return true;
	}
	k->held++;
	return false;
}

unsigned int repeats_due(struct repeats *r, uint64_t now, char text[REPEAT_TEXT])
{
	unsigned int held;

	for (struct repeat *k = r->kinds; k < r->kinds + REPEAT_KINDS; k++) {
		if (!k->held || now - k->since < REPEAT_WINDOW)
			continue;
		held = k->held;
		k->held = 0;
		begin_window(k, now);
		/* further equal lines are held back for the next report */
		k->lines = 1;
		k->same = REPEAT_SAME;
		memcpy(text, k->text, REPEAT_TEXT);
		return held;
	}
	return 0;
}

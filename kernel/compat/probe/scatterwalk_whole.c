// SPDX-License-Identifier: GPL-2.0
/* Set: scatterwalks take an entry as a whole, not page by page (6.15 on). */
#include <crypto/scatterwalk.h>

void probe(void *buf, struct scatterlist *sg);
void probe(void *buf, struct scatterlist *sg)
{
	memcpy_from_sglist(buf, sg, 0, 1);
}

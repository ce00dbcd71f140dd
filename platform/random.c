/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void platform_random(void *out, size_t n)
{
	uint8_t *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

uint64_t platform_random_below(uint64_t n)
{
	/* The first 2^64 mod n values would come up once more often than the rest. */
	uint64_t least = (0 - n) % n, x;

	do
		platform_random(&x, sizeof(x));
	while (x < least);
	return x % n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/list.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 16 * 1024, /* read at a time */
	KEPT = 64 * 1024,  /* of a larger buffer nothing is kept */
};

static const char *const places[] = {
	"/sys/kernel/security/ima/binary_runtime_measurements",
	"/sys/kernel/security/integrity/ima/binary_runtime_measurements",
};

static bool fail(const struct agent_list *list, int problem, struct platform_message *why)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot read %s", list->path);
	platform_message_errno(why, problem);
	if (problem == EACCES)
		platform_message_hint(why, "securityfs is for root alone: the agent needs "
					   "CAP_DAC_READ_SEARCH");
	return false;
}

static void forget(struct agent_list *list)
{
	free(list->ahead);
	list->ahead = NULL;
	list->n = list->cap = 0;
	list->offset = 0;
	if (list->fd >= 0)
		close(list->fd);
	list->fd = -1;
}

bool agent_list_restart(struct agent_list *list, struct platform_message *why)
{
	struct stat st;

	forget(list);
	if (!list->path[0])
		return true;
	list->fd = open(list->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (list->fd < 0 || fstat(list->fd, &st) < 0)
		return fail(list, errno, why);
	list->dev = st.st_dev;
	list->ino = st.st_ino;
	return true;
}

bool agent_list_open(struct agent_list *list, const char *root, struct platform_message *why)
{
	*list = (struct agent_list){ .fd = -1 };
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(list->path, sizeof list->path, "%s%s", root, places[i]);
		if (agent_list_restart(list, why))
			return true;
		if (why->errnum != ENOENT && why->errnum != ENOTDIR)
			return false;
	}
	list->path[0] = '\0';
	return true;
}

void agent_list_close(struct agent_list *list)
{
	forget(list);
}

/* Another file under the name, or a shorter one. (The kernel's says 0 bytes.) */
static bool replaced(const struct agent_list *list)
{
	struct stat st;

	if (stat(list->path, &st) < 0 || st.st_dev != list->dev || st.st_ino != list->ino)
		return true;
	return st.st_size > 0 && (uint64_t)st.st_size < list->offset + list->n;
}

static bool grow(struct agent_list *list)
{
	if (list->cap - list->n >= CHUNK)
		return true;
	size_t cap = list->cap < CHUNK ? CHUNK : 2 * list->cap;
	uint8_t *p = cap <= 2 * (size_t)ASSAY_IMA_MAX ? realloc(list->ahead, cap) : NULL;
	if (!p)
		return false;
	list->ahead = p;
	list->cap = cap;
	return true;
}

bool agent_list_fill(struct agent_list *list, bool *again, struct platform_message *why)
{
	*again = false;
	if (!list->path[0])
		return true;
	if (list->fd < 0 || replaced(list)) {
		*again = true;
		return true;
	}
	for (;;) {
		if (!grow(list))
			return fail(list, list->n > ASSAY_IMA_MAX ? EFBIG : ENOMEM, why);
		ssize_t got = pread(list->fd, list->ahead + list->n, CHUNK,
				    (off_t)(list->offset + list->n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(list, errno, why);
		if (got == 0)
			return true;
		list->n += (size_t)got;
		if (list->n > ASSAY_IMA_MAX)
			return fail(list, EFBIG, why);
	}
}

void agent_list_drop(struct agent_list *list, size_t n)
{
	list->offset += n;
	list->n -= n;
	if (list->n > 0)
		memmove(list->ahead, list->ahead + n, list->n);
	if (list->cap <= KEPT || list->n > KEPT)
		return;
	uint8_t *p = realloc(list->ahead, KEPT);
	if (p) {
		list->ahead = p;
		list->cap = KEPT;
	}
	malloc_trim(0);
}

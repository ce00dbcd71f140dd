/* SPDX-License-Identifier: Apache-2.0
 * The list as it grows, shrinks and is replaced. */
#include "attester/agent/list.h"
#include "tests/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/assay-list-XXXXXX", path[256];
static struct platform_message why;

static void write_list(const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static void make_root(void)
{
	static const char *const folders[] = { "/sys", "/sys/kernel", "/sys/kernel/security",
					       "/sys/kernel/security/ima" };

	if (!mkdtemp(root))
		abort();
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", root, folders[i]);
		if (mkdir(path, 0700) < 0)
			abort();
	}
	snprintf(path, sizeof path, "%s%s/binary_runtime_measurements", root, folders[3]);
}

static bool holds(const struct agent_list *l, uint64_t offset, const char *text)
{
	return l->offset == offset && l->n == strlen(text) &&
	       (l->n == 0 || memcmp(l->ahead, text, l->n) == 0);
}

static void test_growing(struct agent_list *l)
{
	bool again;

	write_list("one", O_TRUNC);
	tap_ok(agent_list_open(l, root, &why) && agent_list_fill(l, &again, &why) && !again &&
		       holds(l, 0, "one"),
	       "what is there");
	write_list("two", O_APPEND);
	tap_ok(agent_list_fill(l, &again, &why) && !again && holds(l, 0, "onetwo"),
	       "and what comes");
	agent_list_drop(l, 4);
	tap_ok(holds(l, 4, "wo"), "what is done with goes");
	tap_ok(agent_list_fill(l, &again, &why) && !again && holds(l, 4, "wo"),
	       "nothing new is nothing new");
	agent_list_drop(l, 2);
	write_list("three", O_APPEND);
	tap_ok(agent_list_fill(l, &again, &why) && !again && holds(l, 6, "three"),
	       "it goes on where it was left");
	tap_ok(agent_list_restart(l, &why) && agent_list_fill(l, &again, &why) &&
		       holds(l, 0, "onetwothree"),
	       "from the first entry when it is asked");
}

static void test_changing(struct agent_list *l)
{
	char other[300];
	bool again;

	write_list("on", O_TRUNC);
	tap_ok(agent_list_fill(l, &again, &why) && again, "it became shorter");
	tap_ok(agent_list_restart(l, &why) && agent_list_fill(l, &again, &why) && !again &&
		       holds(l, 0, "on"),
	       "and is read from its beginning");
	snprintf(other, sizeof other, "%s.old", path);
	rename(path, other);
	tap_ok(agent_list_fill(l, &again, &why) && again, "it is gone");
	tap_ok(!agent_list_restart(l, &why) && why.errnum == ENOENT, "which is an error");
	tap_ok(agent_list_fill(l, &again, &why) && again, "until it is there again");
	write_list("another", 0);
	tap_ok(agent_list_restart(l, &why) && agent_list_fill(l, &again, &why) &&
		       holds(l, 0, "another"),
	       "as another");
	unlink(other);
}

static void test_large(struct agent_list *l)
{
	static char text[1000001];
	bool again;

	memset(text, 'x', sizeof text - 1);
	write_list(text, O_TRUNC);
	tap_ok(agent_list_restart(l, &why) && agent_list_fill(l, &again, &why) &&
		       l->n == 1000000,
	       "a large one is read whole");
	agent_list_drop(l, 999990);
	tap_ok(l->n == 10 && l->cap <= 64 * 1024, "and its memory is given back");
	tap_ok(agent_list_fill(l, &again, &why) && !again && l->n == 10, "nothing is lost");
}

int main(void)
{
	struct agent_list l;
	bool again;

	tap_ok(agent_list_open(&l, "/nowhere", &why) && agent_list_fill(&l, &again, &why) &&
		       !again && l.n == 0,
	       "a kernel without IMA has an empty list");
	make_root();
	test_growing(&l);
	test_changing(&l);
	test_large(&l);
	agent_list_close(&l);
	unlink(path);
	for (int i = 0; i < 5; i++) {
		*strrchr(path, '/') = '\0';
		rmdir(path);
	}
	return tap_done();
}

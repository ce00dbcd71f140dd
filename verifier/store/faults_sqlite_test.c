/* SPDX-License-Identifier: Apache-2.0
 * faults_sqlite_test - what can happen to a file. */
#include "tests/store_test.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[400];

static const char *at(const char *name)
{
	static char url[512];

	snprintf(path, sizeof path, "%s/%s", test_folder(), name);
	snprintf(url, sizeof url, "sqlite:%s", path);
	return url;
}

static void file_mode(void)
{
	struct store *s = test_open(at("mode.db"));
	struct stat st;

	store_ping(s);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "file: mode 0600");
	store_close(s);
}

static void overwrite(const char *file, off_t offset, const char *bytes, size_t n)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, bytes, n, offset) != (ssize_t)n)
		abort();
	close(fd);
}

/* A store with some rows, closed. */
static const char *filled(const char *name, unsigned nodes)
{
	const char *url = at(name);
	struct store *s = test_open(url);
	char id[20];

	for (unsigned i = 0; i < nodes; i++) {
		snprintf(id, sizeof id, "n%03u", i);
		test_enrol(s, id, (uint8_t)i);
	}
	store_close(s);
	return url;
}

static void no_node(void *ctx, const struct store_node *n)
{
	(void)ctx;
	(void)n;
}

/* Opens and reads all; the worst that was said. */
static enum store_status read_all(const char *url, struct platform_message *why)
{
	struct store *s = NULL;
	struct store_count c;
	enum store_status said = store_open(url, &s, why);

	if (said == STORE_DONE)
		said = store_node_list(s, "", 100000, -1, no_node, NULL);
	if (said == STORE_DONE)
		said = store_node_count(s, &c);
	if (s && said != STORE_DONE)
		*why = *store_why(s);
	store_close(s);
	return said;
}

static void damaged(void)
{
	struct platform_message why = { 0 };
	const char *url = filled("garbage.db", 3);
	sqlite3 *db = NULL;
	struct stat st;

	overwrite(path, 0, "This is no database at all", 26);
	ok(read_all(url, &why) == STORE_BROKEN, "damaged: not a database (%s)", why.why);
	url = filled("cut.db", 100);
	if (stat(path, &st) < 0 || truncate(path, st.st_size / 2) < 0)
		abort();
	ok(read_all(url, &why) == STORE_BROKEN, "damaged: cut in half (%s)", why.why);
	url = filled("pages.db", 100);
	if (stat(path, &st) < 0)
		abort();
	for (off_t page = 1; page * 4096 < st.st_size; page++)
		overwrite(path, page * 4096, "\377\377\377\377\377\377\377\377\377\377\377\377",
			  12);
	ok(read_all(url, &why) == STORE_BROKEN, "damaged: pages overwritten (%s)", why.why);
	url = at("foreign.db");
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "CREATE TABLE node(x)", NULL, NULL, NULL) != SQLITE_OK)
		abort();
	sqlite3_close(db);
	ok(read_all(url, &why) == STORE_BROKEN && strstr(why.why, "another program"),
	   "damaged: the database of another program (%s)", why.why);
}

/* Each byte of the first pages, changed: whatever comes of it is a status. */
static void flipped(void)
{
	struct platform_message why = { 0 };
	const char *url = filled("flip.db", 20);
	unsigned said[STORE_STATUSES_N] = { 0 }, seed = 7;
	struct stat st;

	if (stat(path, &st) < 0)
		abort();
	for (int i = 0; i < 150; i++) {
		off_t where = (off_t)rand_r(&seed) % st.st_size;
		char old, new;
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || pread(fd, &old, 1, where) != 1)
			abort();
		close(fd);
		new = (char)(old ^ (1 << rand_r(&seed) % 8));
		overwrite(path, where, &new, 1);
		said[read_all(url, &why)]++;
		overwrite(path, where, &old, 1);
	}
	ok(said[STORE_DONE] + said[STORE_BROKEN] + said[STORE_DOWN] == 150 &&
		   said[STORE_BROKEN],
	   "damaged: a bit turned, 150 times: %u read, %u broken, %u down", said[STORE_DONE],
	   said[STORE_BROKEN], said[STORE_DOWN]);
}

static void locked(void)
{
	const char *url = at("locked.db");
	struct store *s = test_open(url);
	struct store_node n;
	sqlite3 *db = NULL;

	test_enrol(s, "n", 1);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		abort();
	ok(store_hook_put(s, "h", 1) == STORE_DOWN && *store_why(s)->hint, "locked: DOWN (%s)",
	   store_why(s)->why);
	ok(store_node_get(s, TEXT("n"), &n) == STORE_DONE, "locked: reading goes on");
	sqlite3_close(db);
	ok(store_hook_put(s, "h", 1) == STORE_DONE, "locked: recovers by itself");
	store_close(s);
}

static void removed(void)
{
	const char *url = at("replaced.db");
	struct store *s = test_open(url);
	struct store_epoch before, after;

	store_epoch_get(s, &before);
	unlink(path);
	ok(store_hook_put(s, "h", 1) == STORE_DOWN && strstr(store_why(s)->why, "removed"),
	   "removed: told, and nothing is written to a file without a name");
	ok(store_hook_put(s, "h", 2) == STORE_DONE &&
		   store_epoch_get(s, &after) == STORE_DONE &&
		   !store_epoch_follows(&before, &after),
	   "removed: the new file is another epoch");
	store_close(s);
}

/* As a restore would do it under a running verifier, against all advice. */
static void replaced(void)
{
	const char *url = filled("other.db", 3);
	struct store *s;
	struct store_epoch after;
	char other[400];

	snprintf(other, sizeof other, "%s", path);
	url = at("mine.db");
	s = test_open(url);
	if (rename(other, path) < 0)
		abort();
	ok(store_hook_put(s, "h", 1) == STORE_BROKEN &&
		   store_epoch_get(s, &after) == STORE_BROKEN &&
		   store_wait(s, 0, -1) == STORE_BROKEN &&
		   strstr(store_why(s)->why, "replaced"),
	   "replaced: nothing is read or written any more");
	store_close(s);
}

/* A small file system of our own at the folder "disk"; false: no right to mount. */
static bool mount_disk(unsigned long flags, const char *options)
{
	char dir[300];

	snprintf(dir, sizeof dir, "%s/disk", test_folder());
	mkdir(dir, 0700);
	return mount("none", dir, "tmpfs", flags, options) == 0;
}

static void unmount_disk(void)
{
	char dir[300];

	snprintf(dir, sizeof dir, "%s/disk", test_folder());
	umount(dir);
}

static void full_disk(void)
{
	static uint8_t big[30000];
	struct store *s = test_open(at("disk/x.db"));
	enum store_status said = STORE_DONE;
	uint64_t clock = 0, done = 0, event;
	struct store_epoch e;

	memset(big, ' ', sizeof big);
	test_enrol(s, "n", 1);
	while (said == STORE_DONE && clock < 100) {
		struct store_verdict v = test_verdict("n", 1, ASSAY_WARNING, ++clock, 0);

		v.verdict[1] = (uint8_t)clock;
		v.reasons = (struct assay_slice){ big, sizeof big };
		said = store_verdict_put(s, &v, T0, &event);
		done = said == STORE_DONE ? clock : done;
	}
	ok(said == STORE_DOWN && done > 1, "full disk: DOWN after %u (%s: %s)", (unsigned)done,
	   store_why(s)->why, store_why(s)->hint);
	store_epoch_get(s, &e);
	ok(test_node(s, "n").order.clock == done && e.event == done,
	   "full disk: nothing half-written, and reading goes on");
	if (mount_disk(MS_REMOUNT, "size=8m")) {
		struct store_verdict v = test_verdict("n", 1, ASSAY_AFFIRMING, clock + 1, 200);

		ok(store_verdict_put(s, &v, T0, &event) == STORE_DONE && event == done + 1,
		   "full disk: with room again it goes on by itself");
	}
	store_close(s);
}

static void read_only(void)
{
	const char *url = at("disk/r.db");
	struct platform_message why = { 0 };
	struct store *s = test_open(url);

	store_close(s);
	s = NULL;
	if (!mount_disk(MS_REMOUNT | MS_RDONLY, "size=8m"))
		abort();
	ok(store_open(url, &s, &why) == STORE_DOWN && !s && *why.hint,
	   "read-only: DOWN (%s: %s)", why.why, why.hint);
	if (!mount_disk(MS_REMOUNT, "size=8m"))
		abort();
	ok(store_open(url, &s, &why) == STORE_DONE, "read-only: open when it may be written");
	store_close(s);
}

void rows_faults_sqlite(void)
{
	file_mode();
	damaged();
	flipped();
	locked();
	removed();
	replaced();
	if (mount_disk(0, "size=400k")) {
		full_disk();
		read_only();
		unmount_disk();
	} else {
		skip("full disk and read-only", "no right to mount");
	}
}

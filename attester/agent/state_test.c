/* SPDX-License-Identifier: Apache-2.0
 * What the state file may be. */
#include "attester/agent/state.h"
#include "platform/file.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/assay-state-XXXXXX", path[128];

static const struct {
	const char *name, *text;
	bool good;
} rows[] = {
	{ "as it is written", "assay-agent 1\nnode a\nserver https://x:1\nenrolled 7\n", true },
	{ "another version", "assay-agent 2\nnode a\nserver https://x:1\nenrolled 7\n", false },
	{ "a node's id that is none", "assay-agent 1\nnode /\nserver x\nenrolled 7\n", false },
	{ "no node", "assay-agent 1\nserver x\nenrolled 7\n", false },
	{ "an empty value", "assay-agent 1\nnode a\nserver \nenrolled 7\n", false },
	{ "never enrolled", "assay-agent 1\nnode a\nserver x\nenrolled 0\n", false },
	{ "a time that is none", "assay-agent 1\nnode a\nserver x\nenrolled 7x\n", false },
	{ "a time beyond 64 bits",
	  "assay-agent 1\nnode a\nserver x\nenrolled 99999999999999999999\n", false },
	{ "cut short", "assay-agent 1\nnode a\nserver x\nenrolled 7", false },
	{ "more behind it", "assay-agent 1\nnode a\nserver x\nenrolled 7\n\n", false },
	{ "empty", "", false },
};

int main(void)
{
	struct agent_state s, back;
	struct platform_message why;
	struct stat st;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/state", folder);
	tap_ok(agent_state_read(path, &s, &why) && s.enrolled == 0,
	       "none is there: nothing is known, which is no error");
	s = (struct agent_state){ .node = "n1.example:2",
				  .server = "https://v:8443",
				  .enrolled = 1764087446 };
	tap_ok(agent_state_write(path, &s, &why) && agent_state_read(path, &back, &why) &&
		       memcmp(&s, &back, sizeof s) == 0,
	       "what is written is read");
	tap_ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "for its owner alone");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_slice text = { (const uint8_t *)rows[i].text,
					    strlen(rows[i].text) };
		bool good = platform_file_write_atomic(path, text, 0600, &why) &&
			    agent_state_read(path, &back, &why) == rows[i].good &&
			    (back.enrolled != 0) == rows[i].good;
		tap_ok(good, "%s", rows[i].name);
	}
	unlink(path);
	rmdir(folder);
	return tap_done();
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * probe - TPMs and logs without a machine, for run.py: it says what a node is to send, down to
 * its clock and which receipt, and sends it itself. Keys are software, logs a real boot's.
 *
 *   probe EVIDENCE     reads commands, one a line; "-" is an empty word, bytes are hex
 *
 *   node NAME                                    a new EK and AK: "AKNAME EKDIGEST ENTRIES"
 *   challenge NAME                               challenge-request
 *   evidence NAME ID LIST STEP BOOTS CLOCK CHALLENGE RECEIPT FROM
 *                                                evidence of ID, signed by NAME's key; LIST is
 *                                                good or bad, ENTRIES + STEP entries long
 *   begin NAME ID TOKEN                          enrol-begin
 *   finish NAME ANSWER                           enrol-finish to an enrol-credential, or - when
 *                                                NAME's TPM does not open it
 *
 * Each answer is one line of hex. A command that cannot be done ends the program. */
#include "bench/swarm/swarm.h"
#include "platform/hex.h"
#include "tests/activate.h"

#include <stdio.h>

enum { NODES_MAX = 8192, WORDS = 10, LINE = 4 * 1024 * 1024, SYMMETRIC = 16 };

struct probe_node {
	struct swarm_node n;
	char name[64];
	EVP_PKEY *ek;
	struct bytes ek_pub;
};

static struct swarm_machine machine;
static struct assay_crypto *crypto;
static struct probe_node *nodes[NODES_MAX];
static size_t nnodes;
static uint8_t message[SWARM_MESSAGE];

static void say(struct assay_slice s)
{
	static char hex[2 * SWARM_MESSAGE + 1];

	platform_hex_write(s, hex);
	puts(s.n ? hex : "-");
	fflush(stdout);
}

static struct assay_slice bytes_of(const char *word, uint8_t *out, size_t cap)
{
	size_t n = 0;

	if (strcmp(word, "-") != 0 &&
	    !platform_hex_read((struct assay_slice){ (const uint8_t *)word, strlen(word) }, out,
			       cap, &n))
		bench_die("hex");
	return (struct assay_slice){ out, n };
}

static struct assay_slice text_of(const char *word)
{
	return (struct assay_slice){ (const uint8_t *)word, strlen(word) };
}

static struct probe_node *find(const char *name)
{
	for (size_t i = nnodes; i > 0; i--)
		if (strcmp(nodes[i - 1]->name, name) == 0)
			return nodes[i - 1];
	bench_die(name);
}

static void node(char **word)
{
	struct probe_node *p = calloc(1, sizeof *p);
	struct bytes tpmt = { .n = 0 };
	uint8_t digest[ASSAY_DIGEST_MAX];
	char ak[2 * ASSAY_AK_NAME_MAX + 1], ek[65];

	if (!p || nnodes == NODES_MAX || strlen(word[1]) >= sizeof p->name)
		bench_die("one more node");
	strcpy(p->name, word[1]);
	swarm_node_make(&p->n, crypto, "probe", nnodes, false, false);
	p->ek = test_ec("P-256");
	put_ek(&tpmt, p->ek, ASSAY_P256, ASSAY_SHA256, 8 * SYMMETRIC);
	put_2b(&p->ek_pub, tpmt.b, tpmt.n);
	if (!assay_hash1(crypto, ASSAY_SHA256, test_slice(&tpmt), digest))
		bench_die("assay_hash1");
	platform_hex_write((struct assay_slice){ p->n.ak_name, p->n.ak_name_n }, ak);
	platform_hex_write((struct assay_slice){ digest, 32 }, ek);
	printf("%s %s %zu\n", ak, ek, machine.good.step[0].entries);
	fflush(stdout);
	nodes[nnodes++] = p;
}

static void challenge(char **word)
{
	const struct probe_node *p = find(word[1]);
	struct assay_challenge_request q = { text_of(word[1]),
					     { p->n.ak_name, p->n.ak_name_n } };

	say((struct assay_slice){ message,
				  assay_challenge_request_write(&q, message, sizeof message) });
}

static void evidence(char **word)
{
	static uint8_t receipt[ASSAY_RECEIPT_MAX];
	struct swarm_node n = find(word[1])->n;
	unsigned long step = strtoul(word[4], NULL, 10);

	if (strlen(word[2]) >= sizeof n.id || step >= SWARM_STEPS ||
	    bytes_of(word[7], n.challenge, sizeof n.challenge).n != sizeof n.challenge)
		bench_die("evidence");
	strcpy(n.id, word[2]);
	n.bad = strcmp(word[3], "bad") == 0;
	n.step = (unsigned)step;
	n.boots = (uint32_t)strtoul(word[5], NULL, 10);
	n.clock = strtoull(word[6], NULL, 10) - 100; /* that it goes on by */
	n.receipt_n = bytes_of(word[8], receipt, sizeof receipt).n;
	n.receipt = receipt;
	n.from = strtoull(word[9], NULL, 10);
	say((struct assay_slice){
		message, swarm_node_message(&n, &machine, false, message, sizeof message) });
}

static void begin(char **word)
{
	const struct probe_node *p = find(word[1]);
	struct assay_enrol_request m = { .node = text_of(word[2]),
					 .token = text_of(word[3]),
					 .ek_pub = { p->ek_pub.b, p->ek_pub.n },
					 .ak_pub = { p->n.ak_pub.b, p->n.ak_pub.n } };

	say((struct assay_slice){ message,
				  assay_enrol_request_write(&m, message, sizeof message) });
}

static void finish(char **word)
{
	static uint8_t in[64 * 1024];
	const struct probe_node *p = find(word[1]);
	struct activate tpm = { p->ek, ASSAY_SHA256, SYMMETRIC };
	struct assay_enrol_answer a;
	struct assay_err err;
	uint8_t secret[64];

	if (!assay_enrol_answer_read(bytes_of(word[2], in, sizeof in), &a, &err) || a.done)
		bench_die("no credential");
	size_t n = activate(&tpm, (struct assay_slice){ p->n.ak_name, p->n.ak_name_n },
			    a.id_object, a.secret, secret);
	struct assay_enrol_request m = { .finish = true,
					 .cookie = a.cookie,
					 .secret = { secret, n } };
	say((struct assay_slice){
		message, n > 0 ? assay_enrol_request_write(&m, message, sizeof message) : 0 });
}

static const struct command {
	const char *name;
	size_t words;
	void (*run)(char **word);
} commands[] = { { "node", 2, node },
		 { "challenge", 2, challenge },
		 { "evidence", 10, evidence },
		 { "begin", 4, begin },
		 { "finish", 3, finish } };

static void obey(char *line)
{
	char *word[WORDS] = { 0 }, *rest = NULL;
	size_t n = 0;

	for (char *w = strtok_r(line, " \n", &rest); w && n < WORDS;
	     w = strtok_r(NULL, " \n", &rest))
		word[n++] = w;
	for (size_t i = 0; n > 0 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(word[0], commands[i].name) == 0 && n == commands[i].words) {
			commands[i].run(word);
			return;
		}
	bench_die("a command");
}

int main(int argc, char **argv)
{
	static char line[LINE];

	crypto = assay_crypto_new(NULL, NULL);
	if (argc != 2 || !crypto)
		bench_die("usage: probe EVIDENCE");
	swarm_machine_load(&machine, argv[1]);
	while (fgets(line, sizeof line, stdin))
		obey(line);
	return 0;
}

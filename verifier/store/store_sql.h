/* SPDX-License-Identifier: Apache-2.0
 *
 * store_sql - every statement: X(name, args, columns, many, SQLite, PostgreSQL). The letters
 * are those of struct store_statement. Included with X defined, more than once.
 *
 *   locks   PostgreSQL locks rows of nodes in order of id, then a counter, so that two
 *           transactions never wait for each other; SQLite has one writer at a time
 *   order   a counter's row stays locked until commit, so numbers become visible in their order
 */
/* clang-format off */
#define S(name, args, cols, many, both) X(name, args, cols, many, both, both)

#define NODE_SELECT \
  "SELECT n.id, n.ak_name, n.ak_pub, n.ek_digest, n.ek_cert, n.enrolled, n.token, n.reasons, " \
  "s.status, s.verdict, s.vector, s.reset, s.clock, s.challenged, s.since, s.heard, s.ends, s.due, " \
  "s.generation, s.policy, n.num FROM node n JOIN state s ON s.id = n.id "
#define NODE_COLS "tbbbbibtibbiiiiiiiiti"

/* Nodes */
S(NODE_INSERT, "tbbibtbb", "i", false, 
  "INSERT INTO node(id, ak_name, ek_digest, enrolled, token, reasons, ak_pub, ek_cert) "
  "VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING num")
S(STATE_INSERT, "tbbbiiiiti", "", false, 
  "INSERT INTO state(id, ak_name, status, verdict, vector, reset, clock, challenged, since, heard, "
  "ends, due, generation, policy, silent, revoked) "
  "VALUES($1, $2, -1, $3, $4, 0, 0, 0, $5, 0, $6, $7, $8, $9, 0, $10)")
S(NODE_GET, "t", NODE_COLS, false, NODE_SELECT "WHERE n.id = $1")
S(NODE_LIST, "ti", NODE_COLS, false, NODE_SELECT "WHERE n.id > $1 ORDER BY n.id LIMIT $2")
S(NODE_LIST_BY, "tiii", NODE_COLS, false, 
  NODE_SELECT "WHERE n.id > $1 AND s.status BETWEEN $3 AND $4 ORDER BY n.id LIMIT $2")
S(NODE_COUNT, "", "ii", false, "SELECT status, count(*) FROM state GROUP BY status")
X(NODE_NUM, "t", "i", false,
  "SELECT num FROM node WHERE id = $1",
  "SELECT num FROM node WHERE id = $1 FOR KEY SHARE")
S(NODE_DELETE, "t", "i", false, "DELETE FROM node WHERE id = $1 RETURNING num")
S(STATE_DELETE, "t", "", false, "DELETE FROM state WHERE id = $1")
S(SHOWN_DELETE, "i", "", false, "DELETE FROM shown WHERE node = $1")

/* Verdicts */
#define STATE_COLS "tbibbiiiiiiii"
#define STATE_SELECT \
  "SELECT id, ak_name, status, verdict, vector, reset, clock, challenged, since, heard, " \
  "generation, revoked, silent FROM state "
X(STATE_LOCK, "t", STATE_COLS, true,
  STATE_SELECT "WHERE id = $1",
  STATE_SELECT "WHERE id = ANY($1) ORDER BY id FOR UPDATE")
X(STATE_LIVE, "tiiiiiiit", "", true,
  "UPDATE state SET reset = $2, clock = $3, challenged = $4, heard = $5, ends = $6, due = $7, "
  "generation = $8, policy = $9 WHERE id = $1",
  "UPDATE state SET reset = v.reset, clock = v.clock, challenged = v.challenged, heard = v.heard, "
  "ends = v.ends, due = v.due, generation = v.generation, policy = v.policy "
  "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) "
  "v(id, reset, clock, challenged, heard, ends, due, generation, policy) WHERE state.id = v.id")
X(STATE_CHANGE, "tiiiiiiitibbi", "", true,
  "UPDATE state SET reset = $2, clock = $3, challenged = $4, heard = $5, ends = $6, due = $7, "
  "generation = $8, policy = $9, status = $10, verdict = $11, vector = $12, since = $13, "
  "silent = 0 WHERE id = $1",
  "UPDATE state SET reset = v.reset, clock = v.clock, challenged = v.challenged, heard = v.heard, "
  "ends = v.ends, due = v.due, generation = v.generation, policy = v.policy, status = v.status, "
  "verdict = v.verdict, vector = v.vector, since = v.since, silent = 0 "
  "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) v(id, reset, clock, "
  "challenged, heard, ends, due, generation, policy, status, verdict, vector, since) "
  "WHERE state.id = v.id")
X(STATE_TURN, "tiibbi", "", true,
  "UPDATE state SET status = $2, since = $3, verdict = $4, vector = $5, silent = $6 WHERE id = $1",
  "UPDATE state SET status = v.status, since = v.since, verdict = v.verdict, vector = v.vector, "
  "silent = v.silent FROM unnest($1, $2, $3, $4, $5, $6) "
  "v(id, status, since, verdict, vector, silent) WHERE state.id = v.id")
X(STATE_REVOKED, "ti", "", true,
  "UPDATE state SET revoked = $2 WHERE id = $1",
  "UPDATE state SET revoked = v.revoked FROM unnest($1, $2) v(id, revoked) WHERE state.id = v.id")
X(REASONS_SET, "tt", "", true,
  "UPDATE node SET reasons = $2 WHERE id = $1",
  "UPDATE node SET reasons = v.reasons FROM unnest($1, $2) v(id, reasons) WHERE node.id = v.id")
X(SILENT_FIND, "ii", "tiii", false,
  "SELECT id, status, since, generation FROM state "
  "WHERE silent = 0 AND due > 0 AND due < $1 ORDER BY due LIMIT $2",
  "SELECT id, status, since, generation FROM state "
  "WHERE silent = 0 AND due > 0 AND due < $1 ORDER BY due LIMIT $2 FOR UPDATE SKIP LOCKED")
X(AHEAD_FIND, "ii", "tiii", false,
  "SELECT id, status, since, generation FROM state "
  "WHERE silent = 0 AND due > $1 AND challenged > $1 ORDER BY due DESC LIMIT $2",
  "SELECT id, status, since, generation FROM state "
  "WHERE silent = 0 AND due > $1 AND challenged > $1 ORDER BY due DESC LIMIT $2 FOR UPDATE SKIP LOCKED")

/* Counters and events */
S(COUNTER_ADD, "ti", "i", false, 
  "UPDATE counter SET value = value + $2 WHERE name = $1 RETURNING value")
S(COUNTER_RAISE, "ti", "i", false, 
  "UPDATE counter SET value = CASE WHEN value < $2 THEN $2 ELSE value END "
  "WHERE name = $1 RETURNING value")
X(EVENT_INSERT, "iitiiti", "", true,
  "INSERT INTO event(seq, time, node, before, status, reasons, generation) "
  "VALUES($1, $2, $3, $4, $5, $6, $7)",
  "INSERT INTO event(seq, time, node, before, status, reasons, generation) "
  "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)")
S(EVENT_LIST, "ii", "iitiiti", false, 
  "SELECT seq, time, node, before, status, reasons, generation FROM event "
  "WHERE seq > $1 ORDER BY seq LIMIT $2")
S(EVENT_TRIM, "ii", "", false, 
  "DELETE FROM event WHERE time < $1 "
  "AND seq <= (SELECT value FROM counter WHERE name = 'event') - $2")
X(NOTIFY, "", "", false, NULL, "SELECT pg_notify('assay', '')")

/* Tokens */
#define TOKEN_SELECT "SELECT id, hash, node, has_ek, ek_digest, made, ends, used FROM token "
#define TOKEN_COLS "tbtibiii"
S(TOKEN_INSERT, "tbtibii", "t", false, 
  "INSERT INTO token(id, hash, node, has_ek, ek_digest, made, ends, used) "
  "VALUES($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT DO NOTHING RETURNING id")
S(TOKEN_GET, "b", TOKEN_COLS, false, TOKEN_SELECT "WHERE hash = $1")
X(TOKEN_LOCK, "b", TOKEN_COLS, false,
  TOKEN_SELECT "WHERE hash = $1",
  TOKEN_SELECT "WHERE hash = $1 FOR UPDATE")
S(TOKEN_LIST, "", TOKEN_COLS, false, TOKEN_SELECT "ORDER BY made, id")
S(TOKEN_USE, "bi", "", false, "UPDATE token SET used = $2 WHERE hash = $1")
S(TOKEN_DELETE, "t", "t", false, "DELETE FROM token WHERE id = $1 RETURNING id")

/* Revocations. The locks keep an enrolment, or what a node shows, from slipping past a revocation
 * that is being made; SQLite has one writer at a time. */
X(REVOKE_LOCK, "", "", false, NULL, "SELECT pg_advisory_xact_lock(4702108193)")
X(REVOKE_LOCK_SHARED, "", "", false, NULL, "SELECT pg_advisory_xact_lock_shared(4702108193)")
S(REVOCATION_INSERT, "iiittt", "", false, 
  "INSERT INTO revocation(seq, time, kind, subject, nodes, reason) VALUES($1, $2, $3, $4, $5, $6)")
S(REVOCATION_LIST, "i", "iiittt", false, 
  "SELECT seq, time, kind, subject, nodes, reason FROM revocation WHERE seq > $1 ORDER BY seq")
S(REVOCATION_LAST, "it", "i", false, 
  "SELECT coalesce(max(seq), 0) FROM revocation WHERE kind = $1 AND subject = $2")
S(NODES_BY_AK, "b", "t", false, "SELECT id FROM node WHERE ak_name = $1 ORDER BY id")
S(COMPONENT_REVOKE, "bi", "", false, 
  "INSERT INTO component(id, revoked) VALUES($1, $2) "
  "ON CONFLICT(id) DO UPDATE SET revoked = excluded.revoked")

/* What nodes showed */
X(COMPONENT_REVOKED, "b", "i", true,
  "SELECT revoked FROM component WHERE id = $1 AND revoked > 0",
  "SELECT revoked FROM component WHERE id = ANY($1) AND revoked > 0")
X(COMPONENT_ADD, "b", "", true,
  "INSERT INTO component(id, revoked) VALUES($1, 0) ON CONFLICT DO NOTHING",
  "INSERT INTO component(id, revoked) SELECT v.id, 0 FROM unnest($1) WITH ORDINALITY v(id, n) "
  "WHERE NOT EXISTS (SELECT 1 FROM component c WHERE c.id = v.id) "
  "ORDER BY v.n ON CONFLICT DO NOTHING")
X(SHOWN_ADD, "bi", "", true,
  "INSERT INTO shown(node, component) SELECT $2, num FROM component WHERE id = $1 "
  "ON CONFLICT DO NOTHING",
  "INSERT INTO shown(node, component) SELECT v.node, c.num FROM unnest($1, $2) v(id, node) "
  "JOIN component c ON c.id = v.id ORDER BY c.num ON CONFLICT DO NOTHING")
S(SHOWN_BY, "b", "t", false, 
  "SELECT n.id FROM component c JOIN shown s ON s.component = c.num "
  "JOIN node n ON n.num = s.node WHERE c.id = $1 ORDER BY n.id")

/* Generations, audit, hooks */
S(GENERATION_GET, "b", "i", false, "SELECT number FROM generation WHERE digest = $1")
S(GENERATION_INSERT, "bii", "", false, 
  "INSERT INTO generation(digest, number, made) VALUES($1, $2, $3)")
S(AUDIT_INSERT, "iitttttt", "", false, 
  "INSERT INTO audit(seq, time, actor, role, address, request, action, subject) "
  "VALUES($1, $2, $3, $4, $5, $6, $7, $8)")
S(AUDIT_LIST, "ii", "iitttttt", false, 
  "SELECT seq, time, actor, role, address, request, action, subject FROM audit "
  "WHERE seq > $1 ORDER BY seq LIMIT $2")
S(HOOK_GET, "t", "i", false, "SELECT seq FROM hook WHERE name = $1")
S(HOOK_PUT, "ti", "i", false, 
  "INSERT INTO hook(name, seq) VALUES($1, $2) ON CONFLICT(name) DO UPDATE "
  "SET seq = excluded.seq WHERE hook.seq < excluded.seq RETURNING seq")

/* Epoch */
S(EPOCH_GET, "", "bii", false, 
  "SELECT e.id, e.counter, c.value FROM epoch e, counter c WHERE c.name = 'event'")
S(EPOCH_COUNT, "", "", false, "UPDATE epoch SET counter = counter + 1")
S(EPOCH_SET, "bi", "", false, "UPDATE epoch SET id = $1, counter = $2")
S(RESTORED_EVENTS, "iit", "", false, 
  "INSERT INTO event(seq, time, node, before, status, reasons, generation) "
  "SELECT $1 + row_number() OVER (ORDER BY id), $2, id, status, 0, $3, generation FROM state")
S(RESTORED_STATES, "ibb", "", false, 
  "UPDATE state SET status = 0, since = $1, verdict = $2, vector = $3, silent = 1, ends = 0")
S(RESTORED_REASONS, "t", "", false, "UPDATE node SET reasons = $1")
S(RESTORED_TOKENS, "", "", false, "UPDATE token SET ends = 0 WHERE used = 0")
S(PING, "", "i", false, "SELECT counter FROM epoch")

#undef S
#undef NODE_SELECT
#undef NODE_COLS
#undef STATE_COLS
#undef STATE_SELECT
#undef TOKEN_SELECT
#undef TOKEN_COLS
/* clang-format on */

/* SPDX-License-Identifier: Apache-2.0
 *
 * schema - the steps that a schema was made by, in order; step N leads from version N - 1 to N.
 * A step that was released is never changed: another is added.
 *
 *   node      what enrolment fixed, and the long text of the last verdict; written seldom
 *   state     what each message changes; small, so that liveness rewrites little
 *             status -1: neither a verdict nor a silence yet
 *             revoked: seq of the last revocation that concerns the node
 *   shown     which node showed which component, by number
 *   counter   the last seq of events, revocations, audit records, generations
 */
#include "verifier/store/schema.h"

/* clang-format off */
#define TABLES(KEY, INT, BYTES, TEXT, END) \
  "CREATE TABLE node(num " KEY ", id " TEXT " UNIQUE NOT NULL, ak_name " BYTES " NOT NULL, " \
  "ek_digest " BYTES " NOT NULL, enrolled " INT " NOT NULL, token " BYTES " NOT NULL, " \
  "reasons " TEXT " NOT NULL, ak_pub " BYTES " NOT NULL, ek_cert " BYTES " NOT NULL)" END ";" \
  "CREATE INDEX node_ak ON node(ak_name);" \
  "CREATE TABLE token(id " TEXT " PRIMARY KEY NOT NULL, hash " BYTES " UNIQUE NOT NULL, " \
  "node " TEXT " NOT NULL, has_ek " INT " NOT NULL, ek_digest " BYTES " NOT NULL, " \
  "made " INT " NOT NULL, ends " INT " NOT NULL, used " INT " NOT NULL)" END ";" \
  "CREATE TABLE event(seq " INT " PRIMARY KEY NOT NULL, time " INT " NOT NULL, " \
  "node " TEXT " NOT NULL, before " INT " NOT NULL, status " INT " NOT NULL, " \
  "reasons " TEXT " NOT NULL, generation " INT " NOT NULL)" END ";" \
  "CREATE TABLE revocation(seq " INT " PRIMARY KEY NOT NULL, time " INT " NOT NULL, " \
  "kind " INT " NOT NULL, subject " TEXT " NOT NULL, nodes " TEXT " NOT NULL, " \
  "reason " TEXT " NOT NULL)" END ";" \
  "CREATE INDEX revocation_subject ON revocation(kind, subject);" \
  "CREATE TABLE component(num " KEY ", id " BYTES " UNIQUE NOT NULL, " \
  "revoked " INT " NOT NULL)" END ";" \
  "CREATE TABLE generation(digest " BYTES " PRIMARY KEY NOT NULL, number " INT " UNIQUE NOT NULL, " \
  "made " INT " NOT NULL)" END ";" \
  "CREATE TABLE audit(seq " INT " PRIMARY KEY NOT NULL, time " INT " NOT NULL, " \
  "actor " TEXT " NOT NULL, role " TEXT " NOT NULL, address " TEXT " NOT NULL, " \
  "request " TEXT " NOT NULL, action " TEXT " NOT NULL, subject " TEXT " NOT NULL)" END ";" \
  "CREATE TABLE hook(name " TEXT " PRIMARY KEY NOT NULL, seq " INT " NOT NULL)" END ";" \
  "CREATE TABLE counter(name " TEXT " PRIMARY KEY NOT NULL, value " INT " NOT NULL)" END ";" \
  "INSERT INTO counter VALUES('event', 0), ('revocation', 0), ('audit', 0), ('generation', 0);"

#define STATE(INT, BYTES, TEXT, END) \
  "CREATE TABLE state(id " TEXT " PRIMARY KEY NOT NULL, ak_name " BYTES " NOT NULL, " \
  "status " INT " NOT NULL, verdict " BYTES " NOT NULL, vector " BYTES " NOT NULL, " \
  "reset " INT " NOT NULL, clock " INT " NOT NULL, challenged " INT " NOT NULL, " \
  "since " INT " NOT NULL, heard " INT " NOT NULL, ends " INT " NOT NULL, due " INT " NOT NULL, " \
  "generation " INT " NOT NULL, policy " TEXT " NOT NULL, silent " INT " NOT NULL, " \
  "revoked " INT " NOT NULL)" END ";" \
  "CREATE INDEX state_due ON state(due) WHERE silent = 0;"

#define EPOCH(BYTES, INT, END, RANDOM) \
  "CREATE TABLE epoch(id " BYTES " NOT NULL, counter " INT " NOT NULL)" END ";" \
  "INSERT INTO epoch VALUES(" RANDOM ", 0);"

const char *const store_schema_sqlite[STORE_SCHEMA] = {
  TABLES("INTEGER PRIMARY KEY", "INTEGER", "BLOB", "TEXT", " STRICT")
  STATE("INTEGER", "BLOB", "TEXT", " STRICT, WITHOUT ROWID")
  "CREATE INDEX state_status ON state(status);"
  "CREATE TABLE shown(node INTEGER NOT NULL, component INTEGER NOT NULL, "
  "PRIMARY KEY(node, component)) STRICT, WITHOUT ROWID;"
  "CREATE INDEX shown_component ON shown(component);"
  EPOCH("BLOB", "INTEGER", " STRICT", "randomblob(16)"),
};

/* Texts compare by byte (COLLATE "C"), as SQLite and strcmp do. Liveness rewrites a row of state
 * in its own page as long as there is room. */
const char *const store_schema_pg[STORE_SCHEMA] = {
  TABLES("bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bigint", "bytea", "text COLLATE \"C\"", "")
  STATE("bigint", "bytea", "text COLLATE \"C\"", " WITH (fillfactor = 50)")
  "CREATE TABLE shown(node bigint NOT NULL, component bigint NOT NULL, "
  "PRIMARY KEY(node, component));"
  "CREATE INDEX shown_component ON shown(component);"
  EPOCH("bytea", "bigint", "", "uuid_send(gen_random_uuid())"),
};

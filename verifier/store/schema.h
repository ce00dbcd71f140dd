/* SPDX-License-Identifier: Apache-2.0
 * schema - how the tables of each database came to be. For the drivers. */
#pragma once

enum { STORE_SCHEMA = 1 }; /* the version that this program reads and writes */

/* One text of SQL for each step, run in one transaction with the note of its number. */
extern const char *const store_schema_sqlite[STORE_SCHEMA];
extern const char *const store_schema_pg[STORE_SCHEMA];

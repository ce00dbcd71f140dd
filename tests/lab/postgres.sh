#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# postgres.sh COMMAND...: runs COMMAND beside a PostgreSQL of its own, which is gone afterwards.
#
# It listens on a socket in a folder of its own and on no port. COMMAND finds in its environment
#   ASSAY_TEST_POSTGRESQL         URL, with the right to do everything
#   ASSAY_TEST_POSTGRESQL_FOLDER  where it lives; the log is in it
#   ASSAY_TEST_POSTGRESQL_CTL     "$0 ctl FOLDER": with `start` or `stop -m immediate` behind it
# The server never runs as root, and syncs nothing: a machine that dies loses this database.
set -eu

# The newest server that is installed; Debian keeps them out of PATH.
bin() {
	for d in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn) /usr/bin; do
		[ -x "$d/initdb" ] && [ -x "$d/pg_ctl" ] && { echo "$d"; return; }
	done
}

# As a user that PostgreSQL accepts.
as() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$@"
	else
		"$@"
	fi
}

ctl() {
	folder=$1
	shift
	cd "$folder"
	as "$bin/pg_ctl" -D "$folder/data" -s -w -t 60 -l "$folder/log" \
		-o "-k $folder/sock -c listen_addresses= -c fsync=off -c max_connections=100" "$@" \
		>/dev/null
}

bin=$(bin)
if [ -z "$bin" ]; then
	echo "1..0 # SKIP postgresql is not installed"
	exit 0
fi
if [ "${1-}" = ctl ]; then
	shift
	ctl "$@"
	exit
fi
[ $# -gt 0 ] || { echo "usage: postgres.sh COMMAND..." >&2; exit 2; }

self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
folder=$(mktemp -d "${TMPDIR:-/tmp}/assay-pg-XXXXXX")
pid=
# shellcheck disable=SC2317 # called by trap
stop() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	(ctl "$folder" -m immediate stop) 2>/dev/null || true
	rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$folder"
mkdir "$folder/data" "$folder/sock"
chmod 700 "$folder/data"
[ "$(id -u)" != 0 ] || chown nobody:nogroup "$folder" "$folder/data" "$folder/sock"
(cd "$folder" && as "$bin/initdb" -D "$folder/data" -A trust -U assay --no-sync -E UTF8 \
	--locale=C.UTF-8 >"$folder/initdb.log" 2>&1) || { cat "$folder/initdb.log" >&2; exit 1; }
(ctl "$folder" start) || { cat "$folder/log" >&2; exit 1; }

export ASSAY_TEST_POSTGRESQL="postgresql:///postgres?host=$folder/sock&user=assay"
export ASSAY_TEST_POSTGRESQL_FOLDER="$folder"
export ASSAY_TEST_POSTGRESQL_CTL="$self ctl $folder"
"$@" &
pid=$!
rc=0
wait "$pid" || rc=$?
pid=
exit "$rc"

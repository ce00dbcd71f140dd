#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A verifier on this machine for the lab. Source it:
#
#   server_make DIR ROOTS   its keys, certificates and configuration in DIR; ROOTS: PEM file of
#                           the CAs of EK certificates; references go to DIR/refs
#   server_start DIR        sets SERVER_PORT; events are written to DIR/events
#   server_reload DIR       references, policy, keys again
#   server_stop DIR
#   operator DIR ...        vm_client.py for this verifier

server_cert() { # DIR NAME SUBJECT EXTENSION
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" \
		-keyout "$1/$2.key" -out "$1/$2.csr" 2>/dev/null &&
		printf '%s\n' "$4" >"$1/$2.ext" &&
		openssl x509 -req -in "$1/$2.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -days 2 \
			-extfile "$1/$2.ext" -out "$1/$2.pem" 2>/dev/null
}

server_make() {
	mkdir -p "$1/refs" "$1/ek-roots" && cp "$2" "$1/ek-roots/lab.pem" || return 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=lab CA" \
		-keyout "$1/ca.key" -out "$1/ca.pem" 2>/dev/null || return 1
	server_cert "$1" server "/CN=verifier.lab" "subjectAltName=DNS:verifier.lab,DNS:localhost" || return 1
	server_cert "$1" operator "/OU=operator/CN=lab" "extendedKeyUsage=clientAuth" || return 1
	cat >"$1/assayd.yaml" <<END
store: sqlite:$1/db/assay.db
keys: $1/keys
ek-roots: $1/ek-roots
references: $1/refs
interval: 10s
key-settle: 1s
listen:
  address: 127.0.0.1
  port: 0
tls:
  certificate: $1/server.pem
  key: $1/server.key
  client-ca: $1/ca.pem
END
	echo '# nothing is known yet' >"$1/refs/none.jsonl"
	mkdir -p "$1/db"
	"$ASSAYD" --config "$1/assayd.yaml" --make-keys
}

server_start() {
	: >"$1/log"
	"$ASSAYD" --config "$1/assayd.yaml" >>"$1/log" 2>&1 &
	echo $! >"$1/pid"
	server_try=0
	until SERVER_PORT=$(sed -n 's/.*"message":"serving".*"port":\([0-9]*\).*/\1/p' "$1/log") &&
		[ -n "$SERVER_PORT" ]; do
		server_try=$((server_try + 1))
		[ $server_try -lt 100 ] && kill -0 "$(cat "$1/pid")" 2>/dev/null || {
			cat "$1/log" >&2
			return 1
		}
		sleep 0.1
	done
	: >"$1/events"
	python3 tests/lab/vm_client.py "$SERVER_PORT" "$1" events >>"$1/events" 2>"$1/events.log" &
	echo $! >"$1/events.pid"
}

server_reload() { kill -HUP "$(cat "$1/pid")"; }

server_stop() {
	for server_pid in "$1/events.pid" "$1/pid"; do
		[ ! -s "$server_pid" ] || kill "$(cat "$server_pid")" 2>/dev/null || :
		rm -f "$server_pid"
	done
}

operator() {
	server_dir=$1
	shift
	python3 tests/lab/vm_client.py "$SERVER_PORT" "$server_dir" "$@"
}

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What tests of assayd share; source it after lib.sh and e2e_start:
#
#   assayd_pki               a CA, a server's certificate and people's in $D/pki
#   assayd_config [LINE...]  $D/assayd.yaml: SQLite, two workers, a free port
#   assayd_start, assayd_stop [SIGNAL]      sets URL
#   node / viewer / operator / party CURL-ARGUMENTS...  who asks; PATH begins with $URL
#   message ITEM...          a node's message on stdout, see message.py
#   soon SECONDS COMMAND...  true once the command is
#
# From meson: ASSAYD.
ASSAYD_PID=''

assayd_cert() { # NAME SUBJECT EXTENSIONS [DAYS]
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$D/pki/$1.key" \
		-out "$D/pki/$1.csr" -subj "$2" 2>/dev/null &&
		printf '%b' "$3" >"$D/pki/$1.ext" &&
		openssl x509 -req -in "$D/pki/$1.csr" -CA "$D/pki/ca.pem" -CAkey "$D/pki/ca.key" \
			-CAcreateserial -days "${4:-2}" -out "$D/pki/$1.pem" -extfile "$D/pki/$1.ext" 2>/dev/null
}

assayd_server_cert() {
	assayd_cert server /CN=localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n'
}

assayd_pki() {
	mkdir -p "$D/pki" "$D/db" "$D/refs"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$D/pki/ca.key" \
		-out "$D/pki/ca.pem" -subj "/CN=people" -days 2 2>/dev/null
	assayd_server_cert
	for assayd_who in viewer operator relying-party; do
		assayd_cert "$assayd_who" "/CN=$assayd_who-1/OU=$assayd_who" 'extendedKeyUsage=clientAuth\n'
	done
}

assayd_config() {
	cat >"$D/assayd.yaml" <<END
listen:
  address: 127.0.0.1
  port: $(lab_free_port)
  threads: 2
tls:
  certificate: $D/pki/server.pem
  key: $D/pki/server.key
  client-ca: $D/pki/ca.pem
store: sqlite:$D/db/assay.db
keys: $D/keys
references: $D/refs
ek-roots: $D/ek-roots
workers: 2
interval: 30s
END
	# what sanitizers call is in no list
	[ -z "${ASSAY_SANITIZED-}" ] || echo "sandbox: false" >>"$D/assayd.yaml"
	for assayd_line in "$@"; do echo "$assayd_line" >>"$D/assayd.yaml"; done
}

assayd_start() {
	: >"$D/assayd.log"
	"$ASSAYD" --config "$D/assayd.yaml" 2>"$D/assayd.log" &
	ASSAYD_PID=$!
	soon 10 grep -q '"message":"serving"' "$D/assayd.log" || {
		tail -n 5 "$D/assayd.log"
		echo "Bail out! assayd does not start"
		exit 1
	}
	URL=https://localhost:$(sed -n 's/.*"serving".*"port":\([0-9]*\).*/\1/p' "$D/assayd.log")
	soon 5 node -f "$URL/readyz"
}

assayd_stop() {
	kill "-${1:-TERM}" "$ASSAYD_PID"
	wait "$ASSAYD_PID"
	assayd_status=$?
	ASSAYD_PID=''
	return "$assayd_status"
}

node() { curl -s --max-time 20 --cacert "$D/pki/ca.pem" "$@"; }
person() {
	assayd_who=$1
	shift
	node --cert "$D/pki/$assayd_who.pem" --key "$D/pki/$assayd_who.key" "$@"
}
viewer() { person viewer "$@"; }
operator() { person operator "$@"; }
party() { person relying-party "$@"; }

# The status alone.
code() { "$@" -o "$D/answer" -w '%{http_code}'; }

export MESSAGE='content-type: application/vnd.assay.message+cbor'
message() { python3 tests/e2e/message.py write "$@"; }

soon() {
	soon_try=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		soon_try=$((soon_try - 1))
		[ "$soon_try" -gt 0 ] || return 1
		sleep 0.05
	done
}

# json FILE EXPRESSION: with d as the document.
json() { python3 -c "import json,sys; d=json.load(open(sys.argv[1])); sys.exit(not ($2))" "$1"; }
json_get() { python3 -c "import json,sys; d=json.load(open(sys.argv[1])); print($2)" "$1"; }

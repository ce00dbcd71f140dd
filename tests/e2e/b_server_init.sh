#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assay server: the folder of a verifier, all of it or nothing. OpenSSL judges the certificates.
. tests/e2e/lib.sh
D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
trap 'rm -rf "$D"' EXIT
V=$D/v

modes() { # no secret can be read by others
	[ "$(stat -c %a "$V")" = 700 ] || { stat "$V"; return 1; }
	find "$V" -name '*.key' -o -path '*/keys/ear/*.pem' | while read -r f; do
		[ "$(stat -c %a "$f")" = 400 ] || { stat "$f"; exit 1; }
	done
}
signed() { # PURPOSE CERT
	openssl verify -x509_strict -purpose "$1" -CAfile "$V/ca/ca.pem" "$2"
}
has() { # CERT TEXT
	openssl x509 -in "$1" -noout -subject -nameopt RFC2253 -ext subjectAltName 2>/dev/null >"$D/text"
	grep -q -- "$2" "$D/text" || { cat "$D/text"; return 1; }
}
pair() { # KEY and CERT belong together
	[ "$(openssl pkey -in "$1.key" -pubout)" = "$(openssl x509 -in "$1.pem" -noout -pubkey)" ]
}

umask 022
status 0 "a first run" "$ASSAY" server init "$V" --name verifier.example --name 192.0.2.7 --port 9443
ok "  says what comes next" grep -q "assayd --config $V/assayd.yaml" "$D/out"
ok "  keeps its secrets to itself" modes
for kind in challenge receipt cookie; do
	ok "  has a key for $kind" [ "$(stat -c %s "$V/keys/$kind/1.key")" = 32 ]
done
ok "  its server's certificate is one" signed sslserver "$V/tls/server.pem"
ok "  with the name that was given" has "$V/tls/server.pem" DNS:verifier.example
ok "  with the address that was given" has "$V/tls/server.pem" "IP Address:192.0.2.7"
ok "  and what it is called at home" has "$V/tls/server.pem" DNS:localhost
ok "  and it is no client's" not signed sslclient "$V/tls/server.pem"
ok "  its operator's is a client's" signed sslclient "$V/clients/operator.pem"
ok "  of that role" has "$V/clients/operator.pem" "CN=operator,OU=operator"
ok "  and no server's" not signed sslserver "$V/clients/operator.pem"
ok "  the server's key is its own" pair "$V/tls/server"
ok "  the operator's key is its own" pair "$V/clients/operator"
ok "  clients look at the first name" grep -q '^server: "https://verifier.example:9443"$' "$V/client.yaml"
ok "  assayd is told of no path in the CA's folder" not grep -q "$V/ca/" "$V/assayd.yaml"

find "$V" -type f -exec sha256sum {} + | sort >"$D/before"
status 5 "a second run" "$ASSAY" server init "$V"
ok "  is told what to do" grep -q "hint: it is not replaced" "$D/err"
find "$V" -type f -exec sha256sum {} + | sort >"$D/after"
ok "  and changed nothing" cmp "$D/before" "$D/after"
mkdir "$D/full" "$D/empty" && : >"$D/full/x" && : >"$D/file" && ln -s empty "$D/link"
status 5 "a folder with something in it" "$ASSAY" server init "$D/full" --json
ok "  is an error in JSON" python3 -c 'import json,sys; json.load(open(sys.argv[1]))["error"]["hint"]' "$D/out"
status 5 "a file" "$ASSAY" server init "$D/file"
status 5 "a link" "$ASSAY" server init "$D/link"
status 0 "an empty folder is taken" "$ASSAY" server init "$D/empty/"
status 5 "a user that is not there" "$ASSAY" server init "$D/half" --user no.such.user
ok "  leaves nothing" sh -c "! ls -d '$D'/half*"
status 5 "no folder to put it in" "$ASSAY" server init "$D/none/v"
status 5 "a quote that settings cannot hold" "$ASSAY" server init "$D/a\"b"
ok "  leaves nothing" sh -c "! ls -d '$D'/a*b*"
for wrong in "--port 0" "--port 65536" "--port 1x" "--interval 60" "--name -x" "--name a_b" "--frob" ""; do
	# shellcheck disable=SC2086 # words
	[ -n "$wrong" ] && set -- "$D/w" $wrong || set --
	status 2 "server init $wrong" "$ASSAY" server init "$@"
done

status 0 "a viewer" "$ASSAY" server cert "$V" --role viewer --name wall
ok "  is a client" signed sslclient "$V/clients/wall.pem"
ok "  of that role" has "$V/clients/wall.pem" "CN=wall,OU=viewer"
ok "  with settings beside it" grep -q '^cert: "wall.pem"$' "$V/clients/wall.yaml"
status 5 "a name that is there" "$ASSAY" server cert "$V" --role operator --name wall
ok "  keeps its role" has "$V/clients/wall.pem" "OU=viewer"
ok "  and is a pair still" pair "$V/clients/wall"
status 0 "a relying party, for a day" "$ASSAY" server cert "$V" --role relying-party --name gate --days 1
ok "  and no longer" not openssl x509 -in "$V/clients/gate.pem" -noout -checkend 90000
for wrong in "--role king --name a" "--role viewer" "--name a" "--role viewer --name ../a" \
	"--role viewer --name ca" "--role viewer --name a --host b" "--role server --name a" \
	"--role viewer --name a --days 0" "--role server --host a_b"; do
	# shellcheck disable=SC2086 # words
	status 2 "server cert $wrong" "$ASSAY" server cert "$V" $wrong
done
cp "$V/tls/server.pem" "$D/old.pem"
status 0 "the server's certificate anew" "$ASSAY" server cert "$V" --role server
ok "  is another" not cmp -s "$D/old.pem" "$V/tls/server.pem"
ok "  has the names that it had" has "$V/tls/server.pem" DNS:verifier.example
ok "  is a pair" pair "$V/tls/server"
status 0 "and with another name" "$ASSAY" server cert "$V" --role server --host other.example
ok "  has it" has "$V/tls/server.pem" DNS:other.example
ok "  alone" not has "$V/tls/server.pem" DNS:verifier.example

status 0 "one more key" "$ASSAY" server rotate "$V" receipt
ok "  lies beside the first" [ "$(stat -c %s%a "$V/keys/receipt/2.key")" = 32400 ]
status 2 "a kind that is none" "$ASSAY" server rotate "$V" tls
status 5 "a folder that is none" "$ASSAY" server rotate "$D/full" ear
for c in init cert rotate; do
	status 0 "assay server $c --help" "$ASSAY" server $c --help
	ok "  has an example" grep -q "^example: assay server $c" "$D/out"
done
done_testing

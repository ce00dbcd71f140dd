#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Schemathesis asks assayd all that openapi.json allows, and what it does not: as every role, no
# answer is a 5xx, and the process lives on.
. tests/e2e/lib.sh
version=4.32.5
source=$PWD
venv=$source/build-schemathesis/venv
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }
if ! [ -x "$venv/bin/schemathesis" ]; then
	{ python3 -m venv "$venv" && "$venv/bin/pip" install -q "schemathesis==$version"; } >/dev/null 2>&1 || {
		rm -rf "$venv"
		echo "1..0 # SKIP schemathesis $version cannot be installed with pip"
		exit 0
	}
fi
D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
. tests/e2e/assayd.sh
trap '[ -z "$ASSAYD_PID" ] || kill -9 "$ASSAYD_PID"; rm -rf "$D"' EXIT
trap 'exit 1' INT TERM
assayd_pki
mkdir "$D/ek-roots"
cp "$D/pki/ca.pem" "$D/ek-roots"
"$ASSAY" refs learn tests/evidence/clean-a -o "$D/refs/good.jsonl" --ak tests/evidence/clean-a/ak.pub >/dev/null
assayd_config "limits:" "  challenges-per-second: 10000" "  challenges-burst: 10000" \
	"  enrolments-per-second: 10000" "  enrolments-burst: 10000"
"$ASSAYD" --config "$D/assayd.yaml" --make-keys >/dev/null
assayd_start

# Not asked: the stream of events, which has no end (b_assayd.sh), and what takes CBOR, which Schemathesis
# cannot write (its readers have fuzz targets).
ask() { # ROLE; it leaves its notes where it runs
	(cd "$D" && "$venv/bin/schemathesis" run "$source/verifier/api/openapi.json" --url "$URL" --tls-verify "$D/pki/ca.pem" \
		--request-cert "$D/pki/$1.pem" --request-cert-key "$D/pki/$1.key" --checks not_a_server_error \
		--exclude-path-regex "^/v1/(events|challenge|evidence|evidence:batch|enrol)$" --phases examples,coverage,fuzzing --max-examples 15 --request-timeout 10 \
		--seed 1 --suppress-health-check all --warnings off --no-color >asked)
}
for role in operator viewer relying-party; do
	ok "$role: no answer is a 5xx" ask "$role"
	ok "$role: it was asked" grep -q 'Tested: *[1-9]' "$D/asked"
done
ok "it lives" [ "$(code node "$URL/readyz")" = 200 ]
ok "and none of its requests failed by us" not grep -q '"status":5' "$D/assayd.log"
done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assayd's life with one node: enrolled by an agent, appraised, told of, reloaded, killed, removed.
. tests/e2e/lib.sh
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }
e2e_start
. tests/e2e/agent.sh
. tests/e2e/assayd.sh
HOOK_PID='' SSE_PID=''
cleanup() {
	for pid in $HOOK_PID $SSE_PID $ASSAYD_PID; do kill -9 "$pid" 2>/dev/null; done
	agent_cleanup
}
agent_setup
trap cleanup EXIT
assayd_pki
mkdir "$D/ek-roots" "$D/hook"
cp "$D"/ca/*cert.pem "$D/ek-roots"
"$ASSAY" refs learn tests/evidence/clean-a -o "$D/refs/good.jsonl" --ak tests/evidence/clean-a/ak.pub >/dev/null
secret=whsec_$(head -c 32 /dev/urandom | base64)
echo "$secret" >"$D/hook.secret"
python3 tests/e2e/message.py hook "$secret" "$D/hook" 500 503 &
HOOK_PID=$!
soon 10 test -s "$D/hook/port"
assayd_config "hooks: pager" "hook-pager:" "  url: http://127.0.0.1:$(cat "$D/hook/port")/in?a=b" \
	"  secret: $D/hook.secret"

status 0 "keys are made" "$ASSAYD" --config "$D/assayd.yaml" --make-keys
status 0 "--check: it would start" "$ASSAYD" --config "$D/assayd.yaml" --check
echo "frob: 1" >>"$D/assayd.yaml"
status 5 "--check: a setting that is not known" "$ASSAYD" --config "$D/assayd.yaml" --check
ok "is named" grep -q frob "$D/err"
sed -i '/frob/d' "$D/assayd.yaml"
assayd_start
proc() { grep -q "^$1:[[:space:]]*$2\$" "/proc/$ASSAYD_PID/status"; }
ok "confined: no capability" proc CapEff 0000000000000000
ok "confined: none to gain" proc NoNewPrivs 1
[ -n "${ASSAY_SANITIZED-}" ] || ok "confined: seccomp" proc Seccomp 2

ok "healthz" [ "$(code node "$URL/healthz")" = 200 ]
ok "readyz" [ "$(code node "$URL/readyz")" = 200 ]
node "$URL/openapi.json" >"$D/openapi.json"
ok "openapi.json is the source's" python3 -c "
import json; assert json.load(open('$D/openapi.json')) == json.load(open('verifier/api/openapi.json'))"
viewer -N "$URL/v1/events?after=0" --max-time 120 >"$D/events" &
SSE_PID=$!

# a node becomes known
operator -H 'content-type: application/json' -d '{"node":"node","life":600}' "$URL/v1/tokens" >"$D/answer"
json_get "$D/answer" "d['token']" >"$D/etc/token"
ok "a token for the node" grep -q '^assay-enrol-1\.' "$D/etc/token"
SERVER=$URL
agent_config "ca: $D/pki/ca.pem"
agent_start
is() { viewer "$URL/v1/nodes/node" >"$D/node.json" && json "$D/node.json" "d['status'] == '$1'"; }
isnt() { viewer "$URL/v1/nodes/node" >"$D/node.json" && json "$D/node.json" "d['status'] != '$1'"; }
ok "its agent enrols, and it is affirmed" soon 20 is affirming
[ "$e2e_bad" -eq 0 ] || {
	tail -n 5 "$D/agent.log" "$D/assayd.log" "$D/node.json" | sed 's/^/# /'
	done_testing
}
ok "with the AK's Name and the EK's digest" json "$D/node.json" \
	"d['akName'].startswith('000b') and len(d['ekDigest']) == 71 and d['due'] > d['heard'] > d['enrolled']"
operator "$URL/v1/tokens" >"$D/answer"
ok "the token is used up" json "$D/answer" "d['tokens'][0]['used'] and 'token' not in d['tokens'][0]"
viewer "$URL/v1/nodes?status=affirming&limit=1" >"$D/answer"
ok "it is in the list" json "$D/answer" "[n['id'] for n in d['nodes']] == ['node'] and d['next'] is None"
node "$URL/.well-known/jwks.json" >"$D/jwks"
party "$URL/v1/nodes/node/result" >"$D/result.jwt"
status 0 "its result is signed and affirming" "$ASSAY" result verify "$D/result.jwt" --jwks "$D/jwks"

# who is told
ok "the stream told of it" soon 5 grep -q '^data: {.*"node":"node".*"status":"affirming"' "$D/events"
ok "with a number" grep -q '^id: 1$' "$D/events"
ok "the web hook heard, at the third attempt" soon 20 grep -q '^204 good evt-.*"status":"affirming"' "$D/hook/log"
ok "each attempt was signed, and of one id" [ "$(head -n 3 "$D/hook/log" | grep -c ' good ')" -eq 3 ]
ok "of one id" [ "$(head -n 3 "$D/hook/log" | cut -d' ' -f3 | sort -u | wc -l)" -eq 1 ]

# something unknown runs
execute unheard-of
ok "an unknown program: no longer affirmed" soon 10 isnt affirming
ok "the reason names it" json "$D/node.json" "any('unheard-of' in str(r) for r in d['reasons'])"
ok "the stream tells both" soon 5 grep -q '"before":"affirming"' "$D/events"
ok "the hook hears in order" soon 10 grep -q '"before":"affirming"' "$D/hook/log"

# reload: another certificate and the unknown program's reference; nobody notices
before=$(wc -l <"$D/agent.log")
"$ASSAY" collect -o "$D/golden/" --root "$ROOT" --ak-out "$D/golden.pub" 2>/dev/null
"$ASSAY" refs learn "$D/golden" -o "$D/refs/more.jsonl" --ak "$D/golden.pub" >/dev/null
old=$(openssl x509 -in "$D/pki/server.pem" -noout -serial)
assayd_server_cert
kill -HUP "$ASSAYD_PID"
ok "reload: read again" soon 5 sh -c "[ \$(grep -c 'read again' $D/assayd.log) -eq 3 ]"
shown() {
	openssl s_client -connect "${URL#https://}" -servername localhost </dev/null 2>/dev/null |
		openssl x509 -noout -serial
}
ok "reload: the new certificate is shown" [ "$(shown)" != "$old" ]
kill -HUP "$AGENT_PID"
ok "reload: the new references hold" soon 10 is affirming
ok "reload: the stream went on" kill -0 "$SSE_PID"
ok "reload: the agent had no trouble" [ "$(tail -n +$((before + 1)) "$D/agent.log" | grep -c '"level":"error"')" -eq 0 ]
echo "not a reference" >"$D/refs/broken.jsonl"
kill -HUP "$ASSAYD_PID"
ok "reload: what is broken changes nothing" soon 5 grep -q '"level":"error".*"part":"policy' "$D/assayd.log"
ok "reload: and it goes on" is affirming
rm "$D/refs/broken.jsonl"

# killed and back
mv "$D/hook/log" "$D/hook/log.1"
kill -9 "$ASSAYD_PID"
wait "$ASSAYD_PID" 2>/dev/null
assayd_start
ok "kill -9: it is back, and what it said is there" soon 5 is affirming
viewer "$URL/v1/events?after=0" --max-time 2 >"$D/events.again"
ok "kill -9: the events too" [ "$(grep -c '^data:' "$D/events.again")" -ge 3 ]
viewer -H 'last-event-id: 2' "$URL/v1/events" --max-time 2 >"$D/events.again"
ok "Last-Event-ID: from there on" sh -c "! grep -q '^id: [12]\$' $D/events.again && grep -q '^id: 3\$' $D/events.again"
execute another
ok "kill -9: the agent comes again" soon 20 isnt affirming
ok "kill -9: the hook hears what is new" soon 10 grep -q '"before":"affirming"' "$D/hook/log"
ok "kill -9: and nothing twice" not grep -q "$(tail -n 1 "$D/hook/log.1" | cut -d' ' -f3)" "$D/hook/log"

# figures
viewer "$URL/metrics" >"$D/metrics"
if command -v promtool >/dev/null; then
	ok "promtool finds no fault with the metrics" sh -c "promtool check metrics <'$D/metrics'"
fi
ok "the metrics count" grep -q '^assay_http_requests_total{operation="evidence",code="2xx"} [1-9]' "$D/metrics"
ok "and the hook" grep -q '^assay_hook_sent_total{hook="pager"} [1-9]' "$D/metrics"

# removed
ok "removed" [ "$(code operator -X DELETE "$URL/v1/nodes/node")" = 204 ]
ok "it is not there any more" [ "$(code viewer "$URL/v1/nodes/node")" = 404 ]
ok "the hook is told" soon 10 grep -q 'node.removed' "$D/hook/log"
kill -HUP "$AGENT_PID"
ok "its evidence is refused" soon 10 grep -q '"path":"/v1/evidence","status":403,"node":"node"' "$D/assayd.log"
operator "$URL/v1/audit" >"$D/audit"
ok "the audit says who" json "$D/audit" "[(a['actor'], a['action']) for a in d['audit']] == [('operator-1', 'token.add'), ('operator-1', 'node.remove')]"
ok "and the log has that request" grep -q "\"request\":\"$(json_get "$D/audit" "d['audit'][1]['request']")\".*\"status\":204" "$D/assayd.log"

agent_stop
ok "SIGTERM: it ends well" assayd_stop
ok "no secret in the log" not grep -q "$(cat "$D/hook.secret")\|assay-enrol-1" "$D/assayd.log"
done_testing

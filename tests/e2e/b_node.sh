#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assay node against a real verifier and a real agent; then against one that lies.
. tests/e2e/lib.sh
e2e_start
. tests/e2e/agent.sh
agent_setup
ASSAYD_PID='' WATCH_PID='' LATER_PID='' LIAR_PID=''
cleanup() {
	for pid in $ASSAYD_PID $WATCH_PID $LATER_PID $LIAR_PID; do kill -9 "$pid" 2>/dev/null; done
	agent_cleanup
}
trap cleanup EXIT
unset ASSAY_CONFIG XDG_CONFIG_HOME
export HOME="$D/home" NO_COLOR=

port=$(lab_free_port)
SERVER=https://127.0.0.1:$port
V=$D/verifier
"$ASSAY" server init "$V" --name 127.0.0.1 --address 127.0.0.1 --port $port --interval 30s >"$D/made"
"$ASSAY" server cert "$V" --role viewer --name wall >"$D/made"
mkdir "$V/ek-roots/intermediates"
cp "$D"/ca/*rootca*cert.pem "$V/ek-roots/"
cp "$D/ca/issuercert.pem" "$V/ek-roots/intermediates/"
ok "what server init makes is what assayd takes" "$ASSAYD" --config "$V/assayd.yaml" --check
"$ASSAY" refs learn tests/evidence/clean-a -o "$V/references/good.jsonl" --ak tests/evidence/clean-a/ak.pub >"$D/made" 2>&1

assayd_start() {
	"$ASSAYD" --config "$V/assayd.yaml" 2>>"$D/assayd.log" &
	ASSAYD_PID=$!
	start_try=0
	until "$ASSAY" node list --config "$V/client.yaml" >"$D/list" 2>&1; do
		start_try=$((start_try + 1))
		[ "$start_try" -lt 200 ] || { cat "$D/list"; tail "$D/assayd.log"; return 1; }
		sleep 0.05
	done
}
told() { # PATTERN SECONDS [FILE]: a line of watch
	told_file=${3:-$D/events}
	told_try=$(($2 * 50))
	until grep -q -e "$1" "$told_file"; do
		told_try=$((told_try - 1))
		[ "$told_try" -gt 0 ] || { cat "$told_file" "$D/watch.log"; tail -n 5 "$D/assayd.log" "$D/agent.log"; return 1; }
		sleep 0.02
	done
}
says() { grep -q -e "$1" "$D/out" || { cat "$D/out"; return 1; }; }
tells() { grep -q -e "$1" "$D/err" || { cat "$D/err"; return 1; }; }
json() { python3 -c "import json, sys; d = json.load(open(sys.argv[1])); assert $1, d" "$D/out"; }
plain() { ! grep -q "$(printf '\033')" "$D/out" "$D/err"; }

# which verifier, and who asks
ok "the verifier starts" assayd_start
status 2 "no verifier is named" "$ASSAY" node list
ok "  says how to" tells "ASSAY_CONFIG"
status 2 "one that would be asked in the clear" "$ASSAY" node list --server http://example.org:80
status 5 "settings that are not there" "$ASSAY" node list --config "$D/none.yaml"
status 5 "nobody listens" "$ASSAY" node list --server https://127.0.0.1:1 --ca "$V/clients/ca.pem"
ok "  says so" tells "nothing listens there"
status 5 "signed by another CA" "$ASSAY" node list --server "$SERVER" --ca "$D/ca/issuercert.pem"
ok "  says so" tells "server's certificate"
status 5 "no certificate is shown" "$ASSAY" node list --server "$SERVER" --ca "$V/clients/ca.pem"
ok "  says so" tells "the verifier says 401"
status 5 "and as JSON" "$ASSAY" node show x --json --server "$SERVER" --ca "$V/clients/ca.pem"
ok "  on standard output" json '"401" in d["error"]["what"]'
mkdir -p "$HOME/.config/assay"
printf 'server: %s\nca: %s\ncert: %s\nkey: %s\n' "$SERVER" "$V/clients/ca.pem" "$V/clients/wall.pem" \
	"$V/clients/wall.key" >"$HOME/.config/assay/config.yaml"
status 0 "settings at home" "$ASSAY" node list
ok "  no node yet" says "No node is enrolled"
status 5 "a viewer may not make tokens" "$ASSAY" node enrol node
ok "  says so" tells "the verifier says 403"
status 5 "nor remove" "$ASSAY" node remove node
echo 'frob: 1' >>"$HOME/.config/assay/config.yaml"
status 5 "a setting that is none" "$ASSAY" node list
export ASSAY_CONFIG="$V/client.yaml"

# a node
"$ASSAY" node watch >"$D/events" 2>"$D/watch.log" &
WATCH_PID=$!
status 5 "a node that is none" "$ASSAY" node show node
ok "  says so" tells "404"
for wrong in "show a/b" "show" "show a b" "enrol -x" "enrol a --life 5s" "enrol a --life 1" "watch --after x" \
	"list --status good" "list a" "result a --jwks f" "remove" "frob"; do
	# shellcheck disable=SC2086 # words
	status 2 "node $wrong" "$ASSAY" node $wrong
done
status 5 "an EK's digest that is none" "$ASSAY" node enrol a --ek-digest sha256:12
ok "  says so" tells "ekDigest is sha256:"
status 0 "a token" "$ASSAY" node enrol other --json
ok "  is told once" json 'd["token"].startswith("assay-enrol-1.") and d["node"] == "other"'
status 0 "a token for a file" "$ASSAY" node enrol node --life 10m --out "$D/etc/token"
ok "  which is its owner's" [ "$(stat -c %a "$D/etc/token")" = 600 ]
ok "  and nowhere else" sh -c "! grep -q assay-enrol '$D/out' '$D/err'"
agent_config "ca: $V/clients/ca.pem"
agent_start
ok "it enrols: a line of watch" told '^[0-9:.]*  node  affirming$' 20
status 0 "show: affirming" "$ASSAY" node show node
ok "  says so" says "^node is affirming"
status 0 "show as JSON" "$ASSAY" node show node --json
ok "  has its members" json 'd["id"] == "node" and d["status"] == "affirming" and d["reasons"] == []'
status 0 "list" "$ASSAY" node list
ok "  names it" says "^node  *affirming"
status 0 "list of what is not" "$ASSAY" node list --status contraindicated
ok "  is empty" says "No node is so"
status 0 "list as JSON" "$ASSAY" node list --json --status affirming
ok "  has it" json '[n["id"] for n in d["nodes"]] == ["node"]'
status 0 "a result" "$ASSAY" node result node
ok "  is a token" says '^ey[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$'
cp "$D/out" "$D/node.jwt"
python3 -c 'import ssl, sys, urllib.request as u
print(u.urlopen(sys.argv[1], context=ssl.create_default_context(cafile=sys.argv[2])).read().decode())' \
	"$SERVER/.well-known/jwks.json" "$V/clients/ca.pem" >"$D/verifier.jwks"
status 0 "a result that is checked" "$ASSAY" node result node --verify --json
ok "  says so" json 'd["verified"] and d["reason"] == "affirming"'
cat >"$D/jwks" <<'KEYS'
{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}
KEYS
status 1 "and with somebody else's keys" "$ASSAY" node result node --verify --jwks "$D/jwks"

# the verifier goes and comes back; meanwhile one who watches hears nothing, and one has heard nothing yet
"$ASSAY" node watch >"$D/later" 2>"$D/watch.log" &
LATER_PID=$!
sleep 0.5
kill -STOP "$WATCH_PID" "$LATER_PID"
kill "$ASSAYD_PID"
wait "$ASSAYD_PID" 2>/dev/null
sleep 1
ok "it is started again" assayd_start
printf '#!/bin/sh\n# a back door\n' >"$D/changed"
"$LAB_REPLAY" --run /usr/bin/tpm2 "$D/changed" "$IMA"
known() {
	for _ in $(seq 100); do
		"$ASSAY" node show node >"$D/known"
		[ $? -eq 1 ] && grep -q '^node is contraindicated' "$D/known" && return 0
		sleep 0.1
	done
	return 1
}
ok "a change is known that nobody heard of" known
kill -CONT "$WATCH_PID" "$LATER_PID"
ok "watch goes on" told 'affirming -> contraindicated  ima.file-modified .*tpm2' 20
ok "and who had heard nothing" told 'affirming -> contraindicated' 20 "$D/later"
kill "$LATER_PID"
LATER_PID=''
ok "and told nothing twice" [ "$(sort "$D/events" | uniq -d | wc -l)" -eq 0 ]
status 1 "show: contraindicated" "$ASSAY" node show node
ok "  with what to do" says "hint  "
status 1 "its result is not to be relied on" "$ASSAY" node result node --verify
status 124 "all of the past" timeout 2 "$ASSAY" node watch node --after 0 --json
ok "  is a line of JSON each" python3 - "$D/out" <<'EOF'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
assert [e["status"] for e in events][0] == "affirming" and events[0]["seq"] < events[1]["seq"], events
EOF
ok "the agent ends" agent_stop
status 0 "it is removed" "$ASSAY" node remove node
ok "  which is an event" told 'none  node.removed' 5
status 5 "and is no more" "$ASSAY" node remove node

# a verifier that lies
cat >"$D/liar.py" <<'EOF'
import http.server, json, sys
TYPE = 'application/eat+jwt'
BAD = "\u001b[2J\u202eevil\u0007"
NODE = {"id": "n", "status": "contraindicated", "since": None, "heard": None, "due": None, "policy": BAD, "akName": BAD,
        "ekDigest": BAD, "reasons": [{"code": BAD, "severity": "warning", "where": BAD, "found": BAD, "hint": BAD}]}
EVENT = {"seq": 1, "time": "2026-11-25T17:00:00.000Z", "node": "n", "status": "warning", "reasons": NODE["reasons"]}
class Liar(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, kind, code, body = self.path.split("?")[0], "application/json", 200, NODE
        if path == "/v1/nodes":
            body = {"nodes": [NODE], "next": "n" if "limit=500&after" not in self.path else "n"}
        elif path.endswith("/other"):
            body = NODE
        elif path.endswith("/half"):
            body = {**NODE, "id": "half", "status": "fine"}
        elif path.endswith("/media"):
            kind = "text/html"
        elif path.endswith("/twice"):
            body = '{"id":"twice","id":"n"}'
        elif path.endswith("/problem"):
            code, kind, body = 418, "application/problem+json", {"title": BAD, "detail": BAD}
        elif path.endswith("/result"):
            kind, body = TYPE, BAD if path.endswith("/n/result") else open(sys.argv[1]).read().strip()
        elif path == "/v1/events":
            kind, body = "text/event-stream", "id: 1\nevent: verdict\ndata: " + json.dumps(EVENT) + "\n\nevent: verdict\ndata: {}\n\n"
        body = (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Liar)
print(server.server_port, flush=True)
server.serve_forever()
EOF
python3 "$D/liar.py" "$D/node.jwt" >"$D/liar.port" &
LIAR_PID=$!
while [ ! -s "$D/liar.port" ]; do sleep 0.05; done
unset ASSAY_CONFIG
rm -r "$HOME/.config"
lie() { # STATUS NAME WORD...
	lie_want=$1 lie_name=$2
	shift 2
	status "$lie_want" "$lie_name" "$ASSAY" node "$@" --server "http://127.0.0.1:$(cat "$D/liar.port")"
	ok "  and no terminal obeys it" plain
}
lie 1 "text that a terminal would obey" show n
ok "  is shown as what it is" says '\\u001b\|\\x1b'
lie 1 "in JSON too" show n --json
lie 3 "a list that does not go on" list
lie 3 "another node" show other
lie 3 "a status that is none" show half
lie 3 "a page in place of JSON" show media
lie 3 "a member twice" show twice
lie 5 "a refusal" show problem
lie 3 "a result that is no token" result n
lie 0 "a result that it did not make" result node --verify --jwks "$D/verifier.jwks"
lie 1 "another node's" result half --verify --jwks "$D/verifier.jwks"
ok "  says so" says other-subject
lie 3 "an event that is none" watch
ok "  after one that is" says '17:00:00.000  n  warning'
for c in list show watch result enrol remove; do
	status 0 "assay node $c --help" "$ASSAY" node $c --help
	ok "  has an example" says "^example: assay node $c"
done
! grep -qi sanitizer "$D/assayd.log" "$D/agent.log" || sed 's/^/# /' "$D/assayd.log" "$D/agent.log" | tail -n 40
done_testing

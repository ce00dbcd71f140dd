#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The living system: a node enrols with a real verifier and is affirming; a program is tampered with
# and it is contraindicated within the promised time, at who listens to events; its agent is killed
# and it falls silent.
. tests/e2e/lib.sh
command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }
e2e_start
. tests/e2e/agent.sh
agent_setup
ASSAYD_PID='' EVENTS_PID=''
living_cleanup() {
	for pid in $ASSAYD_PID $EVENTS_PID; do kill "$pid" 2>/dev/null; done
	agent_cleanup
}
trap living_cleanup EXIT

# A CA for server and people.
quietly() { "$@" >>"$D/tools.log" 2>&1; }
certificate() { # NAME SUBJECT EXTENSION
	quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" \
		-keyout "$D/$1.key" -out "$D/$1.csr" &&
		printf '%s\n' "$3" >"$D/$1.ext" &&
		quietly openssl x509 -req -in "$D/$1.csr" -CA "$D/web.pem" -CAkey "$D/web.key" \
			-days 2 -extfile "$D/$1.ext" -out "$D/$1.pem"
}
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 2 \
	-keyout "$D/web.key" -out "$D/web.pem"
certificate server /CN=verifier 'subjectAltName=IP:127.0.0.1'
certificate operator /O=lab/OU=operator/CN=olga 'extendedKeyUsage=clientAuth'

mkdir -p "$D/roots/intermediates" "$D/d"
cp "$D"/ca/*rootca*cert.pem "$D/roots/"
cp "$D/ca/issuercert.pem" "$D/roots/intermediates/"
quietly "$ASSAY" refs learn tests/evidence/clean-a -o "$D/good.refs" --ak tests/evidence/clean-a/ak.pub

assayd_start() {
	"$ASSAYD" --config "$D/assayd.yaml" 2>>"$D/assayd.log" &
	ASSAYD_PID=$!
	assayd_try=0
	until curl -sf --cacert "$D/web.pem" "$SERVER/readyz" >/dev/null; do
		assayd_try=$((assayd_try + 1))
		[ "$assayd_try" -lt 100 ] || { tail "$D/assayd.log"; return 1; }
		sleep 0.05
	done
}
assayd_stop() {
	kill "-${1:-TERM}" "$ASSAYD_PID"
	wait "$ASSAYD_PID" 2>/dev/null
	ASSAYD_PID=''
}
port=$(lab_free_port)
SERVER=https://127.0.0.1:$port
cat >"$D/assayd.yaml" <<END
store: sqlite:$D/d/assay.db
keys: $D/d/keys
references: $D/good.refs
ek-roots: $D/roots
interval: 3s
key-settle: 1s
listen:
  address: 127.0.0.1
  port: $port
  threads: 1
tls:
  certificate: $D/server.pem
  key: $D/server.key
  client-ca: $D/web.pem
END
mkdir -m 700 "$D/d/keys"
quietly "$ASSAYD" --config "$D/assayd.yaml" --make-keys
operator() { curl -sf --cacert "$D/web.pem" --cert "$D/operator.pem" --key "$D/operator.key" "$@"; }
# NODE's status, once it is that
is() { # STATUS SECONDS
	is_try=$(($2 * 20))
	until operator "$SERVER/v1/nodes/node" >"$D/node.json" && grep -q "\"status\": *\"$1\"" "$D/node.json"; do
		is_try=$((is_try - 1))
		[ "$is_try" -gt 0 ] || {
			cat "$D/node.json"
			tail -n 5 "$D/agent.log" "$D/assayd.log"
			return 1
		}
		sleep 0.05
	done
}
told() { # PATTERN SECONDS: an event came
	told_try=$(($2 * 50))
	until grep -q -e "$1" "$D/events"; do
		told_try=$((told_try - 1))
		[ "$told_try" -gt 0 ] || { cat "$D/events"; tail -n 5 "$D/assayd.log"; return 1; }
		sleep 0.02
	done
}

ok "the verifier starts" assayd_start
operator -N "$SERVER/v1/events?after=0" >"$D/events" &
EVENTS_PID=$!
agent_config "ca: $D/web.pem"
agent_start
sleep 0.5
ok "without a token it is not known" not operator "$SERVER/v1/nodes/node"
ok "and says so" grep -q '403' "$D/agent.log"
ok "an operator makes a token" operator -H 'Content-Type: application/json' \
	-d '{"node":"node","life":600}' -o "$D/token.json" "$SERVER/v1/tokens"
python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["token"])' "$D/token.json" >"$D/etc/token"
ok "the node enrols, and is affirming" is affirming 20
ok "which is an event" told 'affirming' 5
ok "the token is gone" [ ! -e "$D/etc/token" ]
cp "$D/node.json" "$D/affirming.json"
sleep 4
ok "it stays so beyond an interval" is affirming 1
operator "$SERVER/metrics" >"$D/metrics"
said() { sed -n "s/^assay_evidence_total{said=\"$1\"} //p" "$D/metrics"; }
ok "one whole bundle was enough" [ "$(said full)" -eq 1 ]
ok "the rest went on from receipts" [ "$(said warm)" -ge 2 ]
ok "none was sent for nothing" [ "$(said send-all)" -eq 0 ]

printf '#!/bin/sh\n# a back door\n' >"$D/changed"
"$LAB_REPLAY" --run /usr/bin/tpm2 "$D/changed" "$IMA"
changed=$(stat -c %.6Y "$ROOT/sys/kernel/security/ima/runtime_measurements_count")
ok "a program is tampered with, and runs: an event" told 'contraindicated' 5
ok "with the reason" grep -q 'ima.file-modified' "$D/events"
python3 - "$D/events" "$changed" >"$D/took" <<'END'
import json, sys
events = [json.loads(l[5:]) for l in open(sys.argv[1]) if l.startswith("data:")]
event = next(e for e in events if e["status"] == "contraindicated")
import datetime
t = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
print(round((t - float(sys.argv[2])) * 1000))
END
took=$(cat "$D/took")
echo "# $took ms from the change to the event"
ok "within a second even on a busy machine" [ "$took" -lt 1000 ]
ok "the node says so too" is contraindicated 2
sleep 4
ok "and is not forgotten by the messages after it" is contraindicated 1

# the verifier goes and comes back
assayd_stop KILL
sleep 1
ok "the verifier is killed and started again" assayd_start
"$LAB_REPLAY" --run /usr/bin/tpm2 "$D/changed" "$IMA"
ok "the node is what it was" is contraindicated 5
sleep 4
ok "and is heard: not silent" is contraindicated 1

operator -N "$SERVER/v1/events?after=0" >"$D/events" &
EVENTS_PID="$EVENTS_PID $!"
kill -9 "$AGENT_PID"
wait "$AGENT_PID" 2>/dev/null
AGENT_PID=''
ok "the agent is killed: none, within interval and a breath" is none 8
ok "because it is silent" grep -q 'node.silent' "$D/node.json"
ok "which is an event" told 'node.silent' 3
agent_start
ok "it is started again: what it was, from evidence" is contraindicated 10
ok "SIGTERM: it ends" agent_stop
assayd_stop
! grep -qi sanitizer "$D/assayd.log" "$D/agent.log" || sed 's/^/# /' "$D/assayd.log" "$D/agent.log" | tail -n 40
done_testing

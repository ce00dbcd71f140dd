#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many askers, one quote: each verifies its own bundle with nothing but its nonce.
. tests/e2e/lib.sh
e2e_start
. tests/e2e/agent.sh
agent_setup
verifier_start
agent_config
echo secret >"$D/etc/token"
agent_start
ok "the agent is enrolled" heard 'evidence appraised'
SOCK=$D/run/quote.sock
ok "the socket is for owner and group" [ "$(stat -c %a "$SOCK")" = 660 ]

mkdir "$D/a"
ask() { python3 tests/e2e/ask.py "$SOCK" "$D/a" "$@" >"$D/answered"; }
# The quote alone says nothing of the machine's state: 1 is "appraised, and not affirming", never
# "could not be appraised". That the quote is not the asker's would be a reason.
verify() { # I [NONCE]
	"$ASSAY" verify "$D/a/$1.cmw" --nonce "${2:-$(cat "$D/a/$1.nonce")}" >"$D/verdict" 2>&1
	[ $? -le 1 ] && ! grep -q nonce-mismatch "$D/verdict"
}
all_verify() {
	i=0
	while [ "$i" -lt "$1" ]; do
		verify "$i" || { echo "asker $i"; cat "$D/verdict"; return 1; }
		i=$((i + 1))
	done
}
quotes() { # how many different ones
	for f in "$D"/a/*.cmw; do
		"$ASSAY" inspect --json "$f" >"$D/parts"
		python3 - "$f" "$D/parts" <<'END'
import hashlib, json, sys
part = next(p for p in json.load(open(sys.argv[2]))["parts"] if p["name"] == "quote.msg")
f = open(sys.argv[1], "rb").read()
print(hashlib.sha256(f[part["offset"]:part["offset"] + part["size"]]).hexdigest())
END
	done | sort -u | wc -l
}

ok "one asker" ask 1
ok "is answered" grep -qx 1 "$D/answered"
ok "and verifies it alone" verify 0
ok "not with another nonce" not verify 0 0123456789abcdef
ok "two dozen askers" ask 24
ok "are answered" grep -qx 24 "$D/answered"
ok "each verifies its own" all_verify 24
n=$(quotes)
echo "# $n quotes for two dozen askers"
ok "by a few quotes" test "$n" -ge 1 -a "$n" -le 10
cp "$D/a/1.cmw" "$D/a/2.cmw"
ok "none verifies the neighbour's" not verify 2

mark
for i in 1 2 3 4; do
	(for _ in 1 2 3 4 5 6 7 8; do python3 tests/e2e/ask.py "$SOCK" "$D/a" 5 >/dev/null; done) &
	askers="${askers-} $!"
done
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	kill -HUP "$AGENT_PID"
	sleep 0.05
done
# shellcheck disable=SC2086 # a list
wait $askers
ok "its evidence is good all the same" heard 'evidence appraised .*quote=\(good\|batch\)'
ok "never stale" not heard stale 0
echo "# $(heard_times quote=batch) of $(heard_times evidence) messages shared their quote"

start=$(date +%s%N)
ok "slow ones before fast ones" ask 20 60
ok "the fast are answered" grep -qx 20 "$D/answered"
ok "and verify" all_verify 20
took=$((($(date +%s%N) - start) / 1000000))
echo "# $took ms with sixty slow ones"
mark
execute one
ok "the verifier hears of changes meanwhile" heard 'evidence appraised .*entries=1' 1
ok "more than there is room for" ask 200
echo "# $(cat "$D/answered") of 200 at once were answered"
ok "and afterwards" ask 5
ok "all goes on" grep -qx 5 "$D/answered"

for bad in '\202\001\101a' '\202\002\130\040' 'GET / HTTP/1.1' '\202\001\131\001\000'; do
	printf "$bad" | python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read()); sys.stdout.buffer.write(s.recv(100))' "$SOCK" >"$D/refusal"
	ok "no question: a word" grep -q malformed "$D/refusal"
done
lab_tpm_stop "$D"
python3 tests/e2e/ask.py "$SOCK" "$D/a" 1 >/dev/null
ok "no TPM: a word" grep -q tpm "$D/a/0.cmw"
status 5 "a second agent at the same socket does not start" "$AGENT" --config "$D/agent.yaml" --once
ok "and says why" grep -q "another agent" "$D/err"
kill -9 "$AGENT_PID"
wait "$AGENT_PID" 2>/dev/null
lab_tpm_start "$D"
agent_config
agent_start
sleep 1
ok "what a killed agent left is replaced" ask 1
ok "and answers" grep -qx 1 "$D/answered"
done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes wrong around an agent, and that it goes on by itself when it is over: the TPM, the
# server, its answers, the disk, the list.
. tests/e2e/lib.sh
e2e_start
. tests/e2e/agent.sh
agent_setup
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=lab -days 2 \
	-addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout "$D/key.pem" -out "$D/cert.pem" 2>/dev/null
verifier() { verifier_start "$D/cert.pem" "$D/key.pem"; }
verifier
agent_config "ca: $D/cert.pem" "timeout: 2s" "gap: 50ms"
logged() { grep -c -e "$1" "$D/agent.log"; }
alive() { kill -0 "$AGENT_PID"; }

# Enrolment that fails leaves the token, and is tried again.
echo wrong >"$D/etc/token"
agent_start
ok "a token that is not taken" heard 'begin node=node token=wrong'
ok "stays where it is" [ -s "$D/etc/token" ]
ok "no evidence is sent without" sh -c "sleep 0.3; ! grep -q evidence $D/v/log"
ok "it says why" sh -c "sleep 0.2; grep -q 'as the script says' $D/agent.log"
echo secret >"$D/etc/token"
ok "the right one is taken at the next try" heard 'evidence appraised' 20

# The TPM
mark
lab_tpm_stop "$D"
execute_without_tpm() {
	printf x >>"$IMA" # a torn record is worth nothing, but the count moved
	echo 999 >"$ROOT/sys/kernel/security/ima/runtime_measurements_count"
}
cp "$IMA" "$D/list"
count=$(cat "$ROOT/sys/kernel/security/ima/runtime_measurements_count")
execute_without_tpm
ok "no TPM: nothing is heard" sh -c "sleep 1; ! tail -n +$((heard_from + 1)) $D/v/log | grep -q evidence"
ok "it says so" grep -q 'cannot reach the TPM' "$D/agent.log"
ok "and lives" alive
cat "$D/list" >"$IMA"
echo "$count" >"$ROOT/sys/kernel/security/ima/runtime_measurements_count"
port=${LAB_TCTI##*=}
swtpm socket --tpm2 --tpmstate "dir=$D/state" --server "type=tcp,port=$port,bindaddr=127.0.0.1" \
	--ctrl "type=tcp,port=$((port + 1)),bindaddr=127.0.0.1" --flags not-need-init,startup-clear \
	--pid "file=$D/pid" --log "file=$D/swtpm.log" --daemon
echo "$LAB_TCTI" >"$D/tcti"
"$LAB_REPLAY" tests/evidence/clean-a
ok "the TPM is back, another boot: all is sent" heard 'quote=good receipt=none from=0' 70
mark
kill -HUP "$AGENT_PID"
ok "and nothing is left to tell" heard 'receipt=good .*entries=0' 20

# The server
mark
verifier_stop KILL
execute one
sleep 1
ok "no server: the agent lives" alive
verifier
ok "the server is back: the entry is told" heard 'evidence appraised .*receipt=\(wrong\|good\) from=[0-9]* entries=1' 30
mark
script never
execute two
ok "a server that never answers" heard 'evidence never .*entries=1'
ok "after two seconds it is asked again" heard 'evidence appraised .*entries=1' 10
mark
script slow
execute three
ok "a server that is restarted while it is asked" heard 'evidence slow .*entries=1'
verifier_stop KILL
verifier
ok "is told again" heard 'evidence appraised .*entries=1' 10
mark
script slow
execute slow
ok "a slow answer" heard 'evidence slow' 5
execute four
ok "comes too late: both entries are told again" heard 'evidence appraised .*entries=2' 10
for word in garbage html 429 503 400 413; do
	mark
	script "$word"
	execute "$word"
	ok "$word" heard "evidence $word .*entries=1"
	start=$(date +%s%N)
	ok "$word: it is told again" heard 'evidence appraised .*receipt=good from=[0-9]* entries=1' 20
	took=$((($(date +%s%N) - start) / 1000000))
	case $word in
	429 | 503) ok "$word: not before Retry-After ($took ms)" [ "$took" -ge 900 ] ;;
	esac
done
mark
script 503 503 503 503
execute again
ok "the same trouble four times" heard 'evidence appraised' 60
ok "is logged once" [ "$(logged '503 as the script says')" -eq 2 ]
mark
script send-all send-all send-all send-all send-all send-all send-all
execute loop
ok "a server that is never content" heard 'evidence appraised' 60
ok "is not asked without end" [ "$(logged 'asked for another one 4 times')" -ge 1 ]

# The list
mark
cp "$IMA" "$D/list"
mv "$D/list" "$IMA"
kill -HUP "$AGENT_PID"
ok "another file under the list's name: all is sent" heard 'receipt=none from=0'
mark
head -c 20 "$IMA" >"$D/torn"
cat "$D/torn" >>"$IMA"
kill -HUP "$AGENT_PID"
ok "a record that is not yet whole does not matter" heard 'evidence appraised .*receipt=good .*entries=0'

# The disk (root may write everywhere: a folder that is gone does the same)
agent_stop
rm "$D/agent/state"
mv "$D/agent" "$D/agent.away"
mark
agent_start
ok "the state cannot be written: it attests all the same" heard 'evidence appraised'
ok "and says so" sh -c "sleep 0.2; grep -q 'costs a question' $D/agent.log"
mv "$D/agent.away" "$D/agent"
agent_stop
printf 'garbage\n' >"$D/agent/state"
mark
agent_start
ok "a state that is none: the server is asked" heard 'evidence appraised'
ok "and it is written anew" sh -c "sleep 0.2; grep -q '^node node' $D/agent/state"

# Who the server is
agent_stop
sed "s#https://127.0.0.1#https://localhost#" "$D/agent.yaml" >"$D/name.yaml"
status 0 "a server by its name" "$AGENT" --config "$D/name.yaml" --once
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other -days 2 \
	-keyout "$D/other.key" -out "$D/other.pem" 2>/dev/null
agent_config "ca: $D/other.pem"
mark
status 5 "a server with another CA" "$AGENT" --config "$D/agent.yaml" --once
ok "hears nothing" [ "$(heard_times .)" -eq 0 ]
echo "frobnicate: yes" >>"$D/agent.yaml"
status 5 "a key that nobody knows in the settings" "$AGENT" --config "$D/agent.yaml" --once
ok "is named" grep -q frobnicate "$D/err"
done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The agent's life: it enrols, tells what changes, says no more than it must, and stops when asked.
. tests/e2e/lib.sh
e2e_start
. tests/e2e/agent.sh
agent_setup
verifier_start
agent_config

printf ' secret\n' >"$D/etc/token"
agent_start
ok "it begins with its token and the EK certificate" heard 'begin node=node token=secret cert=[1-9]'
ok "its TPM opens the credential" heard 'finish secret=good'
ok "then it sends all" heard 'evidence appraised node=node quote=good receipt=none from=0 entries=[1-9]'
ok "with the logs of the boot" heard 'parts=.*pcrs.txt,binary_bios_measurements,binary_runtime'
ok "no challenge was asked for: enrolment gave one" [ "$(heard_times challenge)" -eq 0 ]
ok "the token is gone" [ ! -e "$D/etc/token" ]
ok "the state says so" grep -q "^server $SERVER\$" "$D/agent/state"

n=$(cat "$ROOT/sys/kernel/security/ima/runtime_measurements_count")
sleep 1
mark
execute one
ok "a program starts: one entry, behind the receipt" \
	heard "evidence appraised node=node quote=good receipt=good from=$n entries=1 "
ok "with the quote alone, and the key" heard 'parts=quote.msg,quote.sig,ak.pub,binary_runtime_measurements$'
sleep 0.5
ok "and is told once" [ "$(heard_times evidence)" -eq 1 ]
mark
for i in 1 2 3 4 5 6 7 8; do execute "burst$i"; done
sleep 1.5
ok "a burst: all of it is told" \
	sh -c "tail -n 1 $D/v/log | grep -q 'receipt=good from=.*' && ! grep -q receipt=wrong $D/v/log"
last=$(tail -n 1 "$D/v/log" | sed 's/.*from=\([0-9]*\) entries=\([0-9]*\) .*/\1 + \2/')
last=$(echo "$last" | { read -r from _ more; echo $((from + more)); })
ok "to the last entry" [ "$last" -eq $((n + 9)) ]
echo "# $(heard_times evidence) messages for eight programs"

mark
kill -HUP "$AGENT_PID"
ok "SIGHUP: a message now" heard 'evidence appraised'
ok "nothing changed: no list at all" heard 'receipt=good from=[0-9]* entries=0 .*parts=quote.msg,quote.sig,ak.pub$'

mark
script send-all
execute two
ok "send-all" heard 'evidence send-all .*receipt=good'
ok "all is sent at once" heard 'evidence appraised .*receipt=none from=0 entries=[1-9]'
mark
script challenge
execute three
ok "the challenge is not good" heard 'evidence challenge .*receipt=good from=[0-9]* entries=1'
ok "the same again, with another" heard 'evidence appraised .*quote=good receipt=good from=[0-9]* entries=1'
mark
script no-receipt
execute four
ok "no receipt was given" heard 'evidence no-receipt'
execute five
ok "so all is sent" heard 'evidence appraised .*receipt=none from=0 entries=[1-9]'
mark
tpm2_pcrextend -T "$LAB_TCTI" "11:sha256=$(printf x | sha256sum | cut -d' ' -f1)"
execute six
ok "another PCR moved: all is sent" heard 'evidence appraised .*quote=good receipt=none from=0 .*pcrs.txt'

mark
echo 600 >"$D/v/interval"
execute seven
sleep 2
ok "the interval is obeyed: 300 to 400 ms" [ "$(heard_times 'entries=0')" -ge 4 ]
ok "and no more than that" [ "$(heard_times 'entries=0')" -le 7 ]
echo "# $(heard_times 'entries=0') messages in two seconds"
echo 60000 >"$D/v/interval"
sleep 0.5

# one process: what it holds, and what it costs to look
ok "100 messages" sh -c "i=0; while [ \$i -lt 100 ]; do kill -HUP $AGENT_PID; sleep 0.02; i=\$((i + 1)); done"
sleep 0.5
rss=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$AGENT_PID/status")
echo "# VmRSS after $(wc -l <"$D/v/log") messages: $rss KiB"
[ -n "${ASSAY_SANITIZED-}" ] || ok "no more than 8 MiB" [ "$rss" -le 8192 ]
before=$(cut -d' ' -f14,15 "/proc/$AGENT_PID/stat")
sleep 2
after=$(cut -d' ' -f14,15 "/proc/$AGENT_PID/stat")
echo "# CPU while nothing happens: $before to $after ticks in 2 s"

ok "SIGTERM: it ends well" agent_stop
mark
agent_start
ok "it is back: a challenge is asked for" heard 'challenge node=node name=34'
ok "and all is sent" heard 'evidence appraised .*receipt=none from=0'
ok "it did not enrol again" [ "$(heard_times begin)" -eq 0 ]
ok "kill -9" sh -c "kill -9 $AGENT_PID; ! kill -0 $AGENT_PID || sleep 0.2"
wait "$AGENT_PID" 2>/dev/null
rm "$D/agent/state"
mark
agent_start
ok "the state is lost: the server remembers" heard 'evidence appraised'
ok "the state is written again" sh -c "sleep 0.2; grep -q '^node node' $D/agent/state"
ok "the end" agent_stop
mark
status 0 "--once" "$AGENT" --config "$D/agent.yaml" --once
ok "sends one message" [ "$(heard_times evidence)" -eq 1 ]
script 403
status 5 "--once, refused" "$AGENT" --config "$D/agent.yaml" --once
ok "and says why" grep -q "as the script says" "$D/err"
done_testing

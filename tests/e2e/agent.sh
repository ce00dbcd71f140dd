#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the agent's end-to-end tests share; source it after lib.sh and e2e_start:
#
#   agent_config [LINE...]   $D/agent.yaml for the server $SERVER, with further lines
#   agent_start, agent_stop [SIGNAL]
#   verifier_start [CERT KEY], verifier_stop      the lab's, in $D/v; sets SERVER
#   script WORD...           how it answers the next messages
#   heard PATTERN [SECONDS]  true once its log has a line with PATTERN, behind the last `mark`
#   mark                     forgets what was heard so far
#   execute NAME             a program starts: an entry in IMA's list, and PCR 10
#
# From meson: AGENT, LAB_VERIFIER.
AGENT_PID='' VERIFIER_PID=''

agent_cleanup() {
	[ -z "$AGENT_PID" ] || kill -9 "$AGENT_PID" 2>/dev/null
	[ -z "$VERIFIER_PID" ] || kill -9 "$VERIFIER_PID" 2>/dev/null
	lab_tpm_stop "$D"
	rm -rf "$D"
}

agent_setup() {
	trap agent_cleanup EXIT
	IMA=$ROOT/sys/kernel/security/ima/binary_runtime_measurements
	mkdir -p "$D/v" "$D/agent" "$D/etc" "$D/run"
	heard_from=0
}

agent_config() {
	cat >"$D/agent.yaml" <<END
server: $SERVER
node: node
token: $D/etc/token
tcti: $LAB_TCTI
root: $ROOT
state: $D/agent
socket: $D/run/quote.sock
END
	[ -z "${ASSAY_SANITIZED-}" ] || echo "sandbox: false" >>"$D/agent.yaml"
	for agent_line in "$@"; do echo "$agent_line" >>"$D/agent.yaml"; done
}

agent_start() {
	"$AGENT" --config "$D/agent.yaml" 2>>"$D/agent.log" &
	AGENT_PID=$!
}

# Its exit status.
agent_stop() {
	kill "-${1:-TERM}" "$AGENT_PID"
	wait "$AGENT_PID"
	agent_status=$?
	AGENT_PID=''
	return "$agent_status"
}

verifier_start() {
	"$LAB_VERIFIER" "$D/v" "$@" 2>>"$D/verifier.log" &
	VERIFIER_PID=$!
	agent_try=0
	until [ -s "$D/v/port" ] && kill -0 "$VERIFIER_PID" && [ "$agent_try" -lt 100 ]; do
		agent_try=$((agent_try + 1))
		sleep 0.05
	done
	SERVER=http${1:+s}://127.0.0.1:$(cat "$D/v/port")
}

verifier_stop() {
	kill "-${1:-TERM}" "$VERIFIER_PID"
	wait "$VERIFIER_PID" 2>/dev/null
	VERIFIER_PID=''
}

script() { printf '%s\n' "$@" >"$D/v/script"; }

mark() { heard_from=$(wc -l <"$D/v/log"); }

heard() {
	heard_try=$((${2:-10} * 50))
	while ! tail -n +"$((heard_from + 1))" "$D/v/log" 2>/dev/null | grep -q -e "$1"; do
		heard_try=$((heard_try - 1))
		[ "$heard_try" -gt 0 ] || {
			echo "not heard: $1"
			tail -n +"$((heard_from + 1))" "$D/v/log"
			tail -n 5 "$D/agent.log"
			return 1
		}
		sleep 0.02
	done
}

# What was heard since the mark, lines with PATTERN.
heard_times() { tail -n +"$((heard_from + 1))" "$D/v/log" | grep -c -e "$1"; }

execute() {
	printf '#!/bin/sh\n# %s\n' "$1" >"$D/program"
	"$LAB_REPLAY" --run "/usr/bin/$1" "$D/program" "$IMA"
}

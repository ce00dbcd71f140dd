#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo: ./dev run [--once]. A verifier, and a machine with a software TPM that gets a boot which
# was really captured. Its agent enrols; then one thing is changed at a time, and the verifier's
# events are shown as they come. --once asks nothing.
# Exit status: 0 when each thing that is promised was seen.
set -eu
cd "$(dirname "$0")/../.."
. tests/lab/swtpm.sh
here=$PWD
ASSAY=${ASSAY:-$here/build/cli/assay}
ASSAYD=${ASSAYD:-$here/build/verifier/assayd}
AGENT=${AGENT:-$here/build/attester/assay-agent}
LAB_REPLAY=${LAB_REPLAY:-$here/build/tests/lab/assay-lab-replay}
NODE=rack1-07
INTERVAL=${LAB_INTERVAL:-3} # seconds that a node may be silent
PROMISED=${LAB_PROMISED:-1000} # ms from a change on the node to the verdict
once=
case ${1-} in
--once) once=yes ;;
'') ;;
*) echo "usage: ./dev run [--once]" >&2; exit 2 ;;
esac
[ -t 0 ] && [ -t 1 ] || once=yes
bold='' plain=''
[ -t 1 ] && bold=$(printf '\033[1m') plain=$(printf '\033[0m')

D=$(mktemp -d "${TMPDIR:-/tmp}/assay-run-XXXXXX")
assayd_pid='' agent_pid='' watch_pid=''
seen=0

stop() { # PID [SIGNAL]
	[ -n "$1" ] || return 0
	kill "-${2:-TERM}" "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}
finish() {
	stop "$watch_pid"
	stop "$agent_pid"
	stop "$assayd_pid"
	lab_tpm_stop "$D"
	rm -rf "$D"
}
trap finish EXIT
trap 'exit 130' INT TERM

headline() { printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"; }

pause() {
	[ -z "$once" ] || return 0
	printf '\n(Enter to go on) '
	read -r _ || :
}

# What follows would not be what it says it is.
broken() {
	printf 'This was promised and did not come: %s\n' "$*" >&2
	tail -n 5 "$D/assayd.log" "$D/agent.log" >&2 2>/dev/null || :
	exit 1
}

# Shows a command of assay and runs it in the demo's folder, of which its output says nothing more.
run() {
	printf '$ assay %s\n' "$*"
	status=0
	(cd "$D" && "$ASSAY" "$@") >"$D/said" 2>&1 || status=$?
	sed "s,$D/,,g" "$D/said"
	return "$status"
}

# Shows the verifier's events as they come, until one has PATTERN; at most SECONDS.
event() { # PATTERN SECONDS
	event_try=$(($2 * 50))
	while :; do
		now=$(wc -l <"$D/events")
		if [ "$now" -gt "$seen" ]; then
			new=$(sed -n "$((seen + 1)),${now}p" "$D/events")
			printf '%s\n' "$new" | sed "s/^/  watch | /"
			seen=$now
			! printf '%s\n' "$new" | grep -q -e "$1" || return 0
		fi
		event_try=$((event_try - 1))
		[ "$event_try" -gt 0 ] || broken "an event with $1"
		sleep 0.02
	done
}

# Milliseconds from the change on the node to the verdict, which is the event's time.
took() {
	since=$(cd "$D" && "$ASSAY" node show "$NODE" --json | sed -n 's/.*"since": *"\([^"]*\)".*/\1/p')
	changed=$(stat -c %.3Y "$D/root/sys/kernel/security/ima/runtime_measurements_count")
	ms=$(($(date -d "$since" +%s%3N) - $(printf '%s' "$changed" | tr -d .)))
	printf '\n  %s%d ms from the change to the verdict%s\n' "$bold" "$ms" "$plain"
	[ "$ms" -lt "$PROMISED" ] || broken "a verdict within $PROMISED ms"
}

# Power on, then what firmware, boot loader and kernel extended in that boot; then the agent.
boot() { # EVIDENCE SECUREBOOT
	lab_tpm_stop "$D"
	lab_tpm_start "$D"
	export TPM2TOOLS_TCTI="$LAB_TCTI"
	rm -rf "$D/root"
	lab_root "$here/tests/evidence/$1" "$D/root" "$2"
	"$LAB_REPLAY" "$here/tests/evidence/$1"
}
agent() {
	cat >"$D/agent.yaml" <<END_OF_CONFIG
server: $SERVER
ca: $D/verifier/clients/ca.pem
node: $NODE
token: $D/agent.token
tcti: $LAB_TCTI
root: $D/root
state: $D/agent
END_OF_CONFIG
	(cd "$D" && exec "$AGENT" --config agent.yaml) 2>>"$D/agent.log" &
	agent_pid=$!
}
reboot() { # EVIDENCE SECUREBOOT
	stop "$agent_pid" KILL
	boot "$1" "$2"
	agent
}

headline "A verifier: keys, certificates and settings are made once; then it runs"
port=$(lab_free_port)
SERVER=https://127.0.0.1:$port
run server init verifier --name 127.0.0.1 --address 127.0.0.1 --port "$port" --interval "${INTERVAL}s" >/dev/null
sed "s,$D/,,g" "$D/said" | sed -n 1,5p | sed '1i\
$ assay server init verifier --name 127.0.0.1 ...'
lab_tpm_make "$D"
mkdir -p "$D/verifier/ek-roots/intermediates" "$D/agent"
cp "$D"/ca/*rootca*cert.pem "$D/verifier/ek-roots/"
cp "$D/ca/issuercert.pem" "$D/verifier/ek-roots/intermediates/"

headline "What is good: a machine that is known to be so teaches it"
cp -r tests/evidence/clean-a "$D/golden"
run refs learn golden --ak golden/ak.pub -o verifier/references/good.jsonl

printf '\n$ assayd --config verifier/assayd.yaml &\n$ export ASSAY_CONFIG=verifier/client.yaml\n'
printf '$ assay node watch &\n'
export ASSAY_CONFIG="$D/verifier/client.yaml"
"$ASSAYD" --config "$D/verifier/assayd.yaml" 2>"$D/assayd.log" &
assayd_pid=$!
try=0
until "$ASSAY" node list >/dev/null 2>&1; do
	try=$((try + 1))
	[ "$try" -lt 200 ] || broken "a verifier that answers"
	sleep 0.05
done
: >"$D/events"
"$ASSAY" node watch --after 0 >"$D/events" 2>"$D/watch.log" &
watch_pid=$!

headline "A machine with a TPM boots; a token makes it a node, once"
boot clean-a 1
run node enrol "$NODE" --life 1h --out agent.token || broken "a token"
printf '$ assay-agent --config agent.yaml &\n'
agent
event "$NODE.*affirming" 20
echo
run node list || broken "a list"
run node result "$NODE" --verify || broken "a result that can be relied on"
pause

headline "Somebody changes a program on it, and it runs"
printf '#!/bin/sh\n# a back door\n' >"$D/changed"
"$LAB_REPLAY" --run /usr/bin/tpm2 "$D/changed" \
	"$D/root/sys/kernel/security/ima/binary_runtime_measurements"
event "$NODE.*contraindicated.*ima.file-modified" 10
took
echo
! run node show "$NODE" || broken "exit status 1"
pause

headline "It is put in order and booted again"
reboot clean-a 1
event "$NODE.*-> affirming" 20
pause

headline "It is booted with Secure Boot off"
reboot secureboot-off 0
event "$NODE.*contraindicated.*boot.secure-boot-off" 20
pause

headline "Its agent is stopped: silence is no verdict of its own, and is noticed within ${INTERVAL} s"
stop "$agent_pid" KILL
agent_pid=
event "$NODE.*none.*node.silent" $((INTERVAL + 5))

if [ -e /dev/tpmrm0 ]; then
	headline "This machine has a TPM of its own: assay doctor --tcti device:/dev/tpmrm0"
	answer=
	[ -n "$once" ] || { printf 'Look at it? Nothing is changed. [y/N] '; read -r answer || :; }
	case $answer in
	[yY]*) "$ASSAY" doctor --tcti device:/dev/tpmrm0 || : ;;
	*) echo "Skipped." ;;
	esac
fi

headline "Affirming, contraindicated twice for the right reason, silent: each as promised."

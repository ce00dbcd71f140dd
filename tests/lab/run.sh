#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo: ./dev run [--once]. A software TPM gets a boot that was really captured; assay collects
# and verifies it. Then one thing is changed at a time. --once asks nothing.
# Exit status: 0 when every verdict is the one that is promised.
set -eu
cd "$(dirname "$0")/../.."
. tests/lab/swtpm.sh
here=$PWD
ASSAY=${ASSAY:-$here/build/cli/assay}
LAB_REPLAY=${LAB_REPLAY:-$here/build/tests/lab/assay-lab-replay}
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
trap 'lab_tpm_stop "$D"; rm -rf "$D"' EXIT
trap 'exit 1' INT TERM
wrong=0

headline() { printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"; }

pause() {
	[ -z "$once" ] || return 0
	printf '\n(Enter to go on) '
	read -r _ || :
}

# Shows a command of assay and runs it in the demo's folder. (--root is where the captured logs
# lie in place of this machine's, and is not shown.)
run() {
	printf '$ assay %s\n' "$*"
	command=$1
	shift
	case $command in
	collect | doctor) (cd "$D" && "$ASSAY" "$command" "$@" --root root) ;;
	*) (cd "$D" && "$ASSAY" "$command" "$@") ;;
	esac
}

fresh() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# boot EVIDENCE SECUREBOOT: power on, then what firmware, boot loader and kernel extended in that
# boot.
boot() {
	lab_tpm_stop "$D"
	lab_tpm_start "$D"
	export TPM2TOOLS_TCTI="$LAB_TCTI"
	rm -rf "$D/root"
	lab_root "$here/tests/evidence/$1" "$D/root" "$2"
	"$LAB_REPLAY" "$here/tests/evidence/$1"
}

# attest WANT REASON: one round of nonce, evidence, verdict; WANT is verify's exit status.
attest() {
	nonce=$(fresh)
	run collect -o bundle.cmw --nonce "$nonce"
	status=0
	run verify bundle.cmw --ak node.pub --nonce "$nonce" --refs good.refs >"$D/verdict" || status=$?
	cat "$D/verdict"
	if [ "$status" -ne "$1" ] || ! grep -q -- "$2" "$D/verdict"; then
		echo "This is not the verdict that was promised: exit $1, $2" >&2
		wrong=1
	fi
	pause
}

headline "A machine known to be good: its boot and its files become reference values"
cp -r tests/evidence/clean-a "$D/golden"
run refs learn golden -o good.refs --ak golden/ak.pub

headline "A machine with a software TPM boots the same; its key is enrolled once"
lab_tpm_make "$D"
boot clean-a 1
run collect -o first.cmw --nonce "$(fresh)" --ak-out node.pub
run doctor || wrong=1
pause

headline "Is it what it claims to be?"
attest 0 affirming

headline "Somebody changes a program, and it runs"
printf '#!/bin/sh\n# a back door\n' >"$D/changed"
"$LAB_REPLAY" --run /usr/bin/tpm2 "$D/changed" \
	"$D/root/sys/kernel/security/ima/binary_runtime_measurements"
attest 1 ima.file-modified

headline "The machine is booted again, with Secure Boot off"
boot secureboot-off 0
attest 1 boot.secure-boot-off

if [ -e /dev/tpmrm0 ]; then
	headline "This machine has a TPM of its own: assay doctor --tcti device:/dev/tpmrm0"
	answer=
	[ -n "$once" ] || { printf 'Look at it? Nothing is changed. [y/N] '; read -r answer || :; }
	case $answer in
	[yY]*) "$ASSAY" doctor --tcti device:/dev/tpmrm0 || : ;;
	*) echo "Skipped." ;;
	esac
fi

if [ "$wrong" -eq 0 ]; then
	headline "Affirming, and twice contraindicated for the right reason: as promised."
else
	headline "Something was not as promised; see above."
fi
exit "$wrong"

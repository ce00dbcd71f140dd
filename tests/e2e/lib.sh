#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What every end-to-end test starts with; source it from the source's root:
#
#   . tests/e2e/lib.sh
#   e2e_start                 skips the whole test when there is no swtpm; else a software TPM
#                             with boot clean-a in its PCRs, and its logs below $ROOT
#   ok NAME COMMAND...        one test: passes when COMMAND exits 0
#   status WANT NAME CMD...   one test: passes when CMD exits with WANT; its output: $D/out, $D/err
#   done_testing
#
# From meson: ASSAY, LAB_REPLAY. Class letters of the scripts: a attack, b basic, c complex,
# r regression.
set -u
. tests/lab/swtpm.sh

e2e_n=0 e2e_bad=0

e2e_start() {
	for e2e_tool in swtpm swtpm_setup tpm2_checkquote tpm2_pcrread; do
		command -v "$e2e_tool" >/dev/null && continue
		echo "1..0 # SKIP $e2e_tool is not installed"
		exit 0
	done
	D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
	trap 'lab_tpm_stop "$D"; rm -rf "$D"' EXIT
	trap 'exit 1' INT TERM
	ROOT=$D/root
	lab_tpm_make "$D" && lab_tpm_start "$D" || exit 1
	export TPM2TOOLS_TCTI="$LAB_TCTI"
	e2e_boot
}

# What firmware, boot loader and kernel do.
e2e_boot() {
	lab_root tests/evidence/clean-a "$ROOT"
	"$LAB_REPLAY" tests/evidence/clean-a || { echo "Bail out! replay failed"; exit 1; }
}

# Power off and on: a new boot of the same machine.
e2e_reboot() {
	lab_tpm_stop "$D"
	rm -rf "$ROOT"
	lab_tpm_start "$D" || exit 1
	export TPM2TOOLS_TCTI="$LAB_TCTI"
	e2e_boot
}

ok() {
	e2e_name=$1
	shift
	e2e_n=$((e2e_n + 1))
	if "$@" >"$D/ok.log" 2>&1; then
		echo "ok $e2e_n - $e2e_name"
		return
	fi
	echo "not ok $e2e_n - $e2e_name"
	sed 's/^/# /' "$D/ok.log" | tail -n 20
	e2e_bad=$((e2e_bad + 1))
}

not() {
	! "$@"
}

status() {
	e2e_want=$1 e2e_name=$2
	shift 2
	e2e_n=$((e2e_n + 1))
	"$@" >"$D/out" 2>"$D/err"
	e2e_got=$?
	if [ "$e2e_got" -eq "$e2e_want" ]; then
		echo "ok $e2e_n - $e2e_name"
		return
	fi
	echo "not ok $e2e_n - $e2e_name"
	echo "# exit $e2e_got, want $e2e_want"
	sed 's/^/# /' "$D/out" "$D/err" | tail -n 20
	e2e_bad=$((e2e_bad + 1))
}

done_testing() {
	echo "1..$e2e_n"
	exit "$e2e_bad"
}

# PCR $1 of bank $2 in lower case hexadecimal.
pcr() {
	tpm2_pcrread "$2:$1" | sed -n 's/^ *[0-9]* *: 0x//p' | tr A-F a-f
}

unhex() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }
hex() { od -An -v -tx1 | tr -d ' \n'; }

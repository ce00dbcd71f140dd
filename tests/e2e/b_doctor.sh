#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assay doctor, and what `assay` itself answers.
. tests/e2e/lib.sh
e2e_start
SEC=$ROOT/sys/kernel/security

ready() { # WANT [CHECK FOUND]: what the JSON of the last run says
	python3 - "$D/out" "$@" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["ready"] == (sys.argv[2] == "yes"), d
assert all(c["good"] or c["hint"] for c in d["checks"]), d
bad = [c["check"] for c in d["checks"] if not c["good"]]
assert bad == sys.argv[3:4], bad
if len(sys.argv) > 4:
    assert any(sys.argv[4] in c["found"] for c in d["checks"]), d
END
}
run() { # STATUS NAME then what `ready` takes
	status "$1" "$2" "$ASSAY" doctor --root "$ROOT" --json
	shift 2
	ok "  says so" ready "$@"
}

run 0 "a machine that is ready" yes
lab_root tests/evidence/clean-a "$ROOT" 0
run 1 "Secure Boot off" no secure-boot off
lab_root tests/evidence/clean-a "$ROOT"
printf '\006\000\000\000\001' >"$ROOT/sys/firmware/efi/efivars/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c"
run 1 "setup mode" no secure-boot "setup mode"
rm -r "$ROOT/sys/firmware"
run 1 "no UEFI" no secure-boot "no SecureBoot variable"
lab_root tests/evidence/clean-a "$ROOT"
: >"$SEC/tpm0/binary_bios_measurements"
run 1 "an empty event log" no event-log empty
head -c 1000 tests/evidence/clean-a/binary_bios_measurements >"$SEC/tpm0/binary_bios_measurements"
run 1 "an event log cut short" no event-log unreadable
rm "$SEC/tpm0/binary_bios_measurements"
run 1 "no event log" no event-log none
lab_root tests/evidence/clean-a "$ROOT"
head -c 106 tests/evidence/clean-a/binary_runtime_measurements >"$SEC/ima/binary_runtime_measurements"
run 1 "IMA that measures nothing" no ima-list "1 entry"
rm -r "$SEC/ima"
run 1 "no IMA" no ima-list "no list"
lab_root tests/evidence/clean-a "$ROOT"
mkdir -p "$SEC/integrity" && mv "$SEC/ima" "$SEC/integrity/ima"
run 0 "IMA where newer kernels have it" yes
echo "root=/dev/vda2 xima_policy=tcb" >"$ROOT/proc/cmdline"
run 1 "no IMA policy" no ima-policy none
lab_root tests/evidence/clean-a "$ROOT"

status 1 "people read it too" env TPM2TOOLS_TCTI=swtpm:host=127.0.0.1,port=1 "$ASSAY" doctor --root "$ROOT"
ok "  with a hint" grep -q "hint: is there a TPM" "$D/out"
ok "  and no colour outside of a terminal" not grep -q "$(printf '\033')" "$D/out"
ok "it leaves nothing in the TPM" [ -z "$(tpm2_getcap handles-transient)" ]

status 2 "assay alone" "$ASSAY"
status 0 "assay --help" "$ASSAY" --help
ok "  names every command" sh -c "for c in collect extend doctor help; do grep -q \"^  \$c \" '$D/out' || exit 1; done"
status 0 "assay --version" "$ASSAY" --version
status 2 "an unknown command" "$ASSAY" colect
ok "  is met with the nearest" grep -q "did you mean 'collect'" "$D/err"
for c in collect extend doctor help; do
	status 0 "assay $c --help" "$ASSAY" $c --help
	ok "  has an example" grep -q "^example: assay $c" "$D/out"
done
status 2 "assay help of nothing" "$ASSAY" help frobnicate
ok "output that never arrives is an error" not sh -c "'$ASSAY' --help >/dev/full"
done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A TPM that answers errors: asked again while it says so, and a person is told what to do. The
# TPM is a script behind tpm2-tss' "cmd" TCTI; it answers every command with the next code.
. tests/e2e/lib.sh
D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
trap 'rm -rf "$D"' EXIT

cat >"$D/tpm.py" <<'END'
import struct, sys
codes = [int(c, 16) for c in sys.argv[2:]]
while head := sys.stdin.buffer.read(10):
    sys.stdin.buffer.read(struct.unpack(">I", head[2:6])[0] - 10)
    open(sys.argv[1], "a").write("x")
    sys.stdout.buffer.write(struct.pack(">HII", 0x8001, 10, codes.pop(0) if len(codes) > 1 else codes[0]))
    sys.stdout.buffer.flush()
END
collect() { # CODE...
	rm -f "$D/calls"
	"$ASSAY" collect -o "$D/b/" --nonce 0011223344556677 --tcti "cmd:python3 $D/tpm.py $D/calls $*"
}
calls() { [ "$(wc -c <"$D/calls")" -ge "$1" ]; }

status 5 "RETRY, YIELDED, TESTING, then slots full" collect 922 922 908 90a 902
ok "asked again each time" calls 5
ok "told to use a resource manager" grep -q "resource manager" "$D/err"
status 5 "RETRY for ever" collect 922
ok "asked often" calls 20
ok "and given up" grep -q "busy" "$D/err"
for code in 922 908 90a; do
	# tpm2-tss itself sends a command at most five times, without a pause
	status 5 "$code fourteen times" collect $code $code $code $code $code $code $code \
		$code $code $code $code $code $code $code 902
	ok "is outlived by one call" grep -q "resource manager" "$D/err"
done
status 5 "a resource manager's RETRY, then its slots" collect b0922 b0902
ok "is the TPM's" grep -q "resource manager" "$D/err"
status 5 "failure mode" collect 101
ok "power off and on" grep -q "power the machine off" "$D/err"
status 5 "not started" collect 100
ok "startup" grep -q "not started" "$D/err"
status 5 "another parameter's bad auth" collect 9a2
ok "a password" grep -q "has a password" "$D/err"
status 5 "a TPM that dies" "$ASSAY" collect -o "$D/b/" --nonce 0011223344556677 --tcti cmd:false
status 5 "a TCTI that does not exist" "$ASSAY" collect -o "$D/b/" --nonce 0011223344556677 --tcti nothing:x
ok "and nothing was written" [ ! -e "$D/b" ]
status 1 "doctor says so too" "$ASSAY" doctor --tcti "cmd:python3 $D/tpm.py $D/calls 101"
done_testing

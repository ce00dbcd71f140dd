#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assay extend: log and PCR say the same, whatever happened in between.
. tests/e2e/lib.sh
e2e_start
LOG=$ROOT/run/log/systemd/tpm2-measure.log
printf 'first' >"$D/one"
printf 'second' >"$D/two file"

zero=0000000000000000000000000000000000000000000000000000000000000000
# The SHA-256 value that a PCR has when these files were extended, one after the other.
expect() {
	e2e_value=$zero
	for e2e_file in "$@"; do
		e2e_value=$(printf '%s%s' "$e2e_value" "$(sha256sum <"$e2e_file" | cut -c1-64)" |
			unhex | sha256sum | cut -c1-64)
	done
	echo "$e2e_value"
}
is_pcr() { # N FILE...
	e2e_pcr=$1
	shift
	[ "$(pcr "$e2e_pcr" sha256)" = "$(expect "$@")" ]
}
records() { [ "$(grep -c . "$LOG")" -eq "$1" ]; }
# Replays the log with nothing of ours: N BANK.
replayed() {
	python3 - "$LOG" "$1" "$2" <<'END'
import hashlib, json, sys
path, pcr, bank = sys.argv[1], int(sys.argv[2]), sys.argv[3]
data = open(path, "rb").read()
assert data[:1] == b"\x1e" and data[-1:] == b"\n"
value = bytes(hashlib.new(bank).digest_size)
for text in data.split(b"\x1e")[1:]:
    r = json.loads(text)
    assert r["content_type"] == "systemd" and r["content"]["eventType"] == "file", r
    if r["pcr"] == pcr:
        digest = {d["hashAlg"]: d["digest"] for d in r["digests"]}[bank]
        value = hashlib.new(bank, value + bytes.fromhex(digest)).digest()
print(value.hex())
END
}
log_explains() { [ "$(replayed "$1" "$2")" = "$(pcr "$1" "$2")" ]; }

status 0 "measures a file" "$ASSAY" extend --pcr 12 "$D/one" --root "$ROOT"
ok "the PCR holds its digest" is_pcr 12 "$D/one"
ok "the log has its record" records 1
for bank in sha1 sha256 sha384; do
	ok "the log explains the $bank bank" log_explains 12 $bank
done
ok "the path is told, whole" grep -q "\"string\":\"$D/one\"" "$LOG"
ok "with the boot's id as systemd writes it" grep -q '"bootId":"0f1e2d3c4b5a69788796a5b4c3d2e1f0"' "$LOG"
ok "only root may read (and so lock) the log" [ "$(stat -c %a "$LOG")" = 600 ]
status 0 "another PCR" "$ASSAY" extend --pcr 11 "$D/two file" --root "$ROOT"
status 0 "the first again" "$ASSAY" extend --pcr 12 "$D/two file" --root "$ROOT"
ok "the log explains PCR 12" log_explains 12 sha256
ok "and PCR 11" log_explains 11 sha256

# A writer that was killed between log and PCR: the record is there, the PCR is not extended.
cp "$LOG" "$D/before"
status 0 "a third record" "$ASSAY" extend --pcr 12 "$D/one" --root "$ROOT"
tail -n 1 "$LOG" >"$D/record"
cp "$D/before" "$D/log" && cat "$D/record" >>"$D/log" && cat "$D/record" >>"$D/log"
cat "$D/log" >"$LOG"
ok "the log is ahead of the PCR" not log_explains 12 sha256
status 0 "the next extend" "$ASSAY" extend --pcr 12 "$D/two file" --root "$ROOT"
ok "says that it completes the record" grep -q "logged and not extended" "$D/err"
ok "and the log explains the PCR again" log_explains 12 sha256
ok "nothing was lost" is_pcr 12 "$D/one" "$D/two file" "$D/one" "$D/one" "$D/two file"

# PCR 8 is the boot loader's too: its events come first.
status 0 "a PCR that the boot loader used" "$ASSAY" extend --pcr 8 "$D/one" --root "$ROOT"
ok "is no surprise" [ ! -s "$D/err" ]

n=$(grep -c . "$LOG")
for _ in 1 2 3 4 5 6; do "$ASSAY" extend --pcr 13 "$D/one" --root "$ROOT" & done
wait
ok "six at once: six records" records $((n + 6))
ok "in the order of the PCR" log_explains 13 sha256

# Whoever holds the lock is waited for.
held() { # COMMAND...
	rm -f "$D/held" "$D/released"
	flock -x "$LOG" sh -c "touch '$D/held'; sleep 0.7; touch '$D/released'" &
	while [ ! -e "$D/held" ]; do sleep 0.02; done
	"$@" && [ -e "$D/released" ]
}
ok "extend waits for the lock" held "$ASSAY" extend --pcr 13 "$D/one" --root "$ROOT"
ok "collect waits for the lock" held "$ASSAY" collect -o "$D/h/" --root "$ROOT" --nonce 0011223344556677
wait
status 0 "collect takes the log along" "$ASSAY" collect -o "$D/b/" --root "$ROOT" --nonce 0011223344556677
ok "as it is" cmp "$D/b/tpm2-measure.log" "$LOG"
done_testing

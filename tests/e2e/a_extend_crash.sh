#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assay extend against a log that somebody damaged, a PCR that somebody extended, and registers
# that are not ours to extend.
. tests/e2e/lib.sh
e2e_start
LOG=$ROOT/run/log/systemd/tpm2-measure.log
echo content >"$D/file"
"$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT" || exit 1
cp "$LOG" "$D/good"
before=$(pcr 12 sha256)
untouched() { [ "$(pcr 12 sha256)" = "$before" ]; }

# kill -9 while the record is being written: the sticky bit is still set
printf '\036{"pcr":12,"dig' >>"$LOG"
chmod 1600 "$LOG"
status 5 "a writer died inside a record" "$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT"
ok "what to do is said" grep -q "reboot" "$D/err"
chmod 600 "$LOG"
status 3 "a torn record" "$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT"
ok "is told by its line" grep -q "record 2" "$D/err"
for bad in '[]' '{"pcr":12,"pcr":11}' '{"pcr":24,"digests":[]}' '{"pcr":12}'; do
	cp "$D/good" "$LOG"
	printf '\036%s\n' "$bad" >>"$LOG"
	status 3 "refused: $bad" "$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT"
done
ok "the PCR was not touched" untouched
ok "nor what lay in the log" sh -c "head -c $(wc -c <"$D/good") '$LOG' | cmp - '$D/good'"
rm "$LOG" && ln -s "$D/good" "$LOG"
status 5 "a link in place of the log" "$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT"
rm "$LOG" && mkfifo "$LOG"
status 5 "a pipe in place of the log" timeout 10 "$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT"
rm "$LOG" && cp "$D/good" "$LOG" && chmod 600 "$LOG"
ok "none of it extended anything" untouched

tpm2_pcrextend "12:sha256=$(sha256sum <"$D/file" | cut -c1-64)"
status 0 "a PCR that somebody extended without a log" "$ASSAY" extend --pcr 12 "$D/file" --root "$ROOT"
ok "is told" grep -q "no log explains" "$D/err"

for n in 0 7 10 17 22 24 -1 12x ''; do
	status 2 "PCR '$n' is not ours" "$ASSAY" extend --pcr "$n" "$D/file" --root "$ROOT"
done
status 2 "no PCR" "$ASSAY" extend "$D/file" --root "$ROOT"
status 2 "no file" "$ASSAY" extend --pcr 12 --root "$ROOT"
status 5 "a file that is not there" "$ASSAY" extend --pcr 12 "$D/none" --root "$ROOT"
status 5 "a folder" "$ASSAY" extend --pcr 12 "$D" --root "$ROOT"
cp "$D/file" "$D/$(printf 'a\377')"
status 5 "a name that is not UTF-8" "$ASSAY" extend --pcr 12 "$D/$(printf 'a\377')" --root "$ROOT"
cp "$D/file" "$D/$(printf 'new\nline"')"
status 0 "a name with a newline and a quote" "$ASSAY" extend --pcr 15 "$D/$(printf 'new\nline"')" --root "$ROOT"
ok "is one record" sh -c "tail -n 1 '$LOG' | grep -q 'new.nline..\"'"
done_testing

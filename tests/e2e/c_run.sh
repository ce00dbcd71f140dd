#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ./dev run --once keeps what it promises; and the whole road, with what user space measured.
. tests/e2e/lib.sh
e2e_start
nonce=00112233445566778899aabbccddeeff

verify() { # EXTRA...
	"$ASSAY" verify "$D/b.cmw" --ak "$D/ak" --nonce $nonce --refs "$D/refs" "$@"
}
collect() { "$ASSAY" collect -o "$D/b.cmw" --root "$ROOT" --nonce $nonce "$@"; }

# what it shows, not how fast: that is bench/
ok "the demo" env LAB_INTERVAL=10 LAB_PROMISED=10000 tests/lab/run.sh --once
ok "references from the captured boot" "$ASSAY" refs learn tests/evidence/clean-a -o "$D/refs"
ok "evidence of the same boot elsewhere" collect --ak-out "$D/ak"
status 0 "is affirmed" verify
status 1 "not with another nonce" "$ASSAY" verify "$D/b.cmw" --ak "$D/ak" --nonce 11$nonce --refs "$D/refs"
status 1 "not as another machine's" "$ASSAY" verify "$D/b.cmw" --ak tests/evidence/clean-a/ak.pub --nonce $nonce --refs "$D/refs"

# IMA goes on while evidence is collected: the list grows after the quote
cp "$D/b.cmw" "$D/quoted.cmw"
ok "a quote as a folder" collect -o "$D/f"
mkdir -p "$D/g"
ok "in a folder" collect -o "$D/g"
head -n 1 "$ROOT/proc/cmdline" >"$D/late"
"$LAB_REPLAY" --run /bin/late "$D/late" "$ROOT/sys/kernel/security/ima/binary_runtime_measurements"
cp "$ROOT/sys/kernel/security/ima/binary_runtime_measurements" "$D/g/"
status 0 "a list that is longer than the quote" "$ASSAY" verify "$D/g" --ak "$D/ak" --nonce $nonce --refs "$D/refs"
ok "the next evidence" collect
status 1 "has the program that nobody knows" verify
ok "by name" grep -q ima.file-unknown "$D/out"

# a PCR that was extended without a log, in a register that is quoted
e2e_reboot
tpm2_pcrextend "14:sha256=$(echo x | sha256sum | cut -c1-64)"
ok "evidence after an extend without a log" collect
status 1 "is not affirmed" verify
done_testing

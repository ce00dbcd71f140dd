#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assay collect: what it writes is what other tools verify, and is the same machine each time.
. tests/e2e/lib.sh
e2e_start
nonce=00112233445566778899aabbccddeeff

same_text() { [ "$(cat "$1")" = "$2" ]; }
no_transients() { [ -z "$(tpm2_getcap handles-transient)" ]; }
composite() { # BUNDLE BANK PCRS: pcrDigest is the end of TPMS_ATTEST
	want=$(for p in $3; do pcr "$p" "$2"; done | unhex | sha256sum | cut -c1-64)
	[ "$(tail -c 32 "$1/quote.msg" | hex)" = "$want" ]
}

status 0 "collects into a folder" "$ASSAY" collect -o "$D/a/" --root "$ROOT" --nonce $nonce --ak-out "$D/a.pub"
ok "no note when nothing is missing" [ ! -s "$D/err" ]
ok "tpm2_checkquote verifies it" tpm2_checkquote -u "$D/a.pub" -m "$D/a/quote.msg" -s "$D/a/quote.sig" -q $nonce -g sha256
ok "and refuses another nonce" not tpm2_checkquote -u "$D/a.pub" -m "$D/a/quote.msg" -s "$D/a/quote.sig" -q 11$nonce -g sha256
ok "the nonce is told" same_text "$D/a/nonce" $nonce
ok "PCR 0-14 of SHA-256 are quoted" composite "$D/a" sha256 "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14"
tpm2_pcrread >"$D/pcrs"
ok "pcrs.txt is what tpm2_pcrread prints" sh -c "grep -v sha512: '$D/pcrs' | cmp - '$D/a/pcrs.txt'"
ok "ak.pub is the key written by --ak-out" cmp "$D/a/ak.pub" "$D/a.pub"
ok "the event log is the kernel's" cmp "$D/a/binary_bios_measurements" tests/evidence/clean-a/binary_bios_measurements
ok "the IMA list is the kernel's" cmp "$D/a/binary_runtime_measurements" tests/evidence/clean-a/binary_runtime_measurements
ok "the ASCII list stays away" [ ! -e "$D/a/ascii_runtime_measurements" ]
ok "the EK certificate is bare DER" openssl x509 -inform DER -in "$D/a/ek.crt" -noout
ok "no transient object is left" no_transients

status 0 "a second collection" "$ASSAY" collect -o "$D/b/" --root "$ROOT" --ak-out "$D/b.pub"
ok "has the same key" cmp "$D/a.pub" "$D/b.pub"
ok "drew its own nonce and said so" grep -q "hand out the nonce" "$D/err"
ok "of 32 bytes" [ "$(wc -c <"$D/b/nonce")" -eq 65 ]
ok "that no other has" not cmp -s "$D/a/nonce" "$D/b/nonce"

status 0 "collects into one file" "$ASSAY" collect -o "$D/c.cmw" --root "$ROOT" --nonce $nonce
ok "a CMW collection" grep -aq __cmwc_t "$D/c.cmw"
"$ASSAY" collect -o - --root "$ROOT" --nonce $nonce >"$D/d.cmw" 2>/dev/null
ok "and onto standard output" [ "$(wc -c <"$D/d.cmw")" -gt 20000 ]

status 0 "RSA, other banks and PCRs, ASCII too" "$ASSAY" collect -o "$D/e/" --root "$ROOT" --nonce $nonce \
	--key-type rsa --bank sha384 --pcrs 0-7,14 --ascii
ok "tpm2_checkquote verifies that" tpm2_checkquote -u "$D/e/ak.pub" -m "$D/e/quote.msg" -s "$D/e/quote.sig" -q $nonce -g sha256
ok "over the SHA-384 bank" composite "$D/e" sha384 "0 1 2 3 4 5 6 7 14"
ok "the ASCII list is there" cmp "$D/e/ascii_runtime_measurements" tests/evidence/clean-a/ascii_runtime_measurements

rm -r "$ROOT/sys/kernel/security/ima"
status 0 "into a folder of an earlier collection" "$ASSAY" collect -o "$D/e" --root "$ROOT" --nonce $nonce
ok "what this one lacks is removed" [ ! -e "$D/e/binary_runtime_measurements" ]
ok "the ASCII list too" [ ! -e "$D/e/ascii_runtime_measurements" ]
: >"$ROOT/sys/kernel/security/tpm0/binary_bios_measurements"
status 0 "an empty log" "$ASSAY" collect -o "$D/f/" --root "$ROOT" --nonce $nonce
ok "a missing one is noted" grep -q "no IMA list" "$D/err"
ok "an empty one is an empty part" sh -c "[ -e '$D/f/binary_bios_measurements' ] && [ ! -s '$D/f/binary_bios_measurements' ]"

e2e_reboot
status 0 "after a reboot" "$ASSAY" collect -o "$D/g/" --root "$ROOT" --nonce $nonce
ok "the key is the same" cmp "$D/a.pub" "$D/g/ak.pub"

# EK certificates as makers store them
for index in $(tpm2_getcap handles-nv-index | sed -n 's/^- \(0x1C000.*\)/\1/p'); do
	tpm2_nvundefine -C p "$index" >/dev/null 2>&1
done
# put_cert FILE: an owner's index in place of the maker's
put_cert() {
	tpm2_nvundefine -C o 0x01c0000a >/dev/null 2>&1
	tpm2_nvdefine -C o -s "$(wc -c <"$1")" -a 'ownerread|ownerwrite|authread|no_da' 0x01c0000a >/dev/null &&
		tpm2_nvwrite -C o -i "$1" 0x01c0000a
}
"$ASSAY" collect -o "$D/n/" --root "$ROOT" --nonce $nonce 2>"$D/err"
ok "no EK certificate" [ ! -e "$D/n/ek.crt" ]
ok "is said" grep -q "no EK certificate" "$D/err"
der=$D/a/ek.crt
n=$(wc -c <"$der")
{ printf '\020\001\000\004\000\020\002'; cat "$der"; head -c 100 /dev/zero | tr '\0' '\377'; } >"$D/nv"
ok "TPM 1.2's header before it, padding behind it" put_cert "$D/nv"
"$ASSAY" collect -o "$D/n/" --root "$ROOT" --nonce $nonce 2>/dev/null
ok "are cut off" cmp "$D/n/ek.crt" "$der"
head -c $((n - 1)) "$der" >"$D/nv"
put_cert "$D/nv"
"$ASSAY" collect -o "$D/n/" --root "$ROOT" --nonce $nonce 2>/dev/null
ok "one cut short is none" [ ! -e "$D/n/ek.crt" ]
{ printf '\061'; tail -c +2 "$der"; } >"$D/nv"
put_cert "$D/nv"
"$ASSAY" collect -o "$D/n/" --root "$ROOT" --nonce $nonce 2>/dev/null
ok "what is no SEQUENCE is none" [ ! -e "$D/n/ek.crt" ]
head -c 3 "$der" >"$D/nv"
put_cert "$D/nv"
"$ASSAY" collect -o "$D/n/" --root "$ROOT" --nonce $nonce 2>/dev/null
ok "three bytes are none" [ ! -e "$D/n/ek.crt" ]
cp "$der" "$D/nv"
put_cert "$D/nv"
"$ASSAY" collect -o "$D/n/" --root "$ROOT" --nonce $nonce 2>/dev/null
ok "the bare certificate" cmp "$D/n/ek.crt" "$der"

# another's key
tpm2_createek -c "$D/ek.ctx" -G rsa -u "$D/ek.pub" >/dev/null 2>&1
tpm2_flushcontext -t
tpm2_createak -C "$D/ek.ctx" -c "$D/ak.ctx" -G ecc -g sha256 -s ecdsa -u "$D/own.pub" >/dev/null 2>&1
tpm2_flushcontext -t
tpm2_evictcontrol -C o -c "$D/ak.ctx" 0x81000010 >/dev/null 2>&1
tpm2_flushcontext -t
status 0 "quotes with a persistent key" "$ASSAY" collect -o "$D/h/" --root "$ROOT" --nonce $nonce --ak 0x81000010
ok "that tpm2_createak made" tpm2_checkquote -u "$D/own.pub" -m "$D/h/quote.msg" -s "$D/h/quote.sig" -q $nonce -g sha256
tpm2_createprimary -C o -G ecc -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' -c "$D/sign.ctx" >/dev/null 2>&1
tpm2_evictcontrol -C o -c "$D/sign.ctx" 0x81000011 >/dev/null 2>&1
tpm2_flushcontext -t
status 5 "refuses a key that is not restricted" "$ASSAY" collect -o "$D/i/" --root "$ROOT" --nonce $nonce --ak 0x81000011
ok "and says so" grep -q "not an attestation key" "$D/err"
ok "no transient object is left after errors" no_transients

status 5 "a bank that is not active" "$ASSAY" collect -o "$D/i/" --bank sha512 --nonce $nonce
status 5 "a TPM that is not there" "$ASSAY" collect -o "$D/i/" --tcti swtpm:host=127.0.0.1,port=1 --nonce $nonce --json
ok "as JSON" python3 -c "import json; e = json.load(open('$D/out'))['error']; assert e['hint']"
status 2 "no -o" "$ASSAY" collect
status 2 "a nonce that is not hexadecimal" "$ASSAY" collect -o "$D/i/" --nonce 00112233445566zz
status 2 "a nonce of 7 bytes" "$ASSAY" collect -o "$D/i/" --nonce 00112233445566
status 2 "a PCR above 23" "$ASSAY" collect -o "$D/i/" --pcrs 24
status 2 "a PCR twice" "$ASSAY" collect -o "$D/i/" --pcrs 1,0-2
status 2 "a falling range" "$ASSAY" collect -o "$D/i/" --pcrs 3-1
status 2 "a bank twice" "$ASSAY" collect -o "$D/i/" --bank sha256 --bank sha256
status 2 "an unknown bank" "$ASSAY" collect -o "$D/i/" --bank md5
status 2 "a transient handle" "$ASSAY" collect -o "$D/i/" --ak 0x80000000
status 2 "an unknown option" "$ASSAY" collect -o "$D/i/" --frob
ok "nothing was written for any of these" [ ! -e "$D/i" ]
done_testing

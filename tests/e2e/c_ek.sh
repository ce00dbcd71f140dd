#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The EK that a node enrols with is the certificate's, persistent or made from its template, and it
# opens a credential for the node's AK.
. tests/e2e/lib.sh
for tool in swtpm swtpm_setup tpm2_evictcontrol tpm2_nvundefine; do
	command -v "$tool" >/dev/null && continue
	echo "1..0 # SKIP $tool is not installed"
	exit 0
done
D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
trap 'lab_tpm_stop "$D"; rm -rf "$D"' EXIT
trap 'exit 1' INT TERM
lab_tpm_make "$D" && lab_tpm_start "$D" || exit 1
export TPM2TOOLS_TCTI="$LAB_TCTI"
printf 'a secret of thirty-two bytes....' >"$D/secret"

show() { "$LAB_ACTIVATE" "$LAB_TCTI" show "$D/ek.pub" "$D/ek.crt" "$D/ak.pub" >"$D/how"; }
credential() {
	"$LAB_CREDENTIAL" "$D/ek.crt" "$D/ca.pem" "$D/ek.pub" "$D/ak.pub" "$D/secret" "$D/blob"
}
activate() { rm -f "$D/out.bin"; "$LAB_ACTIVATE" "$LAB_TCTI" activate "$D/blob" "$D/out.bin"; }
how() { grep -qx "$1" "$D/how"; }
free() { [ -z "$(tpm2_getcap handles-transient)$(tpm2_getcap handles-loaded-session)" ]; }

whole() { # NAME HOW
	ok "$1: found" show
	ok "$1: $2" how "$2"
	ok "$1: the certificate is its own" credential
	ok "$1: the TPM opens the credential" activate
	ok "$1: and gives the secret" cmp "$D/secret" "$D/out.bin"
	ok "$1: nothing stays loaded in the TPM" free
}

whole "RSA-2048, L-1" persistent
cp "$D/ek.pub" "$D/rsa.pub"
ok "its persistent handle is given up" tpm2_evictcontrol -Q -C o -c 0x81010001
whole "RSA-2048, L-1" made
ok "and is the same key" cmp "$D/rsa.pub" "$D/ek.pub"
ok "another key takes its place" sh -c "tpm2_createek -G ecc -c 0x81010001 -Q"
whole "RSA-2048, L-1, another key at 0x81010001" made

cp "$D/blob" "$D/blob.good"
python3 - "$D/blob.good" "$D/blob" <<'END'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[-1] ^= 1
open(sys.argv[2], "wb").write(b)
END
ok "a credential that was altered is not opened" not activate
ok "nothing stays loaded in the TPM" free
head -c 100 "$D/blob.good" >"$D/blob"
ok "nor one that is cut short" not activate

ok "its certificate is removed" tpm2_nvundefine -Q -C p 0x1c00002
whole "P-384, H-3" persistent
cp "$D/ek.pub" "$D/p384.pub"
ok "its persistent handle is given up" tpm2_evictcontrol -Q -C o -c 0x81010016
whole "P-384, H-3" made
ok "and is the same key" cmp "$D/p384.pub" "$D/ek.pub"

ok "that certificate too" tpm2_nvundefine -Q -C p 0x1c00016
ok "no certificate: the persistent key" show
ok "no certificate: the persistent key" how persistent
ok "no certificate: none is handed out" [ ! -s "$D/ek.crt" ]
ok "the persistent key is given up" tpm2_evictcontrol -Q -C o -c 0x81010001
ok "no certificate, no key: L-1 is made" show
ok "no certificate, no key: L-1 is made" cmp "$D/rsa.pub" "$D/ek.pub"

# A maker's nonce makes another key. (tpm2_createek -t copies its pointer in place of the nonce, so
# the other opinion is tpm2_createprimary, with the profile's template by hand. Its -u is the
# structure in memory: the size in the machine's order.)
python3 - "$D" <<'END'
import os, struct, sys
d, nonce = sys.argv[1], os.urandom(64)
policy = bytes.fromhex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa")
template = open(d + "/rsa.pub", "rb").read()[2:-256] + bytes(256)
for name, content in ("nonce", nonce), ("policy", policy), ("template", template), (
        "unique", struct.pack("=H", 256) + nonce + bytes(192)):
    open(f"{d}/{name}", "wb").write(content)
END
nv() { # INDEX FILE
	tpm2_nvdefine -Q -C o -s "$(wc -c <"$2")" -a 'ownerread|ownerwrite|authread' "$1" &&
		tpm2_nvwrite -Q -C o -i "$2" "$1"
}
by_hand() {
	tpm2_createprimary -Q -C e -G rsa2048:aes128cfb -g sha256 -L "$D/policy" -u "$D/unique" \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|adminwithpolicy|restricted|decrypt' \
		-c "$D/ek.ctx" && tpm2_readpublic -Q -c "$D/ek.ctx" -o "$D/nonce.pub" &&
		tpm2_flushcontext -t
}
ok "a maker's nonce" nv 0x1c00003 "$D/nonce"
ok "is looked at" show
ok "and gives another key" not cmp -s "$D/rsa.pub" "$D/ek.pub"
ok "the profile's with the nonce before the zeros" by_hand
ok "the profile's with the nonce before the zeros" cmp "$D/nonce.pub" "$D/ek.pub"
ok "a maker's template" nv 0x1c00004 "$D/template"
ok "is looked at" show
ok "and takes the nonce too" cmp "$D/nonce.pub" "$D/ek.pub"
head -c 40 "$D/template" >"$D/short"
ok "one that cannot be read" sh -c "tpm2_nvundefine -Q -C o 0x1c00004"
ok "one that cannot be read" nv 0x1c00004 "$D/short"
ok "is no reason to make another key" not show
done_testing

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A credential of ours is what a TPM activates: with each of its EKs, for the AK that it was made
# for and for no other.
. tests/e2e/lib.sh
for tool in swtpm swtpm_setup tpm2_activatecredential openssl; do
	command -v "$tool" >/dev/null && continue
	echo "1..0 # SKIP $tool is not installed"
	exit 0
done
D=$(mktemp -d /tmp/assay-e2e-XXXXXX) || exit 1
trap 'lab_tpm_stop "$D"; rm -rf "$D"' EXIT
trap 'exit 1' INT TERM
lab_tpm_make "$D" && lab_tpm_start "$D" || exit 1
export TPM2TOOLS_TCTI="$LAB_TCTI"

quietly() { "$@" >>"$D/tools.log" 2>&1; }

# What swtpm_setup made: RSA-2048 (template L-1) and P-384 (H-3), with certificates.
persistent() { # NAME HANDLE INDEX
	echo "$2" >"$D/$1.handle"
	quietly tpm2_readpublic -c "$2" -o "$D/$1.pub" && tpm2_nvread "$3" >"$D/$1.crt"
}
# P-256 (L-2), with a certificate from the openssl command: an issuer of another kind.
made() {
	echo "$D/p256.ek" >"$D/p256.handle"
	quietly tpm2_createek -G ecc -c "$D/p256.ek" -u "$D/p256.pub" &&
		quietly tpm2_readpublic -c "$D/p256.ek" -f pem -o "$D/p256.pem" &&
		quietly tpm2_flushcontext -t || return 1
	cat >"$D/ext" <<END
basicConstraints = critical, CA:FALSE
keyUsage = critical, keyAgreement
extendedKeyUsage = 2.23.133.8.1
subjectAltName = critical, dirName:tpm
[tpm]
0.2.23.133.2.1 = id:41535359
END
	quietly openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=maker -days 2 \
		-keyout "$D/maker.key" -out "$D/maker.pem" &&
		quietly openssl x509 -new -subj /CN=ek -force_pubkey "$D/p256.pem" -days 1 \
			-CA "$D/maker.pem" -CAkey "$D/maker.key" -extfile "$D/ext" \
			-outform DER -out "$D/p256.crt" && cat "$D/maker.pem" >>"$D/ca.pem"
}
ak() { # NAME ALGORITHM ATTRIBUTES
	quietly tpm2_createprimary -C o -G "$2" -c "$D/$1.ctx" \
		-a "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|$3" &&
		quietly tpm2_readpublic -c "$D/$1.ctx" -o "$D/$1.pub" && quietly tpm2_flushcontext -t
}
credential() { # EK AK [CERTIFICATE]
	"$LAB_CREDENTIAL" "$D/${3:-$1}.crt" "$D/ca.pem" "$D/$1.pub" "$D/$2.pub" "$D/secret" "$D/blob"
}
# EK AK: templates L ask for a policy of the endorsement hierarchy, H take its empty password
activate() {
	rm -f "$D/out.bin"
	case $1 in
	p384) set -- "$1" "$2" "" ;;
	*)
		tpm2_startauthsession --policy-session -S "$D/session" &&
			tpm2_policysecret -Q -S "$D/session" -c e || return 1
		set -- "$1" "$2" "session:$D/session"
		;;
	esac
	tpm2_activatecredential -Q -c "$D/$2.ctx" -C "$(cat "$D/$1.handle")" -i "$D/blob" \
		-o "$D/out.bin" ${3:+-P "$3"} 2>"$D/tpm.log"
	activated=$?
	[ -z "$3" ] || tpm2_flushcontext "$D/session"
	tpm2_flushcontext -t
	return "$activated"
}

ok "EK of RSA-2048" persistent rsa 0x81010001 0x1c00002
ok "EK of P-384" persistent p384 0x81010016 0x1c00016
ok "EK of P-256" made
ok "an AK" ak one ecc:ecdsa-sha256:null 'restricted|sign'
ok "another" ak two rsa:rsassa-sha256:null 'restricted|sign'
ok "a key that signs what it is told" ak loose ecc:ecdsa-sha384:null sign
printf 'a secret of thirty-two bytes....' >"$D/secret"

for ek in rsa p384 p256; do
	for key in one two; do
		status 0 "$ek: a credential for AK $key" credential "$ek" "$key"
		ok "$ek: the TPM activates it" activate "$ek" "$key"
		ok "$ek: and the secret comes back" cmp "$D/secret" "$D/out.bin"
	done
	ok "$ek: not for AK one" not activate "$ek" one
	ok "$ek: which says that the integrity check failed" grep -q "integrity check failed" "$D/tpm.log"
	ok "$ek: and gives nothing" [ ! -s "$D/out.bin" ]
	# a fresh seed or ephemeral key each time
	again=0
	for _ in 1 2 3 4 5; do
		quietly credential "$ek" one && quietly activate "$ek" one && cmp -s "$D/secret" "$D/out.bin" &&
			again=$((again + 1))
	done
	ok "$ek: each time" [ "$again" -eq 5 ]
done
ok "one EK's credential is not the other's" not activate rsa one
status 0 "maker, model and version are told" credential rsa one
ok "as swtpm's" grep -q '^id:00001014 swtpm id:' "$D/out"

status 1 "a key that signs what it is told gets no credential" credential rsa loose
ok "and its attributes are why" grep -q "ak: objectAttributes" "$D/err"
status 1 "an EK with the certificate of another" credential rsa one p384
ok "is refused" grep -q "not the certificate's key" "$D/err"
cp "$D/maker.pem" "$D/ca.pem"
status 1 "a maker that the operator does not trust" credential rsa one
ok "is refused" grep -q "no chain to a root" "$D/err"
done_testing

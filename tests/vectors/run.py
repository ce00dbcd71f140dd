#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Third-party files, as `assay inspect` tells them: run.py ASSAY [--table FILE]. TAP on stdout.

Each file of $ASSAY_VECTORS (default ../shared/vectors beside the source) that inspect's formats
cover is compared with what the project that it comes from states of it, and every event log also
with an independent replay. --table writes a Markdown table: file, stated, got.
"""
import base64
import json
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # the source is not written to
try:
    import ear
    import lists
    import logs
    from common import Disagreement, Vectors
except ModuleNotFoundError as missing:
    if missing.name != "yaml":
        raise
    print("1..0 # SKIP no python3-yaml")
    sys.exit(0)


def certificates(v):
    """EK certificates and the stores of their makers: read, or a located error."""
    attribute = ("goattest-platformcert", "hirs-flawed_attribute_cert")
    for path in v.files("ekca/*") + v.files("quote/*.crt") + v.files("quote/*.cer"):
        if path.suffix == ".json":
            continue
        if path.name.startswith(attribute) and "IntelSigningKey" not in path.name:
            v.point(path, "an attribute certificate (RFC 5755), not X.509",
                    lambda p=path: refused(v.inspect(p), "x509-certificate"))
        else:
            v.point(path, "a certificate that parses", lambda p=path: certificate(v.inspect(p)))


def refused(got, form=None):
    if got.status != 3 or "error" not in got.json:
        raise Disagreement(f"exit {got.status}")
    if form and got.json["format"] != form:
        raise Disagreement(f"taken for {got.json['format']}")
    e = got.json["error"]
    if not e["fault"] or not e["field"] or e["offset"] is None:
        raise Disagreement("the error is not located")
    return f"exit 3, {got.json['format']}: {e['fault']} {e['field']} at {e['offset']}"


def certificate(got):
    if got.status != 0 or got.json["format"] != "x509-certificate":
        raise Disagreement(got.said())
    all_of = got.json.get("certificates", [got.json])
    if not all_of or not all(c["subject"] is not None and c["sha256"] for c in all_of):
        raise Disagreement("no certificate in it")
    return f"{len(all_of)} certificate{'s' if len(all_of) > 1 else ''}" + \
        "".join(f"; {q}" for q in got.json["quirks"])


def is_format(got, form, **members):
    if got.status != 0 or got.json["format"] != form:
        raise Disagreement(got.said())
    for name, want in members.items():
        if got.json.get(name) != want:
            raise Disagreement(f"{name} is {got.json.get(name)}")
    return form + "".join(f", {n} {str(w)[:24]}" for n, w in members.items())


def quotes(v):
    """Quotes, signatures and keys as raw TPM structures."""
    raw = {
        "keylime-quote.out": ("TPMS_ATTEST; pcrSelect 008041; a nonce of 20 bytes db1db298...", "tpms-attest",
                              {"pcrSelect": {"sha256": [15, 16, 22]}}),
        "keylime-quotesig.out": ("TPMT_SIGNATURE RSASSA/SHA-256", "tpmt-signature",
                                 {"sigAlg": "rsassa", "hash": "sha256"}),
        "keylime-ak.pub": ("TPM2B_PUBLIC of an AK; its name in keylime-ak.name", "tpm2b-public", {"may_attest": True}),
        "keylime-ek.pub": ("TPM2B_PUBLIC of an EK", "tpm2b-public", {"may_attest": False}),
        "keylime-akpub.pem": ("the AK in PEM", "pem-public-key", {"type": "rsa", "bits": 2048}),
        "keylime-ekpub.pem": ("the EK in PEM", "pem-public-key", {"type": "rsa", "bits": 2048}),
        "coco-az-snp-tpm-quote.msg": ("raw TPMS_ATTEST; nonce \"challenge\"", "tpms-attest",
                                      {"extraData": b"challenge".hex()}),
        "veraison-enacttrust-basic.pem.pub": ("a P-256 key", "pem-public-key", {"type": "ecc", "bits": 256}),
    }
    for name, (stated, form, members) in raw.items():
        v.point(v.root / "quote" / name, stated,
                lambda n=name, f=form, m=members: is_format(v.inspect(v.root / "quote" / n), f, **m))
    v.point(v.root / "quote/keylime-ak.name", "the Name of keylime-ak.pub", lambda: same_name(v))
    v.point(v.root / "quote/coco-az-snp-tpm-quote.sig", "a bare RSA signature, no TPMT header",
            lambda: refused(v.inspect(v.root / "quote/coco-az-snp-tpm-quote.sig")))
    activation(v)


def same_name(v):
    want = (v.root / "quote/keylime-ak.name").read_bytes().hex()
    got = v.inspect(v.root / "quote/keylime-ak.pub").json["name"]
    if not want.endswith(got):
        raise Disagreement(got)
    return f"inspect of keylime-ak.pub: {got[:24]}..."


def activation(v):
    """go-attestation's constants: base64 of TPM structures inside JSON."""
    rows = {"goattest-ak-ecc-insecure-curve.json": ("public", "P-224: must be refused", True),
            "goattest-ak-rsa-infineon.json": ("public", "a real AK", False)}
    for name, (_, stated, bad) in rows.items():
        path = v.root / "quote" / name

        def check(path=path, bad=bad):
            values = json.loads(path.read_text())
            key = next(k for k in values if "ublic" in k.lower() and isinstance(values[k], str))
            got = v.inspect_bytes(base64.b64decode(values[key]), "--as", "tpmt-public")
            return refused(got) if bad else is_format(got, "tpmt-public", may_attest=True)
        v.point(path, stated, check)


def main(argv):
    table = None
    if "--table" in argv:
        at = argv.index("--table")
        table = argv[at + 1]
        del argv[at:at + 2]
    source = pathlib.Path(__file__).resolve().parents[2]
    root = pathlib.Path(os.environ.get("ASSAY_VECTORS", source / "../shared/vectors"))
    if not (root / "eventlog").is_dir():
        print(f"1..0 # SKIP no third-party vectors: set ASSAY_VECTORS ({root.name} is not there)")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        v = Vectors(pathlib.Path(argv[0]).resolve(), root, pathlib.Path(scratch))
        logs.run(v)
        lists.run(v)
        quotes(v)
        ear.run(v)
        certificates(v)
    if table:
        pathlib.Path(table).write_text(v.markdown())
    return v.done()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""Results that others signed, through `assay result verify`."""
from common import Disagreement


def verified(v, token, key, status, reason):
    got = v.run("result", "verify", v.root / "ear" / token, "--key", v.root / "ear" / key, "--json")
    if got.status != status or got.json.get("reason") != reason:
        raise Disagreement(f"exit {got.status}, {got.json.get('reason')}")
    e = got.json.get("error")
    return f"exit {status}, {reason}" + (f": {e['fault']} {e['field']}" if e else "")


ROWS = [
    ("ear-valid-0.jwt", "ear-pkey.jwk", "valid", 0, "affirming"),
    ("arc-testJWT.jwt", "arc-pkey.json", "verifies with arc-pkey.json", 0, "affirming"),
    ("cear-ear.jwt", "cear-pkey.pem", "verifies with cear-pkey.pem (iat is a float)", 0, "affirming"),
    ("ear-invalid-0.jwt", "ear-pkey.jwk", "INVALID: HS256", 1, "algorithm-refused"),
    ("ear-invalid-1.jwt", "ear-pkey.jwk", "INVALID: alg none", 1, "unsigned"),
    ("ear-invalid-3.jwt", "ear-pkey.jwk", "INVALID: empty claims, good signature", 3, "malformed"),
    ("ear-valid-0.jwt", "cear-pkey.pem", "the same key in PEM", 0, "affirming"),
    ("ear-valid-0.jwt", "../quote/veraison-enacttrust-basic.pem.pub", "another's key", 1, "signature-bad"),
]


def run(v):
    for token, key, stated, status, reason in ROWS:
        v.point(v.root / "ear" / token, stated,
                lambda t=token, k=key, s=status, r=reason: verified(v, t, k, s, r))
    for token in ("ear-valid-0.jwt", "arc-testJWT.jwt", "cear-ear.jwt"):
        def check(token=token):
            got = v.inspect(v.root / "ear" / token)
            if got.status != 0 or got.json["format"] != "ear-jwt" or got.json["verified"] is not False:
                raise Disagreement(got.said())
            return f"ear-jwt, not verified, {len(got.json['submods'])} submodule"
        v.point(v.root / "ear" / token, "an EAR", check)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`assay result verify` on results of our own and on forged ones: result.py ASSAY. TAP."""
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ASSAY = pathlib.Path(sys.argv[1]).resolve()
CLEAN = pathlib.Path("tests/evidence/clean-a")
NAMES = {"ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "ES384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
         "EdDSA": ["-algorithm", "ED25519"]}
points = failed = 0


def point(good, name, note=""):
    global points, failed
    points += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {points} - {name}")
    if not good:
        print(f"# {note}")


def run(*arguments, data=None):
    return subprocess.run([ASSAY, *map(str, arguments)], capture_output=True, input=data, timeout=60)


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=True, input=data).stdout


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def raw_ecdsa(der, size):
    """r || s out of the DER that openssl writes."""
    at, parts = 2 if der[1] < 0x80 else 3, b""
    for _ in range(2):
        n = der[at + 1]
        parts += int.from_bytes(der[at + 2:at + 2 + n], "big").to_bytes(size, "big")
        at += 2 + n
    return parts


class Keys:
    def __init__(self, folder):
        self.folder = folder
        for name, options in NAMES.items():
            for who in ("mine", "other"):
                private = folder / f"{who}-{name}.pem"
                openssl("genpkey", *options, "-out", private)
                openssl("pkey", "-in", private, "-pubout", "-out", folder / f"{who}-{name}.pub")

    def private(self, name="ES256", who="mine"):
        return self.folder / f"{who}-{name}.pem"

    def public(self, name="ES256", who="mine"):
        return self.folder / f"{who}-{name}.pub"

    def jwk(self, name="ES256", who="mine", **more):
        der = openssl("pkey", "-in", self.private(name, who), "-pubout", "-outform", "DER")
        if name == "EdDSA":
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(der[-32:]), **more}
        size = 32 if name == "ES256" else 48
        return {"kty": "EC", "crv": f"P-{size * 8}", "x": b64(der[-2 * size:-size]), "y": b64(der[-size:]), **more}

    def sign(self, payload, name="ES256", **header):
        """Any payload under any header."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        signing = f"{b64(json.dumps({'alg': name, **header}).encode())}.{b64(body)}"
        path = self.folder / "to-sign"
        path.write_bytes(signing.encode())
        if name == "EdDSA":
            signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.private(name), "-in", path)
        else:
            size = 32 if name == "ES256" else 48
            signature = raw_ecdsa(openssl("dgst", f"-sha{size * 8}", "-sign", self.private(name), path), size)
        return f"{signing}.{b64(signature)}"


def claims(**more):
    now = int(time.time())
    return {"eat_profile": "tag:github.com,2023:veraison/ear", "iat": now, "exp": now + 60,
            "ear.verifier-id": {"developer": "d", "build": "b"},
            "submods": {"node": {"ear.status": "affirming", "ear.trustworthiness-vector": {"hardware": 2}}}, **more}


def without(name):
    c = claims()
    del c[name]
    return c


def submod(**o):
    return claims(submods={"node": o})


def check(name, token, key, status, reason, *options, how="--key"):
    done = run("result", "verify", token, how, key, "--json", *options)
    try:
        said = json.loads(done.stdout)
    except ValueError:
        said = {"reason": "usage" if done.returncode == 2 else None}
    good = done.returncode == status and said["reason"] == reason and \
        said.get("verified", False) == (status == 0)
    point(good, name, f"exit {done.returncode}, {done.stdout!r} {done.stderr!r}")
    return said


def own(keys, folder):
    """What `assay verify --sign` writes."""
    refs = folder / "refs.jsonl"
    run("refs", "learn", CLEAN, "-o", refs)
    verify = ["--ak", CLEAN / "ak.pub", "--nonce", (CLEAN / "nonce").read_text().strip(), "--refs", refs]
    for name in NAMES:
        token = run("verify", CLEAN, *verify, "--sign", keys.private(name)).stdout.decode().strip()
        check(f"{name}: good", token, keys.public(name), 0, "affirming")
        check(f"{name}: another key", token, keys.public(name, "other"), 1, "signature-bad")
        head, body, signature = token.split(".")
        forged = b64(unb64(body).replace(b'"clean-a"', b'"clean-b"'))
        check(f"{name}: another payload", f"{head}.{forged}.{signature}", keys.public(name), 1, "signature-bad")
        for other in NAMES.keys() - {name}:
            check(f"{name}: key of {other}", token, keys.public(other), 1, "algorithm-refused")
    path = folder / "token.jwt"
    path.write_text(token + "\n")
    check("a token in a file, with a newline", path, keys.public(name), 0, "affirming")
    done = run("result", "verify", "-", "--key", keys.public(name), data=token.encode())
    point(done.returncode == 0 and b"affirming" in done.stdout, "a token on standard input", done.stdout)
    policy = folder / "short.yaml"
    text = run("policy", "default").stdout.decode()
    lines = ["  life: 1" if line.strip().startswith("life:") else line for line in text.splitlines()]
    policy.write_text("\n".join(lines) + "\n")
    short = run("verify", CLEAN, *verify, "--policy", policy, "--sign", keys.private()).stdout.decode().strip()
    bad = run("verify", "tests/evidence/runtime-tamper", "--ak", "tests/evidence/runtime-tamper/ak.pub", "--nonce",
              pathlib.Path("tests/evidence/runtime-tamper/nonce").read_text().strip(), "--refs", refs, "--sign",
              keys.private()).stdout.decode().strip()
    said = check("a machine that is not affirming", bad, keys.public(), 1, "not-affirming")
    point(said.get("claims", {}).get("submods", {}) != {}, "its claims are told", said)
    time.sleep(2)
    check("its life is over", short, keys.public(), 1, "expired")


def forged(keys):
    now = int(time.time())
    sign, key = keys.sign, keys.public()
    good = sign(claims())
    head, body, signature = good.split(".")
    none = b64(b'{"alg":"none"}')
    rows = [
        ("alg none, no signature", f"{none}.{body}.", 1, "unsigned"),
        ("alg none, some signature", f"{none}.{body}.{signature}", 1, "algorithm-refused"),
        ("alg HS256", f"{b64(json.dumps({'alg': 'HS256'}).encode())}.{body}.{signature}", 1, "algorithm-refused"),
        ("alg of another type of key", f"{b64(json.dumps({'alg': 'ES384'}).encode())}.{body}.{signature}", 1,
         "algorithm-refused"),
        ("a key in the header changes nothing", sign(claims(), jwk=keys.jwk("ES256", "other")), 0, "affirming"),
        ("no alg", f"{b64(b'{}')}.{body}.{signature}", 3, "malformed"),
        ("crit", sign(claims(), crit=["x"]), 3, "malformed"),
        ("two parts", f"{head}.{body}", 3, "malformed"),
        ("payload is no JSON", sign(b"x"), 3, "malformed"),
        ("payload with a key twice", sign(b'{"iat":1,"iat":2}'), 3, "malformed"),
        ("expired", sign(claims(exp=now)), 1, "expired"),
        ("not yet valid", sign(claims(nbf=now + 600)), 1, "not-yet-valid"),
        ("issued in the future", sign(claims(iat=now + 600, exp=now + 900)), 1, "issued-in-the-future"),
        ("clock a little behind", sign(claims(iat=now + 30)), 0, "affirming"),
        ("iat as a float", sign(claims(iat=float(now))), 0, "affirming"),
        ("iat with a fraction", sign(claims(iat=now + 0.5)), 3, "malformed"),
        ("no iat", sign(without("iat")), 3, "malformed"),
        ("no profile", sign(without("eat_profile")), 3, "malformed"),
        ("another profile", sign(claims(eat_profile="tag:example.com,2026:x")), 3, "malformed"),
        ("no verifier id", sign(without("ear.verifier-id")), 3, "malformed"),
        ("no submods", sign(without("submods")), 3, "malformed"),
        ("empty submods", sign(claims(submods={})), 3, "malformed"),
        ("submodule without status", sign(submod()), 3, "malformed"),
        ("status of no tier", sign(submod(**{"ear.status": "good"})), 3, "malformed"),
        ("status warning", sign(submod(**{"ear.status": "warning"})), 1, "not-affirming"),
        ("status none", sign(submod(**{"ear.status": "none"})), 1, "not-affirming"),
        ("one of two not affirming", sign(claims(submods={
            "a": {"ear.status": "affirming"}, "b": {"ear.status": "contraindicated"}})), 1, "not-affirming"),
        ("no vector", sign(submod(**{"ear.status": "affirming"})), 0, "affirming"),
        ("status better than a known claim", sign(submod(**{
            "ear.status": "affirming", "ear.trustworthiness-vector": {"executables": 33}})), 1, "status-above-vector"),
        ("status better than an unknown claim", sign(submod(**{
            "ear.status": "affirming", "ear.trustworthiness-vector": {"x": -128}})), 1, "status-above-vector"),
        ("a verifier's malfunction", sign(submod(**{
            "ear.status": "affirming", "ear.trustworthiness-vector": {"hardware": -1}})), 1, "status-above-vector"),
        ("0 asserts nothing", sign(submod(**{
            "ear.status": "affirming", "ear.trustworthiness-vector": {"hardware": 2, "executables": 0}})), 0, "affirming"),
        ("a claim out of range", sign(submod(**{
            "ear.status": "affirming", "ear.trustworthiness-vector": {"hardware": 128}})), 3, "malformed"),
        ("both names of one claim", sign(submod(**{"ear.status": "affirming", "ear_status": "affirming"})), 3, "malformed"),
    ]
    for name, token, status, reason in rows:
        check(name, token, key, status, reason)
    check("no end of life: accepted", sign(without("exp")), key, 0, "affirming")
    check("no end of life: too old", sign({**without("exp"), "iat": now - 100}), key, 1, "too-old", "--max-age", "60")
    check("young enough", sign({**without("exp"), "iat": now - 10}), key, 0, "affirming", "--max-age", "60")
    new = {"eat_profile": "tag:ietf.org,2026:rats/ear#04", "iat": now, "exp": now + 60,
           "ear_verifier_id": {"developer": "d", "build": "b"}, "ear_status": "affirming",
           "submods": {"n": {"ear_status": "affirming", "ear_trustworthiness_vector": {"hardware": 2},
                             "ear_appraisal_policy_ids": ["p"]}}}
    check("the new names", sign(new), key, 0, "affirming")
    check("status of the whole", sign({**new, "ear_status": "warning"}), key, 1, "not-affirming")
    check("status of the whole too good", sign({**new, "submods": {"n": {"ear_status": "warning"}}}), key, 1,
          "status-above-vector")
    check("Trustee's profile", sign(claims(eat_profile="tag:github.com,2024:confidential-containers/Trustee")), key,
          0, "affirming")


def sets(keys, folder):
    def file(o, name="set.json"):
        (folder / name).write_text(json.dumps(o))
        return folder / name
    both = file({"keys": [keys.jwk("EdDSA", kid="a"), keys.jwk("ES256", "other", kid="b"), keys.jwk(kid="c")]})
    check("a set: kid chooses", keys.sign(claims(), kid="c"), both, 0, "affirming", how="--jwks")
    check("a set: kid of another key", keys.sign(claims(), kid="b"), both, 1, "signature-bad", how="--jwks")
    check("a set: unknown kid", keys.sign(claims(), kid="d"), both, 1, "key-unknown", how="--jwks")
    check("a set: no kid, each of the type", keys.sign(claims()), both, 0, "affirming", how="--jwks")
    check("a set: no key of the algorithm", keys.sign(claims(), "ES384"), both, 1, "key-unknown", how="--jwks")
    check("a JWK", keys.sign(claims(), "ES384"), file(keys.jwk("ES384"), "k.json"), 0, "affirming")
    rsa = file({"keys": [keys.jwk(), {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]})
    check("a set with a key that cannot be used", keys.sign(claims()), rsa, 3, "malformed", how="--jwks")
    check("a JWK for encryption", keys.sign(claims()), file(keys.jwk(use="enc"), "k.json"), 3, "malformed")
    check("a JWK of another alg", keys.sign(claims()), file(keys.jwk(alg="ES384"), "k.json"), 3, "malformed")
    check("a point off the curve", keys.sign(claims()), file({**keys.jwk(), "y": b64(b"\1" * 32)}, "k.json"), 3,
          "malformed")
    check("an empty set", keys.sign(claims()), file({"keys": []}), 3, "malformed", how="--jwks")
    token = keys.sign(claims())
    for name, arguments, status in (
            ("no key", ["result", "verify", token], 2),
            ("both kinds of key", ["result", "verify", token, "--key", both, "--jwks", both], 2),
            ("no such verb", ["result", "check", token, "--key", both], 2),
            ("max-age is no number", ["result", "verify", token, "--key", both, "--max-age", "x"], 2),
            ("key file not there", ["result", "verify", token, "--key", folder / "none"], 5),
            ("token file not there", ["result", "verify", folder / "none", "--key", keys.public()], 5),
            ("--help", ["result", "--help"], 0)):
        done = run(*arguments)
        point(done.returncode == status, f"usage: {name}", f"exit {done.returncode} {done.stderr!r}")


def main():
    if not shutil.which("openssl"):
        print("1..0 # SKIP no openssl to make keys with")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        keys = Keys(folder)
        own(keys, folder)
        forged(keys)
        sets(keys, folder)
    print(f"1..{points}")
    return 1 if failed else 0


sys.exit(main())

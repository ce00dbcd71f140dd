# SPDX-License-Identifier: Apache-2.0
"""IMA lists: entries, violations, PCR 10 and what is wrong in them, as stated."""
import json

from common import Disagreement


def parsed(got):
    if got.status != 0 or got.json.get("format") not in ("ima-ascii", "ima-binary"):
        raise Disagreement(got.said())
    return got


def summary(got):
    j = got.json
    return f"{j['format']}, {j['entries']} entries, {j['violations']} violations, {j['bad_hashes']} bad hashes"


def refused(got, form=None):
    if got.status != 3 or (form and got.json["format"] != form):
        raise Disagreement(got.said())
    return got.said()


def replayed(v, path, stated):
    data = path.read_bytes()
    # a constant taken out of a program, without the newline that ends a line of the kernel's
    whole = v.inspect(path) if data.endswith(b"\n") or stated["kind"] == "binary" else \
        v.inspect_bytes(data + b"\n")
    if path.name == "keylime-bad-signatures.ascii":
        if whole.json["pcrs"]["sha1"]["10"] != stated["pcr10_sha1"]:
            raise Disagreement("PCR 10")
        return refused(whole, "ima-ascii")
    got = parsed(whole)
    counts = (got.json["entries"], got.json["violations"], got.json["pcrs"]["sha1"]["10"])
    if counts != (stated["entries"], stated["violations"], stated["pcr10_sha1"]):
        raise Disagreement(f"{counts}")
    added = "" if data.endswith(b"\n") or stated["kind"] == "binary" else "; newline added"
    return f"PCR 10 (SHA-1) equal, {summary(got)}{added}"


def independent(v):
    stated = json.loads((v.root / "ima/independent-replay.json").read_text())["lists"]
    for name, s in stated.items():
        v.point(v.root / "ima" / name, f"{s['entries']} entries, {s['violations']} violations, PCR 10 "
                f"{s['pcr10_sha1'][:8]}..." + ("; INVALID: size of its signature" if "bad-sig" in name else ""),
                lambda p=v.root / "ima" / name, s=s: replayed(v, p, s))


def ibm(v):
    path = v.root / "ima/ibmacs-imasig.log"

    def check():
        got = parsed(v.inspect(path))
        bad = [e["index"] + 1 for e in got.json["events"] if not e["hash_ok"]]
        signed = [e for e in got.json["events"] if "sig" in e]
        keys = {}
        for e in signed:
            keys.setdefault(e["sig"]["keyid"], []).append(e["index"] + 1)
        other = sorted(i for k, at in keys.items() if k != "0beb6a13" for i in at)
        if bad != [1080] or len(signed) != 1083 - 184 or other != [592, 1082]:
            raise Disagreement(f"bad {bad}, signed {len(signed)}, other keys {other}")
        return f"{summary(got)}; entry 1080; 184 unsigned; other keyid in entries 592, 1082"
    v.point(path, "1083 entries; entry 1080 alone does not hash to its template hash; 184 unsigned; "
            "592 and 1082 of another keyid", check)


def entries(v):
    """Single lines inside JSON."""
    for name, valid in (("valid", True), ("invalid", False)):
        path = v.root / f"ima/keylime-ast-{name}-entries.json"
        for key, line in json.loads(path.read_text()).items():
            line = line if isinstance(line, str) else line[0]

            def check(line=line, valid=valid):
                got = v.inspect_bytes(line.encode() + b"\n", "--as", "ima-ascii")
                if not valid:
                    return refused(got, "ima-ascii")
                if got.status != 0 or not got.json["events"][0]["hash_ok"]:
                    raise Disagreement(got.said())
                return summary(got) + ", its template hash is its data's"
            v.point(path, f"{key}: {'valid, hashes' if valid else 'INVALID'}", check)
    path = v.root / "ima/keylime-dm-entries.json"
    lines = json.loads(path.read_text())

    def device_mapper():
        got = v.inspect_bytes("".join(line.rstrip("\n") + "\n" for line in lines.values()).encode())
        parsed(got)
        if got.json["entries"] != len(lines) or any("buf_size" not in e for e in got.json["events"]):
            raise Disagreement(summary(got))
        return summary(got)
    v.point(path, f"{len(lines)} ima-buf entries that parse", device_mapper)


def detected(v):
    for alg in ("sha256", "sm3_256", "unknown"):
        path = v.root / f"ima/keylime-create-ima-log-{alg}"

        def check(path=path, alg=alg):
            got = parsed(v.inspect(path))
            seen = {e["digest"]["alg"] for e in got.json["events"]}
            if (alg == "unknown") == bool(seen & {"sha256", "sm3_256"}) or \
                    (alg != "unknown" and alg not in seen):
                raise Disagreement(str(seen))
            return f"{summary(got)}; {', '.join(sorted(seen))}"
        v.point(path, f"algorithm {alg}", check)


def tss(v):
    ng = v.root / "ima/tpm2tss-sml-ima-ng-sha1.b64"

    def stray():
        got = v.inspect(ng)
        if got.json["entries"] == 0 or got.json["bad_hashes"] or \
                got.json["error"]["offset"] != got.json["size"] - 1:
            raise Disagreement(got.said())
        return f"{got.json['entries']} entries, every template hash recomputes; {got.said()} (the stray byte)"
    v.point(ng, "every template hash recomputes; one stray newline at the end", stray)
    ima = v.root / "ima/tpm2tss-sml-ima-sha1-invalidated.b64"

    def violation():
        got = parsed(v.inspect(ima))
        if got.json["violations"] != 1:
            raise Disagreement(summary(got))
        return summary(got)
    v.point(ima, "legacy ima, one violation", violation)
    cut = v.root / "ima/tpm2tss-sml-ima-ng-sha1-invalidated.b64"
    v.point(cut, "edge case upstream, no outcome (PCR 13, all zero, cut off)",
            lambda: refused(v.inspect(cut), "ima-binary"))


def run(v):
    independent(v)
    ibm(v)
    entries(v)
    detected(v)
    tss(v)
    for name in ("keylimetests-ima_log.txt",):
        path = v.root / "ima" / name

        def check(path=path):
            got = parsed(v.inspect(path))
            kinds = [e["template"] for e in got.json["events"]]
            if kinds.count("ima-ng") != 2 or kinds.count("ima-buf") != 3:
                raise Disagreement(str(kinds))
            return summary(got)
        v.point(path, "2 ima-ng and 3 ima-buf entries", check)
    path = v.root / "ima/rustkeylime-invalid_ima_log.txt"
    v.point(path, "INVALID", lambda: refused(v.inspect(path)))
    log = v.root / "ima/hpe-perf-uefi_log.b64"

    def base64_log():
        got = v.inspect(log)
        if got.status != 0 or got.json["format"] != "tcg-eventlog":
            raise Disagreement(got.said())
        return f"{got.json['variant']}, {len(got.json['events'])} events; {got.json['quirks'][0]}"
    v.point(log, "a UEFI log in base64 (no registers stated)", base64_log)

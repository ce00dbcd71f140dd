#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`assay inspect` on our own evidence and on what is malformed in it: inspect.py ASSAY. TAP."""
import base64
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ASSAY = pathlib.Path(sys.argv[1]).resolve()
CLEAN = pathlib.Path("tests/evidence/clean-a")
LOG = (CLEAN / "binary_bios_measurements").read_bytes()
IMA = (CLEAN / "binary_runtime_measurements").read_bytes()
points = failed = 0


def point(good, name, note=""):
    global points, failed
    points += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {points} - {name}")
    if not good:
        print(f"# {note}")


def run(path, *options, data=None):
    return subprocess.run([ASSAY, "inspect", *options, str(path)], capture_output=True, input=data, timeout=60)


def told(path, *options, data=None):
    done = run(path, "--json", *options, data=data)
    return done.returncode, json.loads(done.stdout.decode("utf-8"))


def stated_registers():
    """pcrs.txt: what the TPM held when the quote was made."""
    banks, bank = {}, None
    for line in (CLEAN / "pcrs.txt").read_text().splitlines():
        index, value = (x.strip() for x in line.split(":"))
        if not value:
            bank = banks.setdefault(index, {})
        else:
            bank[index] = value.lower().removeprefix("0x")
    return banks


def formats():
    for name, want in {"quote.msg": "tpms-attest", "quote.sig": "tpmt-signature", "ak.pub": "tpm2b-public",
                       "ek.crt": "x509-certificate", "ek-ca.pem": "x509-certificate", "nonce": "nonce",
                       "pcrs.txt": "pcr-values", "binary_bios_measurements": "tcg-eventlog",
                       "binary_runtime_measurements": "ima-binary",
                       "ascii_runtime_measurements": "ima-ascii"}.items():
        status, got = told(CLEAN / name)
        point(status == 0 and got["format"] == want and "error" not in got, f"{name} is {want}", got.get("error"))
        data = (CLEAN / name).read_bytes()
        status, again = told("-", data=data)
        point(again == got, f"{name} on standard input is the same")
        people = run(CLEAN / name)
        point(people.returncode == 0 and want.encode() in people.stdout.splitlines()[0], f"{name} for people")
    status, got = told("-", data=(CLEAN / "ak.pub").read_bytes()[2:])
    point(status == 0 and got["format"] == "tpmt-public" and got["may_attest"], "the key without its size is tpmt-public")


def registers():
    want = stated_registers()
    _, log = told(CLEAN / "binary_bios_measurements")
    bad = [(b, i) for b, regs in log["pcrs"].items() for i, h in regs.items() if want[b][i] != h]
    point(not bad and log["pcrs"]["sha256"], "the log replays to pcrs.txt", bad)
    for name in ("binary_runtime_measurements", "ascii_runtime_measurements"):
        _, ima = told(CLEAN / name)
        # this kernel pads SHA-1 into the SHA-384 bank: native replay is not what it holds there
        bad = [b for b in ("sha1", "sha256") if ima["pcrs"][b]["10"] != want[b]["10"]]
        point(not bad, f"{name} replays to PCR 10 of pcrs.txt", bad)


def bundles():
    status, folder = told(CLEAN)
    point(status == 0 and folder["format"] == "folder-bundle" and len(folder["parts"]) == 9, "a folder is a bundle")
    logs = {p: [r for r in folder["unbound"] if r["part"] == p] for p in
            ("binary_bios_measurements", "binary_runtime_measurements", "quote.msg", "quote.sig", "ak.pub")}
    _, log = told(CLEAN / "binary_bios_measurements")
    _, ima = told(CLEAN / "binary_runtime_measurements")
    bare = [[{k: r[k] for k in ("offset", "size")} for r in logs[p]] for p in list(logs)[:2]]
    point(bare == [log["unbound"], ima["unbound"]], "its logs have the ranges that each alone has")
    point(not logs["quote.msg"] and not logs["quote.sig"], "nothing of quote and signature is unbound")
    share = log["unbound_bytes"] / len(LOG)
    point(share < 0.2385, f"{100 * share:.1f} % of the log are unbound under SHA-256")
    _, other = told(CLEAN / "binary_bios_measurements", "--bank", "sha1")
    point(other["bank"] == "sha1" and other["unbound"] != log["unbound"], "--bank sha1 leaves other bytes unbound")
    _, sha1 = told("tests/evidence/bank-sha1")
    point(sha1["bank"] == "sha1", "a folder's bank is its quote's", sha1["bank"])
    with tempfile.TemporaryDirectory() as empty:
        status, got = told(empty)
        point(status == 3 and got["error"]["fault"] == "missing", "a folder without parts", got.get("error"))
        (pathlib.Path(empty) / "binary_bios_measurements").write_bytes(LOG[:-1])
        status, got = told(empty)
        point(status == 3 and got["error"]["artefact"] == "binary_bios_measurements",
              "a folder with a log that is cut off", got.get("error"))


def cbor_head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for width, code in ((1, 24), (2, 25), (4, 26)):
        if n < 1 << 8 * width:
            return bytes([major << 5 | code]) + n.to_bytes(width, "big")
    raise ValueError(n)


def collection(parts):
    """A CMW collection in deterministic CBOR: {label: [media type, bytes]}."""
    def text(s):
        return cbor_head(3, len(s)) + s.encode()
    pairs = {text(k): cbor_head(4, 2) + text(media) + cbor_head(2, len(b)) + b for k, (media, b) in parts.items()}
    pairs[text("__cmwc_t")] = text("tag:assay.invalid,2026:bundle-1")
    return cbor_head(5, len(pairs)) + b"".join(k + pairs[k] for k in sorted(pairs))


def collections():
    _, folder = told(CLEAN)
    parts = {p["name"]: (p["media_type"], (CLEAN / p["name"]).read_bytes()) for p in folder["parts"]}
    whole = collection(parts)
    status, got = told("-", data=whole)
    point(status == 0 and got["format"] == "cmw-collection" and len(got["parts"]) == 9, "a collection", got.get("error"))
    at = next(p["offset"] for p in got["parts"] if p["name"] == "binary_bios_measurements")
    point(whole[at:at + len(LOG)] == LOG, "offsets of its parts are the file's")
    _, log = told(CLEAN / "binary_bios_measurements")
    mine = [r["offset"] - at for r in got["unbound"] if r["part"] == "binary_bios_measurements"]
    point(mine == [r["offset"] for r in log["unbound"]], "offsets of its unbound ranges are the file's")
    status, got = told("-", data=whole[:-1])
    point(status == 3 and got["format"] == "cmw-collection" and got["error"]["fault"], "a collection that is cut off")


def malformed():
    rows = [("an empty file", b"", "unknown", "missing", "format", 0),
            ("noise", bytes(range(200, 256)), "unknown", "magic", "format", 0),
            ("a log cut off", LOG[:-1], "tcg-eventlog", "truncated", None, None),
            ("a list cut off", IMA[:-1], "ima-binary", "truncated", None, None),
            ("a quote cut off", (CLEAN / "quote.msg").read_bytes()[:-1], "tpms-attest", "truncated", "pcrDigest", None),
            ("a quote and more", (CLEAN / "quote.msg").read_bytes() + b"x", "tpms-attest", "trailing", None, 145),
            ("a signature cut off", (CLEAN / "quote.sig").read_bytes()[:-1], "tpmt-signature", "truncated", None, None),
            ("a certificate cut off", (CLEAN / "ek.crt").read_bytes()[:-1], "x509-certificate", "truncated", "Certificate", 0),
            ("a private key", b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "pem-public-key",
             "unsupported", "PEM label", 0),
            ("references with an unknown kind", b'{"register":0,"digest":"sha1:' + b"00" * 20 + b'","kind":"x","name":"n"}\n',
             "assay-references", "range", "kind", 0),
            ("a token that is no EAR", b"eyJhbGciOiJub25lIn0.e30.AAAA", "ear-jwt", "missing", "eat_profile", 0),
            ("a user space log without its end", b'\x1e{"pcr":11}', "tpm2-measure-log", "truncated", "record", 0)]
    for name, data, form, fault, field, offset in rows:
        status, got = told("-", data=data)
        e = got.get("error", {})
        good = status == 3 and got["format"] == form and e.get("fault") == fault and \
            field in (None, e["field"]) and offset in (None, e["offset"])
        point(good, name, f"exit {status} {got['format']} {e}")
        people = run("-", data=data)
        point(people.returncode == 3 and fault.encode() in people.stderr, f"{name}, for people", people.stderr)
    for cut in range(0, 400):
        done = run("-", "--json", data=LOG[:cut])
        try:
            good = done.returncode in (0, 3) and json.loads(done.stdout)["format"]
        except ValueError:
            good = False
        if not good:
            break
    point(good, "the log's first 400 prefixes end in an answer", cut)


def signed_record(sig):
    """One ima-sig record that hashes."""
    fields = (b"sha256:\0" + bytes(32), b"/f\0", sig)
    data = b"".join(struct.pack("<I", len(f)) + f for f in fields)
    return struct.pack("<I", 10) + hashlib.sha1(data).digest() + struct.pack("<I", 7) + b"ima-sig" + \
        struct.pack("<I", len(data)) + data


def signatures():
    """A signature that cannot be read is a fault of the list, at its place."""
    good = b"\x03\x02\x04" + b"keyi" + struct.pack(">H", 4) + b"sign"
    first = signed_record(good)
    status, got = told("-", data=first)
    point(status == 0 and got["events"][0]["sig"]["keyid"] == b"keyi".hex(), "a signature", got.get("error"))
    bad = first + signed_record(good[:-1])
    status, got = told("-", data=bad)
    e = got.get("error", {})
    point(status == 3 and len(got["events"]) == 2 and e["artefact"] == "sig" and e["fault"] == "truncated" and
          len(bad) - len(good) <= e["offset"] < len(bad), "a signature that is cut off, located", e)


def ima_record(name, pcr=10):
    """One ima-ng record that hashes."""
    d = b"sha256:\0" + bytes(32)
    data = struct.pack("<I", len(d)) + d + struct.pack("<I", len(name) + 1) + name + b"\0"
    return struct.pack("<I", pcr) + hashlib.sha1(data).digest() + struct.pack("<I", 6) + b"ima-ng" + \
        struct.pack("<I", len(data)) + data


def hostile():
    """No terminal control gets through, whatever a name holds, and JSON stays UTF-8."""
    name = b"/a\x1b[2J\x9b\xff\xc2\x9b\r\n\x7f\xe2\x80\xae" + "ü\U000e0041".encode() + b"\xed\xa0\x80\xc1\x9b\"\\"
    for option in ([], ["--json"]):
        done = run("-", *option, data=ima_record(name))
        text = done.stdout.decode("utf-8")
        hidden = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\U000e0000-\U000e007f]", text)
        point(done.returncode == 0 and not hidden and "ü" in text, f"a hostile name {option}", repr(text))
    status, got = told("-", data=ima_record(name))
    said = got["events"][0]["name"]
    point(said.startswith("/a\x1b[2J\\x9b\\xff") and "\\xc1\\x9b" in said, "JSON tells it whole", got["events"])
    flood = b"".join(ima_record(b"/f%d" % i) for i in range(20000))
    status, got = told("-", data=flood)
    point(status == 0 and got["entries"] == 20000 and len(got["unbound"]) == 20000, "20,000 entries")


def texts():
    status, got = told("-", data=base64.encodebytes(LOG))
    point(status == 0 and got["format"] == "tcg-eventlog" and any("base64" in q for q in got["quirks"]) and
          got["size"] == len(LOG), "a log in base64 is decoded, and that is said", got["quirks"])
    text = base64.b64encode(LOG)  # ends in one byte's two characters
    status, got = told("-", data=text[:-3] + bytes([text[-3] + 1]) + text[-2:])
    point(got["format"] == "unknown", "base64 whose unused bits are not zero is not decoded", got["format"])
    record = b'\x1e{"pcr":11,"digests":[{"hashAlg":"sha256","digest":"' + b"ab" * 32 + \
        b'"}],"content_type":"systemd","content":{"eventType":"phase","string":"x"}}\n'
    status, got = told("-", data=record)
    point(status == 0 and got["format"] == "tpm2-measure-log" and got["events"][0]["pcr"] == 11, "a log of user space")
    covered = set(range(len(record))) - {k for r in got["unbound"] for k in range(r["offset"], r["offset"] + r["size"])}
    point(bytes(record[k] for k in sorted(covered)) == b"11" + b"ab" * 32, "its PCR and digest alone are covered", got["unbound"])
    status, got = told("-", "--bank", "sha1", data=record)
    point(got["unbound"] == [{"offset": 0, "size": len(record)}], "a record without the bank's digest is covered by nothing")
    der = (CLEAN / "ek.crt").read_bytes()
    status, got = told("-", data=b"\x10\x01\x00\x04\x00\x10\x02" + der + b"\xff" * 500)
    point(status == 0 and got["der_offset"] == 7 and len(got["quirks"]) == 2, "a certificate in an NV dump", got)


def usage():
    for name, arguments, status in (("no file", [], 2), ("two files", ["a", "b"], 2), ("--bank md5", ["--bank", "md5", "a"], 2),
                                    ("--as x", ["--as", "x", "a"], 2), ("not there", ["none/none"], 5), ("--help", ["--help"], 0)):
        done = subprocess.run([ASSAY, "inspect", *arguments], capture_output=True, timeout=60)
        point(done.returncode == status, f"usage: {name}", f"exit {done.returncode}")
    status, got = told(CLEAN / "quote.msg", "--as", "tcg-eventlog")
    point(status == 3 and got["format"] == "tcg-eventlog", "--as forces a format", got)


for test in (formats, registers, bundles, collections, malformed, signatures, hostile, texts, usage):
    test()
print(f"1..{points}")
sys.exit(failed > 0)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keylime's own functions, timed on request: the other side of bench/keylime.c.

    keylime.py EVIDENCE IMA-LIST

Each line of standard input is WORK TIMES; the answer is the CPU seconds that it took, those of
child processes included, or "no: REASON". What a verifier would keep between two attestations
(the policy, the parsed key's bytes, the compiled modules) is made beforehand and not timed.
"""
import base64
import logging
import os
import re
import resource
import struct
import sys
import types

sys.path.pop(0)  # this folder, where "keylime" would be this file

os.environ.setdefault("KEYLIME_LOGGING_CONFIG", os.devnull)
logging.disable(logging.CRITICAL)  # messages are not what is measured

# Signed policies alone need it, and its wheel needs a compiler and gpgme.
try:
    import gpg  # noqa: F401
except ImportError:
    sys.modules["gpg"] = types.ModuleType("gpg")

# Log lines and warnings of imports must not land among the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

SHA256 = 0x000B


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def pcr_values(text):
    """The sha256 bank of pcrs.txt, as tpm2_pcrread prints it."""
    bank, values = None, {}
    for line in text.decode().splitlines():
        head = re.match(r"\s*(sha\d+)\s*:\s*$", line)
        if head:
            bank = head.group(1)
        row = re.match(r"\s*(\d+)\s*:\s*0x([0-9A-Fa-f]+)", line)
        if row and bank == "sha256":
            values[int(row.group(1))] = bytes.fromhex(row.group(2))
    return values


def pcr_blob(values, selected):
    """What tpm2_quote -o writes and Keylime's agent sends: TPML_PCR_SELECTION and TPML_DIGESTs
    as they lie in memory (little-endian)."""
    mask = sum(1 << p for p in selected)
    out = struct.pack("<I", 1)
    for i in range(16):
        if i == 0:
            out += struct.pack("<HB", SHA256, 3) + struct.pack("<I", mask)[:3] + b"\0\0"
        else:
            out += struct.pack("<HB", 0, 0) + b"\0" * 5
    lists = [selected[i:i + 8] for i in range(0, len(selected), 8)]
    out += struct.pack("<I", len(lists))
    for pcrs in lists:
        out += struct.pack("<I", len(pcrs))
        for k in range(8):
            value = values[pcrs[k]] if k < len(pcrs) else b""
            out += struct.pack("<H", len(value)) + value.ljust(64, b"\0")
    return out


def quote_work(folder, with_log=False):
    """As process_quote_response calls it for a node of which nothing new was measured: clock, the
    PCR values known (PCR 10 in the node's state, the others in its policy) and, where the node
    sends it along, the boot log."""
    from keylime.agentstates import AgentAttestState, TPMClockInfo
    from keylime.common.algorithms import Hash
    from keylime.mba import mba
    from keylime.tpm.tpm_main import Tpm

    mba.load_imports(skip_custom_policies=True)
    selected = list(range(11)) + [14]
    values = pcr_values(read(folder, "pcrs.txt"))
    parts = [read(folder, "quote.msg"), read(folder, "quote.sig"), pcr_blob(values, selected)]
    quote = "r" + ":".join(base64.b64encode(p).decode() for p in parts)
    nonce = base64.b64encode(bytes.fromhex(read(folder, "nonce").decode().strip())).decode()
    ak = base64.b64encode(read(folder, "ak.pub")).decode()
    policy = {str(p): [values[p].hex()] for p in selected if p != 10}
    log = base64.b64encode(read(folder, "binary_bios_measurements")).decode() if with_log else None
    tpm = Tpm()
    state = AgentAttestState("bench")
    state.get_pcr_state(10, Hash.SHA256)
    state.tpm_state.set_pcr(10, values[10])
    before = TPMClockInfo(0, 0, 0, 1)

    def work():
        state.set_tpm_clockinfo(before)
        failure = tpm.check_quote(state, nonce, None, quote, ak, policy, "", None, Hash.SHA256,
                                  None, log, None)
        if failure:
            raise RuntimeError("check_quote: " + str([e.context for e in failure.events]))
    return work


def ima_work(path):
    from keylime.common.algorithms import Hash
    from keylime.ima import ima

    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    policy = ima.empty_policy()
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 4:
            policy["digests"][fields[4]] = [fields[3].split(":")[1]]

    def work():
        _, failure = ima.process_measurement_list(None, lines, policy, hash_alg=Hash.SHA256)
        if failure:
            raise RuntimeError("process_measurement_list failed")
    return work


def bootlog_work(folder):
    from keylime.mba.elparsing import tpm2_tools_elparser

    log = base64.b64encode(read(folder, "binary_bios_measurements")).decode()

    def work():
        pcrs, _, _, failure = tpm2_tools_elparser.bootlog_parse(log, "sha256")
        if failure or not pcrs:
            raise RuntimeError("bootlog_parse: " + str([e.context for e in failure.events]))
    return work


def cpu():
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def main():
    evidence, ima_list = sys.argv[1:3]
    makers = {
        "quote": lambda: quote_work(os.path.join(evidence, "clean-a")),
        "quote-log": lambda: quote_work(os.path.join(evidence, "clean-a"), with_log=True),
        "quote-ecc": lambda: quote_work(os.path.join(evidence, "clean-a-ecc")),
        "ima": lambda: ima_work(ima_list),
        "bootlog": lambda: bootlog_work(os.path.join(evidence, "clean-a")),
    }
    works = {}
    for line in sys.stdin:
        name, times = line.split()
        try:
            if name not in works:
                works[name] = makers[name]()
                works[name]()  # what is set up once (imports, caches) is not timed
            start = cpu()
            for _ in range(int(times)):
                works[name]()
            answer = repr(cpu() - start)
        except Exception as e:  # pylint: disable=broad-except # whatever it is, the row says it
            answer = "no: " + " ".join(f"{type(e).__name__}: {e}".split())[:200]
        print(answer, file=answers, flush=True)


main()

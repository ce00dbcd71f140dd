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
import resource
import sys
import types

from keylime_push_node import pcr_blob, pcr_values, read

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

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""assayd beside Keylime's verifier in push mode: keylime_push.py BUILD EVIDENCE. Rows for bench/run.

Run by Keylime's own virtual environment. Both verifiers are up at once and loaded in turn, a few
seconds each; what is compared is the CPU time of their processes for each attestation. Neither
generator counts, nor does PostgreSQL. Every attestation must pass on both sides.
"""
import contextlib
import http.client
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import service
from keylime_push_node import Node
from keylime_push_verifier import Agent, Failed, Verifier

ROUNDS, SECONDS, TARGET = 3, 3, 100
AGENTS, NODES = 4, 16  # RSA keys are made for each: they cost more than what is measured
PROGRAM = pathlib.Path(sys.executable).parent / "keylime_verifier"
FIGURE = "attestation, RSA-2048 AK, {} | Keylime {}'s verifier, push mode"
WITH_LOG = "  the same, its measured boot on: the log sent and replayed each time"


def version():
    from importlib.metadata import version as of
    return of("keylime")


@contextlib.contextmanager
def keylime(kind):
    """Keylime's verifier on a store of its own, in memory as assayd's."""
    folder = tempfile.mkdtemp(prefix="keylime-bench-", dir="/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None)
    try:
        with service.store_of(kind, pathlib.Path(folder)) as store:
            database = store.replace("sqlite:", "sqlite:///").replace("postgresql:", "postgresql+psycopg2:")
            verifier = Verifier(PROGRAM, folder, database, service.free_port())
            try:
                yield verifier
            finally:
                verifier.stop()
    finally:
        shutil.rmtree(folder)


def enrol(verifier, measured_boot):
    """Agents that have each sent their whole list once."""
    name = "d432fbb3-d2f1-4a97-9ef7-75bd81c{}{:04x}"
    agents = [Agent(verifier, Node(name.format(int(measured_boot), i), service.EVIDENCE, measured_boot)) for i in range(AGENTS)]
    for agent in agents:
        agent.attest()
    return agents


def keylime_micros(verifier, agents):
    """CPU microseconds of one attestation in which nothing is new."""
    verifier.idle()
    before, start, count = verifier.cpu(), time.monotonic(), 0
    while time.monotonic() - start < SECONDS or count < AGENTS:
        agents[count % AGENTS].attest()
        count += 1
    verifier.idle()
    return 1e6 * (verifier.cpu() - before) / count


def assay_micros(verifier, folder, store, number):
    return service.swarm(verifier, folder, store, "--nodes", NODES, "--rsa", "--grow", 0, "--bad", 0,
                         "--seconds", SECONDS, "--prefix", f"r{number}")["cpuMicros"]


def compare(figure, ours, theirs):
    ratios = [t / o for o, t in zip(ours, theirs)]
    ratio = statistics.median(ratios)
    service.row(figure, f"{statistics.median(ours):.1f} us CPU", f"{statistics.median(theirs):.0f} us",
                f"{ratio:.0f}x ({min(ratios):.0f} to {max(ratios):.0f})", f">= {TARGET}x", ratio >= TARGET)


def rows(kind, with_log):
    with service.place() as folder, service.store_of(kind, folder) as store:
        if not store or store.startswith("1..0"):
            service.row(FIGURE.format(kind, version()), "-", ratio="SKIPPED: postgresql is not installed")
            return
        assayd = service.Verifier(folder, store)
        try:
            with keylime(kind) as verifier:
                plain = enrol(verifier, False)
                logged = enrol(verifier, True) if with_log else []
                ours, theirs, theirs_logged = [], [], []
                for number in range(ROUNDS):
                    ours.append(assay_micros(assayd, folder, store, number))
                    theirs.append(keylime_micros(verifier, plain))
                    if logged:
                        theirs_logged.append(keylime_micros(verifier, logged))
                for agent in plain + logged:
                    agent.check()
        finally:
            assayd.stop()
    compare(FIGURE.format(kind, version()), ours, theirs)
    if theirs_logged:
        compare(WITH_LOG, ours, theirs_logged)


def main():
    for kind in (service.SQLITE, service.POSTGRESQL):
        try:
            rows(kind, with_log=kind == service.SQLITE)
        except (Failed, OSError, http.client.HTTPException) as e:
            service.row(FIGURE.format(kind, version()), "-", ratio=f"SKIPPED: {e}")


main()

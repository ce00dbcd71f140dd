# SPDX-License-Identifier: Apache-2.0
"""The store goes, or the clock does: results that still live are served, nothing new is trusted, nobody is called
silent for a break of ours, and it ends by itself."""
import contextlib
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import threading
import time

from lab import GONE, Client, Lab, Verifier, postgres, until
from node import Node

INTERVAL, LIFE, NODES = 3, 8, 6


class Fleet:
    """Nodes that attest each second whatever happens; what each was told and when."""

    def __init__(self, lab, v):
        self.v, self.client = v, Client(lab, v.port, timeout=15)
        self.nodes = [Node(lab, f"f{i}") for i in range(NODES)]
        self.told, self.wrong, self.stop = [], [], False
        for n in self.nodes:
            assert n.enrol(v, self.client) == 200
            assert n.attest_patiently(self.client).tier == "affirming"
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.stop:
            for n in self.nodes:
                if self.stop:
                    break
                try:
                    answer = n.attest(self.client)
                    self.told.append((time.monotonic(), answer.outcome))
                    if answer.tier not in (None, "affirming") or (answer.tier is None and answer.status not in (200, 503)):
                        self.wrong.append(f"{n.name}: {answer}")
                except GONE as e:
                    self.told.append((time.monotonic(), repr(e)))
                time.sleep(0.1)

    def appraised(self, since):
        return [o for at, o in list(self.told) if at > since and o == "appraised"]

    def end(self):
        self.stop = True
        self.thread.join()


def drill(table, lab, store, name, down, up, writes_only=False):
    """writes_only: the store can still be read, so that who shows nothing new is affirmed from memory."""
    v = Verifier(lab, store, interval=f"{INTERVAL}s")
    v.start()
    fleet = Fleet(lab, v)
    wrong = before = 0

    def ok(good, what, why=""):
        nonlocal wrong
        wrong += not table.ok(good, f"{name}: {what}", why)

    fresh, client = Node(lab, "fresh"), Client(lab, v.port, timeout=15)
    token = v.token("fresh", fresh.ek)["token"]
    quiet = Node(lab, "quiet")
    quiet.enrol(v, client)
    quiet.attest(client)
    changed = Node(lab, "changed")
    changed.enrol(v, client)
    changed.attest(client)
    before = time.monotonic()
    down(v)
    began = time.monotonic()
    early = v.operator.result("f0")
    ok(time.monotonic() - before > LIFE / 2 or early[0] in ("affirming", "none"), "a result is served", early)
    if not writes_only:
        ok(until(v.blind, 5), "the verifier says that it is blind")
        time.sleep(0.3)
        since = time.monotonic()
        time.sleep(1)
        ok(not fleet.appraised(since), "nobody is appraised meanwhile", fleet.told[-8:])
        listed = v.operator.ask("GET", "/v1/nodes")
        ok(b'"affirming"' not in listed[1], "the list affirms nobody", listed)
    changed.list, changed.step = "bad", 1
    said = changed.attest(client)
    ok(said.tier is None and said.status == 503, "what is new is no verdict", said)
    with contextlib.suppress(*GONE):
        ok(fresh.enrol(v, client, token) == 503, "nobody enrols")
    client.close()
    time.sleep(max(0, began + LIFE + 1 - time.monotonic()))
    got = v.operator.result("quiet")
    ok(got[0] != "affirming", "a result whose life ended is not served", got)
    up(v)
    ok(until(v.ready, 20), "it recovers by itself", v.log.read_text(encoding="utf-8")[-600:])
    since = time.monotonic()
    ok(until(lambda: len(fleet.appraised(since)) >= NODES, 15), "and appraises again", fleet.told[-8:])
    ok(changed.attest_patiently(client).tier == "contraindicated", "what was tampered with meanwhile is found")
    ok(fresh.enrol(v, client, token) == 200, "the token is still good")
    time.sleep(INTERVAL + 1)
    fleet.end()
    silent = [e for e in v.events() if "node.silent" in e[4] and e[1].startswith("f")]
    ok(not silent, "no node was called silent for it", silent)
    of = {n.name: [e[3] for e in v.events(n.name)] for n in fleet.nodes}
    ok(all(e == [2] for e in of.values()), "it made no event of any of them", of)
    ok(not fleet.wrong, "no verdict was wrong", fleet.wrong)
    v.kill(signal.SIGTERM)
    table.row(name, 1, 0, wrong)


def disk_full(table, _rounds):
    with Lab(LIFE) as lab, contextlib.ExitStack() as stack:
        place = lab.folder / "d-full"
        os.mkdir(place)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], check=False, capture_output=True).returncode:
            print("# no tmpfs can be mounted here: a full disk is left out")
            return
        stack.callback(subprocess.run, ["umount", "-l", place], check=False)

        def fill(_):
            with contextlib.suppress(OSError), open(place / "filler", "wb", buffering=0) as f:
                while f.write(b"x" * 4096) == 4096:
                    pass

        drill(table, lab, f"sqlite:{place}/assay.db", "disk full", fill, lambda _: os.remove(place / "filler"), writes_only=True)


def sqlite_locked(table, _rounds):
    with Lab(LIFE) as lab:
        held = []

        def lock(v):
            held.append(sqlite3.connect(v.store[7:], timeout=5, isolation_level=None))
            held[0].execute("BEGIN EXCLUSIVE")

        drill(table, lab, lab.sqlite("locked"), "SQLite locked by another program", lock, lambda _: held[0].close(), writes_only=True)


def sqlite_gone(table, _rounds):
    with Lab(LIFE) as lab:
        folder = lab.folder / "d-gone"

        def away(_):
            os.rename(folder, lab.folder / "elsewhere")
            os.mkdir(folder)

        def back(_):
            shutil.rmtree(folder)
            os.rename(lab.folder / "elsewhere", folder)

        drill(table, lab, lab.sqlite("gone"), "SQLite's folder replaced by an empty one", away, back)


def postgresql_down(table, _rounds):
    with postgres() as (url, control):
        if not url:
            print("# postgresql is not installed: left out")
            return
        with Lab(LIFE) as lab:
            drill(table, lab, url, "PostgreSQL stopped", lambda _: control("stop", "-m", "immediate"), lambda _: control("start"))


def clock(table, _rounds):
    with Lab(LIFE) as lab:
        file = lab.folder / "clock"
        file.write_bytes(struct.pack("q", 0))
        v = Verifier(lab, lab.sqlite("clock"), interval=f"{INTERVAL}s", preload=file)
        v.start()
        fleet, client, wrong = Fleet(lab, v), Client(lab, v.port), 0
        name = "clock steps of an hour"

        def ok(good, what, why=""):
            nonlocal wrong
            wrong += not table.ok(good, f"{name}: {what}", why)

        def step(hours):
            with open(file, "r+b") as f:
                f.write(struct.pack("q", hours * 3600 * 1000))

        hours = 0
        for hours in (1, 0, -1, 0):
            quiet = Node(lab, f"quiet{time.monotonic_ns()}")
            quiet.enrol(v, client)
            quiet.attest_patiently(client)
            stale = quiet.write()
            began = time.monotonic()
            step(hours)
            said = quiet.post(client, stale)
            ok(said.tier is None, f"to {hours:+} h: a quote of before it is not appraised", said)
            time.sleep(0.5)
            got = v.operator.result(quiet.name)
            ok(got[0] != "affirming" or time.monotonic() - began < LIFE, "what is told is not stale", got)
            ok(until(v.ready, 10), "it is ready again", v.log.read_text(encoding="utf-8")[-600:])
            since = time.monotonic()
            ok(until(lambda: len(fleet.appraised(since)) >= NODES, 15), "all nodes are affirmed again", fleet.told[-8:])  # pylint: disable=W0640
            time.sleep(max(0, began + LIFE + 1 - time.monotonic()))
            got = v.operator.result(quiet.name)
            ok(got[0] != "affirming", f"to {hours:+} h: a node that is not heard of since is not affirming after a result's life", got)
        fleet.end()
        of = {n.name: [e for e in v.events(n.name)] for n in fleet.nodes}
        ok(all([x[3] for x in e] == [2] for e in of.values()), "nobody who spoke was called silent", of)
        ok(not fleet.wrong, "no verdict was wrong", fleet.wrong)
        table.row(name, 4, 0, wrong)


CASES = {"disk-full": disk_full, "sqlite-locked": sqlite_locked, "sqlite-gone": sqlite_gone, "postgresql-down": postgresql_down,
         "clock": clock}

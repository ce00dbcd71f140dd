# SPDX-License-Identifier: Apache-2.0
"""What a node, or somebody in its name, may say that is not so: each told to real verifiers, on one store."""
import json
import os
import shutil
import signal
import threading
import time

from lab import MEDIA, Client, Lab, Verifier, run, until
from node import Node


class Scene:
    """Two verifiers on one SQLite store, and nodes that they know."""

    def __init__(self, lab, table, name, verifiers=2, **settings):
        self.lab, self.table, self.name = lab, table, name
        self.store = lab.sqlite(name.split()[0])
        self.v = [Verifier(lab, self.store, **settings) for _ in range(verifiers)]
        for v in self.v:
            v.start()
        self.client = [Client(lab, v.port) for v in self.v]
        self.wrong = self.checks = 0

    def node(self, name):
        node = Node(self.lab, name)
        assert node.enrol(self.v[0], self.client[0]) == 200
        assert node.attest(self.client[0]).tier == "affirming"
        return node

    def ok(self, good, what, why=""):
        self.checks += 1
        self.wrong += not self.table.ok(good, f"{self.name}: {what}", why)

    def stored(self, node):
        return self.lab.state(self.store)[node.name][0]

    def is_still(self, node, status, events, what):
        """Nothing that was tried changed the node's verdict or made an event."""
        had = [e[3] for e in self.lab.events(self.store, node.name)]
        self.ok(self.stored(node) == status and len(had) == events, what, f"{self.stored(node)}, events {had}")

    def end(self):
        for v in self.v:
            v.kill(signal.SIGTERM)
        self.table.row(self.name, self.checks, 0, self.wrong)


def tamper(node):
    node.list, node.step = "bad", 1


def challenges(table, lab):
    lab.life(3)
    s = Scene(lab, table, "challenges expired, foreign, replayed, future; a quote held back")
    a, b, client = s.node("a"), s.node("b"), s.client[0]
    good = a.challenge

    def outcome(message, of=a):
        return of.post(client, message)

    s.ok(outcome(a.write(challenge=os.urandom(32))).outcome == "challenge", "one that nobody made")
    s.ok(outcome(a.write(challenge=b.challenge)).outcome == "challenge", "another node's")
    ahead = int.from_bytes(good[:8], "big") + 60000
    s.ok(outcome(a.write(challenge=ahead.to_bytes(8, "big") + good[8:])).outcome == "challenge", "one whose time was altered")
    s.ok(outcome(a.write(), a).tier == "affirming", "a good one meanwhile is good")
    message = a.write()
    first, again = outcome(message), outcome(message)
    s.ok(first.tier == again.tier == "affirming", "the same message twice is the same answer", again)
    late = a.write()
    time.sleep(3.1)
    said = outcome(late)
    s.ok(said.outcome == "challenge" and said.tier is None, "a quote held back beyond a result's life", said)
    s.ok(s.v[0].operator.result("a")[0] == "none", "whose result has ended and is none")
    s.ok(outcome(a.write(challenge=good)).outcome == "challenge", "an ended one")
    s.ok(a.attest(client).tier == "affirming", "a new one is good again")
    s.is_still(a, "affirming", 1, "no verdict and no event came of it")
    s.end()
    lab.life(300)


def replays(table, lab):
    s = Scene(lab, table, "good evidence replayed after bad, to the same and to another verifier")
    a = s.node("a")
    old = [a.write(), a.write(whole=True)]
    held = a.write()
    tamper(a)
    said = a.take(a.post(s.client[0], a.write()))
    s.ok(said.tier == "contraindicated", "what is tampered with is found", said)
    for i, client in enumerate(s.client):
        for message in old + [held]:
            for _ in range(3):
                a.post(client, message)
            s.is_still(a, "contraindicated", 2, f"verifier {i + 1} keeps the later verdict")
        s.ok(s.v[i].operator.result("a")[0] == "contraindicated", f"verifier {i + 1} says so")
    s.v[0].kill()
    s.v[0].start()
    for client in s.client:
        client.close()
        for message in old + [held]:
            a.post(client, message)
    s.is_still(a, "contraindicated", 2, "and so it does after kill -9")
    s.ok(a.attest(s.client[1]).tier == "contraindicated", "the next message forgets nothing")
    s.end()


def receipts(table, lab):
    s = Scene(lab, table, "receipts: another node's, tampered, before a reboot, of a newer generation")
    a, b, client = s.node("a"), s.node("b"), s.client[0]

    def sent(**other):
        return a.post(client, a.write(**other))

    s.ok(sent().tier == "affirming", "its own is good")
    s.ok(sent(receipt=b.receipt).outcome == "send-all", "another node's")
    for at in (0, 8, len(a.receipt) // 2, len(a.receipt) - 1):
        altered = bytearray(a.receipt)
        altered[at] ^= 1
        said = sent(receipt=bytes(altered))
        s.ok(said.outcome in ("send-all", "blind") and said.tier is None, f"altered at {at}", said)
    s.ok(sent(receipt=a.receipt[:-1]).tier is None, "cut")
    s.ok(sent(covers=a.covers - 1).tier is None, "with entries that begin elsewhere")
    before = a.receipt
    a.boot()
    a.ask_challenge(client)
    said = sent(receipt=before)
    s.ok(said.outcome == "send-all", "from before a reboot", said)
    s.ok(a.attest(client).tier == "affirming", "after which all is sent, and good")
    # what a receipt covers stands, whatever list comes behind it
    bad = s.node("bad")
    clean = bad.receipt, bad.covers
    tamper(bad)
    s.ok(bad.attest(client).tier == "contraindicated", "a bad prefix is bad")
    bad.list = "good"
    said = bad.post(client, bad.write(step=2))
    s.ok(said.tier != "affirming", "good entries behind a receipt of bad ones", said)
    said = bad.post(client, bad.write(receipt=clean[0], covers=clean[1], step=2, list="bad"))
    s.ok(said.tier == "contraindicated", "a receipt of before, and all that was new since", said)
    s.ok(s.stored(bad) == "contraindicated", "is no way back")
    # verifier 2 gets a new policy, verifier 1 has not heard of it
    generation(s, lab, a)
    s.end()


def generation(s, lab, a):
    lab.life(200)
    s.v[1].process.send_signal(signal.SIGHUP)
    said = until(lambda: (lambda x: x if x.outcome == "send-all" else None)(a.post(s.client[1], a.write())), 10)
    s.ok(said, "a new policy asks for all of it")
    s.ok(a.attest(s.client[1], whole=True).tier == "affirming", "and judges anew")
    said = a.post(s.client[0], a.write())
    s.ok(said.status == 503 and said.outcome == "blind", "its receipt blinds a verifier that is behind", said)
    s.v[0].process.send_signal(signal.SIGHUP)
    said = until(lambda: (lambda x: x if x.tier else None)(a.post(s.client[0], a.write())), 10)
    s.ok(said and said.tier == "affirming", "until it has the policy too", said)
    lab.life(300)


def lag(table, lab):
    s = Scene(lab, table, "a verifier that lags: stopped for 3 s while a node and a key are revoked")
    a, b = s.node("a"), s.node("b")
    stopped, other = s.v[0], s.v[1]
    # connections that are open already: what waits on them is read before anything is heard
    open_now = [(Client(lab, stopped.port), node, node.write()) for node in (a, b) for _ in range(8)]
    for client, _, _ in open_now:
        client.ask("GET", "/healthz")
    stopped.process.send_signal(signal.SIGSTOP)
    for kind, subject in (("node", "a"), ("ak", b.ak)):
        status, body = other.operator.ask("POST", "/v1/revocations", json.dumps(
            {"kind": kind, "subject": subject, "reason": "test"}), "application/json")
        s.ok(status // 100 == 2, f"the {kind} is revoked at the other verifier", body)
    time.sleep(3)
    late = Client(lab, stopped.port)
    threads = [Ask(*one) for one in open_now]
    time.sleep(0.3)
    stopped.process.send_signal(signal.SIGCONT)
    said = [t.wait() for t in threads]
    s.ok(all(x.tier is None and x.status in (403, 503) for x in said), "what waited for it is not appraised", said)
    s.ok(until(stopped.ready, 10), "it hears, and is ready again")
    for node in (a, b):
        said = node.post(late, node.write(whole=True))
        s.ok(said.status == 403, f"{node.name} stays out", said)
        s.ok(stopped.operator.result(node.name)[0] != "affirming", f"{node.name} is not affirming")
    s.end()


class Ask:
    """A message whose answer comes later."""

    def __init__(self, client, node, message):
        self.said = None
        self.thread = threading.Thread(target=self.send, args=(client, node, message))
        self.thread.start()

    def send(self, client, node, message):
        self.said = node.post(client, message)

    def wait(self):
        self.thread.join()
        return self.said


def restored(table, lab):
    s = Scene(lab, table, "database of yesterday put back", verifiers=1)
    v, client = s.v[0], s.client[0]
    gone, bad, quiet = s.node("gone"), s.node("bad"), s.node("quiet")
    file = s.store[7:]
    run("python3", "-c", f"import sqlite3; sqlite3.connect({file!r}).execute(\"VACUUM INTO '{file}.old'\")")
    tamper(bad)
    bad.attest(client)
    s.ok(v.operator.ask("DELETE", "/v1/nodes/gone")[0] // 100 == 2, "a node is removed after the backup")
    message = [gone.write(), quiet.write(), quiet.write(whole=True)]
    time.sleep(1.5)
    v.kill()
    for end in ("", "-wal", "-shm"):
        if os.path.exists(file + end):
            os.remove(file + end)
    shutil.copy(file + ".old", file)
    v.start(ready=False)
    client.close()
    time.sleep(1)
    s.ok(v.blind(), "the verifier is blind")
    for node in (gone, quiet, quiet):
        said = node.post(client, message.pop(0))
        s.ok(said.tier is None, f"no evidence of {node.name} is appraised", said)
    for node in (gone, bad, quiet):
        s.ok(v.operator.result(node.name) in (("none", "verifier.blind"), (404, "")), f"{node.name} is none")
    v.kill(signal.SIGTERM)
    run(os.environ["ASSAYD"], "--config", v.config, "--accept-database")
    v.start()
    client.close()
    for node in (gone, bad, quiet):
        s.ok(v.operator.result(node.name)[0] == "none", f"accepted: {node.name} is none until it is heard")
    s.ok(bad.attest(client).tier == "contraindicated", "the tampered one is what it is")
    s.ok(quiet.attest(client).tier == "affirming", "the good one affirming again, from evidence")
    s.end()


def twins(table, lab):
    s = Scene(lab, table, "two agents with one identity")
    a = s.node("a")
    twin = Node.__new__(Node)
    twin.__dict__.update(a.__dict__)
    tamper(twin)
    for i in range(6):
        a.clock = twin.clock = max(a.clock, twin.clock)
        good = a.attest(s.client[0])
        twin.clock = a.clock
        bad = twin.attest(s.client[1])
        s.ok((good.tier, bad.tier) == ("affirming", "contraindicated"), f"each is judged by what it shows ({i + 1})", (good, bad))
        # what a verifier hears anew of a verdict that it knows is written in batches
        s.ok(until(lambda: s.stored(a) == "contraindicated", 3), "and the later word stands")
    time.sleep(0.7)
    had = len(s.lab.events(s.store, "a"))
    for _ in range(3):  # each verifier hears what the other one stored
        for node, client in ((a, s.client[0]), (twin, s.client[1])):
            time.sleep(0.7)
            node.clock = max(a.clock, twin.clock)
            node.attest(client)
            s.ok(s.stored(a) == node.honest, "the later word stands")
    s.ok(len(s.lab.events(s.store, "a")) == had + 6, "every change was an event", s.lab.events(s.store, "a"))
    old = a.write(clock=a.clock - 5000)
    a.post(s.client[0], old)
    s.ok(s.stored(a) == "contraindicated", "an older clock wins nothing")
    s.end()


def flood(table, lab):
    s = Scene(lab, table, "enrolment flood from one address", verifiers=1, **{
        "enrolments-per-second": 5, "enrolments-burst": 20})
    v, client = s.v[0], s.client[0]
    a = s.node("a")
    Node(lab, "stranger")
    begin = lab.probe.message("begin", "stranger", "stranger", "assay-enrol-1." + "A" * 43)
    said, before, slow, end = {}, v.rss_kib(), 0.0, time.monotonic() + 3
    while time.monotonic() < end:
        for _ in range(50):
            status = client.ask("POST", "/v1/enrol", begin, MEDIA)[0]
            said[status] = said.get(status, 0) + 1
        at = time.monotonic()
        answer = a.attest(client)
        slow = max(slow, time.monotonic() - at)
        if answer.tier != "affirming":
            said["wrong"] = answer
    s.ok(set(said) <= {403, 429} and said.get(403, 0) <= 20 + 5 * 5, "beyond the limit it is 429", said)
    s.ok(said.get(429, 0) > 5 * said.get(403, 1), "for most", said)
    s.ok(slow < 2, "while a node that is known is served", f"{slow} s")
    s.wrong += not s.table.memory(v.rss_kib() - before < 8 * 1024, f"{s.name}: in flat memory", f"{before} to {v.rss_kib()} KiB")
    s.ok(lab.query(s.store, "SELECT count(*) FROM node WHERE id = 'stranger'")[0][0] == 0, "and nothing is kept")
    s.end()


def case(*scenes):
    def play(table, _rounds):
        for scene in scenes:
            with Lab() as lab:
                scene(table, lab)
    return play


CASES = {"challenges": case(challenges), "replays": case(replays), "receipts": case(receipts), "lag": case(lag),
         "restored": case(restored), "twins": case(twins), "flood": case(flood)}

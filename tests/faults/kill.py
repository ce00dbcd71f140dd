# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: what was told is stored, once; what ended is not affirming.

Threads keep nodes attesting, changing and rebooting, and others enrolling, and write down what was sent and what was
told. After each kill and restart they pause, and the store and the API are held against that."""
import random
import signal
import threading
import time

from lab import GONE, TIER, Client, Lab, Verifier, postgres, until
from node import Node

LIFE = 10  # seconds of a result
THREADS, EACH = 3, 6


class Sent:
    """One message: its place in the node's order, what it has to mean, whether an answer came."""

    def __init__(self, node):
        self.order, self.status, self.told = (node.boots, node.clock), node.honest, False


class Tracked:
    """A node and what is known of it since the last look: `status`, `order`, `events` are the store's of then."""

    def __init__(self, node):
        self.node, self.sent, self.status, self.order, self.events = node, [], "none", (0, 0), []
        self.meant = {(0, 0): "none"}

    def settle(self, state, events):
        """Complaints (lost, wrong) about what is stored now."""
        lost, wrong = [], []
        new = [TIER[e[3]] for e in events[len(self.events):]]
        status, order, _ = state
        if [e[0] for e in events[:len(self.events)]] != [e[0] for e in self.events]:
            lost.append(f"events that were there are gone: {self.events} {events}")
        # every way in which untold messages may or may not have been taken
        ways, least = {(0, self.status)}, self.order
        for s in self.sent:
            taken = {(at, now) if now == s.status else (at + 1, s.status) for at, now in ways
                     if now == s.status or (at < len(new) and new[at] == s.status)}
            if s.told and ways and all(now != s.status for _, now in ways):
                least = s.order
            ways = taken if s.told else taken | ways
        if not any(at == len(new) and now == status for at, now in ways):
            lost.append(f"{self.node.name}: events {new}, status {status}, from {self.status} by "
                        f"{[(s.order, s.status, s.told) for s in self.sent]}")
        if order < least:
            lost.append(f"{self.node.name}: told of {least}, stored {order}")
        self.meant |= {s.order: s.status for s in self.sent}
        if self.meant.get(order) != status:
            wrong.append(f"{self.node.name}: stored {status} of {order}, which is {self.meant.get(order)}")
        self.sent, self.status, self.order, self.events = [], status, order, events
        return lost, wrong


class Load:
    def __init__(self, lab, v, seed):
        self.lab, self.v, self.random = lab, v, random.Random(seed)
        self.go, self.stop = threading.Event(), False
        self.idle = threading.Semaphore(0)
        self.wrong, self.enrolled, self.tokens, self.answers = [], {}, set(), 0
        client = Client(lab, v.port)
        self.nodes = [self.make(client, f"n{i}") for i in range(THREADS * EACH)]
        self.sleepers = [self.make(client, f"sleeper{i}") for i in range(3)]
        for s in self.sleepers:
            self.attest(s, client)
        self.slept = time.time()
        client.close()
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(THREADS)]
        self.threads.append(threading.Thread(target=self.enrol))
        for t in self.threads:
            t.start()
        for _ in self.threads:  # all wait for the first round: a later pause counts them anew
            self.idle.acquire()

    def make(self, client, name):
        node = Node(self.lab, name)
        assert node.enrol(self.v, client) == 200, f"{name} cannot enrol"
        self.enrolled[name] = node.ak
        return Tracked(node)

    def rest(self):
        if not self.go.is_set():
            self.idle.release()
            self.go.wait()

    def pause(self):
        self.go.clear()
        for _ in self.threads:
            self.idle.acquire()

    def end(self):
        self.stop = True
        self.go.set()
        for t in self.threads:
            t.join()

    def attest(self, tracked, client):
        node = tracked.node
        if not node.challenge and node.ask_challenge(client) != 200:
            return
        whole = False
        for _ in range(3):
            message = node.write(whole)
            sent = Sent(node)
            tracked.sent.append(sent)
            answer = node.take(node.post(client, message))
            whole = whole or answer.outcome == "send-all"
            if answer.outcome == "appraised":
                self.answers += 1
                sent.told = True
                if answer.tier != sent.status:
                    self.wrong.append(f"{node.name} was told {answer.tier}, is {sent.status}: {answer}")
                return
            if answer.status == 200:  # send-all, challenge: nothing was appraised
                tracked.sent.remove(sent)
            elif answer.status != 503:
                self.wrong.append(f"{node.name}: {answer}")
                return
            else:
                return

    def work(self, i):
        client, chance = Client(self.lab, self.v.port, timeout=15), random.Random(self.random.random())
        while not self.stop:
            self.rest()
            tracked = chance.choice(self.nodes[i::THREADS])
            node, what = tracked.node, chance.random()
            if what < 0.3 and node.step < 60:
                if node.step == 0:
                    node.list = chance.choice(("good", "bad"))
                node.step += 1
            elif what < 0.45:
                node.boot()
            try:
                self.attest(tracked, client)
            except GONE:
                time.sleep(0.01)
        client.close()

    def enrol(self):
        client, operator, count = Client(self.lab, self.v.port, timeout=15), Client(self.lab, self.v.port, operator=True), 0
        while not self.stop:
            node, token = Node(self.lab, f"e{count}"), None
            count += 1
            while not self.stop:
                self.rest()
                time.sleep(0.03)
                try:
                    if not token:
                        made = self.v.token(node.name, node.ek, operator)
                        token = made["token"]
                        self.tokens.add(made["id"])
                    status = node.enrol(self.v, client, token)
                    if status == 200:
                        self.enrolled[node.name] = node.ak
                        break
                    if status != 503:
                        self.wrong.append(f"{node.name} cannot enrol: {status}")
                except GONE:
                    pass
        client.close()
        operator.close()

    def look(self):
        """Complaints about everything that can be seen now, while nobody speaks."""
        lab, store = self.lab, self.v.store
        lost, wrong = [], list(self.wrong)
        self.wrong.clear()
        there = dict(lab.query(store, "SELECT id, H(ak_name) FROM node"))
        lost += [f"enrolment of {n}" for n, ak in self.enrolled.items() if there.get(n, "").lower() != ak]
        tokens = {r[0] for r in lab.query(store, "SELECT id FROM token")}
        lost += [f"token {t}" for t in self.tokens - tokens]
        state, events = lab.state(store), {}
        for e in lab.events(store):
            events.setdefault(e[1], []).append(e)
        for t in self.nodes + self.sleepers:
            told = t.settle(state[t.node.name], events.get(t.node.name, []))
            lost += told[0]
            wrong += told[1]
        for of in events.values():
            wrong += [f"event {b} does not follow {a}" for a, b in zip(of, of[1:]) if a[3] != b[2]]
        return lost, wrong + self.api(state)

    def api(self, state):
        """What relying parties and people are told, against what is stored."""
        wrong, after, now = [], "", time.time()
        told = {}
        while after is not None:
            # each of its connections to a server that was killed is opened anew when it is used
            path = f"/v1/nodes?limit=1000&after={after}"
            page = until(lambda: (lambda p: p if "nodes" in p else None)(self.v.operator.json(path)), 5)  # noqa: B023
            told |= {n["id"]: n["status"] for n in page["nodes"]}
            after = page["next"]
        for name, (status, _, ends) in state.items():
            want = [status if ends / 1000 > now else "none"]
            if abs(ends / 1000 - now) < 2:
                want = [status, "none"]
            if told.get(name) not in want:
                wrong.append(f"{name} is told as {told.get(name)}, stored {status} until {ends}, now {now}")
        for t in self.sleepers + self.random.sample(self.nodes, 3):
            status, _, ends = state[t.node.name]
            got = until(lambda: (lambda r: r if isinstance(r, str) else None)(self.v.operator.result(t.node.name)[0]), 5)  # noqa: B023
            if got not in {status if ends / 1000 > now else "none", "none" if ends / 1000 < now + 2 else status}:
                wrong.append(f"the result of {t.node.name} says {got}, stored {status} until {ends}, now {now}")
            if t in self.sleepers and now > self.slept + LIFE + 1 and got != "none":
                wrong.append(f"{t.node.name}, not heard for {now - self.slept:.0f} s, is {got}")
        return wrong


def rounds(table, lab, v, kill, count, case):
    lost, wrong = [], []
    v.start()
    load = Load(lab, v, f"{case} {time.time()}")
    try:
        for i in range(count):
            load.go.set()
            time.sleep(load.random.uniform(0.02, 0.5))
            kill(v)
            load.pause()
            if not until(v.ready, 20):
                wrong.append(f"round {i}: not ready")
                break
            told = load.look()
            lost += told[0]
            wrong += told[1]
    finally:
        load.end()
    table.ok(not lost, f"{case}: {count} rounds, {load.answers} verdicts told and {len(load.enrolled)} enrolments: none lost",
             "\n".join(lost))
    table.ok(not wrong, f"{case}: no wrong verdict, no event twice, nothing stale", "\n".join(wrong))
    table.row(case, count, len(lost), len(wrong))
    v.kill(signal.SIGTERM)


def assayd_killed(v):
    v.kill()
    v.start(ready=False)


def sqlite(table, count):
    with Lab(LIFE) as lab:
        rounds(table, lab, Verifier(lab, lab.sqlite()), assayd_killed, count, "kill -9 of assayd, SQLite")


def postgresql(table, count):
    with postgres() as (url, control):
        if not url:
            print("# postgresql is not installed: its cases are left out")
            return
        with Lab(LIFE) as lab:
            def server_killed(v):
                control("stop", "-m", "immediate")
                if random.random() < 0.3:
                    assayd_dies_too(v)
                control("start")
                if v.process.poll() is not None:
                    v.start(ready=False)

            def assayd_dies_too(v):
                v.process.send_signal(signal.SIGKILL)
                v.process.wait()

            def either(v):
                random.choice((server_killed, assayd_killed))(v)

            rounds(table, lab, Verifier(lab, url), either, count, "kill of PostgreSQL and of assayd")

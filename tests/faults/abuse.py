# SPDX-License-Identifier: Apache-2.0
"""Who asks without end, without words or without manners; meanwhile honest nodes are served as before."""
import contextlib
import resource
import socket
import ssl
import threading
import time

from lab import GONE, Client, Lab, Verifier, until
from node import Node

P99 = 1.0  # seconds, on a machine that others use as well


class Honest:
    """Nodes that attest all the time, on connections that they keep; how long each answer took."""

    def __init__(self, lab, v, count=4):
        self.took, self.wrong, self.stop = [], [], False
        self.threads = []
        for i in range(count):
            node, client = Node(lab, f"h{time.monotonic_ns()}"), Client(lab, v.port, timeout=20)
            assert node.enrol(v, client) == 200
            self.threads.append(threading.Thread(target=self.work, args=(node, client, i == 0)))
        for t in self.threads:
            t.start()

    def work(self, node, client, tampered):
        node.attest(client)
        if tampered:
            node.list, node.step = "bad", 1
        while not self.stop:
            at = time.monotonic()
            try:
                answer = node.attest(client)
                if answer.tier != node.honest:
                    self.wrong.append(f"{node.name}: {answer}")
            except GONE as e:
                self.wrong.append(f"{node.name} was not served: {e!r}")
            self.took.append(time.monotonic() - at)
            time.sleep(0.02)

    def end(self):
        self.stop = True
        for t in self.threads:
            t.join()

    def p99(self):
        return sorted(self.took)[int(len(self.took) * 0.99)] if self.took else 99


def play(name, attack, kib=32 * 1024):
    """attack(lab, v, ok): what is done; returns when it is over. kib: what assayd may grow by."""
    def run(table, rounds):
        with Lab() as lab, contextlib.ExitStack() as stack:
            v, wrong = Verifier(lab, lab.sqlite("abuse")), 0
            v.start()

            def ok(good, what, why=""):
                nonlocal wrong
                wrong += not table.ok(good, f"{name}: {what}", why)

            honest = Honest(lab, v)
            try:
                time.sleep(1)
                before, most = v.rss_kib(), [0]
                attack(lab, v, ok, stack, rounds >= 50)
                most[0] = v.rss_kib()
            finally:
                honest.end()
            ok(honest.p99() < P99, f"honest nodes are served meanwhile: {len(honest.took)} answers, p99 {honest.p99() * 1000:.0f} ms")
            ok(not honest.wrong, "none was refused or wrong", honest.wrong[:5])
            wrong += not table.memory(most[0] - before < kib, f"{name}: memory stays bounded: {before} to {most[0]} KiB")
            stack.close()
            ok(until(v.ready, 10), "afterwards it is ready")
            table.row(name, len(honest.took), 0, wrong)
    return run


def tls(lab, v):
    s = lab.as_nobody.wrap_socket(socket.create_connection(("127.0.0.1", v.port), 10), server_hostname="localhost")
    s.settimeout(0.2)
    return s


def closed(s):
    """Whether the server has ended this connection (what it said before is read away)."""
    try:
        while s.recv(4096):
            pass
        return True
    except (TimeoutError, ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


def drip(sockets, byte, seconds):
    """Each gets a byte now and then, as long as it lives; how many were ended by the server."""
    end, gone = time.monotonic() + seconds, set()
    while time.monotonic() < end and len(gone) < len(sockets):
        for s in sockets:
            if s not in gone:
                try:
                    s.sendall(byte)
                except OSError:
                    gone.add(s)
        time.sleep(0.3)
    for s in sockets:
        if s not in gone:
            s.settimeout(0.01)
            if closed(s):
                gone.add(s)
    return len(gone)


def slowloris(lab, v, ok, stack, long):
    sockets = [stack.enter_context(tls(lab, v)) for _ in range(200 if long else 60)]
    for s in sockets:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-")
    gone = drip(sockets, b"a", 8)
    ok(gone == len(sockets), f"headers that never end: {gone} of {len(sockets)} were ended")


def trickle(lab, v, ok, stack, long):
    sockets = [stack.enter_context(tls(lab, v)) for _ in range(100 if long else 30)]
    for s in sockets:
        s.sendall(b"POST /v1/evidence HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/vnd.assay.message+cbor\r\n"
                  b"Content-Length: 4096\r\n\r\n")
    stuck = [stack.enter_context(tls(lab, v)) for _ in range(20)]
    for s in stuck:
        s.sendall(b"POST /v1/evidence HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/vnd.assay.message+cbor\r\n"
                  b"Content-Length: 4096\r\n\r\nabc")
    drip(sockets, b"b", 6)
    ok(until(lambda: all(map(closed, stuck)), 5), "bodies that stop are ended")


def half_open(lab, v, ok, stack, long):
    sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", v.port), 10)) for _ in range(400 if long else 100)]
    for i, s in enumerate(sockets):
        s.settimeout(0.01)
        if i % 2:
            s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")  # a ClientHello begins
    time.sleep(6)
    gone = sum(map(closed, sockets))
    ok(gone == len(sockets), f"handshakes that never end: {gone} of {len(sockets)} were ended")


def large(lab, v, ok, stack, _long):
    said = []
    for head in (b"Content-Length: 1073741824\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"):
        s = stack.enter_context(tls(lab, v))
        s.settimeout(20)
        s.sendall(b"POST /v1/evidence HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/vnd.assay.message+cbor\r\n" + head)
        answer, sent = b"", 0
        try:
            while sent < 1 << 30:
                block = b"\0" * (1 << 20)
                s.sendall(block if b"Length" in head else b"100000\r\n" + block + b"\r\n")
                sent += len(block)
        except OSError:
            pass
        with contextlib.suppress(OSError):
            answer = s.recv(64)
        said.append((sent >> 20, answer[:16]))
    ok(all(n < 64 for n, _ in said), "1 GiB is not read to its end", said)


def idle(lab, v, ok, stack, long):
    want = 10000 if long else 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
    held = []
    for _ in range(want):
        s = stack.enter_context(tls(lab, v))
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        held.append(s)
    time.sleep(2)
    for s in held:
        s.settimeout(0)
    alive = sum(not closed(s) for s in held)
    ok(alive > 0, f"{want} idle connections, {alive} of them still held")


CASES = {"slowloris": play("slowloris", slowloris), "trickle": play("bodies that trickle", trickle),
         "half-open": play("half-open TLS", half_open), "large": play("a body of 1 GiB", large, 96 * 1024),
         "idle": play("idle connections", idle, 10000 * 40)}

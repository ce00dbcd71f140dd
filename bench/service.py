#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""assayd under assay-swarm: service.py BUILD EVIDENCE [PART...]. Rows for bench/run on stdout.

Each part starts an assayd of its own in a temporary folder, with TLS, and a swarm of nodes that
speak the true protocol. The generator shares the machine's cores; the server's CPU time is its own
(/proc/PID/stat). A wrong verdict, or a message that failed, ends the bench with 5.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

BUILD, EVIDENCE = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
PARTS = sys.argv[3:] or ["attest", "handshake", "memory", "idle", "many"]
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


def row(figure, ours, peer="-", ratio="-", target="-", ok=None):
    verdict = "-" if ok is None else "ok" if ok else "MISS"
    print("\t".join([figure, ours, peer, ratio, target, verdict]), flush=True)


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Verifier:
    """One assayd; those of one folder share keys, certificate, references and store."""

    def __init__(self, folder, store, threads=2):
        self.port = free_port()
        config = folder / f"assayd-{self.port}.yaml"
        config.write_text(f"""\
store: {store}
references: [{folder}/refs.jsonl]
keys: {folder}/keys
key-settle: 1s
log: error
listen:
  address: 127.0.0.1
  port: {self.port}
  threads: {threads}
tls:
  certificate: {folder}/cert.pem
  key: {folder}/key.pem
limits:
  challenges-per-second: 1000000
  challenges-burst: 1000000
""")
        if not (folder / "keys").exists():
            run(BUILD / "verifier/assayd", "--config", config, "--make-keys")
        # not as what it really is: it keeps root here, as a temporary folder is root's
        self.process = subprocess.Popen([BUILD / "verifier/assayd", "--config", config],
                                        stderr=open(folder / f"log-{self.port}", "w", encoding="utf-8"))
        self.pid = self.process.pid
        self.wait(folder)

    def wait(self, folder):
        context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        for _ in range(200):
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    with context.wrap_socket(s, server_hostname="localhost") as t:
                        t.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        if b" 200 " in t.recv(64):
                            return
            time.sleep(0.05)
        sys.exit("bench: assayd is not ready: " + (folder / f"log-{self.port}").read_text(encoding="utf-8"))

    def rss_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8"))[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@contextlib.contextmanager
def place():
    """A folder in memory with a certificate and references: no disk of this machine is measured."""
    shm = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-bench-", dir=shm))
    try:
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem",
            "-out", folder / "cert.pem", stderr=subprocess.DEVNULL)
        run(BUILD / "cli/assay", "refs", "learn", EVIDENCE / "clean-a", "--ak", EVIDENCE / "clean-a/ak.pub",
            "-o", folder / "refs.jsonl", stderr=subprocess.DEVNULL)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def store_of(kind, folder):
    if kind == SQLITE:
        yield f"sqlite:{folder}/store.db"
        return
    script = pathlib.Path(__file__).parent.parent / "tests/lab/postgres.sh"
    process = subprocess.Popen(["sh", script, "sh", "-c", 'echo "$ASSAY_TEST_POSTGRESQL"; exec sleep 600'],
                               text=True, stdout=subprocess.PIPE)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)


def swarm(verifier, folder, store, *options):
    """The second phase: every node was heard once before."""
    out = subprocess.run([str(a) for a in [
        BUILD / "bench/assay-swarm", "--server", f"https://localhost:{verifier.port}", "--ca", folder / "cert.pem",
        "--store", store, "--evidence", EVIDENCE, "--pid", verifier.pid, "--json", *options]],
        text=True, stdout=subprocess.PIPE, check=False)
    if out.returncode != 0:
        sys.exit(f"bench: assay-swarm found wrong verdicts or failures: {out.stdout}")
    return json.loads(out.stdout.splitlines()[-1])


def bare():
    """Microseconds of one AK verification and one EAR signature, RSA-2048 and P-256."""
    found = {}
    for line in run(BUILD / "bench/assay-bench", "warm", EVIDENCE).splitlines():
        cells = line.split("\t")
        for key in ("RSA-2048", "P-256"):
            if key in cells[0]:
                found[key] = float(cells[2].split()[0])
    return found


def attest():
    signatures = bare()
    for key, kind, target in (("RSA-2048", SQLITE, 0.5), ("P-256", SQLITE, None), ("P-256", POSTGRESQL, None)):
        options = ["--nodes", 100, "--rsa"] if key == "RSA-2048" else ["--nodes", 2000]
        with place() as folder, store_of(kind, folder) as store:
            if not store or store.startswith("1..0"):
                row(f"attestation over kept TLS, {key} AK, {kind}", "-", ratio="SKIPPED: postgresql is not installed")
                continue
            v = Verifier(folder, store)
            got = swarm(v, folder, store, *options, "--grow", 0, "--bad", 0, "--seconds", 8)
            v.stop()
        ratio = signatures[key] / got["cpuMicros"]
        row(f"attestation over kept TLS, {key} AK, {kind} | bare AK verify and EAR sign", f"{got['cpuMicros']:.1f} us CPU",
            f"{signatures[key]:.1f} us", f"{100 * ratio:.1f} %", f">= {100 * target:.0f} %" if target else "-",
            ratio >= target if target else None)
        if target:
            row("a million attestations (the same run)", f"{got['cpuMicros']:.1f} s CPU", target="<= 120 s",
                ok=got["cpuMicros"] <= 120)
        row("  the same, wall clock, the generator on the same cores", f"{got['rate']:.0f} /s",
            ratio=f"p50 {got['p50']:.0f}, p99 {got['p99']:.0f} us")


def handshake():
    with place() as folder, store_of(SQLITE, folder) as store:
        v = Verifier(folder, store)
        one = ["--nodes", 100, "--grow", 0, "--bad", 0, "--seconds", 5, "--threads", 1]
        got = swarm(v, folder, store, *one, "--connect", "full")
        resumed = swarm(v, folder, store, *one, "--connect", "resumed", "--prefix", "resumed")
        out = run("openssl", "s_time", "-connect", f"localhost:{v.port}", "-new", "-time", 6, "-CAfile", folder / "cert.pem",
                  "-tls1_3" if "-tls1_3" in run("openssl", "s_time", "-help", stderr=subprocess.STDOUT) else "-new",
                  stderr=subprocess.STDOUT)
        v.stop()
    real = re.search(r"(\d+) connections in (\d+) real seconds", out)
    peer = int(real[1]) / int(real[2])
    row("attestations with a new TLS handshake each, one client | openssl s_time, handshakes alone", f"{got['rate']:.0f} /s",
        f"{peer:.0f} /s", f"{100 * got['rate'] / peer:.1f} %", ">= 70 %", got["rate"] >= 0.7 * peer)
    row("  the same, each resuming the TLS session", f"{resumed['rate']:.0f} /s", f"{peer:.0f} /s", f"{100 * resumed['rate'] / peer:.1f} %")


def memory():
    nodes = 20000
    with place() as folder, store_of(SQLITE, folder) as store:
        v = Verifier(folder, store)
        got = swarm(v, folder, store, "--nodes", nodes, "--grow", 1, "--seconds", 10)
        v.stop()
    limit = 64 * 1024 + 4 * nodes
    row(f"resident memory of assayd with {nodes} nodes", f"{got['rssKiB'] / 1024:.1f} MiB", target=f"<= {limit / 1024:.0f} MiB",
        ok=got["rssKiB"] <= limit)


def idle():
    want = 10000
    with place() as folder, store_of(SQLITE, folder) as store:
        v = Verifier(folder, store)
        swarm(v, folder, store, "--nodes", 100, "--grow", 0, "--bad", 0, "--seconds", 1)
        before = v.rss_kib()
        context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
        held = []
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (want + 500, max(want + 500, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        for _ in range(want):
            s = context.wrap_socket(socket.create_connection(("127.0.0.1", v.port), 5), server_hostname="localhost")
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            s.recv(4096)
            held.append(s)
        each = (v.rss_kib() - before) / want
        row(f"resident memory for each of {want} idle TLS connections", f"{each:.1f} KiB", target="<= 40 KiB", ok=each <= 40)
        for s in held:
            s.close()
        v.stop()


class Limit:
    """A cgroup whose processes together get this share of one core; of version 2, or 1 where that is what there is."""

    def __init__(self, share):
        name, root = f"assay-bench-{free_port()}", pathlib.Path("/sys/fs/cgroup")
        one = (root / "cpu/cpu.cfs_quota_us").exists()
        if not one and "cpu" not in (root / "cgroup.subtree_control").read_text(encoding="utf-8").split():
            raise OSError(0, "no cpu controller")
        self.path = root / "cpu" / name if one else root / name
        self.path.mkdir()
        quota = int(share * 100000)
        if one:
            (self.path / "cpu.cfs_period_us").write_text("100000", encoding="utf-8")
            (self.path / "cpu.cfs_quota_us").write_text(str(quota), encoding="utf-8")
        else:
            (self.path / "cpu.max").write_text(f"{quota} 100000", encoding="utf-8")

    def add(self, pid):
        (self.path / "cgroup.procs").write_text(str(pid), encoding="utf-8")

    def drop(self):
        with contextlib.suppress(OSError):
            self.path.rmdir()


def many():
    """One, two and four verifiers on one PostgreSQL, each held to a fifth of a core."""
    rates, share = {}, 0.2
    try:
        Limit(share).drop()
    except OSError as e:
        row("two and four verifiers on one PostgreSQL", "-", ratio=f"SKIPPED: no cgroup with a CPU limit here: {e.strerror}")
        return
    for count in (1, 2, 4):
        with place() as folder, store_of(POSTGRESQL, folder) as store:
            verifiers = [Verifier(folder, store, 1) for _ in range(count)]
            limits = [Limit(share) for _ in verifiers]
            for limit, v in zip(limits, verifiers):
                limit.add(v.pid)
            swarms = [subprocess.Popen([str(a) for a in [
                BUILD / "bench/assay-swarm", "--server", f"https://localhost:{v.port}", "--ca", folder / "cert.pem", "--store",
                store, "--evidence", EVIDENCE, "--json", "--nodes", 40, "--prefix", f"v{i}", "--grow", 0, "--bad", 10,
                "--seconds", 8, "--threads", 2]], stdout=subprocess.PIPE, text=True) for i, v in enumerate(verifiers)]
            results = [(s.communicate()[0], s.returncode) for s in swarms]
            for v, limit in zip(verifiers, limits):
                v.stop()
                limit.drop()
            if any(code for _, code in results):
                sys.exit(f"bench: several verifiers: {results}")
            rates[count] = sum(json.loads(out.splitlines()[-1])["rate"] for out, _ in results)
    for count in (2, 4):
        grown = rates[count] / rates[1]
        row(f"{count} verifiers on one PostgreSQL, a fifth of a core each | 1 of them", f"{rates[count]:.0f} /s", f"{rates[1]:.0f} /s",
            f"{grown:.2f}x", f">= {0.8 * count:.1f}x", grown >= 0.8 * count)


if __name__ == "__main__":
    for part in PARTS:
        {"attest": attest, "handshake": handshake, "memory": memory, "idle": idle, "many": many}[part]()

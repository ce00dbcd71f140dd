# SPDX-License-Identifier: Apache-2.0
"""What the matrix of faults stands on: a folder with keys and references, verifiers that are started and
killed, nodes whose every message is chosen, and the store read behind the verifiers' back."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time

EVIDENCE = "tests/evidence"
MEDIA = "application/vnd.assay.message+cbor"
TIER = {-1: "none", 0: "none", 2: "affirming", 32: "warning", 96: "contraindicated"}
GONE = (OSError, http.client.HTTPException)


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options).stdout


def until(so, seconds, pause=0.03):
    """Waits until so() is true; what it was last."""
    end = time.monotonic() + seconds
    while not (got := so()) and time.monotonic() < end:
        time.sleep(pause)
    return got


class Table:
    """One TAP line a check; one row a case, of all its checks."""

    def __init__(self):
        self.n, self.bad, self.rows = 0, 0, []

    def ok(self, good, name, why=""):
        self.n += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}", flush=True)
        if not good and why:
            print("# " + str(why).replace("\n", "\n# ")[:4000], flush=True)
        return good

    def memory(self, good, name, why=""):
        """A row on resident memory: what a sanitizer keeps of freed memory is not the program's."""
        if "ASSAY_SANITIZED" not in os.environ:
            return self.ok(good, name, why)
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP a sanitizer keeps what was freed", flush=True)
        return True

    def row(self, case, rounds, lost, wrong):
        self.rows.append((case, str(rounds), str(lost), str(wrong)))

    def end(self):
        print(f"1..{self.n}")
        if self.rows:
            width = max(len(r[0]) for r in self.rows)
            for r in [("case", "rounds", "lost", "wrong")] + self.rows:
                print(f"# {r[0]:{width}} {r[1]:>8} {r[2]:>5} {r[3]:>6}")
        return 1 if self.bad else 0


def cbor(data):
    """An array of unsigned integers, bytes and texts, which is all that an answer is."""
    at = 0

    def head():
        nonlocal at
        first, at = data[at], at + 1
        extra = first & 31
        if extra >= 24:
            size = 1 << extra - 24
            extra, at = int.from_bytes(data[at:at + size], "big"), at + size
        return first >> 5, extra

    major, count = head()
    assert major == 4
    out = []
    for _ in range(count):
        major, value = head()
        if major == 0:
            out.append(value)
        else:
            raw, at = data[at:at + value], at + value
            out.append(raw.decode() if major == 3 else raw)
    assert at == len(data)
    return out


class Probe:
    """The TPMs; see probe.c."""

    def __init__(self):
        self.process = subprocess.Popen([os.environ["FAULT_PROBE"], EVIDENCE], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        self.lock = threading.Lock()

    def ask(self, *words):
        with self.lock:
            self.process.stdin.write(" ".join(str(w) for w in words) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline().strip()
        assert line, f"probe died of: {str(words)[:200]}"
        return line

    def message(self, *words):
        line = self.ask(*words)
        return b"" if line == "-" else bytes.fromhex(line)


class Client:
    """One connection, opened when it is needed. Says what happened and tries nothing twice."""

    def __init__(self, lab, port, operator=False, timeout=30):
        self.context, self.port, self.timeout = (lab.as_operator if operator else lab.as_nobody), port, timeout
        self.connection = None

    def ask(self, method, path, body=None, media=MEDIA):
        fresh = self.connection is None
        if fresh:
            self.connection = http.client.HTTPSConnection("localhost", self.port, timeout=self.timeout, context=self.context)
        try:
            self.connection.request(method, path, body, {"Content-Type": media} if body is not None else {})
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except GONE:
            self.close()
            raise

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def json(self, path):
        status, body = self.ask("GET", path)
        return json.loads(body) if status == 200 else {"status": status}

    def result(self, node):
        """Status and reasons of a node's result, as a relying party gets it."""
        status, body = self.ask("GET", f"/v1/nodes/{node}/result")
        return claims(body.decode(), node) if status == 200 else (status, "")


def claims(jwt, node):
    part = jwt.split(".")[1]
    submod = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["submods"][node]
    return submod["ear.status"], ",".join(r["code"] for r in submod.get("assay.reasons", []))


def free_port():
    """One for a listener, below those from which the system gives each connection its own."""
    while True:
        port = random.randrange(10000, 20000)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


class Verifier:
    """One assayd; those of one lab share keys, references and policy."""

    def __init__(self, lab, store, interval="1h", preload=None, **limits):
        self.lab, self.store, self.preload = lab, store, preload
        self.port = free_port()
        self.log = lab.folder / f"log-{self.port}"
        self.config = lab.folder / f"assayd-{self.port}.yaml"
        limits = {"challenges-per-second": 1000000, "challenges-burst": 1000000, "enrolments-per-second": 1000000,
                  "enrolments-burst": 1000000, **limits}
        self.config.write_text(f"""\
store: {store}
keys: {lab.folder}/keys
policy: {lab.folder}/policy.yaml
references: {lab.folder}/good.refs
interval: {interval}
key-settle: 1s
log: info
listen:
  address: 127.0.0.1
  port: {self.port}
  threads: 2
  idle-seconds: 60
  body-seconds: 3
  request-seconds: 3
tls:
  certificate: {lab.folder}/server.pem
  key: {lab.folder}/server.key
  client-ca: {lab.folder}/ca.pem
limits:
""" + "".join(f"  {k}: {v}\n" for k, v in limits.items()), encoding="utf-8")
        if not (lab.folder / "keys").exists():
            os.mkdir(lab.folder / "keys", 0o700)
            run(os.environ["ASSAYD"], "--config", self.config, "--make-keys")
        lab.verifiers.append(self)
        self.operator = Client(lab, self.port, operator=True)
        self.process = None

    def start(self, ready=True):
        env = {**os.environ, **({"LD_PRELOAD": os.environ["FAULT_CLOCK_SO"], "FAULT_CLOCK": str(self.preload), "ASAN_OPTIONS":
                                 os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"} if self.preload else {})}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([os.environ["ASSAYD"], "--config", self.config], stderr=log, env=env)
        self.operator.close()
        return until(self.alive if not ready else self.ready, 30, 0.02) or self.tail()

    def asked(self, path):
        with contextlib.suppress(*GONE):
            return self.operator.ask("GET", path)[0]
        return 0

    def ready(self):
        return self.asked("/readyz") == 200

    def alive(self):
        return self.asked("/healthz") == 200

    def blind(self):
        return self.asked("/readyz") == 503

    def tail(self):
        raise AssertionError("assayd is not there: " + self.log.read_text(encoding="utf-8", errors="replace")[-3000:])

    def kill(self, how=signal.SIGKILL):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(30)
        self.process = None

    def rss_kib(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(text.split("VmRSS:")[1].split()[0])

    def events(self, node=None):
        return self.lab.events(self.store, node)

    def token(self, node, ek, operator=None):
        status, body = (operator or self.operator).ask("POST", "/v1/tokens", json.dumps(
            {"node": node, "life": 3600, "ekDigest": "sha256:" + ek}), "application/json")
        if status // 100 != 2:
            raise ConnectionError(f"token: {status} {body[:200]}")
        return json.loads(body)


class Lab:
    def __init__(self, life=300):
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-faults-", dir=shm))
        self.verifiers, self.probe = [], Probe()
        self.certificates()
        self.life(life)
        run(os.environ["ASSAY"], "refs", "learn", f"{EVIDENCE}/clean-a", "--ak", f"{EVIDENCE}/clean-a/ak.pub",
            "-o", self.folder / "good.refs")
        self.as_nobody = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        self.as_operator = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        self.as_operator.load_cert_chain(self.folder / "operator.pem", self.folder / "operator.key")

    def life(self, seconds):
        (self.folder / "policy.yaml").write_text(f"version: 1\nid: faults\nresult:\n  life: {seconds}\n", encoding="utf-8")

    def certificates(self):
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        f = self.folder
        run("openssl", "req", "-x509", *new, "-subj", "/CN=ca", "-days", 2, "-keyout", f / "ca.key", "-out", f / "ca.pem")
        for name, subject, extension in (("server", "/CN=verifier", "subjectAltName=DNS:localhost"),
                                         ("operator", "/OU=operator/CN=olga", "extendedKeyUsage=clientAuth")):
            (f / "ext").write_text(extension + "\n", encoding="utf-8")
            run("openssl", "req", *new, "-subj", subject, "-keyout", f / f"{name}.key", "-out", f / "csr")
            run("openssl", "x509", "-req", "-in", f / "csr", "-CA", f / "ca.pem", "-CAkey", f / "ca.key", "-days", 2,
                "-extfile", f / "ext", "-out", f / f"{name}.pem")

    def sqlite(self, name="a"):
        os.makedirs(self.folder / f"d-{name}", exist_ok=True)
        return f"sqlite:{self.folder}/d-{name}/assay.db"

    def query(self, store, sql):
        """Rows; H(column) is the column in hex."""
        if store.startswith("sqlite:"):
            with contextlib.closing(sqlite3.connect(store[7:], timeout=10)) as db:
                return [tuple(r) for r in db.execute(sql.replace("H(", "hex(")).fetchall()]
        out = run("psql", "-X", "-A", "-t", "-F", "|", store, "-c", sql.replace("H(", "upper(encode(").replace("_name)", "_name,'hex'))"))
        return [tuple(int(w) if w.lstrip("-").isdigit() else w for w in line.split("|")) for line in out.splitlines()]

    def events(self, store, node=None):
        where = f" WHERE node = '{node}'" if node else ""
        return self.query(store, f"SELECT seq, node, before, status, reasons FROM event{where} ORDER BY seq")

    def state(self, store):
        """id: status, (resetCount, clock), ends in ms."""
        return {r[0]: (TIER[r[1]], (r[2], r[3]), r[4])
                for r in self.query(store, "SELECT id, status, reset, clock, ends FROM state")}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for v in self.verifiers:
            if v.process:
                with contextlib.suppress(ProcessLookupError):
                    v.process.send_signal(signal.SIGCONT)
                v.kill(signal.SIGTERM)
            said = v.log.read_text(encoding="utf-8", errors="replace") if v.log.exists() else ""
            assert "Sanitizer" not in said, said[-4000:]
        self.probe.process.stdin.close()
        self.probe.process.wait(10)
        self.probe.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return False


@contextlib.contextmanager
def postgres():
    """URL and control command of a PostgreSQL of its own; None where it is not installed."""
    process = subprocess.Popen(["sh", "tests/lab/postgres.sh", "sh", "-c", 'echo "$ASSAY_TEST_POSTGRESQL"; '
                                'echo "$ASSAY_TEST_POSTGRESQL_CTL"; exec sleep 1000000'], stdout=subprocess.PIPE, text=True)
    url = process.stdout.readline().strip()
    try:
        if url.startswith("1..0"):
            yield None, None
        else:
            control = process.stdout.readline().split()
            yield url, lambda *words: subprocess.run(["sh", *control, *words], check=True, stdout=subprocess.DEVNULL,
                                                     stderr=subprocess.DEVNULL)
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()

# SPDX-License-Identifier: Apache-2.0
"""Keylime's own verifier, as its command starts it, and a client that speaks its push protocol (v3.0)."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import time

from keylime_push_node import b64

CONFIG = """\
[verifier]
version = 2.5
uuid = default
mode = push
ip = 127.0.0.1
port = {port}
tls_dir = {folder}
server_key = {folder}/server.key
server_key_password =
server_cert = {folder}/server.pem
trusted_client_ca = ['{folder}/ca.pem']
client_key = {folder}/client.key
client_key_password =
client_cert = {folder}/client.pem
trusted_server_ca = ['{folder}/ca.pem']
enable_agent_mtls = False
database_url = {database}
database_pool_sz_ovfl = 5,10
auto_migrate_db = True
max_workers = 1
max_upload_size = 104857600
quote_interval = 0
verification_timeout = 0
retry_interval = 2
exponential_backoff = True
max_retries = 5
session_create_rate_limit_per_ip = 1000
measured_boot_policy_name = accept-all
measured_boot_imports = []
measured_boot_evaluate = once
severity_labels = ["info", "notice", "warning", "error", "critical", "alert", "emergency"]
severity_policy = [{{"event_id": ".*", "severity_label": "emergency"}}]
require_allow_list_signatures = False
durable_attestation_import =
[revocations]
enabled_revocation_notifications = []
"""

LOGGING = """\
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
level = ERROR
formatter = plain
args = (sys.stderr,)
[formatter_plain]
format = %(name)s %(levelname)s %(message)s
"""


class Failed(Exception):
    """Keylime did not do what the bench needs of it; the row says what."""


def certificates(folder):
    """A CA, a certificate of the server and one of an administrator; P-256, as assayd's here."""
    def openssl(*command):
        subprocess.run(["openssl", *command], check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    openssl("req", "-x509", *new, "-subj", "/CN=bench", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl("req", "-x509", *new, "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", f"{name}.key", "-out", f"{name}.pem")


class Verifier:
    def __init__(self, program, folder, database, port):
        self.folder, self.port = pathlib.Path(folder), port
        certificates(folder)
        (self.folder / "verifier.conf").write_text(CONFIG.format(folder=folder, database=database, port=port), encoding="utf-8")
        (self.folder / "logging.conf").write_text(LOGGING, encoding="utf-8")
        # signed policies alone need it, and its wheel needs a compiler and gpgme
        (self.folder / "gpg.py").write_text("", encoding="utf-8")
        environment = dict(os.environ, KEYLIME_DIR=str(folder), PYTHONPATH=str(folder),
                           KEYLIME_VERIFIER_CONFIG=f"{folder}/verifier.conf", KEYLIME_LOGGING_CONFIG=f"{folder}/logging.conf")
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program], env=environment, cwd=folder, stdout=log, stderr=log)
        self.admin = self.connect(administrator=True)
        for _ in range(300):
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.idle()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
            self.admin.close()
        self.stop()
        raise Failed(f"keylime_verifier is not ready: {self.last_words()}")

    def last_words(self):
        return " ".join((self.folder / "log").read_text(encoding="utf-8").split())[-300:]

    def connect(self, administrator=False):
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if administrator:
            context.load_cert_chain(self.folder / "client.pem", self.folder / "client.key")
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=30)

    def idle(self):
        """Comes back when the one worker has nothing else to do."""
        self.admin.request("GET", "/version")
        self.admin.getresponse().read()

    def processes(self):
        """The command's process and all that came from it: worker, shared memory."""
        parents = {}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def cpu(self):
        """Seconds of all of them, and of children that have ended (tpm2_eventlog)."""
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                ticks += sum(int(f) for f in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        pids = self.processes()
        for pid in pids[1:]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            for pid in pids:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(10)


def ask(connection, method, path, body=None, token=None, media="application/vnd.api+json"):
    headers = {"Accept": media}
    if body is not None:
        headers["Content-Type"] = media
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    if response.status not in (200, 201, 202):
        raise Failed(f"{method} {path.split('/')[-1]}: {response.status} {' '.join(text.decode(errors='replace').split())[:300]}")
    return json.loads(text)


class Agent:
    """A node over one kept TLS connection, enrolled and with a session's token."""

    def __init__(self, verifier, node):
        self.verifier, self.node, self.sent = verifier, node, 0
        self.connection = verifier.connect()
        self.path = f"/v3.0/agents/{node.id}/attestations"
        ask(verifier.admin, "POST", f"/v2.6/agents/{node.id}", node.enrolment(), media="application/json")
        self.token = self.session()

    def session(self):
        method = {"authentication_class": "pop", "authentication_type": "tpm_pop"}
        asked = ask(self.connection, "POST", "/v3.0/sessions", {"data": {"type": "session", "attributes": {
            "agent_id": self.node.id, "authentication_supported": [method]}}})["data"]
        challenge = asked["attributes"]["authentication_requested"][0]["chosen_parameters"]["challenge"]
        message, signature = self.node.certify(base64.b64decode(challenge))
        proof = dict(method, data={"message": b64(message), "signature": b64(signature)})
        got = ask(self.connection, "PATCH", f"/v3.0/sessions/{asked['id']}", {"data": {
            "type": "session", "id": asked["id"], "attributes": {
                "agent_id": self.node.id, "authentication_provided": [proof]}}})["data"]["attributes"]
        if got["evaluation"] != "pass":
            raise Failed(f"session: {got['evaluation']}")
        return got["token"]

    def attest(self):
        """Capabilities, then evidence; the verifier appraises it after its answer."""
        asked = ask(self.connection, "POST", self.path, self.body(self.node.capabilities()), self.token)["data"]
        evidence = self.node.evidence(asked["attributes"]["evidence_requested"])
        ask(self.connection, "PATCH", f"{self.path}/latest", self.body(evidence), self.token)
        self.sent += 1

    @staticmethod
    def body(attributes):
        return {"data": {"type": "attestation", "attributes": attributes}}

    def check(self):
        """Every one must have passed: it counts those, and keeps what failed and the newest."""
        newest = ask(self.verifier.admin, "GET", f"{self.path}/{self.sent - 1}")["data"]["attributes"]["evaluation"]
        agent = ask(self.verifier.admin, "GET", f"/v2.6/agents/{self.node.id}", media="application/json")["results"]
        if newest != "pass" or agent["attestation_count"] != self.sent:
            raise Failed(f"{agent['attestation_count']} of {self.sent} passed: {self.verifier.last_words()}")

# SPDX-License-Identifier: Apache-2.0
"""A node: what it is and shows, and what it was told. One message at a time; nothing is sent twice by itself."""
from lab import GONE, MEDIA, cbor, claims


class Answer:
    """What came back: an HTTP status, and with 200 outcome, status and reasons."""

    def __init__(self, status, body, node):
        self.status, self.body = status, body
        self.outcome = self.tier = self.reasons = None
        self.challenge = self.receipt = b""
        if status == 200:
            _, self.outcome, result, self.challenge, self.receipt, self.life, self.interval = cbor(body)
            if self.outcome == "appraised":
                self.tier, self.reasons = claims(result, node)
        elif b"verifier.blind" in body or b"blind" in body:
            self.outcome = "blind"

    def __repr__(self):
        return f"{self.status} {self.outcome} {self.tier} {self.reasons} {self.body[:200] if self.status != 200 else ''}"


class Node:
    def __init__(self, lab, name):
        self.probe, self.name, self.lab = lab.probe, name, lab
        self.ak, self.ek, entries = lab.probe.ask("node", name).split()
        self.entries = int(entries)  # in the list of a machine that just booted
        self.boots, self.clock, self.list, self.step = 1, 0, "good", 0
        self.challenge, self.receipt, self.covers = b"", b"", 0

    @property
    def honest(self):
        """What a verdict on it has to be."""
        return "contraindicated" if self.list == "bad" and self.step > 0 else "affirming"

    def enrol(self, v, client, token=None):
        token = token or v.token(self.name, self.ek)["token"]
        status, body = client.ask("POST", "/v1/enrol", self.probe.message("begin", self.name, self.name, token), MEDIA)
        if status != 200:
            return status
        status, body = client.ask("POST", "/v1/enrol", self.probe.message("finish", self.name, body.hex()), MEDIA)
        if status == 200:
            self.challenge = cbor(body)[3]
        return status

    def ask_challenge(self, client):
        status, body = client.ask("POST", "/v1/challenge", self.probe.message("challenge", self.name), MEDIA)
        if status == 200:
            self.challenge = cbor(body)[1]
        return status

    def boot(self):
        self.boots, self.list, self.step = self.boots + 1, "good", 0
        self.challenge = self.receipt = b""

    def write(self, whole=False, id=None, **other):
        """The next message's bytes; other: what is to be as the node is not."""
        self.clock += 1000
        of = {"list": self.list, "step": self.step, "boots": self.boots, "clock": self.clock, "challenge": self.challenge,
              "receipt": b"" if whole else self.receipt, "covers": self.covers, **other}
        covers = of["covers"] if of["receipt"] else 0
        return self.probe.message("evidence", self.name, id or self.name, of["list"], of["step"], of["boots"], of["clock"],
                                  of["challenge"].hex() or "-", of["receipt"].hex() or "-", covers)

    def post(self, client, message, id=None):
        """Sends bytes; the node takes in nothing of the answer."""
        return Answer(*client.ask("POST", "/v1/evidence", message, MEDIA), id or self.name)

    def take(self, answer):
        if answer.challenge:
            self.challenge = answer.challenge
        if answer.outcome == "appraised":
            self.receipt, self.covers = answer.receipt, self.entries + self.step
        return answer

    def attest(self, client, whole=False):
        """What an agent does: as many messages as the answers ask for, at most four."""
        answer = None
        for _ in range(4):
            if not self.challenge and (status := self.ask_challenge(client)) != 200:
                return Answer(status, b"", self.name)
            answer = self.take(self.post(client, self.write(whole)))
            if answer.outcome not in ("send-all", "challenge"):
                break
            whole = whole or answer.outcome == "send-all"
        return answer

    def attest_patiently(self, client, tries=50):
        for _ in range(tries):
            try:
                answer = self.attest(client)
                if answer.outcome == "appraised":
                    return answer
            except GONE:
                pass
        return answer

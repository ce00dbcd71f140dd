#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Askers at the agent's local socket: ask.py SOCKET FOLDER N [SLOW].

N at once, each with a nonce of its own: FOLDER/i.nonce (hex) and FOLDER/i.cmw. SLOW further
ones connect before them: a third says nothing, a third half of a question, a third never takes
its answer. Prints how many were answered.
"""
import os
import socket
import sys


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(path)
    return s


def question(nonce):
    head = bytes([0x40 + len(nonce)]) if len(nonce) < 24 else bytes([0x58, len(nonce)])
    return b"\x82\x01" + head + nonce


def take(s):
    got = b""
    while piece := s.recv(65536):
        got += piece
    return got


def main(path, folder, n, slow=0):
    idle = [connect(path) for _ in range(slow)]
    for i, s in enumerate(idle):
        if i % 3:
            s.send(question(os.urandom(32))[:(None, 9, None)[i % 3]])
    askers = []
    for i in range(n):
        nonce = os.urandom(8 + i % 57)
        askers.append((connect(path), nonce))
        with open(f"{folder}/{i}.nonce", "w", encoding="ascii") as f:
            f.write(nonce.hex())
    for s, nonce in askers:
        s.send(question(nonce))
    answered = 0
    for i, (s, _) in enumerate(askers):
        answer = take(s)
        answered += answer[:1] not in (b"", b"\x82")
        with open(f"{folder}/{i}.cmw", "wb") as f:
            f.write(answer)
    print(answered)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nodes' messages (docs/formats/protocol.md), written apart from core/message:

    message.py write ITEM...   deterministic CBOR to stdout: array of 1 and the items;
                               a number, @FILE (bytes), or a text
    message.py read FOLDER     an array from stdin: item i goes to FOLDER/i; prints its texts and numbers
    message.py batch FILE...   a batch of files
    message.py hook SECRET FOLDER [STATUS...]
                               a receiver of web hooks on a free port (FOLDER/port): checks each
                               signature, appends to FOLDER/log; answers with STATUS in turn, then 204
"""
import base64
import hashlib
import hmac
import http.server
import pathlib
import sys


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for i, size in enumerate((1, 2, 4, 8)):
        if n < 1 << 8 * size:
            return bytes([major << 5 | 24 + i]) + n.to_bytes(size, "big")
    raise ValueError(n)


def item(word):
    if word.startswith("@"):
        data = pathlib.Path(word[1:]).read_bytes()
        return head(2, len(data)) + data
    if word.isdigit():
        return head(0, int(word))
    return head(3, len(word.encode())) + word.encode()


def parse(data, at=0):
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if low >= 24:
        size = 1 << low - 24
        low, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 0:
        return low, at
    if major == 4:
        out = []
        for _ in range(low):
            value, at = parse(data, at)
            out.append(value)
        return out, at
    body = data[at:at + low]
    return body if major == 2 else body.decode(), at + low


def read(folder):
    data = sys.stdin.buffer.read()
    got, end = parse(data)
    if end != len(data):
        raise ValueError("trailing bytes")
    if len(got) == 2 and isinstance(got[1], list):
        got = [got[0]] + got[1]
    for i, value in enumerate(got):
        raw = value if isinstance(value, bytes) else str(value).encode()
        pathlib.Path(folder, str(i)).write_bytes(raw)
        print(i, len(value) if isinstance(value, bytes) else value)


def hook(secret, folder, *statuses):
    key, left = base64.b64decode(secret.removeprefix("whsec_")), [int(s) for s in statuses]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            mid, when = self.headers["webhook-id"], self.headers["webhook-timestamp"]
            mac = hmac.new(key, f"{mid}.{when}.".encode() + body, hashlib.sha256).digest()
            good = f"v1,{base64.b64encode(mac).decode()}" in self.headers["webhook-signature"].split(" ")
            status = left.pop(0) if left else 204
            with open(pathlib.Path(folder, "log"), "a", encoding="utf-8") as f:
                f.write(f"{status} {'good' if good else 'forged'} {mid} {body.decode()}\n")
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pathlib.Path(folder, "port").write_text(str(server.server_port))
    server.serve_forever()


command, *args = sys.argv[1:]
if command == "write":
    sys.stdout.buffer.write(head(4, 1 + len(args)) + head(0, 1) + b"".join(map(item, args)))
elif command == "batch":
    sys.stdout.buffer.write(head(4, 2) + head(0, 1) + head(4, len(args))
                            + b"".join(item("@" + a) for a in args))
elif command == "read":
    read(*args)
elif command == "hook":
    hook(*args)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An operator of the lab's verifier: vm_client.py PORT FOLDER COMMAND...

FOLDER has ca.pem, operator.pem and operator.key. Commands:

    get PATH            the answer's body
    post PATH JSON      the same
    events              each event of /v1/events as a line "MILLISECONDS JSON", for ever;
                        MILLISECONDS is this machine's clock when the line came
    wait FILE AFTER SECONDS WORD...
                        what `events` wrote to FILE: until a line after line AFTER has every WORD;
                        prints its number and the line
"""
import http.client
import ssl
import sys
import time


def connect(port, folder, timeout):
    tls = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    tls.load_cert_chain(f"{folder}/operator.pem", f"{folder}/operator.key")
    return http.client.HTTPSConnection("localhost", int(port), context=tls, timeout=timeout)


def ask(port, folder, method, path, body=None):
    c = connect(port, folder, 30)
    c.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = c.getresponse()
    sys.stdout.write(answer.read().decode())
    return 0 if answer.status < 300 else 1


def events(port, folder):
    c = connect(port, folder, None)
    c.request("GET", "/v1/events?after=0", headers={"Accept": "text/event-stream"})
    answer = c.getresponse()
    if answer.status != 200:
        sys.exit(f"events: {answer.status} {answer.read().decode()}")
    while line := answer.readline():
        if line.startswith(b"data:"):
            print(time.time_ns() // 1000000, line[5:].decode().strip(), flush=True)
    sys.exit("events: the stream ended")


def wait(file, after, seconds, *words):
    end = time.monotonic() + float(seconds)
    while True:
        with open(file, encoding="utf-8") as f:
            lines = f.read().splitlines()
        for i, line in enumerate(lines):
            if i >= int(after) and all(word in line for word in words):
                print(i + 1, line)
                return 0
        if time.monotonic() > end:
            print(f"no event with {' '.join(words)} in {seconds} s; there are:", *lines, sep="\n")
            return 1
        time.sleep(0.05)


def main(port, folder, command, *rest):
    if command == "get":
        return ask(port, folder, "GET", rest[0])
    if command == "post":
        return ask(port, folder, "POST", rest[0], rest[1])
    if command == "events":
        return events(port, folder)
    return wait(*rest)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

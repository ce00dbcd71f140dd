#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One command in the lab's guest: vm_shell.py SOCKET COMMAND.

Writes the line to the guest's second serial port and waits for the answer
(tests/lab/guest/root/usr/lib/assay-lab/serve). Output on stdout; the exit
status is the command's, 125 when no answer came in time.
"""
import base64
import os
import socket
import sys
import time

SECONDS = float(os.environ.get("VM_RUN_SECONDS", "60"))


def main(path, command):
    if "\n" in command:
        sys.exit("one line, please")
    end = time.monotonic() + SECONDS
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(command.encode() + b"\n")
        got = b""
        while not got.endswith(b"\n"):
            s.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = s.recv(65536)
            except TimeoutError:
                print(f"no answer after {SECONDS:g} s: {command}", file=sys.stderr)
                return 125
            if not more:
                print("the guest is gone", file=sys.stderr)
                return 125
            got += more
    status, _, text = got.rstrip(b"\r\n").rpartition(b"\n")[2].partition(b" ")
    try:
        output = base64.b64decode(text, validate=True)
        status = int(status)
    except ValueError:
        print(f"no answer but {got!r}", file=sys.stderr)
        return 125
    sys.stdout.buffer.write(output)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

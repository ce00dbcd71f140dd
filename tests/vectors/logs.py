# SPDX-License-Identifier: Apache-2.0
"""TCG event logs and CC event logs: the registers and events that others state."""
import base64
import hashlib
import json
import struct

import yaml

from common import Disagreement

EXIT_BOOT = (b"Exit Boot Services Invocation", b"Exit Boot Services Returned with Success")


def compare(got, stated, untouched=()):
    """{bank: {index: hex}}: every stated register is as replayed, or untouched and at its reset value."""
    n = 0
    for bank, registers in stated.items():
        mine = got.json["pcrs"].get(bank, {})
        for index, want in registers.items():
            if str(index) in untouched:
                continue
            reset = ("ff" if 17 <= int(index) <= 22 else "00") * (len(want) // 2)
            if mine.get(str(index), reset) != want.lower():
                raise Disagreement(f"{bank} {index}: {mine.get(str(index))}")
            n += 1
    return f"{n} of {n} registers equal"


def parsed(got, form="tcg-eventlog"):
    if got.status != 0 or got.json.get("format") != form:
        raise Disagreement(got.said())
    return got


def summary(got):
    quirks = "".join(f"; {q}" for q in got.json["quirks"])
    return f"{got.json['variant']}, {len(got.json['events'])} events{quirks}"


def stated_registers(v):
    """Registers that the sources state, in their several shapes: {log: (words, registers)}."""
    all_of = {}
    for path in v.files("eventlog/*.pcrs.json"):
        stated = json.loads(path.read_text())
        all_of[path.name.removesuffix(".pcrs.json")] = stated.get("pcrs", stated)
    lines = (v.root / "eventlog/hirs-TpmLogExpectedPcrs.txt").read_text().split()
    all_of["hirs-TpmLog.bin"] = {"sha256": dict(enumerate(lines))}
    return all_of


def without_ima(registers):
    """sb_cert states a running machine's registers: what IMA and later software extended is not in the log."""
    return {bank: {i: h for i, h in regs.items() if i not in ("10",)} for bank, regs in registers.items()}


def upstream(v, independent):
    for name, registers in stated_registers(v).items():
        path = v.root / "eventlog" / name
        if name == "goattest-sb_cert_eventlog":
            registers = without_ima(registers)
        total = sum(len(r) for r in registers.values())
        v.point(path, f"{total} registers in {', '.join(registers)}",
                lambda p=path, r=registers: compare(parsed(v.inspect(p)), r) + ", " + summary(v.inspect(p)))


class Text(yaml.SafeLoader):
    """Everything stays a text: hex must not become a number."""


Text.yaml_implicit_resolvers = {}


def tools(v):
    for path in v.files("eventlog/tpm2tools-*.yaml"):
        if ".raw." in path.name:
            continue
        name = path.name.removesuffix(".yaml").removesuffix(".pretty")
        # tpm2_eventlog writes SHA-1 logs as one mapping with repeated keys: a list is meant
        text = path.read_text()
        if "\n- EventNum" not in text:
            text = text.replace("\n  PCRIndex:", "\n- PCRIndex:")
        stated = yaml.load(text, Text)

        def check(name=name, stated=stated):
            got = parsed(v.inspect(v.root / "eventlog" / name))
            banks = {bank: {i: h[2:] for i, h in regs.items()}
                     for bank, regs in (stated.get("pcrs") or {}).items() if regs}
            equal_events(got, [(int(e["PCRIndex"]), e["EventType"], tool_digests(e)) for e in stated["events"]])
            return f"{compare(got, banks)}, {summary(got)}"
        n = sum(len(r) for r in (stated.get("pcrs") or {}).values() if r)
        v.point(v.root / "eventlog" / name, f"{n} registers, {len(stated['events'])} events (tpm2_eventlog)", check)


def tool_digests(event):
    if "Digests" in event:
        return {d["AlgorithmId"]: d["Digest"] for d in event["Digests"]}
    return {"sha1": event.get("Digest", event.get("SHA1Digest"))} if "Digest" in event else None


def equal_events(got, stated):
    """pcr, type (a name or a number) and digests, event by event."""
    mine = got.json["events"]
    if len(mine) != len(stated):
        raise Disagreement(f"{len(mine)} events for {len(stated)}")
    for i, (a, (pcr, kind, digests)) in enumerate(zip(mine, stated)):
        same = a["type_number"] == kind if isinstance(kind, int) else a["type"] == kind
        if not same and isinstance(kind, str):
            same = kind.lower() in (a["type"].lower(), "unknown event type") or \
                kind.startswith("0x") and int(kind, 16) == a["type_number"]
        if a["pcr"] != pcr % 2**32 or not same:
            raise Disagreement(f"event {i}: pcr {a['pcr']} {a['type']} for {pcr} {kind}")
        if digests and {k: h.lower() for k, h in digests.items()} != a["digests"]:
            raise Disagreement(f"event {i}: other digests")


def decoded(v):
    """Events as other readers decoded them."""
    for path in v.files("eventlog/pyuefi-*.json"):
        stated = json.loads(path.read_text())["events"]

        def check(path=path, stated=stated):
            got = parsed(v.inspect(path.with_suffix(".bin")))
            # tpm2_eventlog leaves out the EV_NO_ACTION on register 0xffffffff that Windows ends with
            while len(got.json["events"]) > len(stated) and got.json["events"][-1]["pcr"] == 2**32 - 1:
                got.json["events"].pop()
            equal_events(got, [(e["PCRIndex"], e["EventType"], tool_digests(e)) for e in stated])
            return f"pcr, type and digests of all equal, {summary(got)}"
        v.point(path.with_suffix(".bin"), f"{len(stated)} events in .json", check)
    for path in v.files("eventlog/guardoss-*.json"):
        stated = json.loads(path.read_text())

        def golden(path=path, stated=stated):
            got = parsed(v.inspect(path.with_suffix("")))
            equal_events(got, [(e["Index"], e["Type"], None) for e in stated])
            for mine, e in zip(got.json["events"], stated):
                if mine["data_size"] != len(base64.b64decode(e["Data"] or "")):
                    raise Disagreement(f"event {mine['index']}: {mine['data_size']} bytes of data")
            return f"pcr, type and size of data of all equal, {summary(got)}"
        v.point(path.with_suffix(""), f"{len(stated)} events in .json", golden)
    linux_tpm12(v)


def linux_tpm12(v):
    path = v.root / "eventlog/goeventlog-linux_tpm12.json"
    log = json.loads(path.read_text())["Log"]
    registers = {"sha1": {p["Index"]: base64.b64decode(p["Digest"]).hex() for p in log["PCRs"]}}

    def check():
        got = parsed(v.inspect_bytes(base64.b64decode(log["Raw"])))
        here = {"sha1": {i: h for i, h in registers["sha1"].items() if str(i) in got.json["pcrs"]["sha1"]}}
        return compare(got, here) + ", " + summary(got)
    v.point(path, "its log replays to its Log.PCRs", check)


def cc(v):
    for path in v.files("ccel/*.rtmr.json"):
        stated = json.loads(path.read_text())
        log = next(p for p in (path.with_name(path.name.replace(".rtmr.json", "")),
                               path.with_name(path.name.replace(".rtmr.json", ".bin"))) if p.exists())
        registers = {"sha384": {int(k[4:]) + 1: h for k, h in stated.items()}}
        v.point(log, f"{len(stated)} RTMRs (register = RTMR + 1)", lambda p=log, r=registers:
                compare(parsed(v.inspect(p)), r) + ", " + summary(v.inspect(p)))
    for path in v.files("ccel/*_out.json"):
        stated = json.loads(path.read_text())["uefi_event_logs"]

        def check(path=path, stated=stated):
            got = parsed(v.inspect(path.with_name(path.name.replace("_out.json", ""))))
            # the header event is none of theirs; HANDOFF types have older names there
            mine = [e for e in got.json["events"] if e["kind"] != "header"]
            if len(mine) != len(stated):
                raise Disagreement(f"{len(mine)} events for {len(stated)}")
            for a, e in zip(mine, stated):
                digests = {d["alg"].lower().replace("-", ""): d["digest"] for d in e["digests"]}
                size = len(base64.b64decode(e["event"]))
                if (a["pcr"], a["digests"], a["data_size"]) != (e["index"], digests, size):
                    raise Disagreement(f"event {a['index']} differs")
                if a["type"] != e["type_name"]:
                    raise Disagreement(f"event {a['index']}: {a['type']} for {e['type_name']}")
            return f"register, type, digest and size of data of all equal, {summary(got)}"
        v.point(path, f"{len(stated)} events", check)
    for path in v.files("ccel/*table*") + [v.root / "ccel/goeventlog-CCEL.bin"]:
        v.point(path, "an ACPI table, none of inspect's formats", lambda p=path: refused(v.inspect(p), "unknown"))


def refused(got, form=None):
    if got.status != 3 or (form and got.json["format"] != form):
        raise Disagreement(got.said())
    return got.said()


def in_a_log(body):
    """A SpecID body (or the like) as the first record of a log."""
    return struct.pack("<II20sI", 0, 3, b"", len(body)) + body


def odd(v):
    """Files whose outcome is stated in words."""
    log = v.root / "eventlog"
    v.point(log / "goattest-event-size-too-large.bin", "INVALID", lambda: refused(
        v.inspect(log / "goattest-event-size-too-large.bin", "--as", "tcg-eventlog")))
    v.point(log / "goattest-specid-malicious_number_of_algs.bin", "a SpecID body, INVALID", lambda: refused(
        v.inspect_bytes(in_a_log((log / "goattest-specid-malicious_number_of_algs.bin").read_bytes()))))
    v.point(log / "goattest-specid-sha1_and_sha256.bin", "a SpecID body, valid", lambda: specid(v, log))
    v.point(log / "goattest-event-size-zero-agile.bin", "one TCG_PCR_EVENT2 of a {sha256} log, size 0, valid",
            lambda: bare_event(v, log))
    v.point(log / "keylime-binary_bios_measurements-bogus", "INVALID", lambda: refused(
        v.inspect(log / "keylime-binary_bios_measurements-bogus"), "unknown"))
    v.point(log / "gotpmtools-cel.b64", "CEL-TLV, none of inspect's formats", lambda: refused(
        v.inspect(log / "gotpmtools-cel.b64")))
    v.point(log / "goattest-ebs_event_missing_eventlog", "PCR 5 comes out only with the ExitBootServices events "
            "that firmware did not log", lambda: exit_boot_services(v, log))
    v.point(log / "hirs-TPMLog_Altered.bin", "must not match what hirs-TpmLog.bin does", lambda: altered(v, log))
    v.point(log / "gotpmtools-Cos85AmdSevCmdline.txt", "the command line in gotpmtools-cos-85-amd-sev.bin",
            lambda: command_line(v, log))


def specid(v, log):
    got = parsed(v.inspect_bytes(in_a_log((log / "goattest-specid-sha1_and_sha256.bin").read_bytes())))
    if got.json["banks"] != ["sha1", "0x0000"]:  # the second one's algorithmId is 0, its size 32
        raise Disagreement(str(got.json["banks"]))
    return "read; banks sha1 and 0x0000 (as it says)"


def bare_event(v, log):
    body = b"Spec ID Event03\0" + struct.pack("<IBBBBIHHB", 0, 0, 2, 0, 2, 1, 11, 32, 0)
    got = parsed(v.inspect_bytes(in_a_log(body) + (log / "goattest-event-size-zero-agile.bin").read_bytes()))
    if len(got.json["events"]) != 2 or got.json["events"][1]["data_size"] != 0:
        raise Disagreement(summary(got))
    return "after a {sha256} header: " + summary(got)


def exit_boot_services(v, log):
    got = parsed(v.inspect(log / "goattest-ebs_event_missing_eventlog"))
    stated = json.loads((log / "goattest-ebs_event_missing_eventlog.pcr5.json").read_text())["pcr5"]["sha1"]
    value = got.json["pcrs"]["sha1"]["5"]
    if value == stated:
        raise Disagreement("a plain replay must not match")
    register = bytes.fromhex(value)
    for text in EXIT_BOOT:
        register = hashlib.sha1(register + hashlib.sha1(text).digest()).digest()
    if register.hex() != stated:
        raise Disagreement(register.hex())
    return f"PCR 5 of the log {value[:8]}..., with both events {stated[:8]}... as stated"


def altered(v, log):
    a, b = (parsed(v.inspect(log / n)).json["pcrs"]["sha256"] for n in ("hirs-TPMLog_Altered.bin", "hirs-TpmLog.bin"))
    other = [i for i in a if a[i] != b.get(i)]
    if not other:
        raise Disagreement("all registers are equal")
    return f"differs in PCR {', '.join(other)}"


def command_line(v, log):
    want = (log / "gotpmtools-Cos85AmdSevCmdline.txt").read_text().strip("\n\0 ")
    got = parsed(v.inspect(log / "gotpmtools-cos-85-amd-sev.bin"))
    if not any(want in (e.get("text") or "") and e["text_proven"] for e in got.json["events"] if "text" in e):
        raise Disagreement("no event holds it as proven text")
    return "an event holds it, proven"


def all_replayed(v, independent):
    """Every log there is, against a replay by somebody else."""
    for name, stated in independent["logs"].items():
        if name.startswith("rim/"):
            continue
        path = v.root / name
        # only a register that is extended counts: theirs lists PCR 0 when a locality is stated
        only_locality = {"0"} if name.endswith("short_no_action_eventlog") else set()

        def check(path=path, stated=stated, untouched=only_locality):
            got = parsed(v.inspect(path))
            if len(got.json["events"]) != stated["events"]:
                raise Disagreement(summary(got))
            if got.json["padded"] != (stated["trailing_pad"] > 0):
                raise Disagreement("padding")
            if not stated["trailing_pad"] and got.json["end"] != got.json["size"]:
                raise Disagreement("records end before the file")
            return f"{compare(got, stated['pcrs'], untouched)}, {summary(got)}"
        v.point(path, f"independent replay: {stated['format']}, {stated['events']} events", check)


def run(v):
    independent = json.loads((v.root / "eventlog/independent-replay.json").read_text())
    upstream(v, independent)
    tools(v)
    decoded(v)
    cc(v)
    odd(v)
    all_replayed(v, independent)
    evm = v.root / "ima/imaevm-sample-binary_bios_measurements-pcrs-8-9"
    v.point(evm, "replays to imaevm-sample-tpm-2.0-pcrs-8-9", lambda: imaevm(v, evm))


def imaevm(v, path):
    """"pcrread: tsspcrread -halg sha1", then "0: hex" lines."""
    stated, bank = {}, None
    for line in (v.root / "ima/imaevm-sample-tpm-2.0-pcrs-8-9").read_text().splitlines():
        if "-halg" in line:
            bank = stated.setdefault(line.split()[-1], {})
        elif ":" in line and bank is not None and line.split(":")[1].strip():
            index, value = line.split(":")
            if index.strip() not in ("10",):
                bank[index.strip()] = value.strip()
    got = parsed(v.inspect(path))
    return compare(got, stated) + " (PCR 10 is IMA's), " + summary(got)

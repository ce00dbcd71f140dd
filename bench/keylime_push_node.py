# SPDX-License-Identifier: Apache-2.0
"""A node as Keylime's verifier sees it in push mode: clean-a's boot and IMA list, a software AK.

Bytes as in TPM 2.0 Library v1.84, Part 2; the fields are those of bench/bundle.c.
"""
import base64
import hashlib
import json
import os
import re
import struct

SHA256, RSA, RSASSA, NULL = 0x000B, 0x0001, 0x0014, 0x0010
RESTRICTED_SIGNING = 0x00050072  # and fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth
QUOTE, CERTIFY = 0x8018, 0x8017
BOOT_TIME = "2026-01-01T00:00:00Z"


def b64(data):
    return base64.b64encode(data).decode()


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        return f.read()


def pcr_values(text):
    """The sha256 bank of pcrs.txt, as tpm2_pcrread prints it."""
    bank, values = None, {}
    for line in text.decode().splitlines():
        head = re.match(r"\s*(sha\d+)\s*:\s*$", line)
        if head:
            bank = head.group(1)
        row = re.match(r"\s*(\d+)\s*:\s*0x([0-9A-Fa-f]+)", line)
        if row and bank == "sha256":
            values[int(row.group(1))] = bytes.fromhex(row.group(2))
    return values


def pcr_blob(values, selected):
    """What tpm2_quote -o writes and Keylime's agent sends: TPML_PCR_SELECTION and TPML_DIGESTs
    as they lie in memory (little-endian)."""
    mask = sum(1 << p for p in selected)
    out = struct.pack("<I", 1)
    for i in range(16):
        if i == 0:
            out += struct.pack("<HB", SHA256, 3) + struct.pack("<I", mask)[:3] + b"\0\0"
        else:
            out += struct.pack("<HB", 0, 0) + b"\0" * 5
    lists = [selected[i:i + 8] for i in range(0, len(selected), 8)]
    out += struct.pack("<I", len(lists))
    for pcrs in lists:
        out += struct.pack("<I", len(pcrs))
        for k in range(8):
            value = values[pcrs[k]] if k < len(pcrs) else b""
            out += struct.pack("<H", len(value)) + value.ljust(64, b"\0")
    return out


def sized(data):
    return struct.pack(">H", len(data)) + data


class Node:
    """One agent: its AK, its state, and the requests that it makes."""

    def __init__(self, agent_id, evidence, measured_boot):
        from cryptography.hazmat.primitives.asymmetric import rsa
        folder = os.path.join(evidence, "clean-a")
        self.id = agent_id
        self.measured_boot = measured_boot
        self.pcrs = pcr_values(read(folder, "pcrs.txt"))
        self.boot_log = read(folder, "binary_bios_measurements")
        self.ima = read(folder, "ascii_runtime_measurements").decode().splitlines(keepends=True)
        self.clock = 0
        self.key = rsa.generate_private_key(65537, 2048)
        modulus = self.key.public_key().public_numbers().n.to_bytes(256, "big")
        public = struct.pack(">HHIHHHHHI", RSA, SHA256, RESTRICTED_SIGNING, 0, NULL, RSASSA, SHA256, 2048, 0) + sized(modulus)
        self.ak = sized(public)
        self.name = struct.pack(">H", SHA256) + hashlib.sha256(public).digest()

    def attest(self, kind, extra, attested):
        """TPMS_ATTEST and TPMT_SIGNATURE over it."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        self.clock += 1000
        message = (struct.pack(">IH", 0xFF544347, kind) + sized(self.name) + sized(extra)
                   + struct.pack(">QIIBQ", self.clock, 1, 0, 1, 1) + attested)
        signature = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return message, struct.pack(">HH", RSASSA, SHA256) + sized(signature)

    def certify(self, challenge):
        return self.attest(CERTIFY, challenge, sized(self.name) + sized(self.name))

    def quote(self, challenge, pcrs):
        digest = hashlib.sha256(b"".join(self.pcrs[p] for p in pcrs)).digest()
        mask = struct.pack("<I", sum(1 << p for p in pcrs))[:3]
        return self.attest(QUOTE, challenge, struct.pack(">IHB", 1, SHA256, 3) + mask + sized(digest))

    def enrolment(self):
        """What a tenant sends to add it: the boot's PCRs pinned, every file of the list known, and with
        measured boot a policy, so that the log is asked for and must explain the PCRs."""
        fields = [line.split(" ") for line in self.ima]
        runtime = {
            "meta": {"version": 1, "generator": 2}, "release": 0, "excludes": [], "keyrings": {}, "ima-buf": {},
            "digests": {f[4].rstrip("\n"): [f[3].split(":")[1]] for f in fields}, "verification-keys": "",
            "ima": {"ignored_keyrings": [], "log_hash_alg": "sha1", "dm_policy": None}}
        pinned = {str(p): [self.pcrs[p].hex()] for p in (*range(10), 14)}
        return {
            "v": None, "cloudagent_ip": None, "cloudagent_port": None, "tpm_policy": json.dumps(pinned),
            "runtime_policy": b64(json.dumps(runtime).encode()), "runtime_policy_name": "", "runtime_policy_key": "",
            "mb_policy": json.dumps({"boot": "any that the log explains"}) if self.measured_boot else None,
            "mb_policy_name": "", "ima_sign_verification_keys": "", "metadata": "{}", "revocation_key": "",
            "accept_tpm_hash_algs": ["sha256"], "accept_tpm_encryption_algs": ["rsa"],
            "accept_tpm_signing_algs": ["rsassa"], "ak_tpm": b64(self.ak), "mtls_cert": "disabled",
            "supported_version": "3.0"}

    def capabilities(self):
        key = {"key_class": "asymmetric", "key_algorithm": "rsa", "key_size": 2048, "server_identifier": "ak",
               "allowable_hash_algorithms": ["sha256"], "allowable_signature_schemes": ["rsassa"], "public": b64(self.ak)}
        items = [
            {"evidence_class": "certification", "evidence_type": "tpm_quote", "capabilities": {
                "component_version": "2.0", "hash_algorithms": ["sha256"], "signature_schemes": ["rsassa"],
                "available_subjects": {"sha256": list(range(24))}, "certification_keys": [key]}},
            {"evidence_class": "log", "evidence_type": "uefi_log", "capabilities": {
                "evidence_version": "2.1", "supports_partial_access": False, "appendable": False,
                "formats": ["application/octet-stream"]}},
            {"evidence_class": "log", "evidence_type": "ima_log", "capabilities": {
                "supports_partial_access": True, "appendable": True, "entry_count": len(self.ima),
                "formats": ["text/plain"]}}]
        return {"evidence_supported": items, "system_info": {"boot_time": BOOT_TIME}}

    def evidence(self, requested):
        """Answers each item, in the order of the request."""
        items = []
        for item in requested:
            chosen, kind = item["chosen_parameters"], item["evidence_type"]
            if kind == "tpm_quote":
                pcrs = chosen["selected_subjects"]["sha256"]
                message, signature = self.quote(base64.b64decode(chosen["challenge"]), pcrs)
                data = {"message": b64(message), "signature": b64(signature), "subject_data": b64(pcr_blob(self.pcrs, pcrs))}
            elif kind == "uefi_log":
                data = {"entries": b64(self.boot_log)}
            else:
                new = self.ima[chosen["starting_offset"]:]
                data = {"entry_count": len(new), "entries": "".join(new)}
            items.append({"evidence_class": item["evidence_class"], "evidence_type": kind, "data": data})
        return {"evidence_collected": items}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of reasons; see assay/result.h, which includes this file. The order is that in which
 * a verdict tells them: whose evidence, what it covers, how the machine is set up, what
 * booted, what ran. */
#ifndef ASSAY_REASONS_H
#define ASSAY_REASONS_H

/* clang-format off */
#define ASSAY_REASONS(X) \
X(IDENTITY_KEY_UNKNOWN, "identity.key-unknown", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 97, \
  "nobody but the bundle itself says whose key signed the quote", \
  "name the node's attestation key with --ak, or enrol the node") \
X(IDENTITY_KEY_MISMATCH, "identity.key-mismatch", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 97, \
  "the bundle carries another key than the one that was expected", \
  "check that the bundle comes from this node; a cleared or replaced TPM must be enrolled again") \
X(IDENTITY_KEY_ATTRIBUTES_UNKNOWN, "identity.key-attributes-unknown", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 97, \
  "the expected key came without TPM attributes (PEM), so nothing says that it signs only what a TPM made", \
  "give --ak the TPM2B_PUBLIC or TPMT_PUBLIC that was enrolled") \
X(IDENTITY_KEY_ATTRIBUTES, "identity.key-attributes", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 96, \
  "the key is not an attestation key", \
  "make a key with restricted, sign, fixedTPM, fixedParent and sensitiveDataOrigin set and decrypt clear") \
X(IDENTITY_KEY_WEAK, "identity.key-weak", CONTRAINDICATED, false, INSTANCE_IDENTITY, 32, 96, \
  "the key is too short for the policy", \
  "make an attestation key of RSA 2048 bits, ECC P-256 or more") \
X(IDENTITY_PARENT, "identity.key-hierarchy", INFO, false, INSTANCE_IDENTITY, 0, 96, \
  "the key lies outside the endorsement hierarchy: its counters and firmware version are obfuscated", \
  "nothing to do; make the key under the endorsement hierarchy to see resetCount and firmwareVersion") \
X(QUOTE_SIGNATURE_INVALID, "quote.signature-invalid", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 99, \
  "the signature over the quote does not verify", \
  "the quote was altered, or another key signed it; collect again") \
X(QUOTE_NONCE_MISMATCH, "quote.nonce-mismatch", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 99, \
  "the quote answers another challenge", \
  "this is an old or a foreign quote; collect again with the nonce that was asked for") \
X(QUOTE_FRESHNESS_UNCHECKED, "quote.freshness-unchecked", WARNING, true, INSTANCE_IDENTITY, 0, 0, \
  "nobody said which nonce the quote must answer, so it may be old", \
  "give the challenge with --nonce; --archive says that an old bundle is looked at on purpose") \
X(QUOTE_ARCHIVE, "quote.archive", INFO, true, INSTANCE_IDENTITY, 0, 0, \
  "freshness was waived: the bundle is looked at as an archive", \
  "do not act on this verdict as if it were about now") \
X(QUOTE_HASH_WEAK, "quote.hash-weak", CONTRAINDICATED, false, INSTANCE_IDENTITY, 32, 96, \
  "the quote is signed with a hash that the policy does not accept", \
  "make an attestation key whose scheme uses SHA-256 or better") \
X(QUOTE_BANK_WEAK, "quote.bank-weak", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "no PCR bank that the policy accepts is quoted", \
  "quote the SHA-256 bank (tpm2_pcrallocate makes one), SHA-1 is not enough") \
X(QUOTE_PCR_NOT_QUOTED, "quote.pcr-not-quoted", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "a PCR that the policy needs is not in the quote", \
  "quote every PCR that `assay policy show` lists") \
X(QUOTE_DIGEST_MISMATCH, "quote.digest-mismatch", CONTRAINDICATED, true, EXECUTABLES, 33, 99, \
  "the logs do not lead to what the TPM signed, and nothing proven says which PCR differs", \
  "collect logs and quote together (assay collect does), and add pcrs.txt to see which PCR differs") \
X(QUOTE_CLOCK_UNSAFE, "quote.clock-unsafe", INFO, false, HARDWARE, 32, 96, \
  "the TPM's clock may have gone back since it was last read", \
  "nothing to do after an unorderly shutdown; time orders verdicts again after the next quote") \
X(BOOT_LOG_MISSING, "boot.log-missing", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "there is no event log, so nothing explains the firmware's and boot loader's PCRs", \
  "boot through the EFI stub (Debian's GRUB does so only with Secure Boot on), or use firmware that hands the log over") \
X(BOOT_LOG_EMPTY, "boot.log-empty", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "the event log has 0 bytes, so nothing explains the firmware's and boot loader's PCRs", \
  "some cloud vTPMs give an empty log; ask the provider for one with measured boot") \
X(BOOT_PCR_UNEXPLAINED, "boot.pcr-unexplained", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "a PCR holds a value that no log explains", \
  "something was measured without being logged; find who extends this PCR, or pin its value as a reference of kind pcr-value") \
X(BOOT_PCR_PINNED, "boot.pcr-pinned", INFO, false, EXECUTABLES, 33, 96, \
  "the log does not replay to this PCR; its value is pinned by a reference", \
  "nothing to do; the value must be pinned anew after a firmware update") \
X(BOOT_SECURE_BOOT_OFF, "boot.secure-boot-off", CONTRAINDICATED, false, CONFIGURATION, 32, 96, \
  "Secure Boot is off", \
  "switch Secure Boot on in the firmware's setup") \
X(BOOT_SECURE_BOOT_UNKNOWN, "boot.secure-boot-unknown", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "no proven event says whether Secure Boot is on", \
  "the firmware must measure the SecureBoot variable into PCR 7 before its separator") \
X(BOOT_SETUP_MODE, "boot.setup-mode", CONTRAINDICATED, false, CONFIGURATION, 32, 96, \
  "Secure Boot is in setup mode: there is no platform key (PK)", \
  "enrol a platform key in the firmware's setup") \
X(BOOT_DEBUG, "boot.debug-mode", CONTRAINDICATED, false, CONFIGURATION, 32, 96, \
  "the firmware says that a debugger is enabled", \
  "switch the firmware's debug mode off") \
X(BOOT_SBAT_OLD, "boot.sbat-level-old", CONTRAINDICATED, false, CONFIGURATION, 32, 96, \
  "the SBAT level is older than the policy asks for", \
  "update shim, or apply the newer SbatLevel") \
X(BOOT_VARIABLE_REPEATED, "boot.variable-repeated", CONTRAINDICATED, true, CONFIGURATION, 36, 96, \
  "a Secure Boot variable was measured twice", \
  "one of the two is not the firmware's; find what else extends PCR 7") \
X(BOOT_COMPONENT_UNKNOWN, "boot.component-unknown", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "something was measured at boot that no reference value knows in this register", \
  "if this change was intended, learn it from a machine known to be good: assay refs learn") \
X(BOOT_COMPONENT_REVOKED, "boot.component-revoked", CONTRAINDICATED, false, EXECUTABLES, 32, 96, \
  "something was measured at boot whose reference value is revoked", \
  "update the component and boot again") \
X(BOOT_COMPONENT_MISSING, "boot.component-missing", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "something that the policy wants present was not measured", \
  "boot through a chain that measures it, or take it out of the policy's boot.present") \
X(BOOT_COMMAND_LINE_UNKNOWN, "boot.command-line-unknown", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "a boot loader command or kernel command line that no reference value knows", \
  "compare it with the expected one; if the change was intended, learn it: assay refs learn") \
X(BOOT_COMMAND_LINE_FORBIDDEN, "boot.command-line-forbidden", CONTRAINDICATED, false, CONFIGURATION, 32, 96, \
  "a boot command contains a parameter that the policy forbids", \
  "remove the parameter from the boot loader's configuration") \
X(BOOT_SEPARATOR, "boot.separator", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "the separator that ends the firmware's own measurements is missing, repeated or not what it says", \
  "if this firmware is known to do so, pin the register as a reference of kind pcr-value") \
X(BOOT_FIRMWARE_ERROR, "boot.firmware-error", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "the firmware reported an error through its separator", \
  "look into the firmware's own log; measurements before the error cannot be relied upon") \
X(BOOT_EVENT_UNPROVEN, "boot.event-unproven", CONTRAINDICATED, false, CONFIGURATION, 36, 96, \
  "the event's data is not what its digest says", \
  "the log was altered, or the firmware logs something else than it measures; collect again") \
X(BOOT_EVENT_TYPE_UNKNOWN, "boot.event-type-unknown", WARNING, false, CONFIGURATION, 36, 96, \
  "an event of a type that the specification does not name, in a PCR that the policy relies on", \
  "find what measured it; a reference value for its digest makes it known") \
X(BOOT_NO_ACTION_DIGEST, "boot.no-action-digest", WARNING, false, CONFIGURATION, 36, 96, \
  "an EV_NO_ACTION event, which is never extended, carries a digest", \
  "the log was altered, or the firmware is odd; it proves nothing either way") \
X(BOOT_LOG_ODD, "boot.log-odd", INFO, false, CONFIGURATION, 36, 96, \
  "the event log departs from the specification in a known, harmless way", \
  "nothing to do") \
X(IMA_LOG_MISSING, "ima.log-missing", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "there is no IMA measurement list, so nothing says what ran after boot", \
  "boot with an IMA policy (ima_policy=tcb) and collect the list") \
X(IMA_NOT_QUOTED, "ima.not-quoted", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "the PCR that IMA extends is not in the quote", \
  "quote PCR 10 as well") \
X(IMA_NOT_PROVEN, "ima.not-proven", CONTRAINDICATED, true, EXECUTABLES, 33, 99, \
  "the IMA list does not lead to the quoted value at any entry", \
  "collect the list after the quote, whole and of the same boot") \
X(IMA_LIST_TRIMMED, "ima.list-trimmed", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "the list does not start with boot_aggregate: earlier entries are missing", \
  "send the whole list, or go on from a receipt") \
X(IMA_BANK_PADDED, "ima.bank-padded", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "the kernel extended this bank with SHA-1 digests padded with zeros, so it is as weak as SHA-1", \
  "quote the SHA-256 bank, or use a kernel that has this hash built in") \
X(IMA_TEMPLATE_HASH, "ima.template-hash-mismatch", CONTRAINDICATED, true, EXECUTABLES, 33, 99, \
  "an entry's data does not hash to its template hash", \
  "the list was altered; collect again") \
X(IMA_VIOLATION, "ima.violation", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "a file was written while it was measured or executed, so nobody knows what was read", \
  "find the writer; the entry's name is proven by nothing") \
X(IMA_BOOT_AGGREGATE, "ima.boot-aggregate-mismatch", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "boot_aggregate is not the digest of the boot PCRs: the list belongs to another boot", \
  "collect log and quote of the same boot") \
X(IMA_BOOT_AGGREGATE_ZERO, "ima.boot-aggregate-zero", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "boot_aggregate is zero: IMA found no TPM when it started", \
  "build the TPM's driver into the kernel") \
X(IMA_FILE_UNKNOWN, "ima.file-unknown", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "a file that no reference value knows was executed or read", \
  "if the file is wanted, learn it from a machine known to be good: assay refs learn") \
X(IMA_FILE_MODIFIED, "ima.file-modified", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "a file differs from every reference value for its path", \
  "restore the file from its package; if an update changed it, learn the new one: assay refs learn") \
X(IMA_FILE_MISPLACED, "ima.file-misplaced", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "the content is known, but not at this path", \
  "find who copied or renamed it; a digest that is good in one place proves nothing in another") \
X(IMA_FILE_REVOKED, "ima.file-revoked", CONTRAINDICATED, false, EXECUTABLES, 32, 96, \
  "a file whose reference value is revoked was executed or read", \
  "update the package it comes from") \
X(IMA_DIGEST_WEAK, "ima.digest-weak", CONTRAINDICATED, false, EXECUTABLES, 33, 96, \
  "the file's digest uses a hash that the policy does not accept", \
  "boot with ima_hash=sha256 and template ima-ng or ima-sig") \
X(IMA_DIGEST_EMPTY, "ima.digest-empty", CONTRAINDICATED, true, EXECUTABLES, 33, 96, \
  "the entry has no digest, or one of zeros or of the wrong length, without being a violation", \
  "the file could not be hashed; find out why it could not be read") \
X(IMA_ENTRIES_UNQUOTED, "ima.entries-unquoted", INFO, false, EXECUTABLES, 33, 96, \
  "the list goes on after the quote; the later entries are not proven and were not judged", \
  "nothing to do; the next quote covers them") \
X(IMA_ASCII_ONLY, "ima.ascii-only", INFO, false, EXECUTABLES, 33, 96, \
  "only the ASCII list was given", \
  "collect binary_runtime_measurements, which is authoritative") \
X(REFERENCE_NONE, "reference.none", CONTRAINDICATED, true, EXECUTABLES, 33, 96, \
  "there is no reference value to compare with", \
  "give reference values with --refs; assay refs learn makes them from machines known to be good") \
X(REFERENCE_BANK_MISSING, "reference.bank-missing", CONTRAINDICATED, true, EXECUTABLES, 33, 96, \
  "the reference values have no digests of the quoted bank", \
  "learn references from a quote over this bank, or quote the bank that the references have") \
X(REFERENCE_REVOKED, "reference.revoked", CONTRAINDICATED, true, EXECUTABLES, 0, 96, \
  "the node showed a component that an operator revoked", \
  "replace the component and start the node again; what it showed in this boot stays shown") \
X(IDENTITY_KEY_REVOKED, "identity.key-revoked", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 97, \
  "an operator revoked the node's attestation key", \
  "make another key and enrol the node again") \
X(NODE_REVOKED, "node.revoked", CONTRAINDICATED, true, INSTANCE_IDENTITY, 0, 97, \
  "an operator revoked the node", \
  "remove the node and enrol it again once it may be trusted") \
X(NODE_REMOVED, "node.removed", WARNING, true, INSTANCE_IDENTITY, 0, 0, \
  "an operator removed the node", \
  "enrol it again if it is to be trusted") \
X(NODE_SILENT, "node.silent", WARNING, true, INSTANCE_IDENTITY, 0, 0, \
  "nothing was heard of the node in time, so its last result is over", \
  "look whether the node is up, assay-agent runs and reaches the verifier") \
X(VERIFIER_BLIND, "verifier.blind", WARNING, true, INSTANCE_IDENTITY, 0, 0, \
  "the verifier cannot vouch for anything: its store or revocations are out of reach, or its clock jumped", \
  "look at the verifier, not at the node: its database, its clock, its log")
/* clang-format on */

#endif

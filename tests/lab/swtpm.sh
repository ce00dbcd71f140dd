#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A software TPM for tests and the demo. Source it:
#
#   lab_tpm_make DIR [BANKS]  a new TPM with an EK certificate of a CA of its own in DIR
#                             (BANKS: sha1,sha256,sha384); the CA's certificates: DIR/ca.pem
#   lab_tpm_start DIR         power on: sets LAB_TCTI; the PCRs are at their reset values
#   lab_tpm_stop DIR          an orderly power off; the state stays
#   lab_root BUNDLE ROOT [0]  a bundle's logs where a kernel has them, below ROOT; 0: Secure
#                             Boot is off
#   lab_free_port             prints a port for a listener
#
# Facts that this knows: swtpm with --daemon changes to /, so every path must be
# absolute; the TCTI expects the control port at port + 1.

lab_tpm_make() {
	lab_dir=$(mkdir -p "$1" && cd "$1" && pwd) || return 1
	mkdir -p "$lab_dir/state" "$lab_dir/ca" || return 1
	cat >"$lab_dir/localca.conf" <<END
statedir = $lab_dir/ca
signingkey = $lab_dir/ca/signkey.pem
issuercert = $lab_dir/ca/issuercert.pem
certserial = $lab_dir/ca/certserial
END
	cat >"$lab_dir/localca.options" <<END
--platform-manufacturer assay
--platform-version 1
--platform-model lab
END
	cat >"$lab_dir/setup.conf" <<END
create_certs_tool = $(command -v swtpm_localca || echo /usr/bin/swtpm_localca)
create_certs_tool_config = $lab_dir/localca.conf
create_certs_tool_options = $lab_dir/localca.options
END
	# as root it would become the user tss, who may not enter DIR
	swtpm_setup --tpm2 --tpmstate "$lab_dir/state" --create-ek-cert --overwrite \
		--runas "$(id -un)" --config "$lab_dir/setup.conf" \
		--pcr-banks "${2:-sha1,sha256,sha384}" >"$lab_dir/setup.log" 2>&1 || {
		echo "swtpm_setup failed:" >&2
		tail -n 5 "$lab_dir/setup.log" >&2
		return 1
	}
	cat "$lab_dir"/ca/*cert.pem >"$lab_dir/ca.pem" 2>/dev/null || :
}

# A port on which nobody listens, below those from which the system gives each connection its own.
lab_free_port() {
	while :; do
		lab_free=$((10000 + $(od -An -N2 -tu2 /dev/urandom) % 10000))
		cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "$(printf ':%04X ' $lab_free)" || break
	done
	echo "$lab_free"
}

# A port may be taken between looking and binding, so swtpm itself looks.
lab_tpm_start() {
	lab_dir=$(cd "$1" && pwd) || return 1
	lab_try=0
	while [ "$lab_try" -lt 50 ]; do
		lab_port=$((20000 + 2 * ($(od -An -N2 -tu2 /dev/urandom) % 6000)))
		if swtpm socket --tpm2 --tpmstate "dir=$lab_dir/state" \
			--server "type=tcp,port=$lab_port,bindaddr=127.0.0.1" \
			--ctrl "type=tcp,port=$((lab_port + 1)),bindaddr=127.0.0.1" \
			--flags not-need-init,startup-clear --pid "file=$lab_dir/pid" \
			--log "file=$lab_dir/swtpm.log" --daemon 2>>"$lab_dir/start.log"; then
			# it listens before it becomes a daemon; only the pid file may be late
			while [ ! -s "$lab_dir/pid" ]; do sleep 0.05; done
			LAB_TCTI=swtpm:host=127.0.0.1,port=$lab_port
			export LAB_TCTI
			echo "$LAB_TCTI" >"$lab_dir/tcti"
			return 0
		fi
		lab_try=$((lab_try + 1))
	done
	echo "swtpm does not start:" >&2
	tail -n 5 "$lab_dir/start.log" >&2
	return 1
}

lab_tpm_stop() {
	[ -s "$1/pid" ] || return 0
	lab_pid=$(cat "$1/pid")
	# else the TPM says at its next start that its clock may have gone back
	tpm2_shutdown -c -T "$(cat "$1/tcti")" 2>/dev/null || :
	kill "$lab_pid" 2>/dev/null || :
	lab_try=0
	while kill -0 "$lab_pid" 2>/dev/null && [ "$lab_try" -lt 100 ]; do
		sleep 0.05
		lab_try=$((lab_try + 1))
	done
	rm -f "$1/pid"
}

lab_root() {
	lab_sec=$2/sys/kernel/security lab_efi=$2/sys/firmware/efi/efivars
	lab_guid=8be4df61-93ca-11d2-aa0d-00e098032b8c
	mkdir -p "$lab_sec/tpm0" "$lab_sec/ima" "$lab_efi" "$2/run" "$2/proc/sys/kernel/random"
	for lab_log in tpm0/binary_bios_measurements ima/binary_runtime_measurements \
		ima/ascii_runtime_measurements; do
		[ ! -f "$1/${lab_log#*/}" ] || cp "$1/${lab_log#*/}" "$lab_sec/$lab_log"
	done
	[ ! -f "$lab_sec/ima/ascii_runtime_measurements" ] ||
		wc -l <"$lab_sec/ima/ascii_runtime_measurements" \
			>"$lab_sec/ima/runtime_measurements_count"
	# attributes (4 bytes), then the value
	case ${3:-1} in
	0) printf '\006\000\000\000\000' ;;
	*) printf '\006\000\000\000\001' ;;
	esac >"$lab_efi/SecureBoot-$lab_guid"
	printf '\006\000\000\000\000' >"$lab_efi/SetupMode-$lab_guid"
	echo "root=/dev/vda2 ro ima_policy=tcb" >"$2/proc/cmdline"
	echo "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" >"$2/proc/sys/kernel/random/boot_id"
}

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A virtual machine with Secure Boot, a TPM and IMA, without KVM. Source it after swtpm.sh:
#
#   vm_make DIR            a new machine in DIR: a TPM with an EK certificate (its CA: DIR/tpm/ca.pem),
#                          an empty set of UEFI variables with Microsoft's keys; DIR/disk.img is yours
#   vm_on DIR [PORT]       power on. The guest reaches 10.0.2.100:8443, which is PORT on this
#                          machine's loopback, and nothing else
#   vm_wait DIR SECONDS    until the guest takes commands
#   vm_run DIR COMMAND...  one line for the guest's shell; its output, its exit status
#   vm_get DIR FILE        a file of the guest, on standard output
#   vm_reboot DIR SECONDS  the guest boots again; returns when it takes commands
#   vm_off DIR             pull the plug

VM_CODE=${VM_CODE:-/usr/share/OVMF/OVMF_CODE_4M.secboot.fd}
VM_VARS=${VM_VARS:-/usr/share/OVMF/OVMF_VARS_4M.ms.fd}

vm_make() {
	lab_tpm_make "$1/tpm" && cp "$VM_VARS" "$1/vars.fd"
}

vm_on() {
	vm_dir=$(cd "$1" && pwd) || return 1
	rm -f "$vm_dir"/*.sock
	swtpm socket --tpm2 --tpmstate "dir=$vm_dir/tpm/state" --ctrl "type=unixio,path=$vm_dir/tpm.sock" \
		--log "file=$vm_dir/swtpm.log" --pid "file=$vm_dir/swtpm.pid" --terminate --daemon || return 1
	vm_net=user,id=n0,restrict=on,ipv6=off
	[ -z "${2-}" ] || vm_net="$vm_net,guestfwd=tcp:10.0.2.100:8443-cmd:socat - TCP:127.0.0.1:$2"
	# No S3, as on a server; the firmware's variables are open to SMM alone.
	qemu-system-x86_64 -nodefaults -no-user-config -display none -daemonize -pidfile "$vm_dir/qemu.pid" \
		-machine q35,smm=on,accel=tcg -cpu qemu64,+rdrand,+ssse3,+sse4.1,+sse4.2,+popcnt -smp 1 -m 1024 \
		-global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 -rtc base=utc \
		-uuid 1ab00000-0000-4000-8000-0000000000aa \
		-drive "if=pflash,format=raw,unit=0,readonly=on,file=$VM_CODE" \
		-drive "if=pflash,format=raw,unit=1,file=$vm_dir/vars.fd" \
		-chardev "socket,id=tpm,path=$vm_dir/tpm.sock" -tpmdev emulator,id=tpm0,chardev=tpm \
		-device tpm-crb,tpmdev=tpm0 \
		-drive "if=none,id=d0,format=raw,cache=unsafe,file=$vm_dir/disk.img" \
		-device virtio-blk-pci,drive=d0,bootindex=0 \
		-netdev "$vm_net" -device virtio-net-pci,netdev=n0,romfile= -device virtio-rng-pci \
		-serial "file:$vm_dir/console.log" \
		-serial "unix:$vm_dir/shell.sock,server=on,wait=off" \
		-monitor "unix:$vm_dir/monitor.sock,server=on,wait=off"
}

# Whether QEMU still runs.
vm_alive() { kill -0 "$(cat "$1/qemu.pid")" 2>/dev/null; }

vm_run() {
	vm_dir=$1
	shift
	python3 tests/lab/vm_shell.py "$vm_dir/shell.sock" "$*"
}

vm_get() { vm_run "$1" "cat '$2'"; }

# vm_wait DIR SECONDS: the guest says on its console when it listens.
vm_wait() {
	vm_end=$(($(date +%s) + $2))
	while ! grep -qa '^LAB up' "$1/console.log" 2>/dev/null; do
		vm_alive "$1" && [ "$(date +%s)" -lt "$vm_end" ] || {
			tail -n 15 "$1/console.log" >&2
			return 1
		}
		sleep 0.5
	done
}

vm_reboot() {
	: >"$1/console.log"
	# whose answer may be lost
	vm_run "$1" 'systemctl --no-block reboot' 2>/dev/null || :
	vm_wait "$1" "$2"
}

vm_off() {
	[ -s "$1/qemu.pid" ] || return 0
	vm_pid=$(cat "$1/qemu.pid")
	kill "$vm_pid" 2>/dev/null || :
	vm_try=0
	while kill -0 "$vm_pid" 2>/dev/null && [ "$vm_try" -lt 100 ]; do
		sleep 0.1
		vm_try=$((vm_try + 1))
	done
	rm -f "$1/qemu.pid"
}

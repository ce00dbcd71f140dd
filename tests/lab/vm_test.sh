#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real machine, end to end: Debian with Secure Boot, TPM and IMA in a virtual machine. A second
# one, the operator's staging machine, boots the kernel that is to be announced. TAP; run by
# `./dev test --lab`. VM_KEEP=1 leaves its folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/swtpm.sh
. tests/lab/vm_image.sh
. tests/lab/vm.sh
ASSAY=${ASSAY:-$PWD/build/cli/assay}

skip() {
	echo "1..0 # SKIP $*"
	exit 0
}
[ "$(id -u)" = 0 ] || skip "the VM's root is built as root"
for tool in qemu-system-x86_64 swtpm swtpm_setup mmdebstrap mcopy sgdisk mkfs.vfat mke2fs cpio socat; do
	PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ -r "$VM_CODE" ] && [ -r "$VM_VARS" ] || skip "ovmf is not installed"

D=$(mktemp -d "${TMPDIR:-/tmp}/assay-vm-XXXXXX") || exit 1
mkdir "$D/node" "$D/staging"
stop() {
	vm_off "$D/node"
	vm_off "$D/staging"
	[ -n "${VM_KEEP-}" ] || rm -rf "$D"
}
trap stop EXIT
trap 'exit 1' INT TERM
n=0 bad=0 began=$(date +%s)

# ok NAME COMMAND...
ok() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$D/ok.log" 2>&1; then
		echo "ok $n - $name"
		return
	fi
	echo "not ok $n - $name"
	tail -n 25 "$D/ok.log" | sed 's/^/# /'
	bad=$((bad + 1))
}

need() {
	"$@" && return
	echo "Bail out! $*"
	exit 1
}

since() { vm_say "$1 after $(($(date +%s) - began)) s"; }
node() { vm_run "$D/node" "$@"; }
fresh() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# evidence MACHINE NAME: a bundle with a nonce of ours, and the key that signed it.
evidence() {
	nonce=$(fresh)
	vm_run "$D/$1" "assay collect -o /run/$2.cmw --nonce $nonce --ak-out /run/ak.pub" &&
		vm_get "$D/$1" "/run/$2.cmw" >"$D/$2.cmw" && vm_get "$D/$1" /run/ak.pub >"$D/$1.pub"
}

# verdict STATUS WORD...: what the verifier says of the node now.
verdict() {
	want=$1
	shift
	evidence node now || return 1
	status=0
	"$ASSAY" verify "$D/now.cmw" --ak "$D/node.pub" --nonce "$nonce" --refs "$D/refs" >"$D/verdict" || status=$?
	cat "$D/verdict"
	for word; do
		grep -q -- "$word" "$D/verdict" || return 1
	done
	[ "$status" -eq "$want" ]
}

only_verifier_reachable() {
	node 'for to in 10.0.2.2/22 10.0.2.3/53 1.1.1.1/443; do timeout 5 bash -c "exec 3<>/dev/tcp/$to" && exit 1; done; true'
}

# What an administrator's tools have run on a machine that is known to be good.
exercise() {
	vm_run "$D/$1" 'modprobe vfat; mount /dev/vda1 /mnt; cp -p /usr/bin/factor /root/factor; factor 42; umount /mnt; sync; timeout 1 bash -c true; cat /dev/null'
}

other_kernel() {
	node 'modprobe vfat; mount /dev/vda1 /mnt && cp /mnt/EFI/debian/grub-b.cfg /mnt/EFI/debian/grub.cfg; umount /mnt; sync'
}

since start
need vm_base
need vm_root "$D/root"
install -D -m 644 deploy/ima/assay.policy "$D/root/etc/ima/ima-policy"
cp "$ASSAY" "$(dirname "$ASSAY")/assay-node" "$D/root/usr/bin/"
need vm_disk "$D/root" "$D/node/disk.img" a
need vm_disk "$D/root" "$D/staging/disk.img" b
need vm_make "$D/node"
need vm_make "$D/staging"
since "disks built"
need vm_on "$D/node"
need vm_on "$D/staging"
need vm_wait "$D/node" 300
since "node booted"

ok "the node is ready: Secure Boot, TPM, IMA" node assay doctor
ok "IMA has measured the policy that is in force" \
	node 'grep -q " /etc/ima/ima-policy" /sys/kernel/security/ima/ascii_runtime_measurements'
ok "the node reaches nothing but the verifier" only_verifier_reachable

mkdir "$D/refs"
need exercise node >/dev/null
need evidence node golden
ok "references are learned from this boot" \
	"$ASSAY" refs learn "$D/golden.cmw" --ak "$D/node.pub" -o "$D/refs/node.jsonl"
ok "affirming" verdict 0 affirming

node 'printf X >>/usr/bin/factor; factor 42' >/dev/null
ok "a program is changed and run: contraindicated, by its path" verdict 1 contraindicated ima.file /usr/bin/factor
node 'cp -p /root/factor /usr/bin/factor; sync'

need vm_wait "$D/staging" 300
need exercise staging >/dev/null
need evidence staging announced
vm_off "$D/staging"
need other_kernel
need vm_reboot "$D/node" 300
since "node booted kernel b"
ok "another kernel, not announced: contraindicated" verdict 1 contraindicated boot.component-unknown
ok "the kernel is announced: learned from the staging machine" \
	"$ASSAY" refs learn "$D/announced.cmw" --ak "$D/staging.pub" -o "$D/refs/announced.jsonl"
ok "affirming again" verdict 0 affirming
since "end"
echo "1..$n"
exit "$bad"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real machine, end to end: Debian with Secure Boot, TPM and IMA in a virtual machine, our
# packages on it, the verifier outside. The agent enrols, is believed once references are learned,
# tells at once when a changed program runs, and boots a kernel that nobody knows until a second
# machine, the operator's staging, has shown it. TAP; run by `./dev test --lab`. VM_KEEP=1 leaves
# its folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lab/swtpm.sh
. tests/lab/vm_image.sh
. tests/lab/vm.sh
. tests/lab/vm_server.sh
ASSAY=${ASSAY:-$PWD/build/cli/assay}
ASSAYD=${ASSAYD:-$PWD/build/verifier/assayd}

skip() {
	echo "1..0 # SKIP $*"
	exit 0
}
[ "$(id -u)" = 0 ] || skip "the VM's root is built as root"
for tool in qemu-system-x86_64 swtpm swtpm_setup mmdebstrap mcopy sgdisk mkfs.vfat mke2fs cpio socat dpkg-buildpackage; do
	PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ -r "$VM_CODE" ] && [ -r "$VM_VARS" ] || skip "ovmf is not installed"

D=$(mktemp -d "${TMPDIR:-/tmp}/assay-vm-XXXXXX") || exit 1
mkdir "$D/node" "$D/staging" "$D/server"
stop() {
	vm_off "$D/node"
	vm_off "$D/staging"
	server_stop "$D/server"
	[ -n "${VM_KEEP-}" ] || rm -rf "$D"
}
trap stop EXIT
trap 'exit 1' INT TERM
exec 3>&1
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
	echo "Bail out! $*" >&3
	exit 1
}

since() { vm_say "$1 after $(($(date +%s) - began)) s"; }
node() { vm_run "$D/node" "$@"; }
fresh() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
now_ms() { date +%s%3N; }
events() { grep -c . "$D/server/events"; }

# evidence MACHINE NAME: a bundle with a nonce of ours, and the key that signed it.
evidence() {
	vm_run "$D/$1" "assay collect -o /run/$2.cmw --nonce $(fresh) --ak-out /run/ak.pub" &&
		vm_get "$D/$1" "/run/$2.cmw" >"$D/$2.cmw" && vm_get "$D/$1" /run/ak.pub >"$D/$1.pub"
}

# event AFTER SECONDS WORD...: an event of the verifier's with all the words; its line in $D/event.
event() {
	after=$1 seconds=$2
	shift 2
	operator "$D/server" wait "$D/server/events" "$after" "$seconds" '"node":"lab-node"' "$@" >"$D/event"
	status=$?
	cat "$D/event"
	return $status
}

# What the operator is told of the node has every WORD, within SECONDS.
told() {
	end=$(($(date +%s) + $1))
	shift
	while :; do
		operator "$D/server" get /v1/nodes/lab-node >"$D/told" 2>&1
		missing=
		for word; do
			grep -q -- "$word" "$D/told" || missing=$word
		done
		[ -n "$missing" ] || return 0
		[ "$(date +%s)" -lt "$end" ] || break
		sleep 0.5
	done
	echo "no $missing in:"
	cat "$D/told"
	return 1
}

packages() {
	deploy/package.sh >/dev/null && cp build-deb/*.deb "$D/root/tmp/" &&
		chroot "$D/root" sh -c 'PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
			dpkg -i /tmp/assay*.deb && rm /tmp/*.deb' >"$D/dpkg.log" 2>&1 && return
	tail -n 20 "$D/dpkg.log" >&2
	return 1
}

# What whoever sets up a node writes: where the verifier is, and the token.
configure() {
	operator "$D/server" post /v1/tokens '{"node":"lab-node","life":3600}' >"$D/token" || return 1
	mkdir -p "$D/root/var/lib/assay-agent"
	sed -n 's/.*"token":"\([^"]*\)".*/\1/p' "$D/token" >"$D/root/var/lib/assay-agent/token"
	chroot "$D/root" chown -R assay-agent:assay-agent /var/lib/assay-agent
	chmod 600 "$D/root/var/lib/assay-agent/token"
	mkdir -p "$D/root/etc/assay"
	cp "$D/server/ca.pem" "$D/root/etc/assay/ca.pem"
	printf '%s\n' 'server: https://verifier.lab:8443' 'ca: /etc/assay/ca.pem' 'node: lab-node' \
		'token: /var/lib/assay-agent/token' >"$D/root/etc/assay/agent.yaml"
}

only_verifier_reachable() {
	node 'for to in 10.0.2.2/22 10.0.2.3/53 1.1.1.1/443; do timeout 5 bash -c "exec 3<>/dev/tcp/$to" && exit 1; done; true'
}

# What an administrator's tools have run on a machine that is known to be good.
exercise() {
	vm_run "$D/$1" 'modprobe vfat; mount /dev/vda1 /mnt; cp -p /usr/bin/factor /root/factor; factor 42; umount /mnt; sync; timeout 1 bash -c true; cat /proc/uptime; grep -c . /proc/1/status; date; ps ax | wc -l; systemctl is-active assay-agent || true'
}

same_key() {
	ak=$(operator "$D/server" get /v1/nodes/lab-node | sed -n 's/.*"akName":"\([^"]*\)".*/\1/p')
	tpm_name=$(tail -c +3 "$D/node.pub" | sha256sum | cut -c 1-64)
	echo "enrolled $ak, signed by 000b$tpm_name"
	case $ak in *000b$tpm_name) ;; *) return 1 ;; esac
}

# On the staging machine, whose evidence is taken by then.
verifier_unit() {
	vm_run "$D/staging" 'set -e; assay server init /var/lib/assay/verifier --name localhost --user assay; ln -s /var/lib/assay/verifier/assayd.yaml /etc/assay/; systemctl start assayd.socket; export ASSAY_CONFIG=/var/lib/assay/verifier/client.yaml; assay node list; systemctl is-active assayd; systemctl reload assayd; systemctl restart assayd; assay node list; systemctl --no-pager status assayd'
}

other_kernel() {
	node 'modprobe vfat; mount /dev/vda1 /mnt && cp -p /mnt/EFI/debian/grub-b.cfg /mnt/EFI/debian/grub.cfg; umount /mnt; sync'
}

since start
need vm_base
need vm_root "$D/root"
need mkdir -p "$D/root/tmp"
need packages
need vm_make "$D/node"
need vm_make "$D/staging"
need server_make "$D/server" "$D/node/tpm/ca.pem" >/dev/null
need server_start "$D/server"
need configure
need vm_disk "$D/root" "$D/node/disk.img" a
need vm_disk "$D/root" "$D/staging/disk.img" b
since "disks built"
need vm_on "$D/node" "$SERVER_PORT"
need vm_on "$D/staging"
need vm_wait "$D/node" 900
since "node booted"

ok "the node is ready: Secure Boot, TPM, IMA" node assay doctor
ok "IMA has measured the policy that is in force" \
	node 'grep -q " /etc/ima/ima-policy" /sys/kernel/security/ima/ascii_runtime_measurements'
ok "the node reaches nothing but the verifier" only_verifier_reachable
ok "the packaged agent enrols by its TPM's certificate, and is not believed before anything is known" \
	event 0 60 contraindicated
ok "the token is used up" node 'test ! -e /var/lib/assay-agent/token'

need exercise node >"$D/exercise.log" 2>&1
need evidence node golden
ok "the key that signs the golden bundle is the enrolled one" same_key
ok "references are learned from this boot" \
	"$ASSAY" refs learn "$D/golden.cmw" --ak "$D/node.pub" -o "$D/server/refs/node.jsonl"
after=$(events)
need server_reload "$D/server"
ok "affirming" event "$after" 60 '"status":"affirming"'
since affirming
node 'grep -E "VmRSS|VmHWM" /proc/$(systemctl show -P MainPID assay-agent)/status; systemctl show -P NRestarts assay-agent' | tr -s '\n\t ' ' ' | sed 's/^/# the agent: /' >&2; echo >&2

after=$(events)
node 'printf X >>/usr/bin/factor'
ran=$(now_ms)
node 'factor 42' >/dev/null
done_ms=$(now_ms)
ok "a changed program runs: contraindicated, by its path" event "$after" 30 '"status":"contraindicated"' ima.file /usr/bin/factor
told_ms=$(sed -n 's/^[0-9]* \([0-9]*\) .*/\1/p' "$D/event")
vm_say "change on the node to event at the relying party: $((${told_ms:-0} - ran)) ms since its command was sent, $((${told_ms:-0} - done_ms)) ms since it had ended"
node 'cp -p /root/factor /usr/bin/factor; sync'

need vm_wait "$D/staging" 900
need exercise staging >/dev/null 2>&1
need evidence staging announced
ok "the packaged verifier: set up, started by its socket under systemd, read again, started again" verifier_unit
vm_off "$D/staging"
need other_kernel
need vm_reboot "$D/node" 900
since "node booted kernel b"
ok "another kernel, not announced: contraindicated" told 60 '"status":"contraindicated"' boot.component-unknown kernel
ok "the kernel is announced: learned from the staging machine" \
	"$ASSAY" refs learn "$D/announced.cmw" --ak "$D/staging.pub" -o "$D/server/refs/announced.jsonl"
after=$(events)
need server_reload "$D/server"
ok "affirming again" event "$after" 60 '"status":"affirming"'
since "end"
echo "1..$n"
exit "$bad"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The disk of the lab's virtual machine. Source it, as root, from the top of the tree:
#
#   vm_base          builds what no change of ours touches: a Debian root, two kernels with their
#                    initrds; sets VM_BASE, a folder below VM_CACHE. Some 2 minutes the first time.
#   vm_root DIR      a fresh copy of that root in DIR, to install packages in (chroot)
#   vm_disk DIR OUT KERNEL   a disk that boots DIR through Debian's signed shim and GRUB; KERNEL
#                    (a or b) is what its grub.cfg starts
#
# Facts that this knows: Debian's signed GRUB reads /EFI/debian/grub.cfg of the partition that it
# came from; sgdisk -q writes nothing; the cloud kernel (a) has no module for much, so the generic
# one (b) gets a choice of its own.
VM_CACHE=${VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/assay-lab}
VM_ESP_MIB=96 VM_ROOT_MIB=640

VM_PACKAGES="systemd-sysv udev dbus kmod iproute2 procps libssl3 libjansson4 libyaml-0-2 libseccomp2 libhttp-parser2.9 libsqlite3-0 libpq5
libtss2-esys-3.0.2-0 libtss2-mu0 libtss2-rc0 libtss2-tctildr0 libtss2-tcti-device0"
VM_BOOT_PACKAGES="shim-signed shim-helpers-amd64-signed grub-efi-amd64-signed"

vm_say() { printf '# %s\n' "$*" >&2; }

# The package that the name of a kernel flavour means today, such as linux-image-6.1.0-50-amd64.
vm_kernel_package() {
	apt-cache depends "linux-image-$1" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

# What the base is made of, as one name: our recipe and the versions that apt would take.
vm_base_key() {
	{
		cat tests/lab/vm_image.sh tests/lab/guest/initrd-init
		# shellcheck disable=SC2086 # lists of words on purpose
		apt-cache policy $VM_PACKAGES $VM_BOOT_PACKAGES "$1" "$2" | grep -E '^[a-z]|Candidate'
	} | sha256sum | cut -c 1-16
}

# initrd VERSION OUT: busybox, the modules that find the disk, nothing else: byte for byte the
# same each time, and quick to hash for a GRUB that is emulated.
vm_initrd() {
	t=$VM_NEW/initrd
	rm -rf "$t"
	mkdir -p "$t/bin" "$t/dev" "$t/proc" "$t/sys" "$t/mnt" "$t/lib/modules"
	cp /bin/busybox "$t/bin/"
	for tool in sh mount insmod switch_root sleep echo cat; do
		ln -s busybox "$t/bin/$tool"
	done
	for m in virtio_pci virtio_blk crc32c_generic ext4; do
		modprobe -n -d "$VM_NEW/modules-$1" -S "$1" --show-depends "$m" 2>/dev/null || :
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r f; do
		name=$(basename "$f")
		case $f in
		*.xz) name=${name%.xz}; xz -dc "$f" >"$t/lib/modules/$name" ;;
		*) cp "$f" "$t/lib/modules/$name" ;;
		esac
		echo "$name" >>"$t/lib/modules/order"
	done
	install -m 755 tests/lab/guest/initrd-init "$t/init"
	(cd "$t" && find . -exec touch -h -d @1700000000 {} + && find . | LC_ALL=C sort |
		cpio -o -H newc --reproducible -R 0:0 --quiet | gzip -n9) >"$2"
}

# modules VERSION PACKAGE: those that a virtual machine can use, with their index.
vm_modules() {
	from=$VM_NEW/debs/$2/lib/modules/$1 to=$VM_NEW/modules-$1/lib/modules/$1
	mkdir -p "$to/kernel"
	cp "$from/modules.builtin" "$from/modules.order" "$from/modules.builtin.modinfo" "$to/"
	for part in arch crypto lib fs/autofs fs/efivarfs fs/ext4 fs/jbd2 fs/mbcache.ko fs/fat fs/nls fs/fuse fs/configfs \
		net/core net/packet drivers/virtio drivers/block drivers/char drivers/net/virtio_net.ko \
		drivers/net/net_failover.ko drivers/input drivers/firmware; do
		[ -e "$from/kernel/$part" ] || continue
		mkdir -p "$to/kernel/$(dirname "$part")"
		cp -r "$from/kernel/$part" "$to/kernel/$part"
	done
	depmod -b "$VM_NEW/modules-$1" "$1"
}

vm_build_base() {
	vm_say "building the base system of the VM (once; $VM_BASE)"
	mkdir -p "$VM_NEW/debs"
	# shellcheck disable=SC2086
	(cd "$VM_NEW/debs" && apt-get -q download $VM_BOOT_PACKAGES "$vm_pkg_a" "$vm_pkg_b") >&2 || return 1
	for p in $VM_BOOT_PACKAGES "$vm_pkg_a" "$vm_pkg_b"; do
		dpkg-deb -x "$VM_NEW/debs/${p}"_*.deb "$VM_NEW/debs/$p" || return 1
	done
	rm -f "$VM_NEW"/debs/*.deb
	for which in a b; do
		eval "p=\$vm_pkg_$which"
		v=${p#linux-image-}
		vm_modules "$v" "$p" && vm_initrd "$v" "$VM_NEW/initrd-$which.img" || return 1
		cp "$VM_NEW/debs/$p/boot/vmlinuz-$v" "$VM_NEW/vmlinuz-$which"
		echo "$v" >"$VM_NEW/version-$which"
	done
	for f in shim-signed/usr/lib/shim/shimx64.efi.signed \
		shim-helpers-amd64-signed/usr/lib/shim/mmx64.efi.signed \
		grub-efi-amd64-signed/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed; do
		cp "$VM_NEW/debs/$f" "$VM_NEW/" || return 1
	done
	# shellcheck disable=SC2086
	mmdebstrap --quiet --variant=minbase --include="$(echo $VM_PACKAGES | tr ' ' ,)" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook='rm -rf "$1/var/cache/apt" "$1/var/lib/apt/lists"' \
		bookworm "$VM_NEW/root.tar" >&2 || return 1
	rm -rf "$VM_NEW/debs" "$VM_NEW/initrd"
}

vm_base() {
	vm_pkg_a=$(vm_kernel_package cloud-amd64) vm_pkg_b=$(vm_kernel_package amd64)
	[ -n "$vm_pkg_a" ] && [ -n "$vm_pkg_b" ] || { vm_say "apt knows no kernel; apt-get update?"; return 1; }
	VM_BASE=$VM_CACHE/base-$(vm_base_key "$vm_pkg_a" "$vm_pkg_b")
	mkdir -p "$VM_CACHE"
	# one builder at a time; the others find it done
	exec 8>"$VM_CACHE/lock"
	flock 8
	if [ ! -d "$VM_BASE" ]; then
		rm -rf "$VM_CACHE"/base-* "$VM_CACHE"/new-*
		VM_NEW=$(mktemp -d "$VM_CACHE/new-XXXXXX") || return 1
		vm_build_base && chmod 755 "$VM_NEW" && mv "$VM_NEW" "$VM_BASE" || return 1
	fi
	exec 8>&-
}

vm_root() {
	mkdir -p "$1" && tar xf "$VM_BASE/root.tar" -C "$1" --exclude='./dev/*' || return 1
	mkdir -p "$1/usr/lib/modules"
	for which in a b; do
		cp -r "$VM_BASE/modules-$(cat "$VM_BASE/version-$which")/lib/modules/." "$1/usr/lib/modules/"
	done
	cp -r tests/lab/guest/root/. "$1/"
	echo 1ab0000000004000800000000000abcd >"$1/etc/machine-id"
	echo lab >"$1/etc/hostname"
	ln -sf /lib/systemd/system/multi-user.target "$1/etc/systemd/system/default.target"
	for unit in systemd-networkd lab; do
		ln -sf "/lib/systemd/system/$unit.service" "$1/etc/systemd/system/multi-user.target.wants/$unit.service"
	done
	# what runs by a clock makes two boots differ
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
		systemd-tmpfiles-clean.timer getty.target systemd-networkd-wait-online.service; do
		ln -sf /dev/null "$1/etc/systemd/system/$unit"
	done
}

# grub_cfg KERNEL
vm_grub_cfg() {
	cat <<END
set timeout=0
menuentry 'Debian' {
  linux /vmlinuz-$1 root=/dev/vda2 ro console=ttyS0 loglevel=4 panic=5 ima_policy=tcb
  initrd /initrd-$1.img
}
END
}

vm_disk() {
	esp=$2.esp fs=$2.fs
	rm -f "$esp" "$fs"
	truncate -s "${VM_ESP_MIB}M" "$esp" && mkfs.vfat -F 32 -i 1abd0001 -n ESP "$esp" >/dev/null || return 1
	mmd -i "$esp" ::/EFI ::/EFI/BOOT ::/EFI/debian
	mcopy -i "$esp" "$VM_BASE/shimx64.efi.signed" ::/EFI/BOOT/BOOTX64.EFI
	mcopy -i "$esp" "$VM_BASE/mmx64.efi.signed" ::/EFI/BOOT/mmx64.efi
	mcopy -i "$esp" "$VM_BASE/grubx64.efi.signed" ::/EFI/BOOT/grubx64.efi
	for which in a b; do
		vm_grub_cfg "$which" >"$2.cfg-$which"
		mcopy -i "$esp" "$2.cfg-$which" "::/EFI/debian/grub-$which.cfg"
		mcopy -i "$esp" "$VM_BASE/vmlinuz-$which" "::/vmlinuz-$which"
		mcopy -i "$esp" "$VM_BASE/initrd-$which.img" "::/initrd-$which.img"
	done
	mcopy -i "$esp" "$2.cfg-$3" ::/EFI/debian/grub.cfg || return 1
	truncate -s "${VM_ROOT_MIB}M" "$fs" &&
		mke2fs -q -t ext4 -U 1ab00000-0000-4000-8000-000000000001 -d "$1" "$fs" || return 1
	rm -f "$2"
	truncate -s "$((VM_ESP_MIB + VM_ROOT_MIB + 3))M" "$2"
	sgdisk -U 1ab00000-0000-4000-8000-0000000000d0 \
		-n "1:1M:+${VM_ESP_MIB}M" -t 1:ef00 -c 1:ESP -u 1:1ab00000-0000-4000-8000-0000000000e1 \
		-n "2:0:+${VM_ROOT_MIB}M" -t 2:8300 -c 2:root -u 2:1ab00000-0000-4000-8000-0000000000e2 "$2" >/dev/null ||
		return 1
	dd if="$esp" of="$2" bs=1M seek=1 conv=notrunc,sparse status=none
	dd if="$fs" of="$2" bs=1M seek=$((1 + VM_ESP_MIB)) conv=notrunc,sparse status=none
	rm -f "$esp" "$fs" "$2".cfg-?
}

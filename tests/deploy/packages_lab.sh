#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Debian packages in a fresh Debian: they install with what they say they need, their programs
# run as their units would run them, and a purge leaves nothing. TAP; run by `./dev test --lab`.
set -u
cd "$(dirname "$0")/../.." || exit 1

skip() {
	echo "1..0 # SKIP $*"
	exit 0
}
[ "$(id -u)" = 0 ] || skip "a fresh Debian is built as root"
for tool in mmdebstrap dpkg-buildpackage dh; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done

D=$(mktemp -d "${TMPDIR:-/tmp}/assay-deb-XXXXXX") || exit 1
R=$D/root started=
stop() {
	[ -z "$started" ] || kill "$started" 2>/dev/null
	rm -rf "$D"
}
trap stop EXIT
trap 'exit 1' INT TERM
n=0 bad=0

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
	"$@" >"$D/need.log" 2>&1 && return
	tail -n 25 "$D/need.log" >&2
	echo "Bail out! $*"
	exit 1
}

# shellcheck disable=SC2317 # called by name
fresh_debian() { mmdebstrap --quiet --variant=apt --skip=cleanup/apt bookworm "$R"; }
# With /proc and /dev of this machine, for the time that the command takes.
inside() {
	unshare -m sh -c 'mount --make-rprivate / && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
		exec chroot "$0" "$@"' "$R" env -i DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
apt() { inside apt-get -q -y --no-install-recommends -o APT::Sandbox::User=root "$@"; }

# Everything there is but what package management remembers, with what is in /etc.
# shellcheck disable=SC2317
snapshot() {
	(cd "$R" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./var/cache \
		-o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/log \) -prune -o -print |
		grep -vxE '\./etc/(passwd|group|shadow|gshadow|subuid|subgid)-|\./etc/ld.so.cache' | LC_ALL=C sort &&
		find etc -type f ! -name '*-' ! -name ld.so.cache -exec sha256sum {} + | LC_ALL=C sort -k 2) >"$1"
}

# shellcheck disable=SC2317
same() { diff "$1" "$2"; }

need deploy/package.sh
need fresh_debian
cp build-deb/*.deb "$R/tmp/"
debs=$(cd "$R" && ls tmp/*.deb | sed 's,^,/,')
# what they need comes first, so that a difference afterwards is ours
# shellcheck disable=SC2086
needed=$(apt -s install $debs | sed -n 's/^Inst \([^ ]*\).*/\1/p' | grep -v '^assay')
# shellcheck disable=SC2086
need apt install $needed
need snapshot "$D/before"

# shellcheck disable=SC2086
ok "they install, with what they say they need" apt install $debs
ok "the agent's IMA policy is where systemd looks for it" cmp deploy/ima/assay.policy "$R/etc/ima/ima-policy"
ok "assay runs" inside assay --version
ok "and finds assay-node" inside assay collect --help
ok "purged: no file, no user, no setting is left" apt purge assay assay-agent assay-server
need snapshot "$D/after"
ok "as it was before" same "$D/before" "$D/after"
echo "1..$n"
exit "$bad"

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
R=$D/root started='' shell=''
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

# USER COMMAND...: as that user, without a capability.
# shellcheck disable=SC2317
as_unit() {
	user=$1
	shift
	inside setpriv --reuid "$user" --regid "$user" --clear-groups --bounding-set=-all --no-new-privs "$@"
}

# There is no TPM and no verifier here: it says so and ends, and has no word against its settings.
# shellcheck disable=SC2317
agent_example() {
	mkdir -p "$R/etc/assay" && cp deploy/agent.yaml "$R/etc/assay/agent.yaml" &&
		touch "$R/etc/assay/ca.pem" && inside assay-agent --help || return 1
	said=$(inside assay-agent --once 2>&1)
	status=$?
	echo "$status: $said"
	[ $status -eq 5 ] && ! echo "$said" | grep -q 'agent.yaml'
}

# shellcheck disable=SC2317
healthy() {
	# shellcheck disable=SC2016
	as_unit assay sh -c 'echo "pid $$"; exec assayd --config /etc/assay/assayd.yaml' >"$D/assayd.log" 2>&1 &
	shell=$!
	for _ in $(seq 100); do
		port=$(sed -n 's/.*"message":"serving".*"port":\([0-9]*\).*/\1/p' "$D/assayd.log")
		[ -z "$port" ] || break
		sleep 0.1
	done
	started=$(sed -n 's/^pid //p' "$D/assayd.log")
	cat "$D/assayd.log"
	[ -n "$port" ] && python3 - "$port" "$R"/var/lib/assay/verifier/ca/ca.pem <<'END'
import ssl, sys, urllib.request
tls = ssl.create_default_context(cafile=sys.argv[2])
answer = urllib.request.urlopen(f"https://localhost:{sys.argv[1]}/healthz", context=tls, timeout=10)
sys.exit(answer.status != 200)
END
}

# shellcheck disable=SC2317
stops() {
	pid=$started started=
	kill "$pid" && wait "$shell"
}

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
ok "systemd's unit and the package's user are there" inside sh -c 'getent passwd assay && getent passwd assay-agent && test -L /etc/systemd/system/sockets.target.wants/assayd.socket && test -L /etc/systemd/system/multi-user.target.wants/assay-agent.service'
ok "assay runs" inside assay --version
ok "and finds assay-node" inside assay collect --help
ok "the agent reads its example" agent_example
ok "a verifier is set up" inside assay server init /var/lib/assay/verifier --name localhost --address 127.0.0.1 --user assay
ln -s /var/lib/assay/verifier/assayd.yaml "$R/etc/assay/assayd.yaml"
sed -i 's/^\( *port:\).*/\1 0/' "$R/var/lib/assay/verifier/assayd.yaml"
ok "assayd would start, as its unit would start it" as_unit assay assayd --config /etc/assay/assayd.yaml --check
ok "it starts and is healthy" healthy
ok "it stops when asked to" stops
ok "purged: no file, no user, no setting is left" apt purge assay assay-agent assay-server
need snapshot "$D/after"
ok "as it was before" same "$D/before" "$D/after"
echo "1..$n"
exit "$bad"

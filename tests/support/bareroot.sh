#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# bareroot.sh - run a command on this tree in a bare Debian: the base system,
# make and ca-certificates, /proc, a tmpfs on /dev/shm, and nothing else.
#
#     bareroot.sh [-w] [-k] [-r] DIR COMMAND...
#     bareroot.sh /var/tmp/bare make deps check
#
# As root, with debootstrap.  DIR/base.tar is made the first time (some
# minutes) and used from then on; DIR/root is made from it anew each time and
# removed at the end.  Packages come from where this host gets its own: its
# sources and its proxy settings are copied.
#
#     -w  the working tree as it is (without build/), not the last commit
#     -k  keep DIR/root        -r  use the DIR/root that -k has kept
#
# SUITE=bookworm is the release.  The command runs in mount and process
# namespaces of its own, so that nothing of it stays, mounts and processes
# included, however it ends.  Exit: that of the command.

suite=${SUITE:-bookworm}
work= keep= reuse=
while getopts wkr o; do
	case $o in
	w) work=1 ;;
	k) keep=1 ;;
	r) reuse=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -lt 2 ]; then
	echo "usage: bareroot.sh [-w] [-k] [-r] DIR COMMAND..." >&2
	exit 2
fi
dir=$1
shift
tree=$(cd "$(dirname "$0")/../.." && pwd) || exit 1

say() {
	echo "bareroot: $*" >&2
}
if [ "$(id -u)" != 0 ]; then
	say "has to be root, for chroot and mount"
	exit 77
fi
mkdir -p "$dir" && dir=$(cd "$dir" && pwd) || exit 1
root=$dir/root

# The files of this host's that name the release, and the first archive in
# them.
sources() {
	grep -lsw -- "$suite" /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources
}
mirror() {
	sources | xargs -r cat | awk -v suite="$suite" '
		$1 == "URIs:" { uri = $2 }
		$1 == "Suites:" {
			for (i = 2; i <= NF; i++)
				if ($i == suite && uri) { print uri; exit }
		}
		$1 == "deb" {
			sub(/\[[^]]*\]/, "")
			if ($3 == suite) { print $2; exit }
		}'
}

if [ ! -e "$dir/base.tar" ]; then
	if ! command -v debootstrap >/dev/null; then
		say "needs debootstrap"
		exit 77
	fi
	# no mirror found: debootstrap knows one
	say "making $dir/base.tar"
	rm -rf --one-file-system "$dir/making"
	debootstrap --variant=minbase --include=make,ca-certificates \
		"$suite" "$dir/making" $(mirror) >"$dir/debootstrap.log" 2>&1 || {
		tail -n 20 "$dir/debootstrap.log" >&2
		exit 1
	}
	rm -f "$dir"/making/var/cache/apt/archives/*.deb
	tar -C "$dir/making" --numeric-owner -cf "$dir/base.tar.new" . &&
		mv "$dir/base.tar.new" "$dir/base.tar" || exit 1
	rm -rf --one-file-system "$dir/making"
fi

if [ -z "$reuse" ] || [ ! -d "$root" ]; then
	rm -rf --one-file-system "$root"
	mkdir "$root" &&
		tar -C "$root" --numeric-owner -xf "$dir/base.tar" || exit 1
	rm -f "$root"/etc/apt/sources.list
	for f in $(sources); do
		cp "$f" "$root${f%/*}/" || exit 1
	done
	for f in $(grep -ls Acquire /etc/apt/apt.conf /etc/apt/apt.conf.d/*); do
		cp "$f" "$root${f%/*}/" || exit 1
	done
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
fi

rm -rf "$root/src"
mkdir "$root/src" || exit 1
if [ -n "$work" ]; then
	tar -C "$tree" --exclude=./build --exclude=./.git -cf - . |
		tar -C "$root/src" --no-same-owner -xf -
else
	git -C "$tree" archive HEAD | tar -C "$root/src" -xf -
fi || exit 1

# In the new namespaces: bash stays, as process 1, to reap what is orphaned.
inside='
root=$1
shift
mount -t proc proc "$root/proc" && mkdir -p "$root/dev/shm" &&
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm" || exit 125
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
	${http_proxy:+http_proxy="$http_proxy"} \
	${https_proxy:+https_proxy="$https_proxy"} \
	chroot "$root" /bin/sh -c "cd /src && exec \"\$@\"" sh "$@" &
wait $!
rc=$?
left=$(find "$root/dev/shm" -mindepth 1 -printf "%f ")
if [ -n "$left" ]; then
	echo "bareroot: left in /dev/shm: $left" >&2
	[ $rc != 0 ] || rc=1
fi
exit $rc'
unshare --mount --pid --fork --kill-child --propagation private \
	bash -c "$inside" bareroot "$root" "$@"
rc=$?
[ -n "$keep" ] || rm -rf --one-file-system "$root"
exit $rc

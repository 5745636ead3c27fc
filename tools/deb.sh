#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# deb.sh - make a Debian package of what `make install` installs; `make deb`
# starts it.  One package: who wants the library here wants to look into its
# stores.  The same sources in the same folder give the same bytes.

: "${B:?deb.sh: B is not set; start it through make deb}"
: "${VERSION:?deb.sh: VERSION is not set}" "${MAKE:=make}" "${FLAVOUR:=release}"
for tool in dpkg-deb dpkg-shlibdeps strip gzip; do
	command -v $tool >/dev/null || {
		echo "deb: $tool is missing; on Debian: apt-get install dpkg-dev" >&2
		exit 1
	}
done
arch=$(dpkg --print-architecture) || exit 1
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH) || exit 1
root=$B/deb/root
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
export SOURCE_DATE_EPOCH
umask 022
rm -rf "$B/deb"
mkdir -p "$root/DEBIAN" "$B/deb/debian" || exit 1
$MAKE --no-print-directory -s install FLAVOUR="$FLAVOUR" B="$B" \
	DESTDIR="$root" PREFIX=/usr LIBDIR="/usr/lib/$triplet" || exit 1

lib=$root/usr/lib/$triplet/libweir.so.$VERSION
strip --strip-unneeded "$root/usr/bin/weir" "$lib" &&
	strip --strip-debug "$root/usr/lib/$triplet/libweir.a" &&
	mv "$root/usr/share/doc/weir/LICENSE" "$root/usr/share/doc/weir/copyright" &&
	find "$root/usr/share/man" -type f -exec gzip -9n {} + || exit 1

# what the linker asked for, as names and versions of packages
echo "Source: weir" >"$B/deb/debian/control"
depends=$(cd "$B/deb" && dpkg-shlibdeps -O -S"$root" "$root/usr/bin/weir" "$lib" |
	sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || exit 1

# without these pkg-config refuses weir.pc, which names them
recommends=$(sed -n 's/^Requires.private: //p' lib/libweir.pc.in | tr -d ' ' |
	tr , '\n' | while read -r name; do
		pc=$(${PKG_CONFIG:-pkg-config} --variable=pcfiledir "$name")/$name.pc
		dpkg-query -S "$(readlink -f "$pc")" | sed 's/:.*//'
	done | paste -s -d , | sed 's/,/, /g')
[ -n "$recommends" ] || exit 1

cat >"$root/DEBIAN/control" <<-END || exit 1
	Package: weir
	Version: $VERSION
	Architecture: $arch
	Maintainer: The weir authors <weir@localhost>
	Depends: $depends
	Recommends: $recommends
	Suggests: libmsgpack-dev, bpftrace
	Section: utils
	Priority: optional
	Installed-Size: $(du -k -s "$root/usr" | cut -f1)
	Description: shared-memory store for the processes of one host
	 Producers publish msgpack records on named channels, each checked against a
	 JSON Schema; consumers in other processes get the current value at once and
	 each record after it.  No daemon; any process may die at any instruction.
	 This package has the library, its headers, and the command that lists,
	 follows, traces and dumps what is in a store.
END
echo "activate-noawait ldconfig" >"$root/DEBIAN/triggers"
(cd "$root" && find usr -type f | LC_ALL=C sort | xargs md5sum) \
	>"$root/DEBIAN/md5sums" || exit 1
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec \
	touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -b "$root" "$B/weir_${VERSION}_$arch.deb" >/dev/null ||
	exit 1
rm -rf "$B/deb"
echo "$B/weir_${VERSION}_$arch.deb"

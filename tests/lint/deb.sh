#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# deb.sh - the Debian package installs, works from where it is, and leaves nothing
# when it is removed; made twice it is the same.

cd "$(dirname "$0")/../.." || exit 1
: "${B:?deb.sh: B is not set; start it through make}"
: "${MAKE:=make}" "${VERSION:?deb.sh: VERSION is not set}"
for tool in dpkg dpkg-deb dpkg-shlibdeps; do
	command -v $tool >/dev/null || {
		echo "deb: $tool is missing"
		exit 77
	}
done
[ "$(id -u)" = 0 ] || {
	echo "deb: installing needs root"
	exit 77
}
tests=0 bad=0
check() {
	tests=$((tests + 1))
	if ! "${@:2}"; then
		echo "failed: $1"
		bad=$((bad + 1))
	fi
}

package() {
	$MAKE --no-print-directory -s deb FLAVOUR="$FLAVOUR" B="$B" | tail -n 1
}
deb=$(package)
check 'there is a package' [ -s "$deb" ] || exit 1
cp "$deb" "$B/first.deb"
package >/dev/null
check 'made again it is the same' cmp "$B/first.deb" "$deb"
rm -f "$B/first.deb"
check 'its version is that of the headers' \
	[ "$(dpkg-deb -f "$deb" Version)" = "$VERSION" ]
check 'and asks for what weir.pc names' \
	[ "$(dpkg-deb -f "$deb" Recommends)" = 'libpcre2-dev, libidn2-dev' ]
check 'it depends on libraries' \
	sh -c 'dpkg-deb -f "$1" Depends | grep -q "libc6.*libpcre2-8-0\|libpcre2-8-0.*libc6"' - "$deb"

root=$(readlink -f "$B")/root-deb
rm -rf "$root"
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers} "$root/tmp"
: >"$root/var/lib/dpkg/status"
dpkg_() { dpkg --root="$root" --force-depends --log=/dev/null "$@" >"$B/deb.log" 2>&1; }
check 'it installs' dpkg_ -i "$deb"
lib=$(dirname "$(find "$root" -name libweir.so)")
check 'the command works' \
	[ "$("$root/usr/bin/weir" version)" = "weir $VERSION" ]
check 'the library is there' [ -e "$lib/libweir.so.${VERSION%%.*}" ]
for f in usr/include/weir.h usr/share/man/man1/weir.1.gz \
	usr/share/man/man1/weir-get.1.gz usr/share/man/man7/weir.7.gz \
	usr/share/bash-completion/completions/weir usr/share/zsh/site-functions/_weir \
	usr/share/doc/weir/copyright usr/share/weir/weir-delay.bt; do
	check "$f is there" [ -s "$root/$f" ]
done
check 'what is there is what was packed' \
	sh -c 'cd "$1" && dpkg-deb --control "$2" ctl && md5sum --quiet -c ctl/md5sums' - "$root" "$(readlink -f "$deb")"
rm -rf "$root/ctl"
check 'it is removed' dpkg_ -P weir
check 'and nothing is left' [ -z "$(find "$root" ! -type d -path "$root/usr/*")" ]
check 'no folder either' [ ! -e "$root/usr" ]
rm -rf "$root" "$B/deb.log"
echo "# deb: $tests tests, $bad failed"
[ $bad = 0 ]

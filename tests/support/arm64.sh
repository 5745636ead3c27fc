#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# arm64.sh - fetch Debian's arm64 packages and unpack them, for a cross
# compiler to find; no root needed, and apt's own state is not touched.
#
#     arm64.sh DIR PACKAGE...
#
# Installing them beside the machine's own is no way: libck-dev is there for
# one architecture at a time.  Packages come from where apt gets its own.

dir=$1
shift
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
	echo "arm64.sh: no apt-get here; what is called $* on Debian, built" \
		"for arm64, belongs under $dir" >&2
	exit 1
fi
want="$*"
[ "$(cat "$dir/packages" 2>/dev/null)" != "$want" ] || exit 0
rm -rf "$dir"
mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial" &&
	cd "$dir" || exit 1

apt() {
	apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
		-o APT::Sandbox::User="$(id -un)" \
		-o Dir::State::Lists="$PWD/apt/lists" \
		-o Dir::Cache="$PWD/apt" -o Dir::Cache::Archives=archives "$@"
}
apt update && apt download "$@" || exit 1
for deb in ./*.deb; do
	dpkg -x "$deb" . || exit 1
done
rm -rf apt ./*.deb
echo "$want" >packages

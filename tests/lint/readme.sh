#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# readme.sh - the C programs in README.md (blocks marked ```c that have a
# main) build as printed against the installed library, shared and static,
# without a warning.

cd "$(dirname "$0")/../.." || exit 1
: "${B:?readme.sh: B is not set; start it through make}"
: "${CC:=gcc}" "${PKG_CONFIG:=pkg-config}" "${MAKE:=make}"
if [ ! -e README.md ]; then
	echo "there is no README.md"
	exit 77
fi
root=$B/root-readme
prefix=/opt/weir

rm -rf "$root"
$MAKE --no-print-directory install FLAVOUR="$FLAVOUR" B="$B" \
	DESTDIR="$root" PREFIX=$prefix || exit 1
export PKG_CONFIG_PATH=$root$prefix/lib/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$root

awk -v to="$root/example" '
/^```c$/ { on = 1; text = ""; next }
/^```/ && on {
	on = 0
	if (text ~ /int main\(|int\nmain\(/) {
		cnt++
		printf "%s", text > (to cnt ".c")
	}
	next
}
on { text = text $0 "\n" }' README.md

cnt=0 bad=0
for f in "$root"/example*.c; do
	[ -e "$f" ] || break
	for how in "" --static; do
		cnt=$((cnt + 1))
		if ! $CC -Wall -Wextra -Werror ${how:+-static} \
			-o "${f%.c}" "$f" \
			$($PKG_CONFIG $how --cflags --libs weir); then
			echo "README.md: ${f##*/} does not build ($how)"
			bad=$((bad + 1))
		fi
	done
done
if [ $cnt = 0 ]; then
	echo "README.md has no program to build"
	exit 1
fi
rm -rf "$root"
echo "# readme: $cnt tests, $bad failed"
[ $bad = 0 ]

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# install.sh - what `make install` puts there can be used from there, by C
# and C++, shared and static; and `make uninstall` takes all of it away.

cd "$(dirname "$0")/../.." || exit 1
: "${B:?install.sh: B is not set; start it through make}"
: "${CC:=gcc}" "${CXX:=g++}" "${PKG_CONFIG:=pkg-config}" "${MAKE:=make}"
root=$B/root-install
prefix=/opt/weir
bad=0

fail() {
	echo "failed: $*"
	bad=1
}

put() {
	$MAKE --no-print-directory "$1" FLAVOUR="$FLAVOUR" B="$B" \
		DESTDIR="$root" PREFIX=$prefix
}

rm -rf "$root"
mkdir -p "$root$prefix/bin" # stands there before, and stays
put install || exit 1
export PKG_CONFIG_PATH=$root$prefix/lib/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$root
lib=$root$prefix/lib

[ "$($PKG_CONFIG --modversion weir)" = "$VERSION" ] || fail "version in weir.pc"

cat >"$root/user.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <weir.h>

int
main(void)
{
	char want[32];

	snprintf(want, sizeof(want), "%d.%d.%d", WEIR_VERSION_MAJOR,
		 WEIR_VERSION_MINOR, WEIR_VERSION_PATCH);
	return strcmp(want, weir_version()) != 0 || !weir_strerror(-1);
}
END
cp "$root/user.c" "$root/user.cc"
warn="-Wall -Wextra -Wpedantic -Werror"
shared=$($PKG_CONFIG --cflags --libs weir)
static=$($PKG_CONFIG --static --cflags --libs weir)

$CC -std=c11 $warn -o "$root/shared" "$root/user.c" $shared &&
	LD_LIBRARY_PATH=$lib "$root/shared" || fail "C, shared"
$CXX -std=c++17 $warn -o "$root/sharedxx" "$root/user.cc" $shared &&
	LD_LIBRARY_PATH=$lib "$root/sharedxx" || fail "C++, shared"
$CC -std=c11 $warn -static -o "$root/static" "$root/user.c" $static &&
	"$root/static" || fail "C, static"
readelf -d "$root/shared" | grep -q "NEEDED.*\[libweir.so.${VERSION%%.*}\]" ||
	fail "the program does not ask for libweir.so.${VERSION%%.*}"

# the msgpack-c header is for those who have msgpack-c; we ourselves need none
if [ -e include/weir/msgpack.h ]; then
	echo '#include <weir/msgpack.h>' | $CC -std=c11 -fsyntax-only $warn \
		$($PKG_CONFIG --cflags weir) -x c - || fail "weir/msgpack.h"
fi
! readelf -d "$lib/libweir.so" | grep NEEDED |
	grep -vE 'libpcre2-8|libidn2|libc\.|libpthread|libm\.|ld-linux|libgcc_s|libatomic' ||
	fail "the library needs more than it should"

for f in include/*.h include/weir/*.h; do
	cmp -s "$f" "$root$prefix/$f" || fail "$f is not installed"
done
if [ -x "$WEIR" ]; then
	cmp -s "$WEIR" "$root$prefix/bin/weir" || fail "bin/weir"
fi

rm -f "$root"/user.* "$root/shared" "$root/sharedxx" "$root/static"
put uninstall || fail "make uninstall"
left=$(cd "$root" && find . | sort | tr '\n' ' ')
[ "$left" = ". ./opt .$prefix .$prefix/bin " ] ||
	fail "left after make uninstall: $left"
rm -rf "$root"
exit $bad

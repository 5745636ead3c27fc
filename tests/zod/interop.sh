#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# interop.sh [update] - makes tests/zod/data anew, with Zod, and compares;
# `make interop`.
#
# npm puts what is needed into build/zod, nothing into the tree.  "update"
# keeps what was made.

: "${B:?interop.sh: B is not set; start it through make}"
# another version of Zod may give other verdicts: then look, and update
packages='zod@4.6.7 ajv@8.17.1 ajv-formats@3.0.1'
room=${B%/*}/zod
data=tests/zod/data

. "$(dirname "$0")/../support/npm.sh"
# Node looks for packages beside the file that asks for them.
rm -rf "$room/data"
cp tests/zod/*.mjs "$room" && node "$room/make.mjs" "$room/data" || exit 1
if [ "${1:-}" = update ]; then
	rm -rf $data && cp -r "$room/data" $data
	exit
fi
if ! diff -r $data "$room/data"; then
	echo "Zod says otherwise than $data;"
	echo "if that is meant: make interop-update"
	exit 1
fi

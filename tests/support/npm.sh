# SPDX-License-Identifier: BSD-2-Clause
#
# npm.sh - packages of npm for a test, beside the build and not in the tree;
# sourced.
#
#     packages='a@1.2.3 b@4.5.6'
#     room=${B%/*}/name
#     . tests/support/npm.sh
#
# Where they cannot be had, the test ends as one that is skipped.

for need in node npm; do
	if ! command -v $need >/dev/null; then
		echo "$need is not here"
		exit 77
	fi
done
mkdir -p "$room" || exit 1
if [ "$(cat "$room/packages" 2>/dev/null)" != "$packages" ]; then
	if ! npm install --prefix "$room" --no-save --no-package-lock \
		--no-audit --no-fund $packages >"$room/npm.log" 2>&1; then
		tail -n 3 "$room/npm.log"
		echo "npm cannot install $packages"
		exit 77
	fi
	echo "$packages" >"$room/packages"
fi

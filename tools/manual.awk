# SPDX-License-Identifier: BSD-2-Clause
#
# manual.awk - a page of the manual with what comes from the command's tables:
#
#     .\" VERBS                all verbs
#     .\" SYNOPSIS verb        how it is called
#     .\" OPTIONS [verb]       its options
#
# run: the command that prints such a part, "weir help --mdoc ".

/^\.\\" (VERBS|SYNOPSIS|OPTIONS)/ {
	part = tolower($2)
	$1 = $2 = ""
	command = run part " " $0
	while ((command | getline line) > 0)
		print line
	if (close(command) != 0)
		exit 1
	next
}
{ print }

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Commands of the documentation, for tests that run them. Source it; then
#	block WORDS [FILE]	prints the fenced block of FILE (README.md) that has
#				WORDS

block() {
	awk -v words="$1" '/^```/ { if (inside && index(text, words)) { printf "%s", text; exit }
		inside = !inside; text = ""; next }
		inside { text = text $0 "\n" }' "${2:-README.md}"
}

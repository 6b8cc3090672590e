#!/bin/sh
# check_output.sh EXPECTED PROGRAM: the program succeeds and its output is exactly the file's text.
set -eu
output=$("$2")
echo "$output" | diff -u "$1" -

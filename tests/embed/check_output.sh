#!/bin/sh
# check_output.sh EXPECTED PROGRAM: the program's output is exactly the file's text.
"$2" | diff -u "$1" -

#!/bin/sh
# check_tampered.sh CONFORMANCE FILE: every case of the file was changed in one thing that the runner must notice.
set -u
output=$("$1" "$2")
status=$?
cases=$(wc -l <"$2")
if [ "$status" -ne 1 ] || [ "$(echo "$output" | tail -n 1)" != "0 passed, $cases failed" ] ||
    [ "$(echo "$output" | wc -l)" -ne $((cases + 1)) ]; then
    echo "$output"
    echo "expected one difference in each of $cases cases and exit status 1, got status $status" >&2
    exit 1
fi

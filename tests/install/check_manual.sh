#!/bin/sh
# check_manual.sh GROFF PAGE: roff has nothing to say against the page, and no line of it is too long for a terminal.
set -eu
text=$("$1" -ww -man -Tascii -P-c -P-b -P-u -rLL=78n "$2" 2>&1)
if printf '%s\n' "$text" | grep -e "$2:" -e '.\{81\}'; then
    exit 1
fi
printf '%s\n' "$text" | grep -q '^EXIT STATUS'

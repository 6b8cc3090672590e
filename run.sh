#!/bin/sh
# Builds flowdbg and opens a workflow in it. Usage: ./run.sh [--yes] [FILE [OPTION...]]
set -eu
called_from=$PWD
cd "$(dirname "$0")"
. .ci/setup.sh

usage() {
    cat <<'END'
Usage: ./run.sh [--yes] [FILE [OPTION...]]

Builds flowdbg in build/ and opens the workflow FILE in it, or an example. Options go to flowdbg.
Missing Debian packages are listed and installed after a question; --yes answers it.
Without a terminal, FILE is run and its events are printed; the example is stepped through and printed.
END
}

yes=no
while [ $# -gt 0 ]; do
    case $1 in
    -y | --yes) yes=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) break ;;
    esac
    shift
done

install_packages "$yes" run
build build

flowdbg=$PWD/build/tui/flowdbg
example=plugins/examples/page/error_handling.lua
[ $# -eq 0 ] || cd "$called_from" # where FILE is meant
if [ -t 0 ] && [ -t 1 ]; then
    [ $# -gt 0 ] || set -- "$example"
elif [ $# -eq 0 ]; then
    say "There is no terminal here, so $example is stepped through and printed."
    set -- --batch -x plugins/examples/walk.txt "$example"
elif [ $# -eq 1 ] && [ -f "$1" ]; then
    say "There is no terminal here, so $1 is run and its events are printed."
    set -- run --trace "$1"
fi
exec "$flowdbg" "$@"

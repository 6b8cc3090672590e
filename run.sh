#!/bin/sh
# Builds flowdbg and opens a workflow in it. Usage: ./run.sh [--yes] [FILE [OPTION...]]
set -eu
cd "$(dirname "$0")"
. .ci/setup.sh

usage() {
    cat <<'END'
Usage: ./run.sh [--yes] [FILE [OPTION...]]

Builds flowdbg in build/ and opens the workflow FILE in it, or an example. Options go to flowdbg.
Missing Debian packages are listed and installed after a question; --yes answers it.
Without a terminal, the example is stepped through and printed instead.
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

if [ $# -gt 0 ]; then
    exec build/tui/flowdbg "$@"
fi
example=plugins/examples/page/error_handling.lua
if [ -t 0 ] && [ -t 1 ]; then
    exec build/tui/flowdbg "$example"
fi
say "There is no terminal here, so $example is stepped through and printed."
exec build/tui/flowdbg --batch -x plugins/examples/walk.txt "$example"

#!/bin/sh
# Builds flowdbg and runs its tests. Usage: ./test.sh [--yes] [ARGUMENT OF meson test...]
set -eu
cd "$(dirname "$0")"
. .ci/setup.sh

usage() {
    cat <<'END'
Usage: ./test.sh [--yes] [ARGUMENT...]

Builds flowdbg in build/ and runs all tests, or those that the arguments choose, which are the ones of meson test:
    ./test.sh --list              the names of the tests
    ./test.sh base harness        two of them
    ./test.sh --suite e2e         the end-to-end tests
Missing Debian packages are listed and installed after a question; --yes answers it.
The last line is "N passed, N failed"; it counts cases, of which most test programs hold many.
END
}

# Prints "PASSED FAILED" of the tests in meson's log: the cases that a test counts itself (cmocka, or a last line
# "N passed, N failed"), else 1. A test that ended badly without a failed case (crash, time-out) counts as 1 failed.
count_cases() {
    awk '
        function finish() {
            if (!open) return
            if (!good && !case_failed) case_failed = 1
            if (good && !case_passed && !case_failed) case_passed = 1
            passed += case_passed; failed += case_failed
        }
        /^=+ [0-9]+\/[0-9]+ =+$/ { finish(); open = 1; good = case_passed = case_failed = 0 }
        /^result: +exit status 0/ { good = 1 }
        /^\[  PASSED  \] [0-9]+ test\(s\)/ { case_passed += $4 }
        /^\[  FAILED  \] [0-9]+ test\(s\)/ { case_failed += $4 }
        /^[0-9]+ passed, [0-9]+ failed$/ { case_passed += $1; case_failed += $3 }
        END { finish(); print passed + 0, failed + 0 }
    ' "$1"
}

yes=no
if [ "${1-}" = -y ] || [ "${1-}" = --yes ]; then
    yes=yes
    shift
fi
case ${1-} in
-h | --help)
    usage
    exit 0
    ;;
esac

install_packages "$yes" run test
build build -Dtests=enabled

log=build/meson-logs/testlog.txt
rm -f "$log"
status=0
meson test -C build --no-rebuild --print-errorlogs "$@" || status=$?
[ -f "$log" ] || exit "$status" # nothing was run: --list, or an argument that meson does not know
counts=$(count_cases "$log")
passed=${counts% *}
failed=${counts#* }
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

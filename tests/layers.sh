#!/bin/sh
# Checks that includes go one way: base <- core <- trace <- debug <- tui; plugins and public headers see flow/ only;
# one file knows curses. Usage: tests/layers.sh [FOLDER] | tests/layers.sh --selftest
set -eu

# Folder (as a pattern of paths), and what its files may include in quotes, by first folder of the include. The first
# row that matches counts. An include without folder is of the file's own folder.
rules='
engine/include/flow/* flow
engine/base/*         base flow
engine/core/*         core base flow
engine/trace/*        trace core base flow
engine/debug/*        debug trace core base flow
tui/*                 tui debug trace core base flow
plugins/*             flow
'
# System headers that only some may include: the header pattern, then the files.
guarded='
*curses.h   tui/screen/screen_curses.c
term.h      tui/screen/screen_curses.c
histedit.h  tui/*
lua*.h      plugins/lua/*
lauxlib.h   plugins/lua/*
vterm*.h    tests/*
'

# allowed FILE: the folders that FILE may include from; nothing when it is free.
allowed() {
    printf '%s' "$rules" | while read -r pattern folders; do
        # shellcheck disable=SC2254 # patterns on purpose
        case $1 in
        $pattern)
            [ -n "$pattern" ] && printf '%s ' "$folders"
            break
            ;;
        esac
    done
}

complain() {
    printf '%s:%s: %s\n' "$1" "$2" "$3"
}

check_quoted() {
    file=$1 line=$2 included=$3
    folders=$(allowed "$file")
    case $file in
    plugins/*) folders="$folders plugins $(echo "$file" | cut -d/ -f2)" ;;
    esac
    case $included in
    ../* | */../*)
        complain "$file" "$line" "includes \"$included\": write the path from the layer's root"
        return
        ;;
    plugins/*)
        case $included in
        "$(dirname "$file")"/*) return ;;
        esac
        complain "$file" "$line" "includes \"$included\" of another plugin"
        return
        ;;
    */*) ;;
    *) return ;;
    esac
    case " $folders " in
    *" ${included%%/*} "*) ;;
    *) complain "$file" "$line" "includes \"$included\", which is not below it (may include: $folders)" ;;
    esac
}

check_system() {
    file=$1 line=$2 included=$3
    printf '%s' "$guarded" | while read -r header files; do
        # shellcheck disable=SC2254
        case $included in
        $header) ;;
        *) continue ;;
        esac
        # shellcheck disable=SC2254
        case $file in
        $files) ;;
        *) complain "$file" "$line" "includes <$included>, which is for $files" ;;
        esac
    done
}

# check FOLDER: prints every include that goes the wrong way, as FILE:LINE: what.
check() {
    (
        cd "$1"
        find engine tui plugins -name '*.[ch]' 2>/dev/null | LC_ALL=C sort |
            xargs -r grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' /dev/null |
            sed -E 's/^([^:]*):([0-9]*):[[:space:]]*#[[:space:]]*include[[:space:]]*(["<])([^">]*).*/\1 \2 \3 \4/' |
            while read -r file line kind included; do
                if [ "$kind" = '"' ]; then
                    check_quoted "$file" "$line" "$included"
                else
                    check_system "$file" "$line" "$included"
                fi
            done
    )
}

# Rows: good or bad, the file, the include.
cases='
good engine/base/a.c "base/b.h"
good engine/base/a.c "flow/error.h"
good engine/base/a.c "b.h"
bad engine/base/a.c "core/b.h"
bad engine/base/a.c "../core/b.h"
good engine/core/a.c "base/b.h"
bad engine/core/a.c "trace/b.h"
good engine/trace/a.h "core/b.h"
bad engine/trace/a.h "debug/b.h"
good engine/debug/a.c "trace/b.h"
bad engine/debug/a.c "tui/app/b.h"
good engine/include/flow/a.h "flow/b.h"
bad engine/include/flow/a.h "base/b.h"
good tui/app/a.c "debug/b.h"
bad tui/app/a.c "tests/b.h"
bad tui/app/a.c <curses.h>
bad tui/screen/other.c <ncursesw/curses.h>
good tui/screen/screen_curses.c <curses.h>
good tui/app/prompt.c <histedit.h>
bad engine/debug/a.c <histedit.h>
bad engine/core/a.c <lua5.4/lua.h>
good plugins/lua/a.c <lua.h>
good plugins/lua/a.c "lua/b.h"
good plugins/lua/a.c "plugins/lua/b.h"
good plugins/lua/a.c "flow/plugin.h"
bad plugins/lua/a.c "plugins/examples/b.h"
bad plugins/lua/a.c "base/b.h"
bad plugins/lua/a.c "core/b.h"
good engine/core/a.c <stdio.h>
'

selftest() {
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    count=0
    failed=0
    while read -r wanted file include; do
        [ -n "$wanted" ] || continue
        rm -rf "${folder:?}"/*
        mkdir -p "$folder/$(dirname "$file")"
        printf '/* #include "core/x.h" */\n#include %s\n' "$include" >"$folder/$file"
        found=$(check "$folder")
        got=good
        [ -z "$found" ] || got=bad
        count=$((count + 1))
        if [ "$got" != "$wanted" ]; then
            failed=$((failed + 1))
            printf 'not %s: %s with %s %s\n' "$wanted" "$file" "$include" "$found"
        fi
    done <<END
$cases
END
    printf '%d of %d includes judged right\n' $((count - failed)) "$count"
    [ "$failed" -eq 0 ] && [ "$count" -ge 25 ]
}

case ${1-} in
--selftest) selftest ;;
*)
    found=$(check "${1:-$(dirname "$0")/..}")
    [ -z "$found" ] || {
        printf '%s\n' "$found"
        exit 1
    }
    ;;
esac

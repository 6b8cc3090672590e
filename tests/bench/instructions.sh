#!/bin/sh
# instructions.sh COUNT_STEPS [LUA_PLUGIN CHAIN_LUA]: instructions a step, counted with callgrind. Two run lengths are
# subtracted, so that loading, creating and starting do not count. Fails when a limit is passed.
set -eu
count_steps=$1 lua_plugin=${2-} chain_lua=${3-}
short=100 long=900
failed=0

# collected ARGS...: all instructions of one run of count_steps.
collected() {
    if ! report=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$count_steps" "$@" 2>&1); then
        echo "$report" >&2
        echo "instructions.sh: count_steps $* failed" >&2
        exit 2
    fi
    echo "$report" | sed -n 's/.*Collected : *//p'
}

# a_step KIND [ARGS...]: instructions of one step, rounded up.
a_step() {
    kind=$1
    shift
    few=$(collected "$kind" $short "$@")
    many=$(collected "$kind" $long "$@")
    echo $(((many - few + long - short - 1) / (long - short)))
}

# row NAME FIGURE [LIMIT]
row() {
    verdict=
    if [ -n "${3-}" ]; then
        verdict=ok
        [ "$2" -le "$3" ] || { verdict=TOO\ MANY failed=1; }
    fi
    printf '%-42s %6s %6s  %s\n' "$1" "$2" "${3:--}" "$verdict"
}

native=$(a_step native)
hooked=$(a_step hooked)
printf '%-42s %6s %6s\n' 'instructions' 'a step' 'limit'
row 'native step, empty hook table' "$native" 110
row 'native step, event handler' "$hooked"
if [ -n "$lua_plugin" ]; then
    pcall=$(a_step pcall)
    lua=$(a_step lua "$lua_plugin" "$chain_lua")
    row 'lua_pcall of an empty function' "$pcall"
    row 'Lua task step (3 x lua_pcall + 110)' "$lua" $((3 * pcall + 110))
fi
exit $failed

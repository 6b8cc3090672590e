#!/bin/sh
# instructions.sh COUNT_STEPS [LUA_PLUGIN CHAIN_LUA]: instructions a step, counted with callgrind. Two run lengths are
# subtracted, so that loading, creating and starting do not count. Fails when a limit is passed.
set -eu
count_steps=$1 lua_plugin=${2-} chain_lua=${3-}
short=100 long=900
failed=0

# collected ARGS...: all instructions of one run of count_steps.
collected() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$count_steps" "$@" 2>&1 |
        sed -n 's/.*Collected : *//p'
}

# a_step KIND [ARGS...]: instructions of one step, rounded up.
a_step() {
    kind=$1
    shift
    few=$(collected "$kind" $short "$@")
    many=$(collected "$kind" $long "$@")
    [ -n "$few" ] && [ -n "$many" ] || { echo "instructions.sh: callgrind gave no figure for $kind" >&2; exit 2; }
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

printf '%-42s %6s %6s\n' 'instructions' 'a step' 'limit'
row 'native step, empty hook table' "$(a_step native)" 110
row 'native step, event handler' "$(a_step hooked)"
if [ -n "$lua_plugin" ]; then
    pcall=$(a_step pcall)
    row 'lua_pcall of an empty function' "$pcall"
    row 'Lua task step (3 x lua_pcall + 110)' "$(a_step lua "$lua_plugin" "$chain_lua")" $((3 * pcall + 110))
fi
exit $failed

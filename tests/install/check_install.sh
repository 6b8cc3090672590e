#!/bin/sh
# check_install.sh BUILD SOURCE CC...: installs into a staging folder, moves the tree elsewhere, and uses it there as a
# person would. The environment says where the build puts things: PREFIX, BINDIR, LIBDIR, INCLUDEDIR, DATADIR, MANDIR,
# and whether Lua is there: LUA.
set -eu
build=$1 source=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Meson helps tests to find libraries; an installed program has to find them itself.
unset LD_LIBRARY_PATH FLOWDBG_PLUGIN_PATH PKG_CONFIG_PATH
passed=0 failed=0

# check SENTENCE COMMAND...
check() {
    sentence=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'not so: %s\n' "$sentence"
        sed 's/^/    /' "$work/log"
    fi
}

# prints EXPECTED COMMAND...: exactly that, on standard output.
prints() {
    expected=$1
    shift
    output=$("$@") || return
    [ "$output" = "$expected" ] || {
        printf '%s\n' "$output"
        return 1
    }
}

DESTDIR=$work/stage meson install -C "$build" --no-rebuild --quiet >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
tree=$work/else\ where
mv "$work/stage$PREFIX" "$tree"
flowdbg=$tree/$BINDIR/flowdbg
examples=$tree/$DATADIR/flowdbg/examples

nothing_outside_of_the_prefix() {
    [ -z "$(find "$work/stage" ! -type d)" ]
}
check 'everything went below the prefix' nothing_outside_of_the_prefix

for file in \
    "$BINDIR/flowdbg" "$LIBDIR/libflow.a" "$LIBDIR/libflow.so" "$LIBDIR/libflow.so.0" "$LIBDIR/pkgconfig/flow.pc" \
    "$INCLUDEDIR/flow/flow.h" "$INCLUDEDIR/flow/plugin.h" "$LIBDIR/flowdbg/plugins/page.so" \
    "$DATADIR/flowdbg/examples/etl.lua" "$DATADIR/flowdbg/examples/page/caching.lua" \
    "$DATADIR/flowdbg/examples/native/page.c" "$DATADIR/doc/flowdbg/LICENSE" "$DATADIR/doc/flowdbg/plugins.md" \
    "$DATADIR/doc/flowdbg/lua.md" "$MANDIR/man1/flowdbg.1" \
    "$DATADIR/bash-completion/completions/flowdbg.bash" "$DATADIR/zsh/site-functions/_flowdbg"; do
    check "$file is installed" test -s "$tree/$file"
done

only_headers() {
    [ -z "$(find "$tree/$INCLUDEDIR" -type f ! -name '*.h')" ]
}
check 'there are only headers among the headers' only_headers

names_no_build_folder() {
    ! find "$tree" -type f \( -name '*.pc' -o -name '*.1' -o -name '*flowdbg*' \) -exec grep -l "$build" '{}' '+' |
        grep -v '/flowdbg$'
}
check 'texts do not name the build folder' names_no_build_folder

hello='Main processing
Extra logging task
Normal continuation'
check 'the version is told' "$flowdbg" --version
check 'a plugin of the installed tree runs' \
    prints "$hello" "$flowdbg" run -w enqueue_demo "$tree/$LIBDIR/flowdbg/plugins/page.so"
if [ "$LUA" = yes ]; then
    check 'the plugin for .lua is found' prints "$hello" "$flowdbg" run "$examples/page/enqueue_demo.lua"
    ln -s "$flowdbg" "$work/link"
    check 'it is found also through a link' prints "$hello" "$work/link" run "$examples/page/enqueue_demo.lua"
fi

# As pkg-config would say had the tree been installed where it is now.
say() {
    PKG_CONFIG_LIBDIR=$tree/$LIBDIR/pkgconfig pkg-config --define-variable=prefix="$work/prefix" "$@" flow
}
ln -s "$tree" "$work/prefix" # its flags are split at blanks

embeds() {
    # shellcheck disable=SC2046 # words
    "$@" "$source/tests/embed/embed.c" -o "$work/embed" $(say --cflags --libs) &&
        LD_LIBRARY_PATH=$tree/$LIBDIR "$work/embed" | diff -u "$source/tests/embed/expected.txt" -
}
check 'the embedding example builds and runs' embeds "$@"

embeds_statically() {
    static=$work/static
    mkdir "$static" && cp "$tree/$LIBDIR/libflow.a" "$static"
    # shellcheck disable=SC2046
    "$@" "$source/tests/embed/embed.c" -o "$work/embed_static" -L"$static" $(say --static --cflags) -lflow -ldl -lm &&
        "$work/embed_static" | diff -u "$source/tests/embed/expected.txt" -
}
check 'it builds with the static library too' embeds_statically "$@"

# make_plugin NAME FILE: with the plain compiler: a plugin does not know how flowdbg was built.
make_plugin() {
    # shellcheck disable=SC2046
    cc -shared -fPIC -Wall -Werror "$2" -o "$work/$1.so" $(say --cflags --libs)
}
check 'a plugin builds with the installed headers' make_plugin maps "$source/tests/install/maps.c"
check 'program and plugin share one libflow' prints '1 libflow' "$flowdbg" run "$work/maps.so"

awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$source/docs/plugins.md" >"$work/hello.c"
check 'the plugin of docs/plugins.md builds' make_plugin hello "$work/hello.c"
check 'and runs' prints hello "$flowdbg" run "$work/hello.so"

lists_plugin_folder() {
    [ "$(say --variable=plugindir)" = "$work/prefix/$LIBDIR/flowdbg/plugins" ]
}
check 'pkg-config tells where plugins go' lists_plugin_folder

# complete_bash WORD...: what bash would offer for the last word.
complete_bash() {
    bash -c '. "$0"; COMP_WORDS=(flowdbg "$@") COMP_CWORD=$#; _flowdbg; echo "${COMPREPLY[@]}"' \
        "$tree/$DATADIR/bash-completion/completions/flowdbg.bash" "$@"
}
check 'bash completes options' prints '--profile' complete_bash run --pro
check 'bash completes their values' prints 'documented package' complete_bash --profile = ''
check 'bash leaves out options of the other form' prints '--trace' complete_bash run --tr
check 'bash leaves the arguments of the workflow alone' prints '' complete_bash run x.lua -- --tr
check 'bash completes the command' prints 'run' complete_bash ru

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

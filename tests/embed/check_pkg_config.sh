#!/bin/sh
# check_pkg_config.sh BUILD SOURCE EXPECTED CC...: lays the library out as an installation would, then builds and
# runs the embedding example with what pkg-config says and nothing else, shared and static.
set -eu
build=$1 source=$2 expected=$3
shift 3

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
mkdir "$prefix/include" "$prefix/lib"
cp -R "$source/engine/include/flow" "$prefix/include/"
find "$build/engine/core" -maxdepth 1 -name 'libflow.*' ! -name '*.p' ! -name '*.symbols' \
    -exec cp -P '{}' "$prefix/lib/" ';'

export PKG_CONFIG_PATH="$build/meson-private"
say() {
    pkg-config --define-variable=prefix="$prefix" --define-variable=libdir="$prefix/lib" \
        --define-variable=includedir="$prefix/include" "$@" flow
}

pkg-config --exists --print-errors flow
"$@" "$source/tests/embed/embed.c" -o "$prefix/shared" $(say --cflags --libs)
LD_LIBRARY_PATH="$prefix/lib" "$prefix/shared" | diff -u "$expected" -

rm "$prefix"/lib/libflow.so*
"$@" "$source/tests/embed/embed.c" -o "$prefix/static" $(say --static --cflags --libs)
"$prefix/static" | diff -u "$expected" -

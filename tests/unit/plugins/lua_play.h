/* Plays Lua workflows through libflow's public interface and keeps what came of it. */
#ifndef TESTS_UNIT_PLUGINS_LUA_PLAY_H
#define TESTS_UNIT_PLUGINS_LUA_PLAY_H

#include "tests/unit/test.h"

#include "flow/flow.h"

/* How to play; zero is fine for everything. */
struct play_options {
    const char *allow;
    const char *workflow; /* NULL: the first of the file */
    const char *start;
    const char *args[4];
    enum flow_profile profile;
    uint64_t seed;
    const struct flow_member *channel;
    size_t channel_count;
    uint64_t notes;
};

/* What happened. `events` is one line an event: number, name, task, text, value. */
struct play {
    char *output; /* of stream 1 and 2 together */
    char *error;  /* the message that loading or the run ended with; "" if none */
    char *detail; /* of the last error event: a traceback or a place */
    char *events;
    char *channel; /* key=value lines, results of tasks left out */
    bool is_loaded;
    enum flow_outcome outcome;
    uint64_t steps;
};

extern const char *play_plugin; /* lua.so, from the command line */

/* Plays a file, or a source text as "t.lua". The caller finishes. */
struct play play_file(const char *path, const struct play_options *options);
struct play play_text(const char *source, const struct play_options *options);
void play_finish(struct play *play);

/* One row of most tables: a source, and what it prints or how it ends. NULL: not looked at. */
struct play_row {
    const char *name;
    const char *source;
    const char *output;
    const char *error;
};
void play_rows(const struct play_row *rows, size_t count, const struct play_options *options);
#define PLAY_ROWS(rows) play_rows(rows, sizeof rows / sizeof *(rows), NULL)

#endif

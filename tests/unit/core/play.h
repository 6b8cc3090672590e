/* Small workflows written as text, and what they did as one line of text: so that a rule of the engine is one
 * row of a table.
 *
 * tasks   "a b d:join e:retries=2 f:cycles=1"   in the order in which they join; cycles=0: none at all
 * edges   "a>b a>c b>d"
 * script  "a: next x, goto b | iter 5; b: fail boom"
 *         What each execution of a body does, in turn, retries and iterations included; beyond its script a
 * body does nothing. Tasks that only the script names are made when they are asked for. next X, goto X, iter
 * [N], loop (iter while it may), terminate TEXT, cancel TEXT, fail TEXT, set KEY N, delete KEY, return N,
 * edge X Y, make X (add_task), arg (returns its first argument); "try ACTION" goes on when the call fails.
 *
 * The line: "+a | a: +b +c | b#2: ..." Each step begins with " | TASK[#ITERATION][!ATTEMPT]:", then
 *   +t enqueued at the back, +t@N elsewhere, skip t, hold t, free t (released), t 1/2 (join arrival), t again
 *   (absorbed), -t withdrawn, drop t, pass t (skipped by hand), move t@N, left t (abandoned), left held t,
 * new t by u, redefine t, edge t>u, retry 1, limit NAME, error 'kind: text', blocked d by c: why, user
 * 'command', k=V, delete k, and at the end "| = outcome[ 'message'][ t]". Results are not shown. */
#ifndef TESTS_UNIT_CORE_PLAY_H
#define TESTS_UNIT_CORE_PLAY_H

#include "tests/unit/test.h"

#include "base/str.h"
#include "base/vec.h"
#include "flow/flow.h"

struct play_spec {
    const char *name; /* of the row, for messages */
    const char *tasks, *edges, *script;
    enum flow_profile profile;
    bool is_closed;
    const char *start;
    uint64_t max_steps;
    const char *expected;
    const char *message; /* of the run; NULL: not looked at */
};

struct play_body {
    struct play *play;
    char id[16];
    unsigned executions;
};

struct play {
    struct flow_workflow *wf;
    struct flow_run *run;
    struct str log;
    const char *script;
    struct play_body *bodies[32];
    size_t body_count;
    bool shows_results;
    /* Called for every event, after it was logged. */
    void (*on_event)(struct play *play, const struct flow_event *event);
    void (*on_boundary)(struct play *play);
};

/* Builds workflow and run and starts it. Hooks must be set in *play before (all zero otherwise). */
void play_start(struct play *play, const struct play_spec *spec);
/* Steps to the end. */
void play_run(struct play *play);
void play_finish(struct play *play);
flow_task play_task(const struct play *play, const char *id);
/* The number of the first entry of that task in the queue. */
uint64_t play_entry(const struct play *play, const char *id);

/* Plays each row and compares; names the row that differs. */
void play_rows(const struct play_spec *rows, size_t count);
#define PLAY_ROWS(rows) play_rows(rows, sizeof(rows) / sizeof *(rows))

#endif

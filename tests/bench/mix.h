/* The reference mix: a workflow of 64 tasks over 200 integer keys that goes on for ever, the same for every
 * seed and on every machine. What figures about traces are measured with.
 *
 * Each task has three followers (the next one and two random ones) and four random keys; a step reads its
 * third key every other time, writes its first, and in one of four its second; then 80 % go on to the first
 * follower, 13 % to the second, 3 % to the third by goto, 1 % to a dynamic task (three of each creator: then
 * the name comes again and the task is redefined), 3 % iterate. Half of the keys count up by one, 30 % add 0
 * to 6, 10 % are uniform below 100, 10 % random 64 bits. With strings, every tenth write is one of 1,000
 * strings of 20 to 200 bytes. */
#ifndef TESTS_BENCH_MIX_H
#define TESTS_BENCH_MIX_H

#include "flow/flow.h"

enum { MIX_TASKS = 64, MIX_KEYS = 200, MIX_STRINGS = 1000 };

struct mix {
    uint64_t random;
    bool has_strings;
    bool wants_time; /* keep a clock of its own: 20 ns and an exponential between events */
    int64_t now_ns;
    struct mix_task {
        struct mix *mix;
        flow_task followers[3]; /* the first task of the workflow is 0 */
        uint32_t keys[4];
    } tasks[MIX_TASKS];
    char key_names[MIX_KEYS][8];
    flow_key keys[MIX_KEYS]; /* handles */
    bool has_keys;
    int64_t values[MIX_KEYS];
    struct flow_value strings[MIX_STRINGS];
    struct flow_workflow *workflow;
};

/* FLOW_OK or a failure. */
int mix_init(struct mix *mix, uint64_t seed, bool has_strings, struct flow_error *err);
void mix_finish(struct mix *mix);
/* A run of it, started. The clock is the mix's own where it wants_time. */
int mix_start(
    struct mix *mix, struct flow_run **out, struct flow_run_options options, struct flow_error *err);

#endif

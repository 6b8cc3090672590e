/* Properties of the engine on random workflows: the same seed gives the same run, and watching a run changes
 * nothing in it. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/event_text.h"
#include "tests/support/random_workflow.h"

/* How a run is watched. */
enum watch {
    WATCH_NOTHING,   /* no hook at all */
    WATCH_EVENTS,    /* events */
    WATCH_ALL_NOTES, /* events and notes, all stamped; a boundary hook that reads the whole run */
    WATCH_AND_EDIT,  /* events; at boundaries and inside bodies, random edits */
};

/* What is left of a run: its events and its last state, as text. */
struct story {
    char *events;
    char *state;
};

struct watcher {
    FILE *events;
    FILE *trash; /* reading must not change anything: read, and throw away */
    struct random_source edits;
    int edits_left;
};

static void write_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct watcher *watcher = user;
    (void)run;
    if (!flow_event_is_note(event->kind))
        event_text_print(watcher->events, event);
}

static void read_everything(void *user, struct flow_run *run)
{
    struct watcher *watcher = user;
    rewind(watcher->trash);
    run_text_print(watcher->trash, run);
}

/* At most so many, since every one may prolong the run. */
static void edit_now_and_then(struct watcher *watcher, struct flow_run *run)
{
    if (watcher->edits_left > 0 && random_below(&watcher->edits, 4) == 0) {
        watcher->edits_left--;
        int status = random_edit(&watcher->edits, run);
        assert_true(status == FLOW_OK || status == FLOW_AGAIN || status == FLOW_ENOENT ||
                    status == FLOW_ESTATE || status == FLOW_EINVAL);
    }
}

static void edit_at_boundary(void *user, struct flow_run *run)
{
    edit_now_and_then(user, run);
}

static void write_event_and_edit(void *user, struct flow_run *run, const struct flow_event *event)
{
    write_event(user, run, event);
    if (event->origin == FLOW_ORIGIN_TASK)
        edit_now_and_then(user, run);
}

static int swallow(void *user, struct flow_run *run, int stream, const void *bytes, size_t length)
{
    (void)user, (void)run, (void)stream, (void)bytes, (void)length;
    return FLOW_OK;
}

static int64_t tick(void *user)
{
    int64_t *now = user;
    return *now += 1000;
}

static int64_t wall(void *user)
{
    (void)user;
    return 1700000000000000000;
}

static struct flow_hooks watch_hooks(enum watch watch, struct watcher *watcher)
{
    struct flow_hooks hooks = {.size = sizeof hooks, .user = watcher};
    if (watch >= WATCH_EVENTS)
        hooks.on_event = write_event;
    if (watch == WATCH_ALL_NOTES) {
        hooks.on_boundary = read_everything;
        hooks.on_print = swallow;
        hooks.notes = UINT64_MAX;
    }
    if (watch == WATCH_AND_EDIT) {
        hooks.on_event = write_event_and_edit;
        hooks.on_boundary = edit_at_boundary;
    }
    return hooks;
}

static void play(
    const struct random_workflow *random, enum flow_profile profile, enum watch watch, struct story *story)
{
    char *trash = NULL;
    size_t events_size, state_size, trash_size;
    int64_t now = 0;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run = NULL;
    struct watcher watcher = {
        open_memstream(&story->events, &events_size), open_memstream(&trash, &trash_size)};
    FILE *state = open_memstream(&story->state, &state_size);
    assert_true(watcher.events && watcher.trash && state);
    watcher.edits.state = random_workflow_seed(random);

    struct flow_run_options options = random_workflow_options(random, profile);
    options.hooks = watch_hooks(watch, &watcher);
    options.clock_ns = tick;
    options.wall_ns = wall;
    options.clock_user = &now;
    options.is_stamping_all = watch == WATCH_ALL_NOTES;
    int status = flow_run_create(&run, random_workflow_get(random), &options, &err);
    if (status == FLOW_OK)
        status = flow_run_start(run, &err);
    for (int calls = 0; status == FLOW_OK; calls++) {
        assert_true(calls < 1000); /* max_steps ends every run long before */
        status = flow_run_step(run, &err);
    }
    if (status != FLOW_END)
        fail_msg("the run broke: %s", err.text);
    assert_int_not_equal(flow_run_outcome(run), FLOW_OUTCOME_UNFINISHED);
    run_text_print(state, run);
    flow_run_destroy(run);
    fclose(state);
    fclose(watcher.events);
    fclose(watcher.trash);
    free(trash);
}

static void story_finish(struct story *story)
{
    free(story->events);
    free(story->state);
}

/* Names the seed and shows the first lines that differ. */
static void assert_same(
    const char *what, uint64_t seed, enum flow_profile profile, const char *a, const char *b)
{
    size_t line = 0, i = 0;
    if (strcmp(a, b) == 0)
        return;
    for (; a[i] && a[i] == b[i]; i++)
        if (a[i] == '\n')
            line = i + 1;
    fail_msg("seed %llu, %s profile: %s differ:\n  %.*s\n  %.*s", (unsigned long long)seed,
        flow_profile_name(profile), what, (int)strcspn(a + line, "\n"), a + line,
        (int)strcspn(b + line, "\n"), b + line);
}

/* 2,000 workflows by default; RANDOM_SEED=n looks at one, RANDOM_COUNT=n at another number of them. */
static void for_each_seed(void (*check)(const struct random_workflow *, uint64_t, enum flow_profile))
{
    const char *one = getenv("RANDOM_SEED");
    const char *many = getenv("RANDOM_COUNT");
    uint64_t first = one ? strtoull(one, NULL, 10) : 1;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : 2000;
    for (uint64_t seed = first; seed < first + count; seed++) {
        struct random_workflow *random = random_workflow_create(seed);
        check(random, seed, FLOW_PROFILE_DOCUMENTED);
        check(random, seed, FLOW_PROFILE_PACKAGE);
        random_workflow_destroy(random);
    }
}

static void check_repeats(const struct random_workflow *random, uint64_t seed, enum flow_profile profile)
{
    struct story first, second;
    play(random, profile, WATCH_EVENTS, &first);
    play(random, profile, WATCH_EVENTS, &second);
    assert_same("events of two runs", seed, profile, first.events, second.events);
    assert_same("states of two runs", seed, profile, first.state, second.state);
    story_finish(&first);
    story_finish(&second);
}

static void two_runs_of_a_seed_give_the_same_events(void **state)
{
    (void)state;
    for_each_seed(check_repeats);
}

static void check_watching(const struct random_workflow *random, uint64_t seed, enum flow_profile profile)
{
    struct story alone, watched, nosy;
    play(random, profile, WATCH_NOTHING, &alone);
    play(random, profile, WATCH_EVENTS, &watched);
    play(random, profile, WATCH_ALL_NOTES, &nosy);
    assert_same("unwatched and watched states", seed, profile, alone.state, watched.state);
    assert_same("states with and without notes", seed, profile, watched.state, nosy.state);
    assert_same("events with and without notes", seed, profile, watched.events, nosy.events);
    story_finish(&alone);
    story_finish(&watched);
    story_finish(&nosy);
}

static void an_installed_hook_changes_nothing(void **state)
{
    (void)state;
    for_each_seed(check_watching);
}

static void check_edited(const struct random_workflow *random, uint64_t seed, enum flow_profile profile)
{
    struct story first, second;
    play(random, profile, WATCH_AND_EDIT, &first);
    play(random, profile, WATCH_AND_EDIT, &second);
    assert_same("events of two edited runs", seed, profile, first.events, second.events);
    assert_same("states of two edited runs", seed, profile, first.state, second.state);
    story_finish(&first);
    story_finish(&second);
}

static void the_same_edits_give_the_same_events(void **state)
{
    (void)state;
    for_each_seed(check_edited);
}

struct tally {
    uint64_t seen[FLOW_EV_FIRST_UNUSED];
    struct random_source edits;
};

static void tally_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct tally *tally = user;
    (void)run;
    tally->seen[event->kind]++;
}

static void edit_rarely(void *user, struct flow_run *run)
{
    struct tally *tally = user;
    if (random_below(&tally->edits, 8) == 0)
        random_edit(&tally->edits, run);
}

/* The generator must reach the whole vocabulary, or the properties above say little. */
static void random_workflows_reach_every_event_that_an_engine_emits(void **state)
{
    (void)state;
    struct tally tally = {{0}, {1}};
    tally.seen[FLOW_EV_BRANCH] = 1; /* the debugger's */
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct random_workflow *random = random_workflow_create(seed);
        struct flow_run *run = NULL;
        struct flow_run_options options = random_workflow_options(random, FLOW_PROFILE_DOCUMENTED);
        options.hooks = (struct flow_hooks){.size = sizeof options.hooks,
            .user = &tally,
            .on_event = tally_event,
            .on_boundary = seed % 2 ? edit_rarely : NULL};
        assert_int_equal(flow_run_create(&run, random_workflow_get(random), &options, NULL), FLOW_OK);
        assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
        while (flow_run_step(run, NULL) == FLOW_OK)
            ;
        flow_run_destroy(run);
        random_workflow_destroy(random);
    }
    for (unsigned kind = 1; kind < FLOW_EV_FIRST_NOTE; kind++)
        if (flow_event_info(kind) && tally.seen[kind] == 0)
            fail_msg("no random workflow gave the event '%s'", flow_event_info(kind)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_runs_of_a_seed_give_the_same_events),
        cmocka_unit_test(an_installed_hook_changes_nothing),
        cmocka_unit_test(the_same_edits_give_the_same_events),
        cmocka_unit_test(random_workflows_reach_every_event_that_an_engine_emits),
    };
    return RUN_TESTS(tests);
}

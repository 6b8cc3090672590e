/* The golden rule: stepping never changes the result. Every workflow is run in an inferior to its end, then
 * event by event, then by a random mixture of commands; the recorded events must be the same, times aside. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/session.h"
#include "tests/support/event_text.h"
#include "tests/support/random_workflow.h"

#define RANDOM_WORKFLOWS 2000 /* STEPPING_COUNT in the environment asks for another number */
/* Resumes of one run; a run that needs more does not come to its end. */
#define RESUMES_MAX 200000

enum way { LEFT_ALONE, BY_EVENT, BY_TASK, MIXED, WAY_COUNT };
static const char *const way_names[] = {"left alone", "event by event", "task by task", "mixed"};

static struct dbg_resume choose(enum way way, struct random_source *random)
{
    static const char *const patterns[] = {"t1", "t?", "*", "none", "p*", "validate"};
    const char *pattern = patterns[random_below(random, 6)];
    struct dbg_resume resume = {.mode = DBG_MODE_END};
    if (way == BY_EVENT)
        resume.mode = DBG_MODE_STEP;
    else if (way == BY_TASK)
        resume.mode = DBG_MODE_NEXT;
    else if (way == MIXED) {
        static const enum dbg_mode modes[] = {
            DBG_MODE_STEP, DBG_MODE_STEP, DBG_MODE_NEXT, DBG_MODE_FINISH, DBG_MODE_CONTINUE, DBG_MODE_UNTIL};
        resume.mode = modes[random_below(random, 6)];
        resume.count = 1 + random_below(random, resume.mode == DBG_MODE_STEP ? 12 : 3);
        resume.until = resume.mode == DBG_MODE_UNTIL ? pattern : NULL;
    }
    return resume;
}

/* Breakpoints come and go, and interrupts fall where they fall. */
static void disturb(struct dbg_session *session, struct random_source *random)
{
    static const char *const patterns[] = {"t0", "t*", "*2", "pro*", "?????????"};
    uint32_t number;
    if (random_below(random, 4) == 0)
        dbg_breakpoint_add(session, patterns[random_below(random, 5)], random_below(random, 2),
            random_below(random, 2), &number, NULL);
    else if (dbg_breakpoint_count(session) > 3)
        dbg_breakpoint_delete(session, dbg_breakpoint_at(session, 0)->number);
}

static void drive(struct dbg_session *session, enum way way, struct random_source *random)
{
    const struct dbg_status *status = dbg_session_status(session);
    for (int i = 0; i < RESUMES_MAX; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        assert_int_equal(dbg_session_wait(session, 20000, -1), FLOW_OK);
        if (status->phase != DBG_PHASE_STOPPED)
            return;
        if (way == MIXED)
            disturb(session, random);
        struct dbg_resume resume = choose(way, random);
        if (dbg_session_resume(session, &resume, &err) < 0)
            fail_msg("%s", err.text);
        if (way == MIXED && random_below(random, 8) == 0)
            dbg_session_interrupt(session);
    }
    fail_msg("the run does not end");
}

/* The events that were recorded, as text; the caller frees. */
static char *read_story(struct dbg_session *session)
{
    struct trace_reader *reader;
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (dbg_session_reader(session, &reader, &err) < 0)
        fail_msg("%s", err.text);
    int status;
    while ((status = trace_reader_next(reader, &event, &err)) == FLOW_OK) {
        if (!flow_event_is_note(event.kind))
            event_text_print(out, &event);
    }
    if (status < 0)
        fail_msg("%s", err.text);
    trace_reader_destroy(reader);
    fclose(out);
    return text;
}

static char *play(const struct dbg_config *config, enum way way, uint64_t seed)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct random_source random = {seed * 4 + way};
    struct dbg_session *session;
    if (dbg_session_create(&session, config, &err) < 0 || dbg_session_start(session, &err) < 0)
        fail_msg("%s: %s", config->file, err.text);
    drive(session, way, &random);
    if (dbg_session_status(session)->phase != DBG_PHASE_ENDED || dbg_session_status(session)->crash)
        fail_msg(
            "%s: %s %s", config->file, dbg_session_status(session)->text, dbg_session_load_error(session));
    char *story = read_story(session);
    dbg_session_destroy(session);
    return story;
}

static void say_difference(const char *what, enum way way, const char *a, const char *b)
{
    size_t line = 1;
    while (*a && strcspn(a, "\n") == strcspn(b, "\n") && strncmp(a, b, strcspn(a, "\n")) == 0) {
        a += strcspn(a, "\n") + 1;
        b += strcspn(b, "\n") + 1;
        line++;
    }
    fail_msg("%s: event %zu differs\n  %s: %.*s\n  %s: %.*s", what, line, way_names[LEFT_ALONE],
        (int)strcspn(a, "\n"), a, way_names[way], (int)strcspn(b, "\n"), b);
}

static void check_all_ways(const struct dbg_config *config, const char *what, uint64_t seed)
{
    char *alone = play(config, LEFT_ALONE, seed);
    assert_true(strlen(alone) > 0);
    for (enum way way = BY_EVENT; way < WAY_COUNT; way++) {
        char *stepped = play(config, way, seed);
        if (strcmp(alone, stepped) != 0)
            say_difference(what, way, alone, stepped);
        free(stepped);
    }
    free(alone);
}

static void stepping_never_changes_an_example(void **state)
{
    static const struct {
        const char *file, *workflow;
        uint64_t seed;
    } examples[] = {
        {PAGE_PLUGIN, "error_handling", 0},
        {PAGE_PLUGIN, "error_handling", 3},
        {PAGE_PLUGIN, "enqueue_demo", 0},
        {PAGE_PLUGIN, "optimization", 0},
        {PAGE_PLUGIN, "caching", 0},
        {PAGE_PLUGIN, "validation", 0},
#ifdef HAVE_LUA
        {EXAMPLES "/page/error_handling.lua", NULL, 0},
        {EXAMPLES "/page/error_handling.lua", NULL, 3},
        {EXAMPLES "/page/enqueue_demo.lua", NULL, 0},
        {EXAMPLES "/page/optimization.lua", NULL, 0},
        {EXAMPLES "/page/caching.lua", NULL, 0},
        {EXAMPLES "/page/validation.lua", NULL, 0},
        {EXAMPLES "/etl.lua", NULL, 1},
        {EXAMPLES "/agent.lua", NULL, 1},
        {EXAMPLES "/state_machine.lua", NULL, 1},
#endif
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        for (unsigned profile = 0; profile <= FLOW_PROFILE_PACKAGE; profile++) {
            char what[300];
            struct dbg_config config = {
                .program = FLOWDBG,
                .wall_ns = 1000000000,
                .plugin_path = PLUGIN_PATH,
                .file = examples[i].file,
                .workflow = examples[i].workflow,
                .seed = examples[i].seed,
                /* In the package profile its isolated handler is a candidate too. */
                .start = strstr(examples[i].file, "error_handling") ||
                                 (examples[i].workflow && !strcmp(examples[i].workflow, "error_handling"))
                             ? "risky_operation"
                             : NULL,
                .profile = (enum flow_profile)profile,
            };
            snprintf(what, sizeof what, "%s %s seed %llu", config.file,
                config.workflow ? config.workflow : "", (unsigned long long)config.seed);
            check_all_ways(&config, what, i);
        }
    }
}

static void stepping_never_changes_a_random_workflow(void **state)
{
    (void)state;
    const char *wanted = getenv("STEPPING_COUNT");
    uint64_t count = wanted ? strtoull(wanted, NULL, 10) : RANDOM_WORKFLOWS;
    for (uint64_t seed = 1; seed <= count; seed++) {
        char environment[64], what[64];
        const char *const env[] = {environment};
        struct random_workflow *workflow = random_workflow_create(seed);
        struct flow_run_options options = random_workflow_options(workflow, FLOW_PROFILE_DOCUMENTED);
        struct dbg_config config = {
            .program = FLOWDBG,
            .wall_ns = 1000000000,
            .file = RANDOM_PLUGIN,
            .env = env,
            .env_count = 1,
            .start = options.start,
            .seed = options.seed,
            .max_steps = options.max_steps,
            .channel = options.channel,
            .channel_count = options.channel_count,
            .profile = seed % 3 ? FLOW_PROFILE_DOCUMENTED : FLOW_PROFILE_PACKAGE,
        };
        snprintf(environment, sizeof environment, "RANDOM_WORKFLOW_SEED=%llu", (unsigned long long)seed);
        snprintf(what, sizeof what, "random workflow %llu", (unsigned long long)seed);
        check_all_ways(&config, what, seed);
        random_workflow_destroy(workflow);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepping_never_changes_an_example),
        cmocka_unit_test(stepping_never_changes_a_random_workflow),
    };
    return RUN_TESTS(tests);
}

/* Folding the events of a run gives the state of its engine, at every event: of the events as the engine
 * hands them out, of the same events through a writer and a live reader, and of the file that is left. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/fold_compare.h"
#include "tests/support/random_workflow.h"
#include "trace/reader.h"
#include "trace/writer.h"

enum { WORKFLOWS = 2000 };

/* Everything that follows one run. */
struct follower {
    uint64_t seed;
    enum flow_profile profile;
    struct trace_state folded; /* from the hook */
    struct trace_state read;   /* from the trace */
    struct trace_ring *ring;
    struct trace_writer *writer;
    struct trace_reader *reader;
    int fd;
    uint64_t notes; /* that were written */
    uint64_t notes_read;
    struct random_source random;
};

static void check(
    struct follower *f, int status, const struct flow_error *err, const char *what, uint64_t event)
{
    if (status >= 0)
        return;
    fail_msg("seed %llu, %s, event %llu: %s: %s", (unsigned long long)f->seed, flow_profile_name(f->profile),
        (unsigned long long)event, what, err->text);
}

static void compare(
    struct follower *f, const struct trace_state *state, const struct flow_run *run, const char *what)
{
    struct str difference = {0};
    if (fold_equals_run(state, run, &difference))
        return;
    char last[300];
    struct flow_event event = {.kind = state->last.kind};
    const struct flow_event_info *info = flow_event_info(event.kind);
    snprintf(last, sizeof last, "%s", info ? info->name : "?");
    fail_msg("seed %llu, %s, after event %llu (%s), %s: %s", (unsigned long long)f->seed,
        flow_profile_name(f->profile), (unsigned long long)state->event, last, what, str_text(&difference));
}

/* Reads what has been published and folds it. */
static void follow_trace(struct follower *f)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    int status;
    while ((status = trace_reader_next(f->reader, &event, &err)) == FLOW_OK) {
        f->notes_read += flow_event_is_note(event.kind);
        check(f, trace_state_apply(&f->read, &event, &err), &err, "folding what was read", event.number);
    }
    check(f, status, &err, "reading", f->read.event + 1);
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct follower *f = user;
    struct flow_error err = FLOW_ERROR_INIT;
    char words[64];
    size_t length = trace_print_event(&f->folded, event, words, sizeof words);
    assert_true(length > 0);
    assert_null(strpbrk(words, "\x1b\n\r\t"));
    check(f, trace_state_apply(&f->folded, event, &err), &err, "folding", event->number);
    compare(f, &f->folded, run, "folding");
    f->notes += flow_event_is_note(event->kind);
    trace_writer_append(f->writer, event);
    if (random_below(&f->random, 4) == 0)
        return; /* the reader need not look at every event */
    follow_trace(f);
    compare(f, &f->read, run, "reading behind the ring");
}

/* In every third run a person edits now and then. */
static void on_boundary(void *user, struct flow_run *run)
{
    struct follower *f = user;
    if (f->seed % 3 == 0 && random_below(&f->random, 4) == 0)
        random_edit(&f->random, run);
}

static int64_t tick(void *user)
{
    int64_t *now = user;
    return *now += 1234;
}

static void open_trace(struct follower *f)
{
    struct flow_error err = FLOW_ERROR_INIT;
    f->fd = memfd_create("trace", MFD_CLOEXEC);
    assert_true(f->fd >= 0);
    check(f, trace_ring_create(&f->ring, 16 << 10, &err), &err, "ring", 0);
    struct trace_writer_options options = {.size = sizeof options, .ring = f->ring, .fd = f->fd};
    check(f, trace_writer_create(&f->writer, &options, &err), &err, "writer", 0);
    check(f, trace_reader_create(&f->reader, f->fd, f->ring, &err), &err, "reader", 0);
}

static void close_trace(struct follower *f)
{
    trace_reader_destroy(f->reader);
    trace_writer_destroy(f->writer);
    trace_ring_destroy(f->ring);
}

/* The file alone, from the start; then the events at some places of it. */
static void read_file(struct follower *f, const struct flow_run *run)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    struct trace_state state;
    int status;
    check(f, trace_reader_create(&f->reader, f->fd, NULL, &err), &err, "reading the file", 0);
    trace_state_init(&state);
    while ((status = trace_reader_next(f->reader, &event, &err)) == FLOW_OK)
        check(f, trace_state_apply(&state, &event, &err), &err, "folding the file", event.number);
    check(f, status, &err, "reading the file", state.event + 1);
    assert_int_equal(status, FLOW_END);
    assert_null(trace_reader_missing(f->reader));
    compare(f, &state, run, "reading the file");
    for (int i = 0; i < 5; i++) {
        uint64_t number = random_next(&f->random) % (state.event + 1);
        check(f, trace_reader_seek(f->reader, number, &err), &err, "seeking", number);
        assert_int_equal(trace_reader_position(f->reader), number);
        do
            status = trace_reader_next(f->reader, &event, &err);
        while (status == FLOW_OK && flow_event_is_note(event.kind));
        assert_int_equal(status, number == state.event ? FLOW_END : FLOW_OK);
        assert_true(status == FLOW_END || event.number == number + 1);
    }
    assert_int_equal(trace_reader_seek(f->reader, state.event + 1, &err), FLOW_NOT_FOUND);
    trace_state_finish(&state);
    trace_reader_destroy(f->reader);
}

static void follow_run(uint64_t seed, enum flow_profile profile)
{
    struct follower f = {.seed = seed, .profile = profile, .random = {seed}};
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run;
    int64_t now = 0;
    trace_state_init(&f.folded);
    trace_state_init(&f.read);
    open_trace(&f);
    struct random_workflow *random = random_workflow_create(seed);
    struct flow_run_options options = random_workflow_options(random, profile);
    options.hooks = (struct flow_hooks){.size = sizeof options.hooks,
        .user = &f,
        .on_event = on_event,
        .on_boundary = on_boundary,
        .notes = UINT64_MAX};
    options.clock_ns = tick;
    options.clock_user = &now;
    options.is_stamping_all = seed % 2;
    check(&f, flow_run_create(&run, random_workflow_get(random), &options, &err), &err, "creating", 0);
    check(&f, flow_run_start(run, &err), &err, "starting", 0);
    while (flow_run_step(run, &err) == FLOW_OK)
        continue;
    follow_trace(&f);
    compare(&f, &f.read, run, "reading behind the ring");
    assert_int_equal(f.notes_read, f.notes);
    assert_null(trace_writer_problem(f.writer));
    close_trace(&f);
    read_file(&f, run);
    close(f.fd);
    flow_run_destroy(run);
    random_workflow_destroy(random);
    trace_state_finish(&f.folded);
    trace_state_finish(&f.read);
}

static void follow_all(enum flow_profile profile)
{
    const char *only = getenv("FOLD_SEED");
    for (uint64_t seed = 1; seed <= WORKFLOWS; seed++)
        if (!only || strtoull(only, NULL, 10) == seed)
            follow_run(seed, profile);
}

static void folding_documented_runs_gives_the_state_of_the_engine(void **state)
{
    follow_all(FLOW_PROFILE_DOCUMENTED);
}

static void folding_package_runs_gives_the_state_of_the_engine(void **state)
{
    follow_all(FLOW_PROFILE_PACKAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_documented_runs_gives_the_state_of_the_engine),
        cmocka_unit_test(folding_package_runs_gives_the_state_of_the_engine),
    };
    return RUN_TESTS(tests);
}

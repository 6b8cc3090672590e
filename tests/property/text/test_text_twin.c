/* The text twin is lossless: a recorded run, written as text and imported, is the same events; a text that is
 * cut anywhere imports up to its last whole line. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/random_workflow.h"
#include "tests/unit/trace/samples.h"
#include "trace/import.h"
#include "trace/reader.h"
#include "trace/text_write.h"
#include "trace/writer.h"

enum { WORKFLOWS = 1000 };

struct recording {
    struct trace_ring *ring;
    struct trace_writer *writer;
    int fd;
    struct random_source random;
};

static int new_file(void)
{
    int fd = memfd_create("text", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct recording *r = user;
    (void)run;
    trace_writer_append(r->writer, event);
}

static void on_boundary(void *user, struct flow_run *run)
{
    struct recording *r = user;
    if (random_below(&r->random, 8) == 0)
        random_edit(&r->random, run);
}

static int swallow(void *user, struct flow_run *run, int stream, const void *bytes, size_t length)
{
    (void)user, (void)run, (void)stream, (void)bytes, (void)length;
    return FLOW_OK;
}

static int64_t tick(void *user)
{
    int64_t *now = user;
    return *now += 1234;
}

/* Records a run with all its notes; returns the file. */
static int record(uint64_t seed, enum flow_profile profile)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct recording r = {.fd = new_file(), .random = {seed}};
    struct random_workflow *random = random_workflow_create(seed);
    struct flow_run_options options = random_workflow_options(random, profile);
    struct flow_run *run = NULL;
    int64_t now = 0;
    assert_int_equal(trace_ring_create(&r.ring, 16 << 10, &err), FLOW_OK);
    struct trace_writer_options writing = {.size = sizeof writing, .ring = r.ring, .fd = r.fd};
    assert_int_equal(trace_writer_create(&r.writer, &writing, &err), FLOW_OK);
    options.hooks = (struct flow_hooks){.size = sizeof options.hooks,
        .user = &r,
        .on_event = on_event,
        .on_print = swallow,
        .notes = UINT64_MAX};
    if (seed % 3 == 0)
        options.hooks.on_boundary = on_boundary;
    options.clock_ns = tick;
    options.clock_user = &now;
    options.is_stamping_all = seed % 2;
    assert_int_equal(flow_run_create(&run, random_workflow_get(random), &options, &err), FLOW_OK);
    assert_int_equal(flow_run_start(run, &err), FLOW_OK);
    while (flow_run_step(run, &err) == FLOW_OK)
        ;
    flow_run_destroy(run);
    trace_writer_destroy(r.writer);
    trace_ring_destroy(r.ring);
    random_workflow_destroy(random);
    return r.fd;
}

/* The trace as text. *events counts those that are not notes. */
static void write_text(int fd, struct str *text, uint64_t *events)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event;
    int status;
    assert_int_equal(trace_reader_create(&reader, fd, NULL, &err), FLOW_OK);
    trace_state_init(&state);
    trace_text_write_header(text, "test");
    while ((status = trace_reader_next(reader, &event, &err)) == FLOW_OK) {
        if (trace_state_apply(&state, &event, &err) < 0)
            fail_msg("folding: %s", err.text);
        trace_text_write_event(text, &state, &event);
    }
    assert_true(status == FLOW_END || status == FLOW_AGAIN);
    *events = state.event;
    trace_state_finish(&state);
    trace_reader_destroy(reader);
}

static int file_of(const char *bytes, size_t length)
{
    int fd = new_file();
    assert_int_equal(write(fd, bytes, length), (ssize_t)length);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Imports a text; returns the last status. */
static int import(const char *bytes, size_t length, int to, struct trace_import_counts *counts, bool *is_cut,
    struct flow_error *err)
{
    struct trace_importer *importer;
    int from = file_of(bytes, length), status;
    assert_int_equal(trace_importer_create(&importer, from, to, err), FLOW_OK);
    while ((status = trace_importer_next(importer, err)) == FLOW_OK)
        ;
    *counts = trace_importer_counts(importer);
    *is_cut = trace_importer_missing(importer) != NULL;
    trace_importer_destroy(importer);
    close(from);
    return status;
}

static void compare(int a, int b, uint64_t seed)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_reader *readers[2];
    assert_int_equal(trace_reader_create(&readers[0], a, NULL, &err), FLOW_OK);
    assert_int_equal(trace_reader_create(&readers[1], b, NULL, &err), FLOW_OK);
    for (;;) {
        struct flow_event events[2];
        int first = trace_reader_next(readers[0], &events[0], &err);
        int second = trace_reader_next(readers[1], &events[1], &err);
        if (first != second)
            fail_msg("seed %llu: one trace ends before the other: %d, %d, %s", (unsigned long long)seed,
                first, second, err.text);
        if (first != FLOW_OK)
            break;
        assert_event_equal(&events[1], &events[0]);
    }
    trace_reader_destroy(readers[0]);
    trace_reader_destroy(readers[1]);
}

static void round_trip(uint64_t seed, enum flow_profile profile)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct str text = {0}, again = {0};
    struct trace_import_counts counts;
    uint64_t events, events_again;
    bool is_cut;
    int first = record(seed, profile), second = new_file();
    write_text(first, &text, &events);
    if (import(text.text, text.length, second, &counts, &is_cut, &err) != FLOW_END)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.text);
    assert_false(is_cut);
    assert_int_equal(counts.events, events);
    assert_int_equal(counts.made_up, 0);
    assert_int_equal(counts.unknown, 0);
    compare(first, second, seed);
    write_text(second, &again, &events_again);
    assert_string_equal(again.text, text.text);
    str_finish(&text);
    str_finish(&again);
    close(first);
    close(second);
}

static void a_trace_written_as_text_and_imported_is_the_same_events(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= WORKFLOWS; seed++) {
        round_trip(seed, FLOW_PROFILE_DOCUMENTED);
        round_trip(seed, FLOW_PROFILE_PACKAGE);
    }
}

/* Lines that are whole: with their newline, or with all but that. */
static uint64_t whole_lines(const char *text, size_t length, bool *is_cut)
{
    uint64_t lines = 0;
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            lines++;
            start = i + 1;
        }
    }
    bool has_all = text[length] == '\n' && start < length;
    *is_cut = start < length && !has_all;
    return lines + has_all;
}

static void a_text_that_is_cut_anywhere_imports_its_whole_lines(void **state)
{
    (void)state;
    struct str text = {0};
    uint64_t events;
    int fd = record(7, FLOW_PROFILE_DOCUMENTED);
    write_text(fd, &text, &events);
    close(fd);
    for (size_t length = 0; length <= text.length; length++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct trace_import_counts counts;
        bool is_cut, expects_cut;
        int to = new_file();
        if (import(text.text, length, to, &counts, &is_cut, &err) != FLOW_END)
            fail_msg("cut at byte %zu: %s", length, err.text);
        uint64_t lines = whole_lines(text.text, length, &expects_cut);
        assert_int_equal(is_cut, expects_cut);
        assert_int_equal(counts.events + counts.notes, lines ? lines - 1 : 0);
        close(to);
    }
    str_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_written_as_text_and_imported_is_the_same_events),
        cmocka_unit_test(a_text_that_is_cut_anywhere_imports_its_whole_lines),
    };
    return RUN_TESTS(tests);
}

/* A file of version 1.0 is read as it always was. The file and what it says stay as they are for ever; a new
 * version of the format gets files of its own. They were made by this program, with a first argument. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/event_text.h"
#include "tests/support/random_workflow.h"
#include "trace/reader_private.h"
#include "trace/timeline.h"
#include "trace/writer.h"

enum { SEED = 9 };

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("%s cannot be opened", path);
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    assert_true(length > 0);
    fclose(file);
    return text;
}

/* What the trace says, one event or note a line. */
static char *describe(const char *path)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_timeline *tl;
    struct flow_event event;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int status = trace_timeline_open(&tl, path, &err);
    if (status < 0)
        fail_msg("%s", err.text);
    while ((status = trace_timeline_next(tl, &event, &err)) == FLOW_OK) {
        fprintf(out, "%lld ", event.has_time ? (long long)event.time_ns : -1);
        event_text_print(out, &event);
    }
    if (status != FLOW_END)
        fail_msg("%d: %s", status, err.text);
    trace_timeline_destroy(tl);
    fclose(out);
    return text;
}

static void a_file_of_version_1_0_says_what_it_always_said(void **state)
{
    char *expected = slurp(GOLDEN ".txt"), *found = describe(GOLDEN ".trace");
    assert_string_equal(found, expected);
    free(found);
    free(expected);
}

static void its_index_and_keyframes_are_found(void **state)
{
    struct trace_reader *reader;
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_timeline *tl;
    size_t keyframes = 0;
    assert_int_equal(trace_reader_open(&reader, GOLDEN ".trace", &err), FLOW_OK);
    vec_foreach (struct block_place, place, &reader->table.blocks)
        keyframes += place->keyframe != 0;
    assert_true(keyframes > 0);
    assert_true(reader->table.index > 0);
    assert_int_equal(reader->table.indexed, reader->table.blocks.count);
    uint64_t count = trace_reader_count(reader);
    assert_int_equal(trace_timeline_create(&tl, reader, &err), FLOW_OK);
    for (uint64_t number = count; number > 0; number--)
        assert_int_equal(trace_timeline_seek(tl, number, &err), FLOW_OK);
    trace_timeline_destroy(tl);
}

static void on_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    trace_writer_append(user, event);
}

static int64_t tick(void *user)
{
    return *(int64_t *)user += 1234;
}

static int make(void)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_ring *ring;
    struct trace_writer *writer;
    struct flow_run *run;
    int64_t now = 0;
    int fd = open(GOLDEN ".trace", O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || trace_ring_create(&ring, 16 << 10, &err) < 0)
        return 1;
    struct trace_writer_options writing = {
        .size = sizeof writing, .ring = ring, .fd = fd, .block_size = 300, .segment_size = 300};
    if (trace_writer_create(&writer, &writing, &err) < 0)
        return 1;
    struct random_workflow *random = random_workflow_create(SEED);
    struct flow_run_options options = random_workflow_options(random, FLOW_PROFILE_DOCUMENTED);
    options.hooks = (struct flow_hooks){
        .size = sizeof options.hooks, .user = writer, .on_event = on_event, .notes = UINT64_MAX};
    options.clock_ns = tick;
    options.clock_user = &now;
    if (flow_run_create(&run, random_workflow_get(random), &options, &err) < 0 ||
        flow_run_start(run, &err) < 0)
        return 1;
    while (flow_run_step(run, &err) == FLOW_OK)
        continue;
    flow_run_destroy(run);
    random_workflow_destroy(random);
    trace_writer_destroy(writer);
    trace_ring_destroy(ring);
    close(fd);
    char *text = describe(GOLDEN ".trace");
    FILE *file = fopen(GOLDEN ".txt", "we");
    fputs(text, file);
    fclose(file);
    free(text);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_version_1_0_says_what_it_always_said),
        cmocka_unit_test(its_index_and_keyframes_are_found),
    };
    return argc > 1 ? make() : RUN_TESTS(tests);
}

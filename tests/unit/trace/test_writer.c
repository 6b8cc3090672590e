/* engine/trace/writer.c, writer_file.c, writer_adopt.c, ring.c: what is written, and what becomes of it when
 * things go wrong. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/trace/tracing.h"

enum { SEVERAL_HALVES = 30000 }; /* events: some ten halves of the smallest ring */

static void append_end(struct trace_writer *writer)
{
    struct sample sample;
    sample_end(&sample, trace_writer_position(writer).event + 1);
    trace_writer_append(writer, &sample.event);
}

/* The file alone holds `count` counting events and, behind them, the end of the run. */
static void assert_file_is_whole(int fd, uint64_t count)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t events;
    int status = tracing_read_file(fd, &events, &err);
    if (status < 0)
        fail_msg("%s", err.text);
    assert_int_equal(status, FLOW_END);
    assert_int_equal(events, count);
}

static void the_file_has_every_event_when_the_writer_is_gone(void **state)
{
    struct tracing t;
    tracing_begin(&t, true);
    tracing_write(&t, SEVERAL_HALVES);
    append_end(t.writer);
    assert_null(trace_writer_problem(t.writer));
    trace_writer_destroy(t.writer);
    t.writer = NULL;
    assert_file_is_whole(t.fd, SEVERAL_HALVES + 1);
    tracing_end(&t);
}

static void every_event_is_published_at_once(void **state)
{
    struct tracing t;
    uint64_t next = 1;
    tracing_begin(&t, true);
    for (uint64_t n = 1; n <= SEVERAL_HALVES; n++) {
        tracing_write(&t, n);
        assert_int_equal(trace_ring_published_event(t.ring), n);
        assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
        assert_int_equal(next, n + 1);
    }
    tracing_end(&t);
}

static void ring_and_file_must_be_new(void **state)
{
    struct tracing t;
    struct trace_writer *second;
    struct trace_ring *fresh;
    tracing_begin(&t, true);
    struct trace_writer_options options = {.size = sizeof options, .ring = t.ring, .fd = -1};
    assert_int_equal(trace_writer_create(&second, &options, &t.err), FLOW_EINVAL);
    assert_int_equal(trace_ring_create(&fresh, 16 << 10, NULL), FLOW_OK);
    options = (struct trace_writer_options){.size = sizeof options, .ring = fresh, .fd = t.fd};
    assert_int_equal(trace_writer_create(&second, &options, &t.err), FLOW_EINVAL);
    assert_string_equal(t.err.text, "the trace file is not empty");
    trace_ring_destroy(fresh);
    tracing_end(&t);
}

static void a_ring_is_shared_by_its_descriptor(void **state)
{
    struct trace_ring *made, *opened;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(trace_ring_create(&made, 12345, &err), FLOW_EINVAL);
    assert_int_equal(trace_ring_create(&made, 16 << 10, &err), FLOW_OK);
    assert_int_equal(trace_ring_open(&opened, trace_ring_fd(made), &err), FLOW_OK);
    trace_ring_set_interrupt(made, 1);
    assert_int_equal(trace_ring_interrupt(opened), 1);
    assert_int_not_equal(ftruncate(trace_ring_fd(opened), 0), 0); /* nobody can cut it under a mapping */
    trace_ring_destroy(opened);
    trace_ring_destroy(made);
    int other = sample_file();
    assert_int_equal(trace_ring_open(&opened, other, &err), FLOW_EFORMAT);
    close(other);
}

/* An event with a long string, and the reader that finds it. */
static void write_and_read_long(struct tracing *t, size_t length, bool is_kept)
{
    char *text = malloc(length);
    struct flow_value value;
    memset(text, 'x', length);
    assert_int_equal(flow_string_create(&value, text, length), FLOW_OK);
    struct flow_event read, event = {.kind = FLOW_EV_CHANNEL_SET,
                                .number = ++t->written,
                                .value = value,
                                .text = "big",
                                .text_length = 3};
    trace_writer_append(t->writer, &event);
    int status;
    do
        status = trace_reader_next(t->reader, &read, &t->err);
    while (status == FLOW_OK && read.number < event.number);
    assert_int_equal(status, FLOW_OK);
    assert_int_equal(flow_value_equal(read.value, value), is_kept);
    assert_int_equal(trace_ring_published_event(t->ring), event.number);
    flow_value_unref(value);
    free(text);
}

static void events_larger_than_the_ring_are_kept_in_the_file(void **state)
{
    static const size_t lengths[] = {10 << 20, 16 << 10, (16 << 10) - 170, 100000};
    struct tracing t;
    tracing_begin(&t, true);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_and_read_long(&t, lengths[i], true);
        tracing_write(&t, t.written + 100);
    }
    append_end(t.writer);
    assert_null(trace_writer_problem(t.writer));
    trace_writer_destroy(t.writer);
    t.writer = NULL;
    struct trace_reader *reader;
    struct flow_event event;
    int status;
    assert_int_equal(trace_reader_create(&reader, t.fd, NULL, NULL), FLOW_OK);
    while ((status = trace_reader_next(reader, &event, NULL)) == FLOW_OK)
        continue;
    assert_int_equal(status, FLOW_END);
    assert_int_equal(trace_reader_position(reader), t.written + 1);
    trace_reader_destroy(reader);
    tracing_end(&t);
}

static void without_a_file_a_large_event_loses_its_value_and_it_is_said(void **state)
{
    struct tracing t;
    uint64_t next;
    tracing_begin(&t, false);
    tracing_write(&t, 10);
    write_and_read_long(&t, 1 << 20, false);
    assert_non_null(strstr(trace_writer_problem(t.writer), "event 11 is larger"));
    next = t.written + 1;
    tracing_write(&t, t.written + 100);
    assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
    assert_int_equal(next, t.written + 1);
    tracing_end(&t);
}

static void a_task_that_takes_the_descriptor_keeps_its_own_file(void **state)
{
    struct tracing t;
    uint64_t next = 1, count;
    char byte;
    tracing_begin(&t, true);
    int kept = dup(t.fd), stolen = sample_file();
    tracing_write(&t, 5000);
    trace_writer_flush(t.writer);
    assert_int_equal(dup2(stolen, t.fd), t.fd);
    for (uint64_t n = 5001; n <= SEVERAL_HALVES; n++) {
        tracing_write(&t, n);
        if (next == 1)
            continue;
        assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
    }
    assert_int_equal(read(stolen, &byte, 1), 0);
    assert_non_null(strstr(trace_writer_problem(t.writer), "closed by the workflow"));
    assert_int_equal(tracing_read_file(kept, &count, &t.err), FLOW_AGAIN);
    assert_int_equal(count, 5000);
    close(kept);
    close(stolen);
    tracing_end(&t);
}

static void when_writing_fails_the_ring_goes_on(void **state)
{
    struct tracing t;
    uint64_t next = 1, count;
    struct flow_error err = FLOW_ERROR_INIT;
    t = (struct tracing){.fd = memfd_create("trace", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    assert_int_equal(ftruncate(t.fd, 0), 0);
    assert_int_equal(trace_ring_create(&t.ring, 16 << 10, &err), FLOW_OK);
    struct trace_writer_options options = {.size = sizeof options, .ring = t.ring, .fd = t.fd};
    assert_int_equal(trace_writer_create(&t.writer, &options, &err), FLOW_OK);
    assert_int_equal(trace_reader_create(&t.reader, t.fd, t.ring, &err), FLOW_OK);
    tracing_write(&t, 1000);
    trace_writer_flush(t.writer);
    assert_int_equal(fcntl(t.fd, F_ADD_SEALS, F_SEAL_GROW), 0); /* like a full disk */
    for (uint64_t n = 1001; n <= SEVERAL_HALVES; n++) {
        tracing_write(&t, n);
        assert_int_equal(tracing_read(t.reader, &next, &err), FLOW_AGAIN);
    }
    assert_int_equal(next, SEVERAL_HALVES + 1);
    assert_non_null(strstr(trace_writer_problem(t.writer), strerror(EPERM)));
    assert_int_equal(tracing_read_file(t.fd, &count, &err), FLOW_AGAIN);
    assert_int_equal(count, 1000);
    tracing_end(&t);
}

/* A process that writes until it is killed. */
static pid_t start_writer(struct tracing *t, uint64_t up_to)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct trace_ring *ring;
    struct trace_writer *writer;
    struct sample sample;
    if (trace_ring_open(&ring, trace_ring_fd(t->ring), NULL) != FLOW_OK)
        _exit(1);
    struct trace_writer_options options = {.size = sizeof options, .ring = ring, .fd = t->fd};
    if (trace_writer_create(&writer, &options, NULL) != FLOW_OK)
        _exit(2);
    for (uint64_t n = 1; n <= up_to; n++) {
        sample_count(&sample, n);
        trace_writer_append(writer, &sample.event);
    }
    append_end(writer);
    trace_writer_destroy(writer);
    _exit(0);
}

static void tracing_begin_other_process(struct tracing *t, bool has_file, uint64_t up_to, pid_t *pid)
{
    *t = (struct tracing){.fd = has_file ? sample_file() : -1};
    assert_int_equal(trace_ring_create(&t->ring, 16 << 10, &t->err), FLOW_OK);
    *pid = start_writer(t, up_to);
    assert_int_equal(trace_reader_create(&t->reader, t->fd, t->ring, &t->err), FLOW_OK);
}

static void a_reader_follows_a_writer_in_another_process(void **state)
{
    enum { EVENTS = 500000 };
    struct tracing t;
    uint64_t next = 1;
    pid_t pid;
    int status, code;
    tracing_begin_other_process(&t, true, EVENTS, &pid);
    do {
        status = tracing_read(t.reader, &next, &t.err);
        if (status < 0)
            fail_msg("at event %llu: %s", (unsigned long long)next, t.err.text);
    } while (status == FLOW_AGAIN);
    assert_int_equal(status, FLOW_END);
    assert_int_equal(next, EVENTS + 2);
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    assert_file_is_whole(t.fd, EVENTS + 1);
    tracing_end(&t);
}

/* After a kill: everything published can be read; the trace can be adopted and ended; the file is whole. */
static void check_after_kill(struct tracing *t, uint64_t *next)
{
    uint64_t published = trace_ring_published_event(t->ring);
    int status = tracing_read(t->reader, next, &t->err);
    if (status < 0)
        fail_msg("%llu published, at %llu: %s", (unsigned long long)published, (unsigned long long)*next,
            t->err.text);
    assert_true(*next > published);
    uint64_t last = *next - 1;
    struct trace_writer_options options = {.size = sizeof options, .ring = t->ring, .fd = t->fd};
    status = trace_writer_adopt(&t->writer, &options, &t->err);
    if (status < 0)
        fail_msg("%s", t->err.text);
    uint64_t adopted = trace_writer_position(t->writer).event;
    assert_in_range(adopted, last, last + 1); /* one may have reached the file that was not published */
    append_end(t->writer);
    assert_null(trace_writer_problem(t->writer));
    assert_int_equal(tracing_read(t->reader, next, &t->err), FLOW_END);
    assert_int_equal(*next, adopted + 2);
    trace_writer_destroy(t->writer);
    t->writer = NULL;
    if (t->fd >= 0)
        assert_file_is_whole(t->fd, adopted + 1);
}

static void kill_at_any_moment_loses_nothing_published(void **state)
{
    struct random_source random = {5};
    for (int round = 0; round < 40; round++) {
        struct tracing t;
        uint64_t next = 1;
        pid_t pid;
        uint64_t target = random_below(&random, 60000);
        bool is_following = round % 2;
        tracing_begin_other_process(&t, true, 10000000, &pid);
        while (trace_ring_published_event(t.ring) < target) {
            struct flow_event event;
            if (is_following && trace_reader_next(t.reader, &event, &t.err) == FLOW_OK)
                assert_int_equal(event.number, next++);
        }
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        check_after_kill(&t, &next);
        tracing_end(&t);
    }
}

/* A process that writes up_to events, a flush after the first 400, and is gone without another word. */
static void write_and_die(struct tracing *t, uint64_t up_to)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct trace_writer_options options = {.size = sizeof options, .ring = t->ring, .fd = t->fd};
        if (trace_writer_create(&t->writer, &options, NULL) != FLOW_OK)
            _exit(1);
        tracing_write(t, 400);
        trace_writer_flush(t->writer);
        tracing_write(t, up_to);
        _exit(0);
    }
    int code;
    assert_int_equal(waitpid(pid, &code, 0), pid);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
}

static void a_block_torn_by_a_crash_is_written_again(void **state)
{
    struct tracing whole;
    size_t length, done;
    tracing_begin(&whole, true);
    tracing_write(&whole, 400);
    trace_writer_flush(whole.writer);
    free(tracing_bytes(whole.fd, &done));
    tracing_write(&whole, 900);
    trace_writer_flush(whole.writer);
    uint8_t *bytes = tracing_bytes(whole.fd, &length);
    for (size_t torn = 0; torn <= length - done; torn += torn < 170 ? 9 : 97) {
        struct tracing t = {.fd = sample_file()};
        uint64_t next = 1;
        assert_int_equal(trace_ring_create(&t.ring, 16 << 10, NULL), FLOW_OK);
        assert_int_equal(trace_reader_create(&t.reader, t.fd, t.ring, NULL), FLOW_OK);
        write_and_die(&t, 900);
        assert_int_equal(pwrite(t.fd, bytes + done, torn, (off_t)done), torn);
        check_after_kill(&t, &next);
        assert_int_equal(next, 902);
        tracing_end(&t);
    }
    free(bytes);
    tracing_end(&whole);
}

static void a_ring_without_file_can_be_adopted(void **state)
{
    struct tracing t;
    uint64_t next = 1;
    tracing_begin(&t, false);
    tracing_write(&t, 2000);
    trace_writer_destroy(t.writer);
    check_after_kill(&t, &next);
    tracing_end(&t);
}

static void a_writer_that_wrote_nothing_can_be_adopted(void **state)
{
    struct tracing t = {.fd = sample_file()};
    uint64_t next = 1;
    assert_int_equal(trace_ring_create(&t.ring, 16 << 10, NULL), FLOW_OK);
    assert_int_equal(trace_reader_create(&t.reader, t.fd, t.ring, NULL), FLOW_OK);
    check_after_kill(&t, &next);
    tracing_end(&t);
}

static void a_damaged_ring_is_adopted_up_to_its_last_sound_record(void **state)
{
    struct random_source random = {9};
    for (int round = 0; round < 200; round++) {
        struct tracing t;
        struct trace_writer *writer;
        tracing_begin(&t, true);
        tracing_write(&t, 300);
        trace_writer_flush(t.writer);
        tracing_write(&t, 600);
        size_t size = 4096 + (32 << 10);
        uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, trace_ring_fd(t.ring), 0);
        assert_true(bytes != MAP_FAILED);
        for (int i = 0; i < 20; i++)
            bytes[64 + random_below(&random, (uint32_t)size - 64)] = (uint8_t)random_next(&random);
        munmap(bytes, size);
        struct flow_event event;
        int status;
        while ((status = trace_reader_next(t.reader, &event, &t.err)) == FLOW_OK)
            continue;
        struct trace_writer_options options = {.size = sizeof options, .ring = t.ring, .fd = t.fd};
        status = trace_writer_adopt(&writer, &options, &t.err);
        assert_true(status == FLOW_OK || (status == FLOW_EFORMAT && t.err.text[0]));
        if (status == FLOW_OK) {
            append_end(writer);
            trace_writer_destroy(writer);
        }
        tracing_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_every_event_when_the_writer_is_gone),
        cmocka_unit_test(every_event_is_published_at_once),
        cmocka_unit_test(ring_and_file_must_be_new),
        cmocka_unit_test(a_ring_is_shared_by_its_descriptor),
        cmocka_unit_test(events_larger_than_the_ring_are_kept_in_the_file),
        cmocka_unit_test(without_a_file_a_large_event_loses_its_value_and_it_is_said),
        cmocka_unit_test(a_task_that_takes_the_descriptor_keeps_its_own_file),
        cmocka_unit_test(when_writing_fails_the_ring_goes_on),
        cmocka_unit_test(a_reader_follows_a_writer_in_another_process),
        cmocka_unit_test(kill_at_any_moment_loses_nothing_published),
        cmocka_unit_test(a_block_torn_by_a_crash_is_written_again),
        cmocka_unit_test(a_ring_without_file_can_be_adopted),
        cmocka_unit_test(a_writer_that_wrote_nothing_can_be_adopted),
        cmocka_unit_test(a_damaged_ring_is_adopted_up_to_its_last_sound_record),
    };
    return RUN_TESTS(tests);
}

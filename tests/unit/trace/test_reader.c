/* engine/trace/reader.c, reader_block.c, blocks.c, format.c: files that are whole, cut, damaged or foreign.
 */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/trace/tracing.h"
#include "trace/crc32c.h"
#include "trace/format.h"

/* A finished file of counting events in three blocks, and a copy of its bytes. */
struct sample_trace {
    uint8_t *bytes;
    size_t length;
    uint64_t events; /* the end included */
};

static struct sample_trace make_trace(uint64_t events)
{
    struct tracing t;
    struct sample sample;
    struct sample_trace trace = {.events = events};
    tracing_begin(&t, true);
    tracing_write(&t, events / 3);
    trace_writer_flush(t.writer);
    tracing_write(&t, events / 2);
    trace_writer_flush(t.writer);
    tracing_write(&t, events - 1);
    sample_end(&sample, events);
    trace_writer_append(t.writer, &sample.event);
    trace_writer_flush(t.writer);
    trace.bytes = tracing_bytes(t.fd, &trace.length);
    tracing_end(&t);
    return trace;
}

static int read_bytes(const uint8_t *bytes, size_t length, uint64_t *count, struct flow_error *err)
{
    int fd = tracing_file_of(bytes, length);
    int status = tracing_read_file(fd, count, err);
    close(fd);
    return status;
}

static void a_file_cut_anywhere_opens_up_to_its_last_whole_record(void **state)
{
    struct sample_trace trace = make_trace(60);
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t before = 0, count;
    for (size_t cut = 0; cut <= trace.length; cut++) {
        int status = read_bytes(trace.bytes, cut, &count, &err);
        if (cut < FORMAT_FILE_HEADER_SIZE) {
            assert_int_equal(status, FLOW_EFORMAT);
            continue;
        }
        assert_int_equal(status, cut == trace.length ? FLOW_END : FLOW_AGAIN);
        /* Every record that the cut moves past is read: so none but the one that is cut is missing. */
        assert_in_range(count, before, before + 1);
        before = count;
    }
    assert_int_equal(before, trace.events);
    free(trace.bytes);
}

static void what_is_missing_of_a_cut_file_is_said(void **state)
{
    struct sample_trace trace = make_trace(60);
    static const struct {
        size_t kept; /* counted from the end where negative */
        long from_end;
        const char *words;
    } rows[] = {
        {FORMAT_FILE_HEADER_SIZE, 0, "the run's end is not in the file"},
        {FORMAT_FILE_HEADER_SIZE + 50, 0, "the file ends inside a block header: 50 bytes of it are there"},
        {FORMAT_FILE_HEADER_SIZE + FORMAT_BLOCK_HEADER_SIZE + 7, 0, "the file ends inside block 0: 7 of"},
        {0, 1, "the file ends inside block 2:"},
        {0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_reader *reader;
        uint64_t next = 1;
        size_t length = rows[i].kept ? rows[i].kept : trace.length - (size_t)rows[i].from_end;
        int fd = tracing_file_of(trace.bytes, length);
        assert_int_equal(trace_reader_create(&reader, fd, NULL, NULL), FLOW_OK);
        uint64_t count = trace_reader_count(reader);
        tracing_read(reader, &next, NULL);
        assert_int_equal(count, next - 1); /* known before anything was read */
        const char *missing = trace_reader_missing(reader);
        if (!rows[i].words)
            assert_null(missing);
        else if (!missing || !strstr(missing, rows[i].words))
            fail_msg("'%s' instead of '%s'", missing ? missing : "", rows[i].words);
        trace_reader_destroy(reader);
        close(fd);
    }
    free(trace.bytes);
}

static void a_flipped_bit_gives_an_error_or_a_shorter_trace(void **state)
{
    struct sample_trace trace = make_trace(24);
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t count;
    for (size_t bit = 0; bit < trace.length * 8; bit++) {
        trace.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int status = read_bytes(trace.bytes, trace.length, &count, &err);
        /* The events that were read have been compared. */
        if (status == FLOW_END)
            fail_msg("bit %zu: not noticed", bit);
        assert_true(status == FLOW_AGAIN || err.text[0]);
        trace.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(trace.bytes);
}

static void a_damaged_block_is_named_by_its_place(void **state)
{
    struct sample_trace trace = make_trace(60);
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t count;
    trace.bytes[FORMAT_FILE_HEADER_SIZE + FORMAT_BLOCK_HEADER_SIZE + 3] ^= 1;
    assert_int_equal(read_bytes(trace.bytes, trace.length, &count, &err), FLOW_EFORMAT);
    assert_string_equal(err.text, "offset 64: block 0: checksum differs");
    assert_int_equal(count, 0);
    free(trace.bytes);
}

static void a_failure_repeats_until_a_seek(void **state)
{
    struct sample_trace trace = make_trace(60);
    struct trace_reader *reader;
    struct flow_event event;
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t next = 1;
    trace.bytes[trace.length - 2] ^= 1; /* in the last block */
    int fd = tracing_file_of(trace.bytes, trace.length);
    assert_int_equal(trace_reader_create(&reader, fd, NULL, NULL), FLOW_OK);
    assert_int_equal(tracing_read(reader, &next, &err), FLOW_EFORMAT);
    assert_int_equal(next, 31);
    assert_int_equal(trace_reader_next(reader, &event, &err), FLOW_EFORMAT);
    assert_int_equal(trace_reader_position(reader), 30);
    assert_int_equal(trace_reader_seek(reader, 40, &err), FLOW_EFORMAT);
    assert_int_equal(trace_reader_position(reader), 30);
    assert_int_equal(trace_reader_seek(reader, 12, &err), FLOW_OK);
    next = 13;
    assert_int_equal(tracing_read(reader, &next, &err), FLOW_EFORMAT);
    assert_int_equal(next, 31);
    trace_reader_destroy(reader);
    close(fd);
    free(trace.bytes);
}

static void files_that_are_no_trace_are_refused_by_name(void **state)
{
    struct trace_reader *reader;
    struct flow_error err = FLOW_ERROR_INIT;
    assert_int_equal(trace_reader_open(&reader, "/nonexistent/x.trace", &err), FLOW_EIO);
    assert_string_equal(err.text, "opening trace '/nonexistent/x.trace': No such file or directory");
    assert_int_equal(trace_reader_open(&reader, "/", &err), FLOW_EFORMAT);
    assert_string_equal(err.text, "opening trace '/': this is not a file");
    assert_int_equal(trace_reader_open(&reader, "/dev/null", &err), FLOW_EFORMAT);
    assert_int_equal(trace_reader_open(&reader, "/proc/self/exe", &err), FLOW_EFORMAT);
    assert_string_equal(err.text, "opening trace '/proc/self/exe': this is not a flowdbg trace");
}

/* Changes bytes of the file header and mends its checksum. */
static int open_with_header(size_t offset, uint8_t byte, struct flow_error *err)
{
    struct sample_trace trace = make_trace(9);
    uint64_t count;
    trace.bytes[offset] = byte;
    uint32_t sum = crc32c(0, trace.bytes, FORMAT_FILE_HEADER_SIZE - 4);
    for (int i = 0; i < 4; i++)
        trace.bytes[FORMAT_FILE_HEADER_SIZE - 4 + i] = (uint8_t)(sum >> 8 * i);
    int status = read_bytes(trace.bytes, trace.length, &count, err);
    free(trace.bytes);
    return status;
}

static void versions_and_features_decide_what_is_read(void **state)
{
    static const struct {
        const char *what;
        size_t offset;
        uint8_t byte;
        int expected;
    } rows[] = {
        {"another major version", 8, 2, FLOW_EVERSION},
        {"a later minor version", 10, 9, FLOW_END},
        {"a compatible feature", 16, 1, FLOW_END},
        {"a feature that only forbids appending", 24, 1, FLOW_END},
        {"an incompatible feature", 32, 1, FLOW_EVERSION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        int status = open_with_header(rows[i].offset, rows[i].byte, &err);
        if (status != rows[i].expected)
            fail_msg("%s: %d (%s)", rows[i].what, status, err.text);
    }
}

static void blocks_of_unknown_type_are_skipped(void **state)
{
    struct sample_trace trace = make_trace(60);
    struct format_block block = {.type = 77, .version = 3, .length = 1000};
    size_t extra = FORMAT_BLOCK_HEADER_SIZE + 1000;
    uint8_t *bytes = calloc(1, trace.length + extra);
    uint64_t count;
    memcpy(bytes, trace.bytes, FORMAT_FILE_HEADER_SIZE);
    format_pack_block(bytes + FORMAT_FILE_HEADER_SIZE, &block);
    memcpy(bytes + FORMAT_FILE_HEADER_SIZE + extra, trace.bytes + FORMAT_FILE_HEADER_SIZE,
        trace.length - FORMAT_FILE_HEADER_SIZE);
    assert_int_equal(read_bytes(bytes, trace.length + extra, &count, NULL), FLOW_END);
    assert_int_equal(count, trace.events);
    free(bytes);
    free(trace.bytes);
}

static void hostile_block_headers_are_refused(void **state)
{
    static const struct {
        const char *what;
        struct format_block block;
    } rows[] = {
        {"longer than any file", {.type = 1, .version = 1, .length = UINT64_MAX, .first_event = 1}},
        {"longer than any file, unknown", {.type = 9, .length = UINT64_MAX - 100}},
        {"events from nothing", {.type = 1, .version = 1, .first_event = 0}},
        {"events beyond all numbers", {.type = 1, .version = 1, .first_event = UINT64_MAX, .events = 9}},
        {"a gap", {.type = 1, .version = 1, .sequence = 3, .first_event = 70}},
        {"an overlap", {.type = 1, .version = 1, .sequence = 3, .first_event = 20}},
        {"a block once more", {.type = 1, .version = 1, .sequence = 2, .first_event = 61}},
        {"records of another version", {.type = 1, .version = 2, .sequence = 3, .first_event = 61}},
    };
    struct sample_trace trace = make_trace(60);
    uint8_t *bytes = malloc(trace.length + FORMAT_BLOCK_HEADER_SIZE);
    memcpy(bytes, trace.bytes, trace.length);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        uint64_t count;
        format_pack_block(bytes + trace.length, &rows[i].block);
        int status = read_bytes(bytes, trace.length + FORMAT_BLOCK_HEADER_SIZE, &count, &err);
        if (status >= 0 || count != trace.events || !strstr(err.text, "offset "))
            fail_msg("%s: %d, %llu events (%s)", rows[i].what, status, (unsigned long long)count, err.text);
    }
    free(bytes);
    free(trace.bytes);
}

/* Events with notes among them: after event n come n % 3 notes. */
static void write_with_notes(struct tracing *t, uint64_t up_to)
{
    while (t->written < up_to) {
        tracing_write(t, t->written + 1);
        for (uint64_t i = 0; i < t->written % 3; i++) {
            struct flow_event note = {.kind = FLOW_EV_LOG_POINT,
                .number = t->written,
                .text = "note",
                .text_length = 4,
                .count = i,
                .step = t->written / 10};
            trace_writer_append(t->writer, &note);
        }
    }
}

static void check_at(struct trace_reader *reader, uint64_t number, uint64_t last)
{
    struct flow_event event;
    struct flow_error err = FLOW_ERROR_INIT;
    int status = trace_reader_seek(reader, number, &err);
    if (status != FLOW_OK)
        fail_msg("seek %llu: %d %s", (unsigned long long)number, status, err.text);
    assert_int_equal(trace_reader_position(reader), number);
    for (uint64_t i = 0; i < number % 3; i++) {
        assert_int_equal(trace_reader_next(reader, &event, &err), FLOW_OK);
        assert_int_equal(event.kind, FLOW_EV_LOG_POINT);
        assert_int_equal(event.number, number);
        assert_int_equal(event.count, i);
        assert_int_equal(trace_reader_position(reader), number);
    }
    if (number == last)
        return;
    struct sample sample;
    sample_count(&sample, number + 1);
    assert_int_equal(trace_reader_next(reader, &event, &err), FLOW_OK);
    assert_event_equal(&event, &sample.event);
}

static void seeking_in_any_order_stands_before_the_notes_of_the_event(void **state)
{
    enum { EVENTS = 12000 };
    struct random_source random = {21};
    struct tracing t;
    struct trace_reader *file;
    tracing_begin(&t, true);
    write_with_notes(&t, EVENTS);
    for (int i = 0; i < 300; i++)
        check_at(t.reader, random_next(&random) % (EVENTS + 1), EVENTS);
    for (uint64_t number = EVENTS; number > EVENTS - 50; number--)
        check_at(t.reader, number, EVENTS);
    assert_int_equal(trace_reader_seek(t.reader, EVENTS + 1, &t.err), FLOW_NOT_FOUND);
    assert_int_equal(trace_reader_position(t.reader), EVENTS - 48);
    trace_writer_flush(t.writer);
    assert_int_equal(trace_reader_create(&file, t.fd, NULL, NULL), FLOW_OK);
    assert_int_equal(trace_reader_count(file), EVENTS);
    for (int i = 0; i < 300; i++)
        check_at(file, random_next(&random) % (EVENTS + 1), EVENTS);
    assert_int_equal(trace_reader_seek(file, UINT64_MAX, &t.err), FLOW_NOT_FOUND);
    check_at(file, 0, EVENTS);
    trace_reader_destroy(file);
    tracing_end(&t);
}

static void a_seek_that_fails_leaves_the_place_even_between_notes(void **state)
{
    struct tracing t;
    struct flow_event event;
    tracing_begin(&t, false);
    write_with_notes(&t, 50);
    assert_int_equal(trace_reader_seek(t.reader, 5, NULL), FLOW_OK);
    assert_int_equal(trace_reader_next(t.reader, &event, NULL), FLOW_OK); /* the first of two notes */
    assert_int_equal(trace_reader_seek(t.reader, 51, NULL), FLOW_NOT_FOUND);
    assert_int_equal(trace_reader_next(t.reader, &event, NULL), FLOW_OK);
    assert_int_equal(event.kind, FLOW_EV_LOG_POINT);
    assert_int_equal(event.count, 1);
    assert_int_equal(trace_reader_seek(t.reader, 5, NULL), FLOW_OK);
    assert_int_equal(trace_reader_next(t.reader, &event, NULL), FLOW_OK);
    assert_int_equal(event.count, 0);
    tracing_end(&t);
}

static void a_reader_that_fell_behind_goes_on_from_the_file(void **state)
{
    struct tracing t;
    uint64_t next = 1;
    tracing_begin(&t, true);
    tracing_write(&t, 100);
    assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
    tracing_write(&t, 40000); /* several times around, while the reader stands inside the first block */
    assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
    assert_int_equal(next, 40001);
    assert_int_equal(trace_reader_count(t.reader), 40000);
    tracing_end(&t);
}

static void without_a_file_the_events_that_were_overwritten_are_named(void **state)
{
    struct tracing t;
    struct flow_event event;
    uint64_t next = 1;
    tracing_begin(&t, false);
    tracing_write(&t, 100);
    assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
    tracing_write(&t, 40000);
    assert_int_equal(trace_reader_next(t.reader, &event, &t.err), FLOW_EFORMAT);
    assert_ptr_equal(strstr(t.err.text, "events 101 to "), t.err.text);
    assert_int_equal(trace_reader_seek(t.reader, 39990, &t.err), FLOW_OK); /* what the ring has is there */
    next = 39991;
    assert_int_equal(tracing_read(t.reader, &next, &t.err), FLOW_AGAIN);
    assert_int_equal(next, 40001);
    tracing_end(&t);
}

static void a_file_that_grows_can_be_followed_without_its_ring(void **state)
{
    struct tracing t;
    struct trace_reader *reader;
    uint64_t next = 1;
    tracing_begin(&t, true);
    assert_int_equal(trace_reader_create(&reader, t.fd, NULL, NULL), FLOW_OK);
    for (uint64_t up_to = 10; up_to < 20000; up_to = up_to * 3) {
        tracing_write(&t, up_to);
        trace_writer_flush(t.writer);
        assert_int_equal(tracing_read(reader, &next, &t.err), FLOW_AGAIN);
        assert_int_equal(next, up_to + 1);
    }
    trace_reader_destroy(reader);
    tracing_end(&t);
}

static void a_file_that_arrives_byte_by_byte_can_be_followed(void **state)
{
    struct sample_trace trace = make_trace(40);
    struct trace_reader *reader;
    uint64_t next = 1;
    int fd = tracing_file_of(trace.bytes, FORMAT_FILE_HEADER_SIZE), status = FLOW_AGAIN;
    assert_int_equal(trace_reader_create(&reader, fd, NULL, NULL), FLOW_OK);
    for (size_t length = FORMAT_FILE_HEADER_SIZE; length < trace.length; length++) {
        assert_int_equal(status, FLOW_AGAIN);
        assert_int_equal(pwrite(fd, trace.bytes + length, 1, (off_t)length), 1);
        status = tracing_read(reader, &next, NULL);
    }
    assert_int_equal(status, FLOW_END);
    assert_int_equal(next, trace.events + 1);
    trace_reader_destroy(reader);
    close(fd);
    free(trace.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_cut_anywhere_opens_up_to_its_last_whole_record),
        cmocka_unit_test(what_is_missing_of_a_cut_file_is_said),
        cmocka_unit_test(a_flipped_bit_gives_an_error_or_a_shorter_trace),
        cmocka_unit_test(a_damaged_block_is_named_by_its_place),
        cmocka_unit_test(a_failure_repeats_until_a_seek),
        cmocka_unit_test(files_that_are_no_trace_are_refused_by_name),
        cmocka_unit_test(versions_and_features_decide_what_is_read),
        cmocka_unit_test(blocks_of_unknown_type_are_skipped),
        cmocka_unit_test(hostile_block_headers_are_refused),
        cmocka_unit_test(seeking_in_any_order_stands_before_the_notes_of_the_event),
        cmocka_unit_test(a_seek_that_fails_leaves_the_place_even_between_notes),
        cmocka_unit_test(a_reader_that_fell_behind_goes_on_from_the_file),
        cmocka_unit_test(without_a_file_the_events_that_were_overwritten_are_named),
        cmocka_unit_test(a_file_that_grows_can_be_followed_without_its_ring),
        cmocka_unit_test(a_file_that_arrives_byte_by_byte_can_be_followed),
    };
    return RUN_TESTS(tests);
}

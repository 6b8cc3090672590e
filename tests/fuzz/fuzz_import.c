/* libFuzzer target: any bytes as a text trace. What can be imported must be readable, and the same when it is
 * written as text and imported again.
 *
 *     meson setup build-fuzz -Dfuzz=true   (CC=clang)
 *     build-fuzz/tests/fuzz/fuzz_import -max_len=4096 -dict=tests/fuzz/import.dict corpus/ tests/fuzz/import
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/import.h"
#include "trace/reader.h"
#include "trace/text_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_of(const void *bytes, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    assert(fd >= 0);
    ssize_t put = write(fd, bytes, size);
    assert(put == (ssize_t)size);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Imports; returns the trace. */
static int import(const void *bytes, size_t size, int *status, uint64_t *events)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_importer *importer;
    int from = file_of(bytes, size), to = file_of("", 0);
    *status = trace_importer_create(&importer, from, to, &err);
    assert(*status == FLOW_OK);
    while ((*status = trace_importer_next(importer, &err)) == FLOW_OK)
        ;
    assert(*status == FLOW_END || *err.text);
    struct trace_import_counts counts = trace_importer_counts(importer);
    *events = counts.events + counts.notes;
    trace_importer_destroy(importer);
    close(from);
    return to;
}

static void write_text(int fd, struct str *text, uint64_t events)
{
    struct trace_reader *reader;
    struct trace_state state;
    struct flow_event event;
    uint64_t count = 0;
    int status = trace_reader_create(&reader, fd, NULL, NULL);
    assert(status == FLOW_OK);
    trace_state_init(&state);
    trace_text_write_header(text, "fuzz");
    while (trace_reader_next(reader, &event, NULL) == FLOW_OK) {
        status = trace_state_apply(&state, &event, NULL);
        assert(status == FLOW_OK);
        trace_text_write_event(text, &state, &event);
        count++;
    }
    assert(count == events);
    trace_state_finish(&state);
    trace_reader_destroy(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str first = {0}, second = {0};
    uint64_t events, events_again;
    int status;
    int trace = import(data, size, &status, &events);
    write_text(trace, &first, events);
    close(trace);
    trace = import(first.text, first.length, &status, &events_again);
    assert(status == FLOW_END && events_again == events);
    write_text(trace, &second, events_again);
    assert(first.length == second.length && memcmp(first.text, second.text, first.length) == 0);
    close(trace);
    str_finish(&first);
    str_finish(&second);
    return 0;
}

#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/trace/tracing.h"

void tracing_begin(struct tracing *t, bool has_file)
{
    *t = (struct tracing){.fd = has_file ? sample_file() : -1};
    assert_int_equal(trace_ring_create(&t->ring, 16 << 10, &t->err), FLOW_OK);
    struct trace_writer_options options = {.size = sizeof options, .ring = t->ring, .fd = t->fd};
    assert_int_equal(trace_writer_create(&t->writer, &options, &t->err), FLOW_OK);
    assert_int_equal(trace_reader_create(&t->reader, t->fd, t->ring, &t->err), FLOW_OK);
}

void tracing_end(struct tracing *t)
{
    trace_reader_destroy(t->reader);
    trace_writer_destroy(t->writer);
    trace_ring_destroy(t->ring);
    if (t->fd >= 0)
        close(t->fd);
}

void tracing_write(struct tracing *t, uint64_t up_to)
{
    struct sample sample;
    while (t->written < up_to) {
        sample_count(&sample, ++t->written);
        trace_writer_append(t->writer, &sample.event);
    }
}

int tracing_read(struct trace_reader *reader, uint64_t *next, struct flow_error *err)
{
    struct flow_event event;
    struct sample sample;
    int status;
    while ((status = trace_reader_next(reader, &event, err)) == FLOW_OK) {
        if (event.kind == FLOW_EV_RUN_ENDED)
            sample_end(&sample, *next);
        else
            sample_count(&sample, *next);
        assert_event_equal(&event, &sample.event);
        ++*next;
    }
    return status;
}

uint8_t *tracing_bytes(int fd, size_t *length)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    *length = (size_t)st.st_size;
    uint8_t *bytes = malloc(*length + 1);
    assert_int_equal(pread(fd, bytes, *length, 0), *length);
    return bytes;
}

int tracing_file_of(const uint8_t *bytes, size_t length)
{
    int fd = sample_file();
    assert_int_equal(pwrite(fd, bytes, length, 0), length);
    return fd;
}

int tracing_read_file(int fd, uint64_t *count, struct flow_error *err)
{
    struct trace_reader *reader;
    uint64_t next = 1;
    *count = 0;
    int status = trace_reader_create(&reader, fd, NULL, err);
    if (status < 0)
        return status;
    status = tracing_read(reader, &next, err);
    trace_reader_destroy(reader);
    *count = next - 1;
    return status;
}

/* A trace in the making: ring, file, writer and reader for one test. */
#ifndef TESTS_UNIT_TRACE_TRACING_H
#define TESTS_UNIT_TRACE_TRACING_H

#include "tests/unit/trace/samples.h"
#include "trace/reader.h"
#include "trace/writer.h"

struct tracing {
    int fd; /* -1: ring only */
    struct trace_ring *ring;
    struct trace_writer *writer;
    struct trace_reader *reader; /* follows the ring */
    uint64_t written;            /* counting events so far */
    struct flow_error err;
};

/* With the smallest ring. */
void tracing_begin(struct tracing *t, bool has_file);
void tracing_end(struct tracing *t);
/* Appends counting events up to that number. */
void tracing_write(struct tracing *t, uint64_t up_to);
/* Reads until something else than FLOW_OK comes, expecting counting events from *next on; returns that. */
int tracing_read(struct trace_reader *reader, uint64_t *next, struct flow_error *err);
/* The bytes of a file; the caller frees them with free(). */
uint8_t *tracing_bytes(int fd, size_t *length);
/* A file with those bytes. */
int tracing_file_of(const uint8_t *bytes, size_t length);
/* Reads a file of counting events to its end. Returns the last status; *count is how many events there were.
 */
int tracing_read_file(int fd, uint64_t *count, struct flow_error *err);

#endif

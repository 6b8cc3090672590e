#include "trace/text_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/text_line.h"

enum {
    PIECE = 256 << 10,
    LINE_MAX_BYTES = 1 << 30, /* a longer one is no line of ours */
};

struct text_reader {
    int fd;
    char *buffer; /* one byte more than capacity, for the newline behind a last line without one */
    size_t capacity, start, filled;
    uint64_t bytes;
    uint64_t line;
    bool is_at_end; /* of the file */
    struct text_scan scan;
    struct line_owned owned;
    struct line_unknown unknown;
    char missing[200];
};

int text_reader_create(struct text_reader **out, int fd, struct flow_error *err)
{
    struct text_reader *reader = mem_zalloc(sizeof *reader);
    if (reader && !(reader->buffer = mem_alloc(PIECE + 1))) {
        mem_free(reader);
        reader = NULL;
    }
    if (!reader)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading a text trace");
    reader->fd = fd;
    reader->capacity = PIECE;
    *out = reader;
    return FLOW_OK;
}

void text_reader_destroy(struct text_reader *reader)
{
    if (!reader)
        return;
    line_owned_drop(&reader->owned);
    scan_finish(&reader->scan);
    mem_free(reader->buffer);
    mem_free(reader);
}

/* Makes room behind what is in the buffer. */
static int make_room(struct text_reader *reader, struct flow_error *err)
{
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->filled - reader->start);
        reader->filled -= reader->start;
        reader->start = 0;
    }
    if (reader->filled < reader->capacity)
        return FLOW_OK;
    if (reader->capacity >= LINE_MAX_BYTES)
        return flow_error_set(err, FLOW_EFORMAT, "line %llu: it has more than %d bytes",
            (unsigned long long)reader->line + 1, LINE_MAX_BYTES);
    char *larger = mem_resize(reader->buffer, reader->capacity * 2 + 1);
    if (!larger)
        return flow_error_set(
            err, FLOW_ENOMEM, "out of memory reading line %llu", (unsigned long long)reader->line + 1);
    reader->buffer = larger;
    reader->capacity *= 2;
    return FLOW_OK;
}

static int read_piece(struct text_reader *reader, struct flow_error *err)
{
    int status = make_room(reader, err);
    if (status < 0)
        return status;
    ssize_t got;
    do
        got = read(reader->fd, reader->buffer + reader->filled, reader->capacity - reader->filled);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return flow_error_set(err, FLOW_EIO, "reading: %s", strerror(errno));
    reader->is_at_end = got == 0;
    reader->filled += (size_t)got;
    reader->bytes += (uint64_t)got;
    return FLOW_OK;
}

/* The next line, without its newline. FLOW_END: there is none. *is_whole: a newline follows it. */
static int take_line(
    struct text_reader *reader, char **start, char **end, bool *is_whole, struct flow_error *err)
{
    size_t looked = 0;
    for (;;) {
        char *from = reader->buffer + reader->start;
        size_t have = reader->filled - reader->start;
        char *newline = memchr(from + looked, '\n', have - looked);
        if (newline || (reader->is_at_end && have > 0)) {
            *is_whole = newline != NULL;
            *start = from;
            *end = newline ? newline : from + have;
            **end = '\n';
            reader->start = newline ? (size_t)(newline - reader->buffer) + 1 : reader->filled;
            reader->line++;
            return FLOW_OK;
        }
        if (reader->is_at_end)
            return FLOW_END;
        looked = have;
        int status = read_piece(reader, err);
        if (status < 0)
            return status;
    }
}

static void skip_mark(char **start, const char *end)
{
    static const char mark[] = "\xef\xbb\xbf"; /* byte order mark */
    if (end - *start >= 3 && memcmp(*start, mark, 3) == 0)
        *start += 3;
}

int text_reader_next(struct text_reader *reader, struct text_line *line, struct flow_error *err)
{
    char *start, *end;
    bool is_whole;
    int status;
    while ((status = take_line(reader, &start, &end, &is_whole, err)) == FLOW_OK) {
        struct flow_error why = FLOW_ERROR_INIT;
        line_owned_drop(&reader->owned);
        if (reader->line == 1)
            skip_mark(&start, end);
        scan_begin(&reader->scan, start, end, reader->line, &why);
        if (scan_peek(&reader->scan) == '\0' && reader->scan.at == end)
            continue; /* a blank line */
        status = line_parse(&reader->scan, &reader->owned, &reader->unknown, line);
        if (status == FLOW_END) /* a header */
            continue;
        if (status == FLOW_OK)
            return FLOW_OK;
        if (status == FLOW_EFORMAT && reader->scan.is_cut && !is_whole) {
            snprintf(reader->missing, sizeof reader->missing,
                "the file ends inside line %llu: %zu bytes of it are there", (unsigned long long)reader->line,
                (size_t)(end - start));
            return FLOW_END;
        }
        if (err)
            *err = why;
        return status;
    }
    return status;
}

const char *text_reader_missing(const struct text_reader *reader)
{
    return reader->missing[0] ? reader->missing : NULL;
}

uint64_t text_reader_unknown(const struct text_reader *reader, const char **first)
{
    *first = reader->unknown.first;
    return reader->unknown.count;
}

uint64_t text_reader_bytes(const struct text_reader *reader)
{
    return reader->bytes;
}

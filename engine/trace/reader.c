#include "trace/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/reader_private.h"

static void go_to_start(struct trace_reader *reader)
{
    reader->block.is_open = false;
    reader->position = 0;
    reader->has_notes = false;
}

/* Reads to the end of a cut block, to know its last event. */
static int count_tail(struct trace_reader *reader, struct flow_error *err)
{
    if (reader->ring || !reader->table.has_tail)
        return FLOW_OK;
    int status = reader_open_block(reader, reader->table.tail.sequence, err);
    struct flow_event event;
    while (status == FLOW_OK)
        status = trace_reader_next(reader, &event, NULL);
    go_to_start(reader);
    reader->broken.code = 0;
    return status == FLOW_ENOMEM ? status : FLOW_OK; /* damage is found again by who reads so far */
}

int trace_reader_create(struct trace_reader **out, int fd, struct trace_ring *ring, struct flow_error *err)
{
    struct trace_reader *reader = mem_zalloc(sizeof *reader);
    if (!reader)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory opening the trace");
    reader->fd = fd;
    reader->ring = ring;
    block_table_init(&reader->table, fd, ring != NULL);
    int status = block_table_scan(&reader->table, err);
    if (status == FLOW_OK)
        status = count_tail(reader, err);
    if (status < 0) {
        trace_reader_destroy(reader);
        return status;
    }
    *out = reader;
    return FLOW_OK;
}

int trace_reader_open(struct trace_reader **out, const char *path, struct flow_error *err)
{
    int status;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0)
        status = flow_error_set(err, FLOW_EIO, "%s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        status = flow_error_set(err, FLOW_EFORMAT, "this is not a file");
    else
        status = trace_reader_create(out, fd, NULL, err);
    if (status == FLOW_OK) {
        (*out)->owns_fd = true;
        return FLOW_OK;
    }
    if (fd >= 0)
        close(fd);
    flow_error_prefix(err, "opening trace '%s'", path);
    return status;
}

void trace_reader_destroy(struct trace_reader *reader)
{
    if (!reader)
        return;
    block_table_finish(&reader->table);
    record_codec_finish(&reader->codec);
    mem_free(reader->block.payload.bytes);
    mem_free(reader->spare.bytes);
    if (reader->owns_fd)
        close(reader->fd);
    mem_free(reader);
}

/* Takes note of an event that was decoded. FLOW_OK or FLOW_EFORMAT. */
static int pass_event(struct trace_reader *reader, const struct flow_event *event, struct flow_error *err)
{
    if (flow_event_is_note(event->kind)) {
        reader->has_notes = true;
        return FLOW_OK;
    }
    bool follows = event->kind == FLOW_EV_BRANCH ? event->number > reader->position
                                                 : event->number == reader->position + 1;
    if (!follows)
        return flow_error_set(err, FLOW_EFORMAT, "block %llu: event %llu after event %llu",
            (unsigned long long)reader->block.sequence, (unsigned long long)event->number,
            (unsigned long long)reader->position);
    reader->position = event->number;
    reader->has_notes = false;
    if (event->number > reader->known)
        reader->known = event->number;
    if (event->kind == FLOW_EV_RUN_ENDED)
        reader->has_end = true;
    return FLOW_OK;
}

/* The next record of the block, getting more bytes as needed. */
static int decode_next(struct trace_reader *reader, struct flow_event *event, struct flow_error *err)
{
    struct reader_block *block = &reader->block;
    for (;;) {
        if (block->is_open) {
            size_t start = block->at;
            int status = record_decode(
                &reader->codec, block->payload.bytes, block->payload.length, &block->at, event, err);
            if (status < 0)
                flow_error_prefix(err, "block %llu, byte %zu", (unsigned long long)block->sequence, start);
            if (status != FLOW_AGAIN)
                return status;
        }
        int status = reader_read_more(reader, err);
        if (status != FLOW_OK)
            return status;
    }
}

static bool has_end(const struct trace_reader *reader)
{
    return reader->has_end || reader->table.has_end;
}

int trace_reader_next(struct trace_reader *reader, struct flow_event *event, struct flow_error *err)
{
    if (reader->broken.code) {
        if (err)
            *err = reader->broken;
        return reader->broken.code;
    }
    /* Until it is known that there is one, so that the usual case need not clear a kilobyte. */
    struct flow_error *failure = &reader->broken;
    int status = decode_next(reader, event, failure);
    if (status == FLOW_OK)
        status = pass_event(reader, event, failure);
    if (status == FLOW_OK)
        return FLOW_OK;
    if (status == FLOW_AGAIN) {
        failure->code = 0;
        return has_end(reader) && (reader->ring || reader->table.cut == 0) ? FLOW_END : FLOW_AGAIN;
    }
    failure->code = status;
    if (err)
        *err = *failure;
    return status;
}

/* Goes to a byte of a block, where the cursor has been before. */
static void go_back(struct trace_reader *reader, uint64_t sequence, size_t at)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    reader->broken.code = 0;
    int status = reader_open_block(reader, sequence, &err);
    while (status == FLOW_OK && reader->block.at < at)
        status = trace_reader_next(reader, &event, &err);
    if (status > 0)
        status = flow_error_set(&err, FLOW_EFORMAT, "the place in the trace cannot be read any more");
    if (status < 0)
        reader->broken = err;
}

/* Moves forward to just after an event. FLOW_OK, FLOW_NOT_FOUND, failures. */
static int go_forward(struct trace_reader *reader, uint64_t number, struct flow_error *err)
{
    struct flow_event event;
    int status = FLOW_OK;
    while (status == FLOW_OK && reader->position < number)
        status = trace_reader_next(reader, &event, err);
    return status == FLOW_END || status == FLOW_AGAIN ? FLOW_NOT_FOUND : status;
}

int trace_reader_seek(struct trace_reader *reader, uint64_t number, struct flow_error *err)
{
    const struct block_table *table = &reader->table;
    uint64_t sequence;
    int status = reader_find_block(reader, number, &sequence, err);
    if (status != FLOW_OK)
        return status;
    if (number == 0) {
        reader->broken.code = 0;
        go_to_start(reader);
        return FLOW_OK;
    }
    if (!reader->ring && !table->has_tail && !table->damage.code && number > block_table_last_event(table))
        return FLOW_NOT_FOUND;
    struct reader_block old = reader->block;
    bool is_ahead = number > reader->position || (number == reader->position && !reader->has_notes);
    reader->broken.code = 0;
    if (!old.is_open || sequence > old.sequence || !is_ahead)
        status = reader_open_block(reader, sequence, err);
    if (status == FLOW_OK)
        status = go_forward(reader, number, err);
    if (status == FLOW_AGAIN || (status == FLOW_OK && reader->position != number))
        status = FLOW_NOT_FOUND;
    if (status != FLOW_OK && old.is_open)
        go_back(reader, old.sequence, old.at);
    else if (status != FLOW_OK)
        go_to_start(reader);
    return status;
}

uint64_t trace_reader_position(const struct trace_reader *reader)
{
    return reader->position;
}

uint64_t trace_reader_count(const struct trace_reader *reader)
{
    uint64_t count = block_table_last_event(&reader->table);
    uint64_t published = reader->ring ? trace_ring_published_event(reader->ring) : 0;
    if (published > count)
        count = published;
    return reader->known > count ? reader->known : count;
}

const char *trace_reader_missing(const struct trace_reader *reader)
{
    const struct block_table *table = &reader->table;
    char *missing = ((struct trace_reader *)reader)->missing;
    size_t size = sizeof reader->missing;
    if (reader->ring)
        return NULL;
    if (table->damage.code)
        snprintf(missing, size, "%.150s", table->damage.text);
    else if (table->has_tail)
        snprintf(missing, size, "the file ends inside block %llu: %llu of %llu bytes are there",
            (unsigned long long)table->tail.sequence, (unsigned long long)table->tail_available,
            (unsigned long long)table->tail.length);
    else if (table->cut)
        snprintf(missing, size, "the file ends inside a block header: %llu bytes of it are there",
            (unsigned long long)table->cut);
    else if (!has_end(reader))
        snprintf(missing, size, "the run's end is not in the file");
    else
        return NULL;
    return missing;
}

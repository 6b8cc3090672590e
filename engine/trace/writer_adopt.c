/* Going on with the trace of a writer whose process is dead. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "trace/blocks.h"
#include "trace/writer_private.h"

/* Decodes a payload up to its end, or to the first record that is not sound. *at is where that is. FLOW_OK,
 * FLOW_EFORMAT, FLOW_ENOMEM. */
static int count_records(struct trace_writer *writer, size_t *at, struct flow_error *err)
{
    const struct wire_out *payload = &writer->payload;
    struct flow_event event;
    int status = FLOW_OK;
    *at = 0;
    for (;;) {
        size_t next = *at;
        status = record_decode(&writer->codec, payload->bytes, payload->length, &next, &event, err);
        if (status != FLOW_OK)
            return status == FLOW_AGAIN ? FLOW_OK : status;
        if (!flow_event_is_note(event.kind) && event.kind != FLOW_EV_BRANCH &&
            event.number != writer->last.event + 1)
            return FLOW_EFORMAT;
        writer_count(writer, &event);
        *at = next;
    }
}

/* Makes a payload that exists that of the block that follows writer->last: decoding it leaves the codec as
 * encoding it had. Records that are cut off or not sound go, with all behind them. FLOW_OK, FLOW_ENOMEM. */
static int take_records(struct trace_writer *writer, uint64_t sequence, size_t length, struct flow_error *err)
{
    struct trace_writer_position last = writer->last;
    int status;
    do {
        size_t at;
        writer->last = last;
        writer_begin_block(writer, sequence);
        writer->payload.length = length;
        status = count_records(writer, &at, err);
        length = at;
    } while (status == FLOW_EFORMAT); /* once more without the bad one, which may have spoilt the codec */
    writer->payload.length = length;
    writer->end.length = length;
    return status;
}

/* Learns from the last whole block of the file what the last event in it was. */
static int take_file_end(struct trace_writer *writer, const struct block_table *table, struct flow_error *err)
{
    if (table->blocks.count == 0)
        return FLOW_OK;
    const struct block_place *last = &vec_last(&table->blocks);
    writer->last = (struct trace_writer_position){
        .event = last->first_event - 1,
        .step = last->first_step,
        .time_ns = last->first_time,
    };
    int status = block_table_load(table, last, last->length, &writer->payload, err);
    return status < 0 ? status : take_records(writer, last->sequence, writer->payload.length, err);
}

/* Finds the end of the file. *next is the block that comes after it. */
static int adopt_file(struct trace_writer *writer, uint64_t *next, struct flow_error *err)
{
    struct block_table table;
    *next = 0;
    if (writer->fd < 0)
        return FLOW_OK;
    int status = writer_file_identify(writer, err);
    if (status < 0)
        return status;
    block_table_init(&table, writer->fd, true);
    status = block_table_scan(&table, err);
    if (status == FLOW_OK && !table.has_header)
        status = writer_file_begin(writer, err);
    else if (status == FLOW_OK)
        writer->offset = table.end;
    if (status == FLOW_OK)
        status = take_file_end(writer, &table, err);
    if (status == FLOW_OK && table.cut > 0 && ftruncate(writer->fd, (off_t)table.end) < 0)
        status = flow_error_set(err, FLOW_EIO, "cutting the trace file: %s", strerror(errno));
    if (status == FLOW_OK)
        status = writer_file_adopt_index(writer, &table, err);
    writer->keyframe = table.keyframe;
    if (status == FLOW_OK && table.blocks.count > 0)
        *next = vec_last(&table.blocks).sequence + 1;
    block_table_finish(&table);
    return status;
}

/* Takes a block out of the ring to go on with it. FLOW_OK, FLOW_NOT_FOUND (it is not there), failures. */
static int take_ring_block(
    struct trace_writer *writer, uint64_t sequence, size_t length, struct flow_error *err)
{
    uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE];
    struct format_block block;
    if (ring_copy(writer->ring, sequence, 0, bytes, sizeof bytes) != FLOW_OK)
        return FLOW_NOT_FOUND;
    int status = format_parse_block(&block, bytes, err);
    if (status == FLOW_OK && (block.sequence != sequence || block.first_event == 0))
        status = flow_error_set(err, FLOW_EFORMAT, "it begins with another block");
    if (status < 0) {
        flow_error_prefix(err, "the ring is damaged in block %llu", (unsigned long long)sequence);
        return status;
    }
    writer->last = (struct trace_writer_position){
        .event = block.first_event - 1,
        .step = block.first_step,
        .time_ns = block.first_time,
    };
    writer->payload.length = 0;
    if (wire_reserve(&writer->payload, length) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace ring");
    status = ring_copy(writer->ring, sequence, FORMAT_BLOCK_HEADER_SIZE, writer->payload.bytes, length);
    return status != FLOW_OK ? status : take_records(writer, sequence, length, err);
}

/* The block before the open one, if the file has not got it: its writer died before it wrote it, or could
 * not. FLOW_OK: the file is complete up to the open block, or will not be (a problem). */
static int save_closed_block(
    struct trace_writer *writer, uint64_t next, uint64_t open, struct flow_error *err)
{
    size_t length;
    if (writer->fd < 0 || next >= open)
        return FLOW_OK;
    if (next + 1 < open || ring_closed_length(writer->ring, next, &length) != FLOW_OK) {
        writer_set_problem(writer,
            "events from %llu on are not in the trace file: its writer could not "
            "write them",
            (unsigned long long)writer->last.event + 1);
        return FLOW_OK;
    }
    int status = take_ring_block(writer, next, length, err);
    if (status == FLOW_OK)
        writer_file_append(writer);
    return status;
}

int trace_writer_adopt(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err)
{
    struct trace_writer *writer;
    uint64_t next;
    int status = writer_alloc(&writer, options, err);
    if (status < 0)
        return status;
    status = adopt_file(writer, &next, err);
    if (status < 0)
        goto fail;
    struct ring_position end = ring_published(writer->ring);
    bool is_fresh = ring_is_fresh(writer->ring);
    if (is_fresh || end.block < next) {
        /* The file has all. Blocks never go back in the ring, so the next one is behind both. */
        writer_open_block(writer, next);
    } else {
        status = save_closed_block(writer, next, end.block, err);
        if (status == FLOW_OK)
            status = take_ring_block(writer, end.block, end.length, err);
        if (status == FLOW_NOT_FOUND)
            status = flow_error_set(err, FLOW_EFORMAT, "the ring is damaged: its open block is gone");
        if (status < 0)
            goto fail;
        ring_append(writer->ring, &writer->end, NULL, 0, writer->last.event);
    }
    *out = writer;
    return FLOW_OK;
fail:
    writer_free(writer);
    return status;
}

/* Where the reader gets its bytes: whole blocks from the file, what is newer from the ring, the rest of a
 * file that was cut. */
#include <stdio.h>
#include <string.h>

#include "trace/reader_private.h"

static void take_spare(struct trace_reader *reader)
{
    struct wire_out payload = reader->block.payload;
    reader->block.payload = reader->spare;
    reader->spare = payload;
}

/* Makes a block whose payload is in `spare` the current one. */
static void start_block(struct trace_reader *reader, const struct block_place *place, bool is_whole)
{
    take_spare(reader);
    reader->block.is_open = true;
    reader->block.is_whole = is_whole;
    reader->block.sequence = place->sequence;
    reader->block.first_event = place->first_event;
    reader->block.at = 0;
    reader->position = place->first_event - 1;
    reader->has_notes = false;
    struct format_block block = {
        .first_event = place->first_event,
        .first_step = place->first_step,
        .first_time = place->first_time,
    };
    record_codec_begin(&reader->codec, &block);
}

static int open_in_file(struct trace_reader *reader, uint64_t sequence, struct flow_error *err)
{
    const struct block_place *place = block_table_find(&reader->table, sequence);
    if (!place) {
        int status = block_table_scan(&reader->table, err);
        if (status < 0)
            return status;
        place = block_table_find(&reader->table, sequence);
    }
    if (!place)
        return FLOW_NOT_FOUND;
    int status = block_table_load(&reader->table, place, place->length, &reader->spare, err);
    if (status == FLOW_OK)
        start_block(reader, place, true);
    return status;
}

/* The header that a block was opened with in the ring. FLOW_OK, FLOW_NOT_FOUND, FLOW_EFORMAT. */
static int ring_header(
    const struct trace_ring *ring, uint64_t sequence, struct block_place *place, struct flow_error *err)
{
    uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE];
    if (ring_copy(ring, sequence, 0, bytes, sizeof bytes) != FLOW_OK)
        return FLOW_NOT_FOUND;
    struct format_block block;
    int status = format_parse_block(&block, bytes, err);
    if (status == FLOW_OK && (block.sequence != sequence || block.first_event == 0))
        status = flow_error_set(err, FLOW_EFORMAT, "it begins with another block");
    if (status == FLOW_OK && block.version != FORMAT_EVENTS_VERSION)
        status = flow_error_set(err, FLOW_EVERSION, "events of version %u", (unsigned)block.version);
    if (status < 0) {
        flow_error_prefix(err, "the ring is damaged in block %llu", (unsigned long long)sequence);
        return status;
    }
    *place = (struct block_place){
        .sequence = sequence,
        .first_event = block.first_event,
        .first_step = block.first_step,
        .first_time = block.first_time,
    };
    return FLOW_OK;
}

/* Appends what the ring has of a block's payload, up to `length`. */
static int copy_from_ring(struct trace_reader *reader, uint64_t sequence, struct wire_out *payload,
    size_t length, struct flow_error *err)
{
    if (length <= payload->length)
        return FLOW_OK;
    size_t have = payload->length, count = length - have;
    if (wire_reserve(payload, count) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace ring");
    int status =
        ring_copy(reader->ring, sequence, FORMAT_BLOCK_HEADER_SIZE + have, payload->bytes + have, count);
    if (status == FLOW_OK)
        payload->length = length;
    return status;
}

/* FLOW_OK, FLOW_NOT_FOUND: the ring does not hold it. */
static int open_in_ring(struct trace_reader *reader, uint64_t sequence, struct flow_error *err)
{
    struct ring_position end = ring_published(reader->ring);
    struct block_place place;
    size_t length = end.length;
    if (sequence > end.block)
        return FLOW_NOT_FOUND;
    if (sequence < end.block && ring_closed_length(reader->ring, sequence, &length) != FLOW_OK)
        return FLOW_NOT_FOUND;
    int status = ring_header(reader->ring, sequence, &place, err);
    if (status != FLOW_OK)
        return status;
    reader->spare.length = 0;
    status = copy_from_ring(reader, sequence, &reader->spare, length, err);
    if (status == FLOW_OK)
        start_block(reader, &place, sequence < end.block);
    return status;
}

/* The block at the end of a file that was cut inside it. FLOW_OK or FLOW_NOT_FOUND. */
static int open_tail(struct trace_reader *reader, uint64_t sequence, struct flow_error *err)
{
    if (!reader->table.has_tail || reader->table.tail.sequence != sequence)
        return FLOW_NOT_FOUND;
    int status = block_table_load(
        &reader->table, &reader->table.tail, reader->table.tail_available, &reader->spare, err);
    if (status == FLOW_OK)
        start_block(reader, &reader->table.tail, false);
    return status;
}

/* What the ring said before the other places were looked at: a block that was closed then was in the file
 * then, if it ever is. */
struct ring_view {
    bool is_used;
    struct ring_position end;
};

static struct ring_view view_ring(const struct trace_reader *reader)
{
    struct ring_view view = {.is_used = reader->ring && !ring_is_fresh(reader->ring)};
    if (view.is_used)
        view.end = ring_published(reader->ring);
    return view;
}

/* A block that is nowhere: is it not there yet, damaged, or lost? */
static int report_absent(
    struct trace_reader *reader, struct ring_view view, uint64_t sequence, struct flow_error *err)
{
    const struct block_table *table = &reader->table;
    if (!reader->ring && table->damage.code) {
        if (err)
            *err = table->damage;
        return table->damage.code;
    }
    if (!view.is_used || sequence > view.end.block)
        return FLOW_AGAIN;
    struct ring_position end = ring_published(reader->ring);
    struct block_place oldest;
    int status = FLOW_NOT_FOUND;
    if (end.block > 0)
        status = ring_header(reader->ring, end.block - 1, &oldest, NULL);
    if (status != FLOW_OK)
        status = ring_header(reader->ring, end.block, &oldest, err);
    if (status != FLOW_OK)
        return status < 0 ? status : FLOW_AGAIN; /* overtaken once more: it will be found to be lost later */
    return flow_error_set(err, FLOW_EFORMAT,
        "events %llu to %llu are lost: they were overwritten in the ring and are not in a file",
        (unsigned long long)reader->position + 1, (unsigned long long)oldest.first_event - 1);
}

int reader_open_block(struct trace_reader *reader, uint64_t sequence, struct flow_error *err)
{
    int status = FLOW_NOT_FOUND;
    struct ring_view view = view_ring(reader);
    struct flow_error in_file = FLOW_ERROR_INIT;
    /* The open block is in the ring. Older ones are better read from the file, which has checksums; but what
     * the file has not, or has damaged, the ring may have. */
    if (view.is_used && sequence >= view.end.block)
        status = open_in_ring(reader, sequence, err);
    if (status == FLOW_NOT_FOUND) {
        status = open_in_file(reader, sequence, &in_file);
        if (status < 0 && view.is_used && open_in_ring(reader, sequence, NULL) == FLOW_OK)
            return FLOW_OK;
        if (status < 0 && err)
            *err = in_file;
    }
    if (status == FLOW_NOT_FOUND && view.is_used)
        status = open_in_ring(reader, sequence, err);
    if (status == FLOW_NOT_FOUND)
        status = open_tail(reader, sequence, err);
    return status == FLOW_NOT_FOUND ? report_absent(reader, view, sequence, err) : status;
}

uint64_t reader_first_block(const struct trace_reader *reader)
{
    if (reader->table.blocks.count)
        return reader->table.blocks.at[0].sequence;
    return reader->table.has_tail ? reader->table.tail.sequence : 0;
}

/* The open block was closed while the reader stood in it: gets the rest. */
static int finish_block(struct trace_reader *reader, struct flow_error *err)
{
    struct reader_block *block = &reader->block;
    struct ring_view view = view_ring(reader);
    size_t length;
    int status = block_table_scan(&reader->table, err);
    if (status < 0)
        return status;
    const struct block_place *place = block_table_find(&reader->table, block->sequence);
    if (place) {
        status = block_table_load(&reader->table, place, place->length, &reader->spare, err);
        if (status == FLOW_OK && reader->spare.length < block->at)
            status = flow_error_set(err, FLOW_EFORMAT, "block %llu is shorter than what was read of it",
                (unsigned long long)block->sequence);
        if (status == FLOW_OK)
            take_spare(reader);
    } else if (reader->ring && ring_closed_length(reader->ring, block->sequence, &length) == FLOW_OK) {
        status = copy_from_ring(reader, block->sequence, &block->payload, length, err);
    } else {
        status = FLOW_NOT_FOUND;
    }
    if (status == FLOW_NOT_FOUND)
        return report_absent(reader, view, block->sequence, err);
    block->is_whole = status == FLOW_OK;
    return status;
}

/* More of a block at the end of a file that grows or was cut. */
static int read_more_of_tail(struct trace_reader *reader, struct flow_error *err)
{
    struct reader_block *block = &reader->block;
    int status = block_table_scan(&reader->table, err);
    if (status < 0)
        return status;
    if (block_table_find(&reader->table, block->sequence))
        return finish_block(reader, err);
    if (!reader->table.has_tail || reader->table.tail.sequence != block->sequence ||
        reader->table.tail_available <= block->payload.length)
        return FLOW_AGAIN;
    status = block_table_load(
        &reader->table, &reader->table.tail, reader->table.tail_available, &reader->spare, err);
    if (status == FLOW_OK)
        take_spare(reader);
    return status;
}

static int next_block(struct trace_reader *reader, struct flow_error *err)
{
    struct reader_block *block = &reader->block;
    if (block->at < block->payload.length)
        return flow_error_set(
            err, FLOW_EFORMAT, "block %llu ends inside a record", (unsigned long long)block->sequence);
    uint64_t position = reader->position, sequence = block->sequence;
    bool has_notes = reader->has_notes;
    int status = reader_open_block(reader, sequence + 1, err);
    if (status == FLOW_OK && reader->position != position) {
        status = flow_error_set(err, FLOW_EFORMAT, "block %llu begins after event %llu instead of %llu",
            (unsigned long long)sequence + 1, (unsigned long long)reader->position,
            (unsigned long long)position);
        reader->position = position;
    }
    reader->has_notes = has_notes;
    return status;
}

int reader_read_more(struct trace_reader *reader, struct flow_error *err)
{
    struct reader_block *block = &reader->block;
    if (!block->is_open)
        return reader_open_block(reader, reader_first_block(reader), err);
    if (block->is_whole)
        return next_block(reader, err);
    if (!reader->ring || ring_is_fresh(reader->ring))
        return read_more_of_tail(reader, err);
    struct ring_position end = ring_published(reader->ring);
    if (end.block > block->sequence)
        return finish_block(reader, err);
    if (end.block < block->sequence || end.length < block->payload.length)
        return flow_error_set(err, FLOW_EFORMAT, "the ring is damaged: what was published is gone");
    if (end.length == block->payload.length)
        return FLOW_AGAIN;
    int status = copy_from_ring(reader, block->sequence, &block->payload, end.length, err);
    return status == FLOW_NOT_FOUND ? FLOW_OK : status; /* closed and overwritten just now: look again */
}

int reader_find_block(struct trace_reader *reader, uint64_t event, uint64_t *sequence, struct flow_error *err)
{
    int status = block_table_scan(&reader->table, err);
    if (status < 0)
        return status;
    if (event == 0) {
        *sequence = reader_first_block(reader);
        return FLOW_OK;
    }
    if (event <= block_table_last_event(&reader->table)) {
        const struct block_place *place = block_table_find_event(&reader->table, event);
        if (!place)
            return flow_error_set(
                err, FLOW_EFORMAT, "event %llu is before the first that is kept", (unsigned long long)event);
        *sequence = place->sequence;
        return FLOW_OK;
    }
    if (reader->ring && !ring_is_fresh(reader->ring)) {
        struct block_place place;
        uint64_t open = ring_published(reader->ring).block;
        for (uint64_t back = 0; back < 2 && back <= open; back++) {
            if (ring_header(reader->ring, open - back, &place, NULL) == FLOW_OK &&
                place.first_event <= event) {
                *sequence = open - back;
                return FLOW_OK;
            }
        }
    }
    if (reader->table.blocks.count) {
        *sequence = vec_last(&reader->table.blocks).sequence;
        return FLOW_OK;
    }
    *sequence = reader_first_block(reader);
    return FLOW_OK;
}

#include "trace/writer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "trace/writer_private.h"

void writer_set_problem(struct trace_writer *writer, const char *fmt, ...)
{
    writer->fd = -1;
    if (writer->problem[0])
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(writer->problem, sizeof writer->problem, fmt, args);
    va_end(args);
}

/* The memory for a block ran out. There is nothing that could be recorded any more. */
static void give_up(struct trace_writer *writer)
{
    writer_set_problem(writer, "out of memory; events from %llu on are not recorded",
        (unsigned long long)writer->last.event + 1);
    writer->is_dead = true;
}

void writer_begin_block(struct trace_writer *writer, uint64_t sequence)
{
    writer->block = (struct format_block){
        .type = FORMAT_BLOCK_EVENTS,
        .version = FORMAT_EVENTS_VERSION,
        .sequence = sequence,
        .first_event = writer->last.event + 1,
        .first_time = writer->last.time_ns,
        .first_step = writer->last.step,
    };
    writer->payload.length = 0;
    writer->end = (struct ring_position){.block = sequence};
    record_codec_begin(&writer->codec, &writer->block);
}

void writer_open_block(struct trace_writer *writer, uint64_t sequence)
{
    writer_begin_block(writer, sequence);
    writer_segment_open_block(writer);
    uint8_t header[FORMAT_BLOCK_HEADER_SIZE];
    format_pack_block(header, &writer->block);
    ring_open_block(writer->ring, sequence, header);
}

void writer_close_block(struct trace_writer *writer)
{
    if (writer->fd >= 0)
        writer_file_append(writer);
    if (writer->segment)
        writer->segment->rows += writer->payload.length;
    bool is_in_ring = writer->payload.length == writer->end.length;
    ring_close_block(writer->ring, writer->block.sequence, is_in_ring ? writer->end.length : RING_NOT_HERE);
}

void writer_count(struct trace_writer *writer, const struct flow_event *event)
{
    struct format_block *block = &writer->block;
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    block->kinds[event->kind / 64] |= UINT64_C(1) << event->kind % 64;
    block->errors += event->kind == FLOW_EV_ERROR;
    if (fields & FLOW_F_TASK && event->task != FLOW_TASK_NONE)
        block->tasks[event->task % 256 / 8] |= (uint8_t)(1u << event->task % 8);
    if (fields & FLOW_F_OTHER && event->other != FLOW_TASK_NONE)
        block->tasks[event->other % 256 / 8] |= (uint8_t)(1u << event->other % 8);
    if (event->kind == FLOW_EV_CHANNEL_SET || event->kind == FLOW_EV_CHANNEL_DELETED)
        block->keys[event->key % 256 / 8] |= (uint8_t)(1u << event->key % 8);
    if (flow_event_is_note(event->kind)) {
        block->notes++;
    } else {
        block->events++;
        writer->last.event = event->number;
    }
    writer->last.step = event->step;
    if (event->has_time)
        writer->last.time_ns = event->time_ns;
    if (writer->segment)
        writer_segment_fold(writer, event);
}

int writer_alloc(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err)
{
    struct trace_writer *writer = mem_zalloc(sizeof *writer);
    if (!writer || wire_reserve(&writer->payload, options->ring->half_size) < 0) {
        mem_free(writer);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory creating the trace writer");
    }
    writer->ring = options->ring;
    writer->fd = options->fd;
    writer->block_size = options->block_size ? options->block_size : WRITER_BLOCK_SIZE;
    writer->segment_size = options->segment_size ? options->segment_size : WRITER_SEGMENT_SIZE;
    *out = writer;
    return FLOW_OK;
}

void writer_free(struct trace_writer *writer)
{
    writer_segment_destroy(writer);
    record_codec_finish(&writer->codec);
    mem_free(writer->index.bytes);
    mem_free(writer->payload.bytes);
    mem_free(writer);
}

static int begin_file(struct trace_writer *writer, struct flow_error *err)
{
    struct stat st;
    if (fstat(writer->fd, &st) < 0)
        return flow_error_set(err, FLOW_EIO, "the trace file: %s", strerror(errno));
    if (st.st_size > 0)
        return flow_error_set(err, FLOW_EINVAL, "the trace file is not empty");
    int status = writer_file_identify(writer, err);
    return status < 0 ? status : writer_file_begin(writer, err);
}

int trace_writer_create(
    struct trace_writer **out, const struct trace_writer_options *options, struct flow_error *err)
{
    struct trace_writer *writer;
    if (!ring_is_fresh(options->ring))
        return flow_error_set(err, FLOW_EINVAL, "the trace ring holds another trace");
    int status = writer_alloc(&writer, options, err);
    if (status < 0)
        return status;
    if (writer->fd >= 0)
        status = begin_file(writer, err);
    if (status == FLOW_OK && writer->fd >= 0 && writer_segment_create(writer) < 0)
        status = flow_error_set(err, FLOW_ENOMEM, "out of memory creating the trace writer");
    if (status < 0) {
        writer_free(writer);
        return status;
    }
    writer_open_block(writer, 0);
    *out = writer;
    return FLOW_OK;
}

/* The length of a text that is cut to some size between two characters. */
static size_t small_length(const char *text, size_t length)
{
    enum { TEXT_MAX = 1024 };
    if (length <= TEXT_MAX)
        return length;
    length = TEXT_MAX;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

/* Replaces what may be large in an event by words; the caller owns those. */
static void make_small(struct flow_event *event, struct flow_value owned[2])
{
    struct flow_value *values[] = {&event->value, &event->old};
    for (int i = 0; i < 2; i++) {
        owned[i] = flow_null();
        if (flow_value_is_scalar(*values[i]))
            continue;
        flow_opaque_create(&owned[i], flow_type_name(values[i]->type), "too large to be recorded");
        *values[i] = owned[i];
    }
    event->text_length = small_length(event->text, event->text_length);
    event->detail_length = small_length(event->detail, event->detail_length);
}

/* Encodes, where there is no file, an event that is larger than a half of the ring, without what makes it so.
 */
static int encode_small(struct trace_writer *writer, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    struct flow_event small = *event;
    struct flow_value owned[2];
    if (!(fields & FLOW_F_VALUE))
        small.value = flow_null();
    if (!(fields & FLOW_F_OLD) || (event->kind == FLOW_EV_CHANNEL_SET && !event->code))
        small.old = flow_null();
    if (!(fields & FLOW_F_TEXT))
        small.text_length = 0;
    if (!(fields & FLOW_F_DETAIL))
        small.detail_length = 0;
    make_small(&small, owned);
    writer->payload.length = 0;
    record_codec_begin(&writer->codec, &writer->block);
    int status = record_encode(&writer->codec, &small, &writer->payload);
    flow_value_unref(owned[0]);
    flow_value_unref(owned[1]);
    writer_set_problem(writer,
        "event %llu is larger than the trace ring and there is no file: it is recorded "
        "without its value",
        (unsigned long long)event->number);
    return status;
}

/* Makes room for an event whose record did not fit into the rest of the block. FLOW_OK: encoded, at the start
 * of a block; FLOW_END: written to the file as a block of its own; FLOW_ENOMEM. */
static int encode_in_new_block(struct trace_writer *writer, const struct flow_event *event, size_t start)
{
    if (start > 0) {
        writer->payload.length = start;
        writer_close_block(writer);
        writer_open_block(writer, writer->block.sequence + 1);
        if (record_encode(&writer->codec, event, &writer->payload) < 0)
            return FLOW_ENOMEM;
    }
    if (writer->payload.length <= ring_capacity(writer->ring))
        return FLOW_OK;
    if (writer->fd < 0)
        return encode_small(writer, event);
    struct format_block block = writer->block;
    struct trace_writer_position last = writer->last;
    writer_count(writer, event);
    writer_close_block(writer);
    if (writer->fd < 0) { /* that failed: the ring has to do */
        writer->block = block;
        writer->last = last;
        return encode_small(writer, event);
    }
    writer_open_block(writer, writer->block.sequence + 1);
    ring_publish_event(writer->ring, writer->last.event);
    return FLOW_END;
}

/* How long the open block may become by a record that begins at `start`. Blocks in a file are small, so that
 * keyframes can stand between them; where there is only the ring, as much of it is used as can be. */
static size_t block_limit(const struct trace_writer *writer, size_t start)
{
    size_t capacity = ring_capacity(writer->ring);
    return writer->fd >= 0 && start > 0 && capacity > writer->block_size ? writer->block_size : capacity;
}

void trace_writer_append(struct trace_writer *writer, const struct flow_event *event)
{
    if (writer->is_dead)
        return;
    size_t start = writer->payload.length;
    int status = record_encode(&writer->codec, event, &writer->payload);
    if (status == FLOW_OK && writer->payload.length > block_limit(writer, start)) {
        status = encode_in_new_block(writer, event, start);
        start = 0;
    }
    if (status == FLOW_OK && writer->payload.length > ring_capacity(writer->ring))
        status = FLOW_ENOMEM; /* a small event always fits; this one has no bounds that we know of */
    if (status < 0)
        give_up(writer);
    if (status != FLOW_OK)
        return;
    writer_count(writer, event);
    ring_append(writer->ring, &writer->end, writer->payload.bytes + start, writer->payload.length - start,
        writer->last.event);
}

void trace_writer_flush(struct trace_writer *writer)
{
    if (writer->is_dead || writer->fd < 0 || writer->payload.length == 0)
        return;
    writer_close_block(writer);
    writer_open_block(writer, writer->block.sequence + 1);
}

void trace_writer_destroy(struct trace_writer *writer)
{
    if (!writer)
        return;
    trace_writer_flush(writer);
    if (!writer->is_dead && writer->fd >= 0)
        writer_file_finish(writer);
    writer_free(writer);
}

const char *trace_writer_problem(const struct trace_writer *writer)
{
    return writer->problem[0] ? writer->problem : NULL;
}

struct trace_writer_position trace_writer_position(const struct trace_writer *writer)
{
    return writer->last;
}

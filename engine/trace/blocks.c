#include "trace/blocks.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/event.h"
#include "trace/crc32c.h"
#include "trace/index.h"
#include "trace/keyframe.h"

void block_table_init(struct block_table *table, int fd, bool is_live)
{
    *table = (struct block_table){.fd = fd, .is_live = is_live};
}

void block_table_finish(struct block_table *table)
{
    vec_finish(&table->blocks);
}

int block_read_at(int fd, void *out, size_t size, uint64_t offset, size_t *got, struct flow_error *err)
{
    *got = 0;
    while (*got < size) {
        ssize_t count = pread(fd, (char *)out + *got, size - *got, (off_t)(offset + *got));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return flow_error_set(err, FLOW_EIO, "reading the trace file: %s", strerror(errno));
        if (count == 0)
            break;
        *got += (size_t)count;
    }
    return FLOW_OK;
}

static int read_file_header(struct block_table *table, struct flow_error *err)
{
    uint8_t bytes[FORMAT_FILE_HEADER_SIZE];
    size_t got;
    int status = block_read_at(table->fd, bytes, sizeof bytes, 0, &got, err);
    if (status < 0)
        return status;
    struct format_file_header header;
    status = format_parse_file_header(&header, bytes, got, err);
    if (status < 0)
        return status;
    table->end = header.length;
    table->has_header = true;
    return FLOW_OK;
}

int block_table_check(
    const struct block_table *table, const struct format_block *block, struct flow_error *err)
{
    if (block->length > (uint64_t)INT64_MAX - table->end - FORMAT_BLOCK_HEADER_SIZE)
        return flow_error_set(err, FLOW_EFORMAT, "a block of %llu bytes", (unsigned long long)block->length);
    if (block->type != FORMAT_BLOCK_EVENTS)
        return FLOW_OK;
    if (block->version != FORMAT_EVENTS_VERSION)
        return flow_error_set(err, FLOW_EVERSION, "events of version %u; this program reads version %u",
            (unsigned)block->version, (unsigned)FORMAT_EVENTS_VERSION);
    if (block->first_event == 0 || block->first_event > UINT64_MAX - block->events)
        return flow_error_set(
            err, FLOW_EFORMAT, "a block that begins with event %llu", (unsigned long long)block->first_event);
    if (table->blocks.count == 0)
        return FLOW_OK;
    const struct block_place *last = &vec_last(&table->blocks);
    if (block->sequence != last->sequence + 1 || block->first_event != last->first_event + last->events)
        return flow_error_set(err, FLOW_EFORMAT,
            "block %llu (event %llu) does not follow block %llu (up to event %llu)",
            (unsigned long long)block->sequence, (unsigned long long)block->first_event,
            (unsigned long long)last->sequence, (unsigned long long)(last->first_event + last->events - 1));
    return FLOW_OK;
}

static struct block_place place_of(const struct block_table *table, const struct format_block *block)
{
    struct block_place place = {
        .offset = table->end,
        .length = block->length,
        .sequence = block->sequence,
        .first_event = block->first_event,
        .first_step = block->first_step,
        .first_time = block->first_time,
        .events = block->events,
        .checksum = block->checksum,
        .has_end = block->kinds[0] >> FLOW_EV_RUN_ENDED & 1,
        .kinds = {block->kinds[0], block->kinds[1]},
    };
    memcpy(place.tasks, block->tasks, sizeof place.tasks);
    memcpy(place.keys, block->keys, sizeof place.keys);
    return place;
}

int block_table_add(
    struct block_table *table, const struct format_block *block, uint64_t offset, uint64_t keyframe)
{
    struct block_place place = place_of(table, block);
    place.offset = offset;
    place.keyframe = keyframe;
    if (vec_push(&table->blocks, place) < 0)
        return FLOW_ENOMEM;
    table->has_end |= place.has_end;
    return FLOW_OK;
}

/* Takes note of a whole block at table->end. */
static int take_block(struct block_table *table, const struct format_block *block)
{
    uint64_t keyframe = table->keyframe;
    table->keyframe = 0;
    switch (block->type) {
    case FORMAT_BLOCK_EVENTS:
        return block_table_add(
            table, block, table->end, table->keyframe_event == block->first_event ? keyframe : 0);
    case FORMAT_BLOCK_KEYFRAME:
        if (block->version == KEYFRAME_VERSION) {
            table->keyframe = table->end;
            table->keyframe_event = block->first_event;
        }
        break;
    case FORMAT_BLOCK_INDEX:
        table->index = table->end;
        table->indexed = table->blocks.count;
        break;
    }
    return FLOW_OK;
}

/* Takes in the block at table->end. FLOW_OK: there may be another; FLOW_END: no whole block is there. */
static int scan_block(struct block_table *table, uint64_t file_size, struct flow_error *err)
{
    uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE];
    size_t got;
    int status = block_read_at(table->fd, bytes, sizeof bytes, table->end, &got, err);
    if (status < 0)
        return status;
    table->cut = file_size > table->end ? file_size - table->end : 0;
    if (got < sizeof bytes)
        return FLOW_END;
    struct format_block block;
    status = format_parse_block(&block, bytes, &table->damage);
    if (status == FLOW_OK)
        status = block_table_check(table, &block, &table->damage);
    if (status < 0) {
        flow_error_prefix(&table->damage, "offset %llu", (unsigned long long)table->end);
        return FLOW_END;
    }
    struct block_place place = place_of(table, &block);
    uint64_t start = table->end + FORMAT_BLOCK_HEADER_SIZE;
    uint64_t available = file_size > start ? file_size - start : 0;
    if (available < block.length) {
        table->has_tail = block.type == FORMAT_BLOCK_EVENTS;
        table->tail = place;
        table->tail_available = available;
        return FLOW_END;
    }
    if (take_block(table, &block) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace file");
    table->end = start + block.length;
    return FLOW_OK;
}

int block_table_scan(struct block_table *table, struct flow_error *err)
{
    if (table->fd < 0)
        return FLOW_OK;
    struct stat st;
    if (fstat(table->fd, &st) < 0)
        return flow_error_set(err, FLOW_EIO, "reading the trace file: %s", strerror(errno));
    if (!table->has_header && table->is_live && st.st_size == 0)
        return FLOW_OK;
    int status = FLOW_OK;
    if (!table->has_header) {
        status = read_file_header(table, err);
        if (status == FLOW_OK)
            status = index_open(table, (uint64_t)st.st_size, err);
    }
    table->has_tail = false;
    table->tail_available = table->cut = 0;
    table->damage.code = 0;
    while (status == FLOW_OK)
        status = scan_block(table, (uint64_t)st.st_size, err);
    return status == FLOW_END ? FLOW_OK : status;
}

const struct block_place *block_table_find(const struct block_table *table, uint64_t sequence)
{
    if (table->blocks.count == 0 || sequence < table->blocks.at[0].sequence ||
        sequence - table->blocks.at[0].sequence >= table->blocks.count)
        return NULL;
    return &table->blocks.at[sequence - table->blocks.at[0].sequence];
}

const struct block_place *block_table_find_event(const struct block_table *table, uint64_t event)
{
    size_t low = 0, high = table->blocks.count; /* the first block that begins after the event */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->blocks.at[middle].first_event > event)
            high = middle;
        else
            low = middle + 1;
    }
    return low > 0 ? &table->blocks.at[low - 1] : NULL;
}

uint64_t block_table_last_event(const struct block_table *table)
{
    if (table->blocks.count == 0)
        return 0;
    const struct block_place *last = &vec_last(&table->blocks);
    return last->first_event + last->events - 1;
}

int block_table_load(const struct block_table *table, const struct block_place *place, uint64_t length,
    struct wire_out *payload, struct flow_error *err)
{
    payload->length = 0;
    if (length > SIZE_MAX / 2 || wire_reserve(payload, (size_t)length) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading block %llu of %llu bytes",
            (unsigned long long)place->sequence, (unsigned long long)length);
    size_t got;
    int status = block_read_at(
        table->fd, payload->bytes, (size_t)length, place->offset + FORMAT_BLOCK_HEADER_SIZE, &got, err);
    if (status < 0)
        return status;
    payload->length = got;
    if (got < length)
        return flow_error_set(err, FLOW_EFORMAT, "offset %llu: the file ends inside block %llu",
            (unsigned long long)place->offset, (unsigned long long)place->sequence);
    if (length == place->length && crc32c(0, payload->bytes, got) != place->checksum)
        return flow_error_set(err, FLOW_EFORMAT, "offset %llu: block %llu: checksum differs",
            (unsigned long long)place->offset, (unsigned long long)place->sequence);
    return FLOW_OK;
}

int block_table_load_keyframe(const struct block_table *table, const struct block_place *place,
    struct wire_out *payload, struct flow_error *err)
{
    uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE];
    struct format_block block;
    size_t got;
    int status = block_read_at(table->fd, bytes, sizeof bytes, place->keyframe, &got, err);
    if (status == FLOW_OK && got < sizeof bytes)
        status = flow_error_set(err, FLOW_EFORMAT, "the file ends before it");
    if (status == FLOW_OK)
        status = format_parse_block(&block, bytes, err);
    if (status == FLOW_OK &&
        (block.type != FORMAT_BLOCK_KEYFRAME || block.version != KEYFRAME_VERSION ||
            block.first_event != place->first_event || block.length > place->offset - place->keyframe))
        status = flow_error_set(err, FLOW_EFORMAT, "it is not that of the block behind it");
    if (status < 0) {
        flow_error_prefix(err, "offset %llu: keyframe", (unsigned long long)place->keyframe);
        return status;
    }
    struct block_place keyframe = {
        .offset = place->keyframe,
        .length = block.length,
        .sequence = place->sequence,
        .checksum = block.checksum,
    };
    return block_table_load(table, &keyframe, block.length, payload, err);
}

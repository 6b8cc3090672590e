#include "trace/index.h"

#include <string.h>

#include "trace/crc32c.h"

/* How far back from the end of a file without footer a block header is looked for. */
enum { SEARCH_MAX = 4 << 20, SEARCH_STEP = 64 << 10 };

static void put_offset(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get_offset(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

int index_put(struct wire_out *index, uint64_t offset, uint64_t keyframe,
    const uint8_t header[FORMAT_BLOCK_HEADER_SIZE])
{
    if (wire_reserve(index, INDEX_ENTRY_SIZE) < 0)
        return FLOW_ENOMEM;
    uint8_t *at = index->bytes + index->length;
    put_offset(at, offset);
    put_offset(at + 8, keyframe);
    memcpy(at + 16, header, FORMAT_BLOCK_HEADER_SIZE);
    index->length += INDEX_ENTRY_SIZE;
    return FLOW_OK;
}

/* Reads the header of a block at an offset. FLOW_OK; FLOW_NOT_FOUND: there is no sound one; FLOW_EIO. */
static int read_header(int fd, uint64_t offset, struct format_block *block, struct flow_error *err)
{
    uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE];
    size_t got;
    int status = block_read_at(fd, bytes, sizeof bytes, offset, &got, err);
    if (status < 0)
        return status;
    return got == sizeof bytes && format_parse_block(block, bytes, NULL) == FLOW_OK ? FLOW_OK
                                                                                    : FLOW_NOT_FOUND;
}

/* The last sound header within `length` bytes. False: there is none. */
static bool find_header(const uint8_t *bytes, size_t length, struct format_block *block)
{
    for (size_t at = length; at-- > 0;)
        if (length - at >= FORMAT_BLOCK_HEADER_SIZE && bytes[at] == 'F' &&
            format_parse_block(block, bytes + at, NULL) == FLOW_OK)
            return true;
    return false;
}

/* Where the last index block is that the last sound header of the file knows of; 0: none. *end is that of the
 * header's surroundings that were searched. FLOW_OK, FLOW_EIO, FLOW_ENOMEM. */
static int find_last_index(int fd, uint64_t file_size, uint64_t *index, struct flow_error *err)
{
    struct format_block block;
    *index = 0;
    if (file_size < FORMAT_FILE_HEADER_SIZE + FORMAT_BLOCK_HEADER_SIZE)
        return FLOW_OK;
    int status = read_header(fd, file_size - FORMAT_BLOCK_HEADER_SIZE, &block, err);
    if (status == FLOW_OK && block.type == FORMAT_BLOCK_FOOTER) {
        *index = block.index;
        return FLOW_OK;
    }
    if (status < 0)
        return status;
    size_t size = SEARCH_STEP + FORMAT_BLOCK_HEADER_SIZE, got;
    uint8_t *bytes = mem_array(NULL, size, 1);
    if (!bytes)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace file");
    status = FLOW_OK;
    for (uint64_t back = SEARCH_STEP; status == FLOW_OK && back <= SEARCH_MAX; back += SEARCH_STEP) {
        uint64_t from = file_size > back ? file_size - back : 0;
        status = block_read_at(fd, bytes, size, from, &got, err);
        if (status == FLOW_OK && find_header(bytes, got, &block)) {
            *index = block.index;
            break;
        }
        if (from == 0)
            break;
    }
    mem_free(bytes);
    return status;
}

struct index_list {
    VEC(struct index_block {
        uint64_t offset;
        struct format_block header;
    });
};

/* Follows the chain of index blocks back, last one first. FLOW_OK; FLOW_NOT_FOUND: it is not sound; failures.
 */
static int collect(
    int fd, uint64_t offset, uint64_t file_size, struct index_list *list, struct flow_error *err)
{
    while (offset) {
        struct index_block one = {.offset = offset};
        if (offset >= file_size)
            return FLOW_NOT_FOUND;
        int status = read_header(fd, offset, &one.header, err);
        if (status != FLOW_OK)
            return status;
        if (one.header.type != FORMAT_BLOCK_INDEX || one.header.version != 1 || one.header.index >= offset ||
            one.header.length > file_size - offset || one.header.length % INDEX_ENTRY_SIZE)
            return FLOW_NOT_FOUND;
        if (vec_push(list, one) < 0)
            return flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace file");
        offset = one.header.index;
    }
    return FLOW_OK;
}

/* Adds the blocks of one index block, which lie between table->end and it. */
static int add_blocks(
    struct block_table *table, const uint8_t *bytes, const struct index_block *index, struct flow_error *err)
{
    for (size_t i = 0; i < index->header.length / INDEX_ENTRY_SIZE; i++) {
        const uint8_t *at = bytes + i * INDEX_ENTRY_SIZE;
        uint64_t offset = get_offset(at), keyframe = get_offset(at + 8);
        struct format_block block;
        if (offset < table->end || offset >= index->offset || (keyframe && keyframe < table->end) ||
            (keyframe && keyframe >= offset) || format_parse_block(&block, at + 16, NULL) < 0 ||
            block.type != FORMAT_BLOCK_EVENTS || block_table_check(table, &block, NULL) < 0 ||
            block.length > index->offset - offset)
            return FLOW_NOT_FOUND;
        if (block_table_add(table, &block, offset, keyframe) < 0)
            return flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace file");
        table->end = offset + FORMAT_BLOCK_HEADER_SIZE + block.length;
    }
    table->end = index->offset + FORMAT_BLOCK_HEADER_SIZE + index->header.length;
    table->index = index->offset;
    table->indexed = table->blocks.count;
    return FLOW_OK;
}

static int read_blocks(struct block_table *table, const struct index_list *list, struct flow_error *err)
{
    struct wire_out payload = {0};
    int status = FLOW_OK;
    for (size_t i = list->count; i-- > 0 && status == FLOW_OK;) {
        const struct index_block *index = &list->at[i];
        struct block_place place = {
            .offset = index->offset,
            .length = index->header.length,
            .checksum = index->header.checksum,
        };
        status = block_table_load(table, &place, place.length, &payload, err);
        if (status == FLOW_OK)
            status = add_blocks(table, payload.bytes, index, err);
    }
    mem_free(payload.bytes);
    return status;
}

int index_open(struct block_table *table, uint64_t file_size, struct flow_error *err)
{
    struct index_list list = {0};
    uint64_t start = table->end, index;
    int status = find_last_index(table->fd, file_size, &index, err);
    if (status == FLOW_OK)
        status = collect(table->fd, index, file_size, &list, err);
    if (status == FLOW_OK)
        status = read_blocks(table, &list, err);
    if (status == FLOW_NOT_FOUND || status == FLOW_EFORMAT) {
        /* Then the blocks themselves have to tell. */
        vec_clear(&table->blocks);
        table->end = start;
        table->has_end = false;
        table->index = 0;
        table->indexed = 0;
        status = FLOW_OK;
    }
    vec_finish(&list);
    return status;
}

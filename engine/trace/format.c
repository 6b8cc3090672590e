#include "trace/format.h"

#include <string.h>

#include "trace/crc32c.h"

/* As in PNG: a byte that is no ASCII, and line ends and an end-of-file that careless transfers change. */
static const uint8_t file_magic[8] = {0x89, 'F', 'L', 'O', 'W', '\r', '\n', 0x1a};
static const uint8_t block_magic[4] = {'F', 'B', 'L', 'K'};

static uint8_t *put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

static uint64_t get(const uint8_t **at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t) * (*at)++ << 8 * i;
    return value;
}

/* The checksum of a header is its last four bytes. */
static uint32_t header_checksum(const uint8_t *bytes, size_t size)
{
    return crc32c(0, bytes, size - 4);
}

static bool checksum_fits(const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes + size - 4;
    return get(&at, 4) == header_checksum(bytes, size);
}

void format_pack_file_header(uint8_t out[FORMAT_FILE_HEADER_SIZE])
{
    memset(out, 0, FORMAT_FILE_HEADER_SIZE);
    memcpy(out, file_magic, sizeof file_magic);
    uint8_t *at = out + sizeof file_magic;
    at = put(at, FORMAT_MAJOR, 2);
    at = put(at, FORMAT_MINOR, 2);
    put(at, FORMAT_FILE_HEADER_SIZE, 4);
    put(out + FORMAT_FILE_HEADER_SIZE - 4, header_checksum(out, FORMAT_FILE_HEADER_SIZE), 4);
}

int format_parse_file_header(
    struct format_file_header *out, const uint8_t *bytes, size_t length, struct flow_error *err)
{
    size_t known = length < sizeof file_magic ? length : sizeof file_magic;
    if (known == 0 || memcmp(bytes, file_magic, known) != 0)
        return flow_error_set(err, FLOW_EFORMAT, "this is not a flowdbg trace");
    if (length < FORMAT_FILE_HEADER_SIZE)
        return flow_error_set(err, FLOW_EFORMAT, "the trace is cut inside its header: %zu bytes", length);
    const uint8_t *at = bytes + sizeof file_magic;
    struct format_file_header header;
    header.major = (uint16_t)get(&at, 2);
    header.minor = (uint16_t)get(&at, 2);
    header.length = (uint32_t)get(&at, 4);
    header.compatible = get(&at, 8);
    header.readable = get(&at, 8);
    header.incompatible = get(&at, 8);
    if (header.major != FORMAT_MAJOR)
        return flow_error_set(err, FLOW_EVERSION, "the trace has format %u.%u, this program reads %u.x",
            (unsigned)header.major, (unsigned)header.minor, (unsigned)FORMAT_MAJOR);
    if (!checksum_fits(bytes, FORMAT_FILE_HEADER_SIZE))
        return flow_error_set(err, FLOW_EFORMAT, "offset 0: the file header is damaged");
    if (header.incompatible)
        return flow_error_set(err, FLOW_EVERSION,
            "the trace uses features that this program does not know (%llx); a newer flowdbg reads it",
            (unsigned long long)header.incompatible);
    if (header.length < FORMAT_FILE_HEADER_SIZE || header.length > 1 << 16)
        return flow_error_set(
            err, FLOW_EFORMAT, "offset 12: a file header of %u bytes", (unsigned)header.length);
    *out = header;
    return FLOW_OK;
}

void format_pack_block(uint8_t out[FORMAT_BLOCK_HEADER_SIZE], const struct format_block *block)
{
    memset(out, 0, FORMAT_BLOCK_HEADER_SIZE);
    memcpy(out, block_magic, sizeof block_magic);
    uint8_t *at = out + sizeof block_magic;
    at = put(at, block->type, 2);
    at = put(at, block->version, 2);
    at = put(at, block->length, 8);
    at = put(at, block->sequence, 8);
    at = put(at, block->first_event, 8);
    at = put(at, (uint64_t)block->first_time, 8);
    at = put(at, block->first_step, 8);
    at = put(at, block->events, 4);
    at = put(at, block->notes, 4);
    at = put(at, block->kinds[0], 8);
    at = put(at, block->kinds[1], 8);
    at = put(at, block->errors, 4);
    at = put(at, block->marks, 4);
    memcpy(at, block->tasks, sizeof block->tasks);
    at += sizeof block->tasks;
    memcpy(at, block->keys, sizeof block->keys);
    at += sizeof block->keys;
    put(at, block->index, 8);
    put(out + FORMAT_BLOCK_HEADER_SIZE - 8, block->checksum, 4);
    put(out + FORMAT_BLOCK_HEADER_SIZE - 4, header_checksum(out, FORMAT_BLOCK_HEADER_SIZE), 4);
}

int format_parse_block(
    struct format_block *out, const uint8_t bytes[FORMAT_BLOCK_HEADER_SIZE], struct flow_error *err)
{
    if (memcmp(bytes, block_magic, sizeof block_magic) != 0)
        return flow_error_set(err, FLOW_EFORMAT, "no block begins here");
    if (!checksum_fits(bytes, FORMAT_BLOCK_HEADER_SIZE))
        return flow_error_set(err, FLOW_EFORMAT, "the block header is damaged");
    const uint8_t *at = bytes + sizeof block_magic;
    out->type = (uint16_t)get(&at, 2);
    out->version = (uint16_t)get(&at, 2);
    out->length = get(&at, 8);
    out->sequence = get(&at, 8);
    out->first_event = get(&at, 8);
    out->first_time = (int64_t)get(&at, 8);
    out->first_step = get(&at, 8);
    out->events = (uint32_t)get(&at, 4);
    out->notes = (uint32_t)get(&at, 4);
    out->kinds[0] = get(&at, 8);
    out->kinds[1] = get(&at, 8);
    out->errors = (uint32_t)get(&at, 4);
    out->marks = (uint32_t)get(&at, 4);
    memcpy(out->tasks, at, sizeof out->tasks);
    at += sizeof out->tasks;
    memcpy(out->keys, at, sizeof out->keys);
    at += sizeof out->keys;
    out->index = get(&at, 8);
    at = bytes + FORMAT_BLOCK_HEADER_SIZE - 8;
    out->checksum = (uint32_t)get(&at, 4);
    return FLOW_OK;
}

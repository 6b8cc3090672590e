/* libFuzzer target: any bytes as a trace file, and as a ring. Reads and folds all of it, seeks here and
 * there.
 *
 *     meson setup build-fuzz -Dfuzz=true   (CC=clang)
 *     build-fuzz/tests/fuzz/fuzz_reader -max_len=20000 corpus/
 *
 * Checksums would stop nearly every mutation, so the first byte says whether they are mended first. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/crc32c.h"
#include "trace/format.h"
#include "trace/reader.h"
#include "trace/ring_private.h"
#include "trace/state.h"
#include "trace/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static int file = -1;
static struct trace_ring *ring;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    file = memfd_create("fuzz", MFD_CLOEXEC);
    struct flow_error err = FLOW_ERROR_INIT;
    int status = trace_ring_create(&ring, RING_HALF_MIN, &err);
    assert(file >= 0 && status == FLOW_OK);
    return 0;
}

static void put_checksum(uint8_t *at, uint32_t sum)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(sum >> 8 * i);
}

/* Makes magic and checksums right, along the lengths that the bytes give. */
static void mend(uint8_t *bytes, size_t size)
{
    if (size < FORMAT_FILE_HEADER_SIZE)
        return;
    format_pack_file_header(bytes);
    for (size_t at = FORMAT_FILE_HEADER_SIZE; size - at >= FORMAT_BLOCK_HEADER_SIZE;) {
        uint8_t *header = bytes + at;
        size_t left = size - at - FORMAT_BLOCK_HEADER_SIZE, length = 0;
        memcpy(header, "FBLK", 4);
        memcpy(&length, header + 8, 2); /* the low bytes: blocks of at most 64 KiB */
        memset(header + 10, 0, 6);
        uint32_t payload = length <= left ? crc32c(0, header + FORMAT_BLOCK_HEADER_SIZE, length) : 0;
        put_checksum(header + FORMAT_BLOCK_HEADER_SIZE - 8, payload);
        put_checksum(header + FORMAT_BLOCK_HEADER_SIZE - 4, crc32c(0, header, FORMAT_BLOCK_HEADER_SIZE - 4));
        if (length > left)
            break;
        at += FORMAT_BLOCK_HEADER_SIZE + length;
    }
}

static void read_all(struct trace_reader *reader)
{
    struct trace_state state;
    struct flow_event event;
    struct flow_error err = FLOW_ERROR_INIT;
    char words[80];
    trace_state_init(&state);
    int status;
    while ((status = trace_reader_next(reader, &event, &err)) == FLOW_OK) {
        trace_print_event(&state, &event, words, sizeof words);
        trace_state_apply(&state, &event, &err);
    }
    assert(status > 0 || err.text[0]);
    uint64_t last = trace_reader_position(reader);
    for (uint64_t number = last; number > 0; number /= 2) {
        status = trace_reader_seek(reader, number, &err);
        if (status == FLOW_OK)
            assert(trace_reader_position(reader) == number);
    }
    trace_reader_seek(reader, last + 1, &err);
    trace_reader_missing(reader);
    trace_state_finish(&state);
}

static void read_file(const uint8_t *bytes, size_t size)
{
    struct trace_reader *reader;
    if (ftruncate(file, 0) < 0 || pwrite(file, bytes, size, 0) != (ssize_t)size)
        abort();
    if (trace_reader_create(&reader, file, NULL, NULL) == FLOW_OK) {
        read_all(reader);
        trace_reader_destroy(reader);
    }
}

/* The bytes as what an inferior left in the ring: read it, then adopt it and read on. */
static void read_ring(const uint8_t *bytes, size_t size)
{
    struct trace_reader *reader;
    struct trace_writer *writer;
    struct ring_control *control = ring->control;
    size_t control_size = sizeof *control - offsetof(struct ring_control, published);
    size_t head = size < control_size ? size : control_size;
    memset(&control->published, 0, control_size);
    memcpy(&control->published, bytes, head);
    control->published &= (UINT64_C(3) << RING_LENGTH_BITS) | (RING_HALF_MIN - 1);
    for (int i = 0; i < 2; i++) {
        control->generation[i] &= 7;
        memset(ring->halves + (size_t)i * ring->half_size, 0, 512);
    }
    uint8_t *half = ring_half(ring, control->published >> RING_LENGTH_BITS);
    memcpy(half, bytes + head, size - head < ring->half_size ? size - head : ring->half_size);
    memcpy(half, "FBLK", 4);
    put_checksum(half + FORMAT_BLOCK_HEADER_SIZE - 4, crc32c(0, half, FORMAT_BLOCK_HEADER_SIZE - 4));
    if (trace_reader_create(&reader, -1, ring, NULL) != FLOW_OK)
        return;
    read_all(reader);
    struct trace_writer_options options = {.size = sizeof options, .ring = ring, .fd = -1};
    if (trace_writer_adopt(&writer, &options, NULL) == FLOW_OK) {
        struct flow_event event = {.kind = FLOW_EV_RUN_ENDED,
            .task = FLOW_TASK_NONE,
            .text = "",
            .number = trace_writer_position(writer).event + 1};
        trace_writer_append(writer, &event);
        trace_writer_destroy(writer);
        read_all(reader);
    }
    trace_reader_destroy(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    uint8_t *bytes = malloc(size);
    memcpy(bytes, data + 1, size - 1);
    if (data[0] & 2) {
        read_ring(bytes, size - 1);
    } else {
        if (data[0] & 1)
            mend(bytes, size - 1);
        read_file(bytes, size - 1);
    }
    free(bytes);
    return 0;
}

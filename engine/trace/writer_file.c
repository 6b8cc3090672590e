/* The file behind the ring. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "trace/crc32c.h"
#include "trace/index.h"
#include "trace/writer_private.h"

int writer_file_identify(struct trace_writer *writer, struct flow_error *err)
{
    struct stat st;
    if (fstat(writer->fd, &st) < 0)
        return flow_error_set(err, FLOW_EIO, "the trace file: %s", strerror(errno));
    writer->device = st.st_dev;
    writer->inode = st.st_ino;
    return FLOW_OK;
}

/* All of `count` bytes in one call, unless the system writes less. 0 or an errno. */
static int write_all(int fd, struct iovec *parts, int count, uint64_t offset)
{
    while (count > 0) {
        ssize_t written = pwritev(fd, parts, count, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : ENOSPC;
        offset += (uint64_t)written;
        size_t left = (size_t)written;
        while (count > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return 0;
}

int writer_file_begin(struct trace_writer *writer, struct flow_error *err)
{
    uint8_t header[FORMAT_FILE_HEADER_SIZE];
    format_pack_file_header(header);
    struct iovec part = {.iov_base = header, .iov_len = sizeof header};
    int error = write_all(writer->fd, &part, 1, 0);
    if (error)
        return flow_error_set(err, FLOW_EIO, "writing the trace file: %s", strerror(error));
    writer->offset = sizeof header;
    return FLOW_OK;
}

static void report_failure(struct trace_writer *writer, const char *what)
{
    writer_set_problem(
        writer, "%s; events from %llu on are not in it", what, (unsigned long long)writer->block.first_event);
}

/* Appends a block with its payload to the file. False: it could not be written, and recording to the file has
 * stopped. */
static bool append(struct trace_writer *writer, struct format_block *block, const struct wire_out *payload,
    uint8_t header[FORMAT_BLOCK_HEADER_SIZE])
{
    struct stat st;
    if (fstat(writer->fd, &st) < 0 || st.st_dev != writer->device || st.st_ino != writer->inode) {
        report_failure(writer, "the trace file was closed by the workflow");
        return false;
    }
    block->length = payload->length;
    block->checksum = crc32c(0, payload->bytes, payload->length);
    block->index = writer->last_index;
    format_pack_block(header, block);
    struct iovec parts[] = {
        {.iov_base = header, .iov_len = FORMAT_BLOCK_HEADER_SIZE},
        {.iov_base = payload->bytes, .iov_len = payload->length},
    };
    int error = write_all(writer->fd, parts, 2, writer->offset);
    if (error) {
        /* Part of a block would only look like damage. If this fails too, readers stop at it. */
        int ignored = ftruncate(writer->fd, (off_t)writer->offset);
        (void)ignored;
        char what[128];
        snprintf(what, sizeof what, "writing the trace file: %s", strerror(error));
        report_failure(writer, what);
        return false;
    }
    writer->offset += FORMAT_BLOCK_HEADER_SIZE + payload->length;
    return true;
}

void writer_file_append_other(
    struct trace_writer *writer, struct format_block *block, const struct wire_out *payload)
{
    uint8_t header[FORMAT_BLOCK_HEADER_SIZE];
    append(writer, block, payload, header);
}

static void append_index(struct trace_writer *writer)
{
    struct format_block block = {
        .type = FORMAT_BLOCK_INDEX, .version = 1, .first_event = writer->block.first_event};
    uint64_t offset = writer->offset;
    uint8_t header[FORMAT_BLOCK_HEADER_SIZE];
    if (append(writer, &block, &writer->index, header))
        writer->last_index = offset;
    writer->index.length = 0;
}

void writer_file_append(struct trace_writer *writer)
{
    uint8_t header[FORMAT_BLOCK_HEADER_SIZE];
    uint64_t offset = writer->offset, keyframe = writer->keyframe;
    writer->keyframe = 0;
    if (!append(writer, &writer->block, &writer->payload, header))
        return;
    /* Without memory for it the file has no index from here on: it opens by walking through the blocks. */
    if (index_put(&writer->index, offset, keyframe, header) == FLOW_OK &&
        writer->index.length >= INDEX_BLOCKS * (size_t)INDEX_ENTRY_SIZE)
        append_index(writer);
}

int writer_file_adopt_index(
    struct trace_writer *writer, const struct block_table *table, struct flow_error *err)
{
    writer->last_index = table->index;
    for (size_t i = table->indexed; i < table->blocks.count; i++) {
        const struct block_place *place = &table->blocks.at[i];
        uint8_t header[FORMAT_BLOCK_HEADER_SIZE];
        size_t got;
        int status = block_read_at(writer->fd, header, sizeof header, place->offset, &got, err);
        if (status == FLOW_OK && got < sizeof header)
            status = flow_error_set(err, FLOW_EIO, "the trace file became shorter");
        if (status == FLOW_OK && index_put(&writer->index, place->offset, place->keyframe, header) < 0)
            status = flow_error_set(err, FLOW_ENOMEM, "out of memory reading the trace file");
        if (status < 0)
            return status;
    }
    return FLOW_OK;
}

void writer_file_finish(struct trace_writer *writer)
{
    if (writer->fd >= 0 && writer->index.length)
        append_index(writer);
    struct format_block footer = {
        .type = FORMAT_BLOCK_FOOTER, .version = 1, .first_event = writer->last.event + 1};
    if (writer->fd >= 0)
        writer_file_append_other(writer, &footer, &(struct wire_out){0});
}

/* The file behind the ring. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "trace/crc32c.h"
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

void writer_file_append(struct trace_writer *writer)
{
    struct stat st;
    if (fstat(writer->fd, &st) < 0 || st.st_dev != writer->device || st.st_ino != writer->inode) {
        writer_set_problem(writer,
            "the trace file was closed by the workflow; events from %llu on are not in it",
            (unsigned long long)writer->block.first_event);
        return;
    }
    writer->block.length = writer->payload.length;
    writer->block.checksum = crc32c(0, writer->payload.bytes, writer->payload.length);
    uint8_t header[FORMAT_BLOCK_HEADER_SIZE];
    format_pack_block(header, &writer->block);
    struct iovec parts[] = {
        {.iov_base = header, .iov_len = sizeof header},
        {.iov_base = writer->payload.bytes, .iov_len = writer->payload.length},
    };
    int error = write_all(writer->fd, parts, 2, writer->offset);
    if (error) {
        /* Part of a block would only look like damage. If this fails too, readers stop at it. */
        int ignored = ftruncate(writer->fd, (off_t)writer->offset);
        (void)ignored;
        writer_set_problem(writer, "writing the trace file: %s; events from %llu on are not in it",
            strerror(error), (unsigned long long)writer->block.first_event);
        return;
    }
    writer->offset += sizeof header + writer->payload.length;
}

/* Segments: the writer folds what it writes, and now and then puts the folded state into the file, so that
 * readers can begin there. It folds rather than asks the engine, because a keyframe says more than the engine
 * knows (how often an edge was taken, which event wrote a key last), and because whoever has only events, an
 * importer for instance, then writes the same files. */
#include <string.h>

#include "trace/writer_private.h"

int writer_segment_create(struct trace_writer *writer)
{
    writer->segment = mem_zalloc(sizeof *writer->segment);
    if (!writer->segment)
        return FLOW_ENOMEM;
    trace_state_init(&writer->segment->state);
    return FLOW_OK;
}

void writer_segment_destroy(struct trace_writer *writer)
{
    struct writer_segment *segment = writer->segment;
    writer->segment = NULL;
    if (!segment)
        return;
    trace_state_finish(&segment->state);
    record_codec_finish(&segment->codec);
    mem_free(segment->keyframe.bytes);
    mem_free(segment);
}

void writer_segment_fold(struct trace_writer *writer, const struct flow_event *event)
{
    /* Events that make no sense are recorded all the same; but there is no state then that could be kept. */
    if (writer->fd < 0 || trace_state_apply(&writer->segment->state, event, NULL) < 0)
        writer_segment_destroy(writer);
}

void writer_segment_open_block(struct trace_writer *writer)
{
    struct writer_segment *segment = writer->segment;
    if (!segment || writer->fd < 0 || segment->rows < writer->segment_size ||
        (writer->segment_size >= WRITER_SEGMENT_SIZE &&
            segment->rows < WRITER_SEGMENT_RATIO * segment->keyframe.length))
        return;
    segment->keyframe.length = 0;
    if (keyframe_put(&segment->codec, &segment->state, &segment->keyframe) < 0) {
        writer_segment_destroy(writer);
        return;
    }
    uint64_t offset = writer->offset;
    struct format_block block = writer->block;
    block.type = FORMAT_BLOCK_KEYFRAME;
    block.version = KEYFRAME_VERSION;
    writer_file_append_other(writer, &block, &segment->keyframe);
    if (writer->fd < 0)
        return;
    writer->keyframe = offset;
    segment->rows = 0;
}

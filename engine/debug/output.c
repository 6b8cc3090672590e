/* What tasks print: two unlinked files that only grow. The notes in the trace say how long a stream was after
 * each step, so that bytes find their step; what is beyond the last note belongs to the step that runs. */
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug/session_private.h"

#define KEPT_OF_STEP (1u << 20)
/* Room is given back in pieces of at least this size: each costs a system call. */
#define PUNCH_SIZE (1u << 20)

void dbg_output_close(struct dbg_session *s)
{
    for (int i = 0; i < 2; i++) {
        if (s->streams[i].fd >= 0)
            close(s->streams[i].fd);
        vec_finish(&s->streams[i].chunks);
        vec_finish(&s->streams[i].printed);
        s->streams[i] = (struct dbg_stream){.fd = -1};
    }
    vec_finish(&s->chunks);
    s->kept = 0;
}

static void punch(const struct dbg_stream *stream, uint64_t offset, uint64_t length)
{
    /* Where a file system cannot do it the disk fills sooner, and that is all. */
    if (length > 0 &&
        fallocate(stream->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length) < 0)
        return;
}

/* The chunk that bytes of this step and stream go to: the latest one, if nothing came in between. */
static struct dbg_chunk *find_chunk(
    struct dbg_session *s, int stream, uint64_t step, flow_task task, uint64_t event, uint64_t offset)
{
    struct dbg_stream *st = &s->streams[stream - 1];
    if (s->chunks.count > 0) {
        struct dbg_chunk *last = &vec_last(&s->chunks);
        if (last->stream == stream && last->step == step && last->task == task)
            return last;
    }
    /* A step that alternates between its streams for ever must not cost a chunk each time. */
    if (s->chunks.count > 100000 && st->chunks.count > 0) {
        struct dbg_chunk *mine = &s->chunks.at[vec_last(&st->chunks)];
        if (mine->step == step)
            return mine;
    }
    struct dbg_chunk chunk = {(uint8_t)stream, task, step, event, offset, 0, 0};
    if (vec_reserve(&st->chunks, 1) < 0 || vec_push(&s->chunks, chunk) < 0)
        return NULL;
    vec_push(&st->chunks, (uint32_t)(s->chunks.count - 1));
    return &vec_last(&s->chunks);
}

/* Bytes up to `end` of the stream belong to this step. */
static void grow(
    struct dbg_session *s, int stream, uint64_t end, uint64_t step, flow_task task, uint64_t event)
{
    struct dbg_stream *st = &s->streams[stream - 1];
    if (end <= st->noted || s->config.is_output_passed_on)
        return;
    struct dbg_chunk *chunk = find_chunk(s, stream, step, task, event, st->noted);
    if (!chunk)
        return;
    uint64_t extra = end - st->noted;
    if (st->step != step) {
        st->step = step;
        st->kept_of_step = 0;
    }
    bool is_whole = chunk->kept == chunk->length;
    uint64_t room = KEPT_OF_STEP - st->kept_of_step;
    if (s->config.output_limit - s->kept < room)
        room = s->config.output_limit - s->kept;
    uint64_t keeps = !is_whole ? 0 : extra < room ? extra : room;
    chunk->length += extra;
    chunk->kept += keeps;
    st->kept_of_step += keeps;
    s->kept += keeps;
    punch(st, st->noted + keeps, extra - keeps);
    st->noted = end;
    s->changed |= DBG_CHANGED_OUTPUT;
}

/* The bytes themselves, of a recording that has them. */
static void keep_bytes(struct dbg_session *s, const struct flow_event *event)
{
    struct dbg_stream *stream = &s->streams[event->code - 1];
    if (!event->text_length || stream->size >= s->config.output_limit)
        return;
    ssize_t put = pwrite(stream->fd, event->text, event->text_length, (off_t)stream->size);
    stream->size += put > 0 ? (uint64_t)put : 0;
}

/* How long the stream is from this event on, for whoever looks back. */
static void note_length(struct dbg_session *s, struct dbg_stream *stream, uint64_t event)
{
    struct dbg_printed now = {event, stream->noted};
    if (s->config.is_output_passed_on)
        return;
    if (stream->printed.count && vec_last(&stream->printed).event == event)
        vec_last(&stream->printed) = now;
    else
        (void)vec_push(&stream->printed, now); /* without memory the past shows a little less */
}

uint64_t dbg_output_shown(const struct dbg_session *s, int number)
{
    const struct dbg_stream *stream = &s->streams[number - 1];
    uint64_t event = dbg_shown(s)->event;
    if (!s->is_away || event == dbg_tip(s)->event)
        return stream->size;
    size_t low = 0, high = stream->printed.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream->printed.at[middle].event <= event)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? stream->printed.at[low - 1].length : 0;
}

/* The first event at which the bytes that a note tells of were there. The task printed them after the event
 * that the note hangs on; those that are found when a run stops were printed before it. */
static uint64_t event_of(const struct flow_event *note)
{
    return note->number + (note->origin != FLOW_ORIGIN_HOST);
}

void dbg_output_noted(struct dbg_session *s, const struct flow_event *event)
{
    if (event->code != 1 && event->code != 2)
        return;
    struct dbg_stream *stream = &s->streams[event->code - 1];
    if (s->config.is_replay) {
        keep_bytes(s, event);
        grow(s, event->code, stream->size, event->step, event->task, event->number);
        note_length(s, stream, event_of(event));
        s->changed |= DBG_CHANGED_OUTPUT;
        return;
    }
    /* The number comes from the inferior: a wild task may have made it up. */
    struct stat st;
    uint64_t size = stream->size;
    if (event->count > size && fstat(stream->fd, &st) == 0)
        size = (uint64_t)st.st_size;
    uint64_t end = event->count < size ? event->count : size;
    grow(s, event->code, end, event->step, event->task, event->number);
    note_length(s, stream, event_of(event));
    s->changed |= DBG_CHANGED_OUTPUT;
}

void dbg_output_measure(struct dbg_session *s)
{
    for (int i = 0; i < 2; i++) {
        struct dbg_stream *stream = &s->streams[i];
        struct stat st;
        if (stream->fd < 0 || fstat(stream->fd, &st) < 0 || (uint64_t)st.st_size <= stream->size)
            continue;
        stream->size = (uint64_t)st.st_size;
        s->changed |= DBG_CHANGED_OUTPUT;
    }
}

/* Bytes that no note has told of. */
static void attribute(struct dbg_session *s, int number, uint64_t step, flow_task task)
{
    struct dbg_stream *stream = &s->streams[number - 1];
    if (stream->size <= stream->noted)
        return;
    grow(s, number, stream->size, step, task, s->state.event);
    note_length(s, stream, s->state.event + 1);
}

void dbg_output_attribute(struct dbg_session *s)
{
    const struct trace_state *state = &s->state;
    bool is_in_step = state->phase >= TRACE_PHASE_BODY && state->phase <= TRACE_PHASE_FINISHING;
    for (int i = 0; i < 2; i++) {
        struct dbg_stream *stream = &s->streams[i];
        /* While events wait to be folded, whose bytes these are is not known; a flood cannot wait for that.
         */
        if (!s->is_behind || stream->size > stream->noted + 16 * PUNCH_SIZE)
            attribute(s, i + 1, is_in_step ? state->step : 0, is_in_step ? state->current : FLOW_TASK_NONE);
    }
}

size_t dbg_output_count(const struct dbg_session *s)
{
    return s->chunks.count;
}

void dbg_output_at(const struct dbg_session *s, size_t index, struct dbg_output_chunk *out)
{
    const struct dbg_chunk *chunk = &s->chunks.at[index];
    *out = (struct dbg_output_chunk){
        .stream = chunk->stream,
        .step = chunk->step,
        .task = chunk->task,
        .event = chunk->event,
        .offset = chunk->offset,
        .length = chunk->length,
        .dropped = chunk->length - chunk->kept,
    };
}

/* How many bytes are kept in a row from the offset on, within its chunk. */
static uint64_t kept_from(const struct dbg_session *s, const struct dbg_stream *stream, uint64_t offset)
{
    size_t low = 0, high = stream->chunks.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->chunks.at[stream->chunks.at[middle]].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    const struct dbg_chunk *chunk = &s->chunks.at[stream->chunks.at[low - 1]];
    uint64_t end = chunk->offset + chunk->kept;
    return offset < end ? end - offset : 0;
}

size_t dbg_output_read(const struct dbg_session *s, int stream, uint64_t offset, void *buffer, size_t size)
{
    const struct dbg_stream *st = &s->streams[stream - 1];
    uint64_t kept = kept_from(s, st, offset);
    if (st->fd < 0 || kept == 0)
        return 0;
    ssize_t got = pread(st->fd, buffer, kept < size ? (size_t)kept : size, (off_t)offset);
    return got > 0 ? (size_t)got : 0;
}

uint64_t dbg_output_length(const struct dbg_session *s, int stream)
{
    return s->streams[stream - 1].size;
}

size_t dbg_output_take(struct dbg_session *s, int stream, void *buffer, size_t size)
{
    struct dbg_stream *st = &s->streams[stream - 1];
    if (st->fd < 0)
        return 0;
    ssize_t got = pread(st->fd, buffer, size, (off_t)st->taken);
    if (got <= 0)
        return 0;
    st->taken += (uint64_t)got;
    if (st->size < st->taken)
        st->size = st->taken; /* it has grown since we looked */
    if (st->taken - st->punched >= PUNCH_SIZE) {
        punch(st, st->punched, st->taken - st->punched);
        st->punched = st->taken;
    }
    return (size_t)got;
}

/* A session over a recording: no inferior, only places to look at. The file may be finished, cut off, or
 * still be written to. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/session_private.h"

/* How often a recording that has no end yet is looked at. */
#define LOOK_NS 200000000

static int open_file(struct dbg_session *s, struct flow_error *err)
{
    struct trace_reader *reader;
    const char *path = s->config.file;
    int status = trace_reader_open(&reader, path, err); /* says what is wrong with a file that is no trace */
    if (status < 0)
        return status;
    trace_reader_destroy(reader);
    s->trace_fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return s->trace_fd < 0 ? flow_error_set(err, FLOW_EIO, "%s: it was there, and is gone", path) : FLOW_OK;
}

static int open_cursor(struct dbg_session *s, struct trace_timeline **out, struct flow_error *err)
{
    struct trace_reader *reader;
    int status = trace_reader_create(&reader, s->trace_fd, NULL, err);
    return status < 0 ? status : trace_timeline_create(out, reader, err);
}

static void tell_problem(struct dbg_session *s, const char *text)
{
    str_clear(&s->problem);
    str_add(&s->problem, text);
    s->changed |= DBG_CHANGED_STATUS;
}

/* Damage somewhere is no reason not to show what is before it. */
static int go_to_end(struct dbg_session *s, struct trace_timeline *cursor, struct flow_error *err)
{
    struct flow_error why = FLOW_ERROR_INIT;
    int status = trace_timeline_seek_end(cursor, &why);
    if (status == FLOW_ENOMEM || (status < 0 && trace_timeline_position(cursor) == 0)) {
        if (err)
            *err = why;
        return status;
    }
    if (status < 0)
        tell_problem(s, why.text);
    return FLOW_OK;
}

#define LARGEST_SOURCE (4u << 20)

static void read_source(struct dbg_session *s, const char *path)
{
    const char *text;
    size_t length;
    FILE *file = dbg_session_source(s, path, &text, &length) == FLOW_OK ? NULL : fopen(path, "re");
    if (!file)
        return;
    struct dbg_source source = {mem_strdup(path), mem_alloc(LARGEST_SOURCE), 0};
    if (source.text)
        source.length = fread(source.text, 1, LARGEST_SOURCE, file);
    fclose(file);
    char *text_cut = source.text ? mem_strndup(source.text, source.length) : NULL;
    mem_free(source.text);
    source.text = text_cut;
    if (!source.path || !source.text || vec_push(&s->sources, source) < 0) {
        mem_free(source.path);
        mem_free(source.text);
    }
}

/* Where the files that tasks are defined in still stand, they are shown. */
static void read_sources(struct dbg_session *s)
{
    vec_foreach (const struct trace_task, task, &dbg_tip(s)->tasks) {
        const char *colon = task->location ? strrchr(task->location, ':') : NULL;
        char *path = colon ? mem_strndup(task->location, (size_t)(colon - task->location)) : NULL;
        struct stat about;
        if (path && stat(path, &about) == 0 && S_ISREG(about.st_mode))
            read_source(s, path);
        mem_free(path);
    }
}

int dbg_replay_open(struct dbg_session *s, struct flow_error *err)
{
    struct dbg_place start = {.kind = DBG_AT_START};
    int status = open_file(s, err);
    if (status == FLOW_OK)
        status = dbg_output_open(s, err);
    if (status == FLOW_OK)
        status = open_cursor(s, &s->tip, err);
    if (status == FLOW_OK)
        status = open_cursor(s, &s->past, err);
    if (status == FLOW_OK)
        status = trace_reader_create(&s->reader, s->trace_fd, NULL, err);
    if (status == FLOW_OK)
        status = go_to_end(s, s->tip, err);
    if (status != FLOW_OK)
        return status;
    read_sources(s);
    s->is_away = true;
    s->is_behind = true;
    dbg_set_phase(s, DBG_PHASE_ENDED);
    const char *missing = trace_timeline_missing(s->tip);
    if (missing && !s->problem.length)
        tell_problem(s, missing);
    if (dbg_tip(s)->event > 0)
        status = dbg_session_seek(s, &start, err);
    s->past_stop = DBG_STOP_START;
    return status;
}

/* What was printed, and what the last error said, are notes and texts that no state holds. */
static void take_event(struct dbg_session *s, const struct flow_event *event)
{
    if (event->kind == FLOW_EV_OUTPUT)
        dbg_output_noted(s, event);
    if (event->kind == FLOW_EV_ERROR) {
        str_clear(&s->error_detail);
        str_add_bytes(&s->error_detail, event->detail_length ? event->detail : "", event->detail_length);
    }
}

static void take_events(struct dbg_session *s)
{
    int64_t deadline = dbg_now_ns() + 4000000;
    struct flow_event event;
    for (unsigned i = 1; s->is_behind; i++) {
        if (trace_reader_next(s->reader, &event, NULL) != FLOW_OK)
            s->is_behind = false;
        else
            take_event(s, &event);
        if (i % 256 == 0 && dbg_now_ns() >= deadline)
            return;
    }
}

/* A recording that is still being written: who looks at its end stays there. */
static void follow(struct dbg_session *s)
{
    const struct trace_state *tip = dbg_tip(s);
    uint64_t last = tip->event;
    bool is_at_end = dbg_shown(s)->event == last;
    int64_t now = dbg_now_ns();
    if (tip->phase == TRACE_PHASE_ENDED || now - s->looked_ns < LOOK_NS)
        return;
    s->looked_ns = now;
    if (trace_timeline_seek_end(s->tip, NULL) < 0 || tip->event == last)
        return;
    s->is_behind = true;
    if (is_at_end && trace_timeline_seek_end(s->past, NULL) == FLOW_OK)
        s->past_stop = DBG_STOP_NONE;
    const char *missing = trace_timeline_missing(s->tip);
    str_clear(&s->problem);
    if (missing)
        tell_problem(s, missing);
    s->changed |= DBG_CHANGED_STATE | DBG_CHANGED_STATUS | DBG_CHANGED_OUTPUT;
}

void dbg_replay_dispatch(struct dbg_session *s)
{
    if (!s->tip)
        return;
    follow(s);
    take_events(s);
}

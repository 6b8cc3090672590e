/* The timeline by folding from zero, until engine/trace has the fast one. */
#include "base/mem.h"
#include "trace/timeline.h"

struct trace_timeline {
    struct trace_reader *reader;
    struct trace_state state;
};

int trace_timeline_create(struct trace_timeline **out, struct trace_reader *reader, struct flow_error *err)
{
    struct trace_timeline *t = mem_zalloc(sizeof *t);
    if (!t) {
        trace_reader_destroy(reader);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
    t->reader = reader;
    trace_state_init(&t->state);
    *out = t;
    return FLOW_OK;
}

int trace_timeline_open(struct trace_timeline **out, const char *path, struct flow_error *err)
{
    struct trace_reader *reader;
    int status = trace_reader_open(&reader, path, err);
    return status < 0 ? status : trace_timeline_create(out, reader, err);
}

void trace_timeline_destroy(struct trace_timeline *t)
{
    if (!t)
        return;
    trace_reader_destroy(t->reader);
    trace_state_finish(&t->state);
    mem_free(t);
}

const struct trace_state *trace_timeline_state(const struct trace_timeline *t)
{
    return &t->state;
}

uint64_t trace_timeline_position(const struct trace_timeline *t)
{
    return t->state.event;
}

uint64_t trace_timeline_count(const struct trace_timeline *t)
{
    return trace_reader_count(t->reader);
}

const char *trace_timeline_missing(const struct trace_timeline *t)
{
    return trace_reader_missing(t->reader);
}

int trace_timeline_next(struct trace_timeline *t, struct flow_event *event, struct flow_error *err)
{
    struct flow_event got;
    int status = trace_reader_next(t->reader, &got, err);
    if (status == FLOW_OK && !flow_event_is_note(got.kind))
        status = trace_state_apply(&t->state, &got, err);
    if (status == FLOW_OK && event)
        *event = got;
    return status;
}

static int rewind_all(struct trace_timeline *t, struct flow_error *err)
{
    trace_state_finish(&t->state);
    trace_state_init(&t->state);
    return trace_reader_seek(t->reader, 0, err);
}

int trace_timeline_seek(struct trace_timeline *t, uint64_t number, struct flow_error *err)
{
    uint64_t old = t->state.event;
    int status = FLOW_OK;
    if (number <= t->state.event)
        status = rewind_all(t, err);
    while (status == FLOW_OK && t->state.event < number)
        status = trace_timeline_next(t, NULL, err);
    if (status == FLOW_END || status == FLOW_AGAIN) {
        trace_timeline_seek(t, old, NULL);
        return FLOW_NOT_FOUND;
    }
    return status;
}

int trace_timeline_back(struct trace_timeline *t, struct flow_event *event, struct flow_error *err)
{
    uint64_t number = t->state.event;
    if (number == 0)
        return FLOW_END;
    return trace_timeline_seek(t, number - 1, err);
}

struct wanted {
    uint64_t step;
    int64_t time;
};

static bool is_step(void *user, const struct flow_event *event)
{
    return event->step == *(uint64_t *)user;
}

int trace_timeline_seek_step(struct trace_timeline *t, uint64_t step, struct flow_error *err)
{
    struct trace_search search = TRACE_SEARCH_INIT;
    uint64_t number;
    search.kinds[0] = 1ull << FLOW_EV_STEP_STARTED;
    search.matches = is_step;
    search.user = &step;
    int status = trace_timeline_search_forward(t, &search, 0, &number, err);
    if (status != FLOW_OK)
        return status;
    search.kinds[0] = 1ull << FLOW_EV_DEQUEUED;
    search.matches = NULL;
    status = trace_timeline_search_back(t, &search, number, &number, err);
    return status == FLOW_OK ? trace_timeline_seek(t, number - 1, err) : status;
}

int trace_timeline_seek_time(struct trace_timeline *t, int64_t time_ns, struct flow_error *err)
{
    uint64_t last = 0, count = trace_timeline_count(t);
    int status = rewind_all(t, err);
    while (status == FLOW_OK && t->state.event < count) {
        struct flow_event event;
        status = trace_timeline_next(t, &event, err);
        if (status == FLOW_OK && event.has_time && event.time_ns > time_ns)
            return trace_timeline_seek(t, last, err);
        last = t->state.event;
    }
    return status < 0 ? status : FLOW_OK;
}

int trace_timeline_seek_end(struct trace_timeline *t, struct flow_error *err)
{
    int status = FLOW_OK;
    while (status == FLOW_OK)
        status = trace_timeline_next(t, NULL, err);
    return status < 0 ? status : FLOW_OK;
}

static bool fits(const struct trace_search *s, const struct flow_event *e)
{
    const struct flow_event_info *info = flow_event_info(e->kind);
    uint32_t fields = info ? info->fields : 0;
    bool any = s->kinds[0] == 0 && s->kinds[1] == 0;
    if (any ? flow_event_is_note(e->kind) : e->kind >= 128 || !(s->kinds[e->kind / 64] >> (e->kind % 64) & 1))
        return false;
    if (s->task != FLOW_TASK_NONE && !((fields & FLOW_F_TASK) && e->task == s->task) &&
        !((fields & FLOW_F_OTHER) && e->other == s->task))
        return false;
    if (s->key != FLOW_KEY_NONE && !((fields & FLOW_F_KEY) && e->key == s->key))
        return false;
    return !s->matches || s->matches(s->user, e);
}

static int search(struct trace_timeline *t, const struct trace_search *s, uint64_t after, uint64_t before,
    bool is_last, uint64_t *number, struct flow_error *err)
{
    uint64_t position = t->state.event, found = 0;
    int status = trace_reader_seek(t->reader, after, err);
    struct flow_event event;
    while (status == FLOW_OK && (is_last || !found)) {
        status = trace_reader_next(t->reader, &event, err);
        if (status == FLOW_OK && event.number >= before)
            break;
        if (status == FLOW_OK && event.number > after && fits(s, &event))
            found = event.number;
        if (event.number % 1024 == 0 && s->is_interrupted && s->is_interrupted(s->user)) {
            trace_reader_seek(t->reader, position, NULL);
            return FLOW_AGAIN;
        }
    }
    trace_reader_seek(t->reader, position, NULL);
    if (status < 0)
        return status;
    if (!found)
        return FLOW_NOT_FOUND;
    *number = found;
    return FLOW_OK;
}

int trace_timeline_search_forward(struct trace_timeline *t, const struct trace_search *s, uint64_t after,
    uint64_t *number, struct flow_error *err)
{
    return search(t, s, after, UINT64_MAX, false, number, err);
}

int trace_timeline_search_back(struct trace_timeline *t, const struct trace_search *s, uint64_t before,
    uint64_t *number, struct flow_error *err)
{
    return search(t, s, 0, before, true, number, err);
}

static bool is_write(void *user, const struct flow_event *event)
{
    return event->key == *(flow_key *)user;
}

int trace_timeline_last_writer(
    struct trace_timeline *t, flow_key key, uint64_t position, uint64_t *number, struct flow_error *err)
{
    struct trace_search s = TRACE_SEARCH_INIT;
    s.kinds[0] = 1ull << FLOW_EV_CHANNEL_SET | 1ull << FLOW_EV_CHANNEL_DELETED;
    s.matches = is_write;
    s.user = &key;
    return search(t, &s, 0, position + 1, true, number, err);
}

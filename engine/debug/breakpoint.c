#include <string.h>

#include "base/mem.h"
#include "debug/session_private.h"

void dbg_breakpoints_send(struct dbg_session *s)
{
    struct str body = {0};
    uint64_t count = 0;
    vec_foreach (const struct dbg_breakpoint, b, &s->breakpoints)
        count += b->is_enabled;
    msg_put_u64(&body, count);
    vec_foreach (const struct dbg_breakpoint, b, &s->breakpoints) {
        if (!b->is_enabled)
            continue;
        msg_put_u64(&body, b->number);
        msg_put_text(&body, b->pattern);
        msg_put_u64(&body, b->is_after);
        msg_put_u64(&body, b->is_temporary);
    }
    if (s->pid > 0 && !s->is_dead)
        msg_post(&s->link, DBG_MSG_BREAKS, &body);
    str_finish(&body);
    if (s->status.phase == DBG_PHASE_RUNNING)
        dbg_ring_bell(s);
    s->changed |= DBG_CHANGED_BREAKPOINTS;
}

int dbg_breakpoint_add(struct dbg_session *s, const char *pattern, bool is_after, bool is_temporary,
    uint32_t *number, struct flow_error *err)
{
    struct dbg_breakpoint b = {
        .number = s->last_breakpoint + 1,
        .pattern = mem_strdup(pattern),
        .is_after = is_after,
        .is_temporary = is_temporary,
        .is_enabled = true,
    };
    if (!b.pattern || vec_push(&s->breakpoints, b) < 0) {
        mem_free(b.pattern);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
    s->last_breakpoint = b.number;
    dbg_breakpoints_send(s);
    *number = b.number;
    return FLOW_OK;
}

static struct dbg_breakpoint *find(struct dbg_session *s, uint32_t number)
{
    vec_foreach (struct dbg_breakpoint, b, &s->breakpoints) {
        if (b->number == number)
            return b;
    }
    return NULL;
}

static void forget(struct dbg_session *s, struct dbg_breakpoint *b)
{
    mem_free(b->pattern);
    vec_remove(&s->breakpoints, (size_t)(b - s->breakpoints.at));
    s->changed |= DBG_CHANGED_BREAKPOINTS;
}

int dbg_breakpoint_delete(struct dbg_session *s, uint32_t number)
{
    struct dbg_breakpoint *b = find(s, number);
    if (!b)
        return FLOW_NOT_FOUND;
    forget(s, b);
    dbg_breakpoints_send(s);
    return FLOW_OK;
}

int dbg_breakpoint_enable(struct dbg_session *s, uint32_t number, bool is_enabled)
{
    struct dbg_breakpoint *b = find(s, number);
    if (!b)
        return FLOW_NOT_FOUND;
    b->is_enabled = is_enabled;
    dbg_breakpoints_send(s);
    return FLOW_OK;
}

void dbg_breakpoint_hit(struct dbg_session *s, uint32_t number)
{
    struct dbg_breakpoint *b = find(s, number);
    if (!b)
        return;
    b->hits++;
    if (b->is_temporary) /* the inferior has forgotten it already */
        forget(s, b);
    s->changed |= DBG_CHANGED_BREAKPOINTS;
}

void dbg_breakpoints_finish(struct dbg_session *s)
{
    vec_foreach (struct dbg_breakpoint, b, &s->breakpoints)
        mem_free(b->pattern);
    vec_finish(&s->breakpoints);
}

size_t dbg_breakpoint_count(const struct dbg_session *s)
{
    return s->breakpoints.count;
}

const struct dbg_breakpoint *dbg_breakpoint_at(const struct dbg_session *s, size_t index)
{
    return &s->breakpoints.at[index];
}

const struct dbg_breakpoint *dbg_breakpoint_of(const struct dbg_session *s, const char *task_id)
{
    vec_foreach (const struct dbg_breakpoint, b, &s->breakpoints) {
        if (b->is_enabled && glob_matches(b->pattern, task_id))
            return b;
    }
    return NULL;
}

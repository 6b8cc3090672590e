#include <string.h>
#include <strings.h>

#include "tui/view/view.h"

struct view_look view_task_look(const struct view_context *context, flow_task task)
{
    static const struct view_look looks[] = {
        [TRACE_STATUS_RUNNING] = {MARK_RUNNING, ROLE_RUNNING},
        [TRACE_STATUS_FAILED] = {MARK_FAILED, ROLE_ERROR},
        [TRACE_STATUS_CANCELLED] = {MARK_CANCELLED, ROLE_CANCELLED},
        [TRACE_STATUS_QUEUED] = {MARK_QUEUED, ROLE_QUEUED},
        [TRACE_STATUS_WAITING] = {MARK_BLOCKED, ROLE_QUEUED},
        [TRACE_STATUS_DONE] = {MARK_DONE, ROLE_OK},
        [TRACE_STATUS_SKIPPED] = {'-', ROLE_DIM},
        [TRACE_STATUS_IDLE] = {MARK_IDLE, ROLE_NORMAL},
    };
    const struct trace_state *state = context->state;
    if (state->current == FLOW_TASK_NONE && state->phase != TRACE_PHASE_ENDED &&
        task == view_current_task(state))
        return (struct view_look){MARK_CURRENT, ROLE_CURRENT};
    /* A join that the run ended without is what was wrong with it. */
    if (state->outcome == FLOW_OUTCOME_BLOCKED && view_blocked(state, task))
        return (struct view_look){MARK_BLOCKED, ROLE_ERROR};
    return looks[trace_state_task_status(state, task)];
}

const struct trace_blocked *view_blocked(const struct trace_state *state, flow_task join)
{
    vec_foreach (const struct trace_blocked, blocked, &state->blocked) {
        if (blocked->join == join)
            return blocked;
    }
    return NULL;
}

flow_task view_current_task(const struct trace_state *state)
{
    if (state->current != FLOW_TASK_NONE)
        return state->current;
    return state->queue.count && state->phase != TRACE_PHASE_ENDED ? state->queue.at[0].task : FLOW_TASK_NONE;
}

bool view_text_contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; *text; text++)
        if (strncasecmp(text, part, length) == 0)
            return true;
    return length == 0;
}

void view_wrap(const char *text, int most, struct str *out)
{
    for (int cols = 0; *text;) {
        size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " \n");
        int wanted = text_colsn(text, blanks + word, false);
        bool is_broken = cols > 0 && cols + wanted > most;
        if (is_broken)
            str_add(out, "\n  ");
        size_t from = is_broken ? blanks : 0;
        str_add_bytes(out, text + from, blanks + word - from);
        cols = is_broken ? wanted + 2 : cols + wanted;
        text += blanks + word;
        if (*text == '\n') {
            str_add_char(out, *text++);
            cols = 0;
        }
    }
}

void view_put_lines(struct win w, unsigned style, const char *text)
{
    for (int y = 0; text && y < w.rows; y++) {
        const char *newline = strchr(text, '\n');
        win_putn(w, y, 0, style, text, newline ? (size_t)(newline - text) : strlen(text));
        text = newline ? newline + 1 : NULL;
    }
}

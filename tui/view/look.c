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
    return looks[trace_state_task_status(state, task)];
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

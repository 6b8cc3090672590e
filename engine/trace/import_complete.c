/* Lines that leave things out: what they mean in the run as it stands. */
#include <string.h>

#include "trace/import_private.h"

/* An event that no line told of, with everything that hangs on where the run stands. */
static struct flow_event made_up(const struct trace_importer *importer, unsigned kind, struct text_line *line)
{
    return (struct flow_event){
        .kind = (uint16_t)kind,
        .number = importer->state.event + 1,
        .step = importer->state.step,
        .task = FLOW_TASK_NONE,
        .other = FLOW_TASK_NONE,
        .key = FLOW_KEY_NONE,
        .iteration = 1,
        .count = 1,
        .has_time = line->event.has_time,
        .time_ns = line->event.time_ns,
        .value = flow_null(),
        .old = flow_null(),
        .text = "",
        .detail = "",
    };
}

static int emit_made_up(
    struct trace_importer *importer, const struct flow_event *event, struct flow_error *err)
{
    int status = import_emit(importer, event, err);
    importer->counts.made_up += status == FLOW_OK;
    return status;
}

static int start_run(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    struct flow_event event = made_up(importer, FLOW_EV_RUN_STARTED, line);
    event.text = "imported";
    event.text_length = strlen(event.text);
    if (flow_map_create(&event.value, NULL, 0) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    int status = emit_made_up(importer, &event, err);
    flow_value_unref(event.value);
    return status;
}

/* The task of that name; one that is not known joins the graph. */
static int need_task(struct trace_importer *importer, struct text_line *line, const struct text_name *name,
    bool is_given, flow_task *out, struct flow_error *err)
{
    *out = is_given && !name->is_name ? (flow_task)name->index : FLOW_TASK_NONE;
    if (!is_given || !name->is_name)
        return FLOW_OK;
    uint32_t index = map_find(&importer->state.task_index, name->name.text, name->name.length);
    *out = index;
    if (index != MAP_NONE)
        return FLOW_OK;
    struct flow_event event = made_up(importer, FLOW_EV_TASK_ADDED, line);
    event.task = *out = (flow_task)importer->state.tasks.count;
    event.text = name->name.text;
    event.text_length = name->name.length;
    return emit_made_up(importer, &event, err);
}

/* Position of the first entry of a task that was not abandoned, or of any where task is none. SIZE_MAX: none
 * is there. */
static size_t find_entry(const struct trace_state *state, flow_task task)
{
    for (size_t i = 0; i < state->queue.count; i++)
        if (!state->queue.at[i].is_abandoned && (task == FLOW_TASK_NONE || state->queue.at[i].task == task))
            return i;
    return SIZE_MAX;
}

static void fill_enqueued(const struct trace_importer *importer, struct flow_event *event, uint32_t given)
{
    const struct trace_state *state = &importer->state;
    bool is_first = state->phase == TRACE_PHASE_STARTING;
    if (!(given & FLOW_F_REASON))
        event->reason = is_first ? FLOW_REASON_START : FLOW_REASON_SUCCESSOR;
    bool is_outside = event->reason == FLOW_REASON_START || event->reason == FLOW_REASON_MANUAL;
    if (!(given & FLOW_F_ENTRY))
        event->entry = importer->last_entry + 1;
    if (!(given & FLOW_F_ITERATION))
        event->iteration = 1;
    if (!(given & FLOW_F_POSITION))
        event->position = state->queue.count;
    if (!(given & FLOW_F_CAUSE))
        event->cause = is_outside ? 0 : state->step;
    if (!(given & FLOW_F_OTHER) && !is_outside)
        event->other = state->current;
}

/* Brings an entry of the task to the front of the queue, from wherever it is. */
static int bring_to_front(
    struct trace_importer *importer, struct text_line *line, flow_task task, struct flow_error *err)
{
    const struct trace_state *state = &importer->state;
    size_t position = find_entry(state, task);
    int status = FLOW_OK;
    if (position == SIZE_MAX || state->phase == TRACE_PHASE_STARTING) {
        struct flow_event event = made_up(importer, FLOW_EV_ENQUEUED, line);
        event.task = task;
        event.reason = FLOW_REASON_START;
        fill_enqueued(importer, &event, state->phase == TRACE_PHASE_STARTING ? FLOW_F_REASON : 0);
        event.position = 0;
        status = emit_made_up(importer, &event, err);
    } else if (position > 0) {
        struct flow_event event = made_up(importer, FLOW_EV_MOVED, line);
        event.task = task;
        event.entry = state->queue.at[position].number;
        status = emit_made_up(importer, &event, err);
    }
    return status;
}

/* Ends the step that runs, if one does: the producer does not tell of ends, or lost one. */
static int end_step(
    struct trace_importer *importer, struct text_line *line, bool returns_only, struct flow_error *err)
{
    const struct trace_state *state = &importer->state;
    int32_t code = line->event.kind == FLOW_EV_STEP_ENDED ? line->event.code : FLOW_STEP_COMPLETED;
    int status = FLOW_OK;
    if (state->phase == TRACE_PHASE_BODY) {
        struct flow_event event = made_up(importer, FLOW_EV_RETURNED, line);
        event.task = state->current;
        event.code = code;
        event.value = line->event.kind == FLOW_EV_STEP_ENDED ? line->event.value : flow_null();
        status = emit_made_up(importer, &event, err);
    }
    if (status == FLOW_OK && state->phase == TRACE_PHASE_FINISHING && !returns_only) {
        struct flow_event event = made_up(importer, FLOW_EV_STEP_ENDED, line);
        event.task = state->current;
        event.code = code;
        status = emit_made_up(importer, &event, err);
    }
    return status;
}

static int take_entry(
    struct trace_importer *importer, struct text_line *line, flow_task task, struct flow_error *err)
{
    int status = bring_to_front(importer, line, task, err);
    struct flow_event event = made_up(importer, FLOW_EV_DEQUEUED, line);
    event.task = task;
    if (status == FLOW_OK) {
        event.entry = importer->state.queue.at[0].number;
        status = emit_made_up(importer, &event, err);
    }
    return status;
}

static int complete_dequeued(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    struct flow_event *event = &line->event;
    int status = FLOW_OK;
    size_t front = find_entry(&importer->state, event->task);
    if (event->task == FLOW_TASK_NONE && front != SIZE_MAX)
        event->task = importer->state.queue.at[front].task;
    if (event->task != FLOW_TASK_NONE && !(line->given & FLOW_F_ENTRY))
        status = bring_to_front(importer, line, event->task, err);
    if (!(line->given & FLOW_F_ENTRY) && importer->state.queue.count > 0)
        event->entry = importer->state.queue.at[0].number;
    return status;
}

static int complete_step_started(
    struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    const struct trace_state *state = &importer->state;
    struct flow_event *event = &line->event;
    int status = FLOW_OK;
    if (state->phase != TRACE_PHASE_TAKEN && event->task != FLOW_TASK_NONE)
        status = take_entry(importer, line, event->task, err);
    if (event->task == FLOW_TASK_NONE)
        event->task = state->current;
    if (!(line->given & FLOW_F_ENTRY))
        event->entry = state->current_entry.number;
    if (!(line->given & FLOW_F_ITERATION))
        event->iteration = state->current_entry.iteration;
    if (!(line->given & FLOW_F_COUNT))
        event->count = 1;
    if (!(line->given & TEXT_F_STEP))
        event->step = state->step + 1;
    return status;
}

static int complete_returned(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    if (line->event.task == FLOW_TASK_NONE)
        line->event.task = importer->state.current;
    return line->event.kind == FLOW_EV_STEP_ENDED ? end_step(importer, line, true, err) : FLOW_OK;
}

static int complete_enqueued(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    fill_enqueued(importer, &line->event, line->given);
    return FLOW_OK;
}

/* Dropped, moved, withdrawn, abandoned: which entry? */
static int complete_entry(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    size_t position = find_entry(&importer->state, line->event.task);
    if (line->given & FLOW_F_ENTRY || position == SIZE_MAX)
        return FLOW_OK;
    line->event.entry = importer->state.queue.at[position].number;
    if (line->event.task == FLOW_TASK_NONE)
        line->event.task = importer->state.queue.at[position].task;
    return FLOW_OK;
}

static int complete_task_added(
    struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    const struct text_name *name = &line->task;
    if (line->given & FLOW_F_TASK && name->is_name) {
        line->event.text = name->name.text;
        line->event.text_length = name->name.length;
    }
    if (map_find(&importer->state.task_index, line->event.text, line->event.text_length) != MAP_NONE)
        return FLOW_END;
    line->event.task = (flow_task)importer->state.tasks.count;
    return FLOW_OK;
}

static int complete_channel(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    const struct trace_state *state = &importer->state;
    struct flow_event *event = &line->event;
    if (line->key.is_name) {
        event->key = map_find(&state->key_index, line->key.name.text, line->key.name.length);
        if (event->key == MAP_NONE && event->kind == FLOW_EV_CHANNEL_SET) {
            event->key = (flow_key)state->keys.count;
            event->text = line->key.name.text;
            event->text_length = line->key.name.length;
        }
    }
    if (event->key >= state->keys.count || !state->keys.at[event->key].is_set)
        return event->kind == FLOW_EV_CHANNEL_DELETED ? FLOW_END : FLOW_OK;
    if (event->kind == FLOW_EV_CHANNEL_SET)
        event->code = 1;
    event->old = state->keys.at[event->key].value;
    return FLOW_OK;
}

static int complete_read(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    if (!line->key.is_name)
        return FLOW_OK;
    line->event.key = map_find(&importer->state.key_index, line->key.name.text, line->key.name.length);
    if (line->event.key == MAP_NONE) {
        line->event.text = line->key.name.text;
        line->event.text_length = line->key.name.length;
    }
    return FLOW_OK;
}

static int complete_run_ended(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    if (!(line->given & FLOW_F_CODE))
        line->event.code = FLOW_OUTCOME_COMPLETED;
    return importer->state.phase == TRACE_PHASE_FINISHING ? end_step(importer, line, false, err) : FLOW_OK;
}

typedef int (*complete_fn)(struct trace_importer *importer, struct text_line *line, struct flow_error *err);

static const complete_fn completers[FLOW_EV_FIRST_UNUSED] = {
    [FLOW_EV_RUN_ENDED] = complete_run_ended,
    [FLOW_EV_TASK_ADDED] = complete_task_added,
    [FLOW_EV_ENQUEUED] = complete_enqueued,
    [FLOW_EV_DEQUEUED] = complete_dequeued,
    [FLOW_EV_DROPPED] = complete_entry,
    [FLOW_EV_MOVED] = complete_entry,
    [FLOW_EV_WITHDRAWN] = complete_entry,
    [FLOW_EV_ABANDONED] = complete_entry,
    [FLOW_EV_STEP_STARTED] = complete_step_started,
    [FLOW_EV_RETURNED] = complete_returned,
    [FLOW_EV_STEP_ENDED] = complete_returned,
    [FLOW_EV_CHANNEL_SET] = complete_channel,
    [FLOW_EV_CHANNEL_DELETED] = complete_channel,
    [FLOW_EV_CHANNEL_READ] = complete_read,
};

/* Who did it, where the line does not say. */
static uint8_t usual_origin(const struct trace_state *state, unsigned kind)
{
    switch (kind) {
    case FLOW_EV_TASK_ADDED:
    case FLOW_EV_EDGE_ADDED:
    case FLOW_EV_CHANNEL_SET:
    case FLOW_EV_CHANNEL_DELETED:
    case FLOW_EV_REQUEST:
    case FLOW_EV_INPUT:
    case FLOW_EV_OUTPUT:
    case FLOW_EV_CHANNEL_READ:
        return state->phase == TRACE_PHASE_BODY ? FLOW_ORIGIN_TASK : FLOW_ORIGIN_ENGINE;
    case FLOW_EV_USER_ACTION:
    case FLOW_EV_STOPPED: return FLOW_ORIGIN_USER;
    default: return FLOW_ORIGIN_ENGINE;
    }
}

int import_complete(struct trace_importer *importer, struct text_line *line, struct flow_error *err)
{
    const struct trace_state *state = &importer->state;
    struct flow_event *event = &line->event;
    int status = FLOW_OK;
    if (state->phase == TRACE_PHASE_EMPTY && event->kind != FLOW_EV_RUN_STARTED)
        status = start_run(importer, line, err);
    if (status == FLOW_OK && (event->kind == FLOW_EV_DEQUEUED || event->kind == FLOW_EV_STEP_STARTED))
        status = end_step(importer, line, false, err);
    if (status == FLOW_OK && event->kind != FLOW_EV_TASK_ADDED)
        status = need_task(importer, line, &line->task, line->given & FLOW_F_TASK, &event->task, err);
    if (status == FLOW_OK)
        status = need_task(importer, line, &line->other, line->given & FLOW_F_OTHER, &event->other, err);
    event->key = line->given & FLOW_F_KEY ? (flow_key)line->key.index : FLOW_KEY_NONE;
    complete_fn complete = completers[event->kind];
    if (status == FLOW_OK && complete)
        status = complete(importer, line, err);
    if (status != FLOW_OK)
        return status;
    event->number = flow_event_is_note(event->kind) ? state->event : state->event + 1;
    if (!(line->given & TEXT_F_STEP) && event->kind != FLOW_EV_STEP_STARTED)
        event->step = state->step;
    if (!(line->given & TEXT_F_ORIGIN))
        event->origin = usual_origin(state, event->kind);
    return FLOW_OK;
}

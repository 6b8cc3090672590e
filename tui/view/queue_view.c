/* The queue, front first; below it what waits for something else: joins, and successors held by an iteration.
 */
#include <stdio.h>

#include "base/mem.h"
#include "tui/view/list.h"

struct queue_view {
    struct list list;
};

static struct view *create(void)
{
    return mem_zalloc(sizeof(struct queue_view));
}

static void destroy(struct view *view)
{
    mem_free(view);
}

/* Rows of the list: entries, waiting joins, held successors, in this order. */
struct row {
    const struct trace_entry *entry;
    const struct trace_task *join;
    const struct trace_held *held;
};

static bool is_waiting(const struct trace_task *task)
{
    return task->join == FLOW_JOIN_ALL && task->arrivals.count > 0 && task->arrivals.count < task->needed;
}

static size_t count_rows(const struct trace_state *state)
{
    size_t waiting = 0;
    vec_foreach (const struct trace_task, task, &state->tasks)
        waiting += is_waiting(task);
    return state->queue.count + waiting + state->held.count;
}

static struct row row_at(const struct trace_state *state, size_t index)
{
    struct row row = {0};
    if (index < state->queue.count) {
        row.entry = &state->queue.at[index];
        return row;
    }
    index -= state->queue.count;
    vec_foreach (const struct trace_task, task, &state->tasks) {
        if (is_waiting(task) && index-- == 0) {
            row.join = task;
            return row;
        }
    }
    if (index < state->held.count)
        row.held = &state->held.at[index];
    return row;
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct queue_view *view = (struct queue_view *)v;
    if (changes == DBG_CHANGED_ALL)
        view->list = (struct list){0};
    list_set_count(&view->list, count_rows(c->state));
    return false;
}

/* What put the entry there: "goto by risky_operation", "by hand". */
static void print_origin(
    const struct trace_state *state, const struct trace_entry *entry, char *out, size_t size)
{
    if (entry->is_abandoned)
        snprintf(out, size, "never ran");
    else if (entry->origin == FLOW_ORIGIN_USER)
        snprintf(out, size, "by hand");
    else if (entry->reason == FLOW_REASON_SUCCESSOR)
        snprintf(out, size, "after %s", trace_state_task_id(state, entry->source));
    else if (entry->source == FLOW_TASK_NONE || entry->reason == FLOW_REASON_ITERATION ||
             entry->reason == FLOW_REASON_RETRY)
        snprintf(out, size, "%s", flow_reason_name(entry->reason));
    else
        snprintf(out, size, "%s by %s", flow_reason_name(entry->reason),
            trace_state_task_id(state, entry->source));
}

static enum role reason_role(const struct trace_entry *entry)
{
    if (entry->is_abandoned)
        return ROLE_DIM;
    switch ((enum flow_reason)entry->reason) {
    case FLOW_REASON_GOTO: return ROLE_GOTO;
    case FLOW_REASON_NEXT_TASK: return ROLE_DYNAMIC;
    case FLOW_REASON_ITERATION: return ROLE_ITERATION;
    case FLOW_REASON_RETRY: return ROLE_WARNING;
    case FLOW_REASON_START:
    case FLOW_REASON_SUCCESSOR:
    case FLOW_REASON_MANUAL: break;
    }
    return ROLE_DIM;
}

static void draw_entry(
    struct win w, int y, const struct view_context *c, const struct trace_entry *entry, bool is_front)
{
    char name[256], origin[256];
    trace_print_task(c->state, entry->task, entry->iteration, name, sizeof name);
    print_origin(c->state, entry, origin, sizeof origin);
    /* Two columns that stay where they are: the name gets up to three fifths, the reason what is left. */
    int name_cols = w.cols - 2 < 24 ? w.cols - 2 : (w.cols - 2) * 3 / 5;
    int wanted = text_cols(name, c->ascii);
    if (name_cols > 28)
        name_cols = wanted > 28 ? wanted : 28;
    bool is_next = is_front && c->state->phase != TRACE_PHASE_ENDED;
    enum role role = is_next ? ROLE_CURRENT : entry->is_abandoned ? ROLE_DIM : ROLE_QUEUED;
    win_char(w, y, 0, role, is_next ? MARK_CURRENT : entry->is_abandoned ? '-' : MARK_QUEUED);
    int end =
        win_fit(w, y, 2, name_cols, is_next ? ROLE_CURRENT | STYLE_STRONG : ROLE_NORMAL, name, FIT_MIDDLE);
    /* A reason that would be cut begins earlier, if the name leaves room. */
    int x = 3 + name_cols, early = w.cols - text_cols(origin, c->ascii);
    if (early < x)
        x = early > end + 1 ? early : end + 1;
    win_fit(w, y, x, w.cols - x, reason_role(entry), origin, FIT_END);
}

/* Names of the predecessors that a join still waits for. */
static void add_missing(const struct trace_state *state, const struct trace_task *join, struct str *out)
{
    flow_task id = (flow_task)(join - state->tasks.at);
    vec_foreach (const struct trace_edge, edge, &state->edges) {
        bool has_arrived = edge->kind != TRACE_EDGE_STATIC || edge->to != id;
        for (size_t i = 0; !has_arrived && i < join->arrivals.count; i++)
            has_arrived = join->arrivals.at[i].from == edge->from;
        if (!has_arrived)
            str_addf(out, "%s%s", out->length ? ", " : "", trace_state_task_id(state, edge->from));
    }
}

/* "1 of 2: waiting for c"; once the run has ended so, also why. */
static void draw_join(struct win w, int y, const struct view_context *c, const struct trace_task *join)
{
    const struct trace_blocked *blocked = view_blocked(c->state, (flow_task)(join - c->state->tasks.at));
    struct str text = {0};
    enum role role = blocked ? ROLE_ERROR : ROLE_QUEUED;
    win_char(w, y, 0, role, MARK_BLOCKED);
    int x = win_fit(w, y, 2, w.cols / 2, blocked ? ROLE_ERROR : ROLE_NORMAL, join->id, FIT_MIDDLE);
    if (blocked) {
        str_addf(&text, "waits for %s: %s", trace_state_task_id(c->state, blocked->missing),
            blocked->why ? blocked->why : "");
    } else {
        str_addf(&text, "%zu of %u: waiting for ", join->arrivals.count, join->needed);
        struct str missing = {0};
        add_missing(c->state, join, &missing);
        str_add(&text, str_text(&missing));
        str_finish(&missing);
    }
    win_fit(w, y, x + 1, w.cols - x - 1, ROLE_DIM, str_text(&text), FIT_END);
    str_finish(&text);
}

static void draw_held(struct win w, int y, const struct view_context *c, const struct trace_held *held)
{
    struct str text = {0};
    str_addf(&text, held->is_abandoned ? "%s never ran: %s was not done" : "%s once %s is done",
        trace_state_task_id(c->state, held->successor), trace_state_task_id(c->state, held->source));
    win_char(w, y, 0, held->is_abandoned ? ROLE_DIM : ROLE_ITERATION, MARK_ITERATION);
    win_fit(w, y, 2, w.cols - 2, ROLE_DIM, str_text(&text), FIT_END);
    str_finish(&text);
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct queue_view *view = (struct queue_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    if (view->list.count == 0)
        win_put(w, 0, 0, ROLE_DIM, c->state->phase == TRACE_PHASE_EMPTY ? "nothing yet" : "empty");
    for (size_t i = 0; i < shown; i++) {
        size_t index = view->list.top + i;
        struct row row = row_at(c->state, index);
        int y = (int)i;
        if (row.entry) {
            draw_entry(w, y, c, row.entry, index == 0);
        } else if (row.join) {
            draw_join(w, y, c, row.join);
        } else if (row.held) {
            draw_held(w, y, c, row.held);
        }
        if (is_focused && index == view->list.selected)
            win_flag(w, y, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    (void)v;
    size_t count = c->state->queue.count;
    if (count && is_folded) {
        char origin[256];
        const struct trace_entry *front = &c->state->queue.at[0];
        print_origin(c->state, front, origin, sizeof origin);
        str_addf(out, "%s, %s", trace_state_task_id(c->state, front->task), origin);
    }
    if (count > 1 || (count && !is_folded))
        str_addf(out, is_folded ? ", %zu more" : "%zu", count - is_folded);
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    struct queue_view *view = (struct queue_view *)v;
    if (!list_navigate(&view->list, where) && where == VIEW_FOLLOW)
        list_select(&view->list, 0);
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    list_click(&((struct queue_view *)v)->list, y);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct queue_view *view = (struct queue_view *)v;
    struct row row = row_at(c->state, view->list.selected);
    if (row.entry) {
        out->task = row.entry->task;
        out->entry = row.entry->number;
    } else if (row.join) {
        out->task = (flow_task)(row.join - c->state->tasks.at);
    } else if (row.held) {
        out->task = row.held->successor;
    }
}

struct query {
    const struct trace_state *state;
    const char *text;
};

static bool row_matches(void *user, size_t index)
{
    const struct query *query = user;
    struct row row = row_at(query->state, index);
    flow_task task = row.entry ? row.entry->task : row.held ? row.held->successor : FLOW_TASK_NONE;
    const char *name = row.join ? row.join->id : trace_state_task_id(query->state, task);
    return view_text_contains(name, query->text);
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct queue_view *view = (struct queue_view *)v;
    struct query query = {c->state, text};
    return list_search(&view->list, direction, row_matches, &query);
}

const struct view_class view_queue = {
    .name = "queue",
    .title = "Queue",
    .create = create,
    .destroy = destroy,
    .update = update,
    .draw = draw,
    .summarize = summarize,
    .navigate = navigate,
    .click = click,
    .select = selection,
    .search = search,
};

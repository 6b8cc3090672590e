/* Every event so far, grouped by step, the newest last. Only what is visible is read from the trace. */
#include <stdio.h>

#include "base/mem.h"
#include "tui/view/list.h"

enum { TEXT_MAX = 400, SEARCH_MAX = 100000 };

struct timeline_view {
    struct list list; /* row i is event i + 1 */
    uint64_t generation;
};

static struct view *create(void)
{
    struct timeline_view *view = mem_zalloc(sizeof *view);
    if (view)
        view->list.is_following = true;
    return (struct view *)view;
}

static void destroy(struct view *view)
{
    mem_free(view);
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct timeline_view *view = (struct timeline_view *)v;
    uint64_t generation = dbg_session_generation(c->session);
    if (generation != view->generation) {
        view->list = (struct list){.is_following = true};
        view->generation = generation;
    }
    list_set_count(&view->list, (size_t)c->state->event);
    return false;
}

/* The next numbered event; notes are passed over. */
static int next_event(struct trace_reader *reader, struct flow_event *event)
{
    int status;
    do {
        status = trace_reader_next(reader, event, NULL);
    } while (status == FLOW_OK && flow_event_is_note(event->kind));
    return status;
}

static enum role event_role(const struct flow_event *event)
{
    if (event->origin == FLOW_ORIGIN_USER)
        return ROLE_ACCENT;
    switch (event->kind) {
    case FLOW_EV_ERROR:
    case FLOW_EV_BLOCKED: return ROLE_ERROR;
    case FLOW_EV_LIMIT:
    case FLOW_EV_RETRY:
    case FLOW_EV_WITHDRAWN:
    case FLOW_EV_ABANDONED: return ROLE_WARNING;
    case FLOW_EV_STEP_STARTED: return ROLE_HEADING;
    case FLOW_EV_CHANNEL_SET:
    case FLOW_EV_CHANNEL_DELETED: return ROLE_NORMAL;
    case FLOW_EV_REQUEST:
        return event->code == FLOW_REQUEST_GOTO             ? ROLE_GOTO
               : event->code == FLOW_REQUEST_NEXT_ITERATION ? ROLE_ITERATION
               : event->code == FLOW_REQUEST_CANCEL         ? ROLE_CANCELLED
                                                            : ROLE_DYNAMIC;
    case FLOW_EV_RUN_ENDED:
        return flow_outcome_is_success((enum flow_outcome)event->code) ? ROLE_OK : ROLE_ERROR;
    case FLOW_EV_SKIPPED:
    case FLOW_EV_TASK_ADDED:
    case FLOW_EV_EDGE_ADDED:
    case FLOW_EV_DEQUEUED:
    case FLOW_EV_STEP_ENDED: return ROLE_DIM;
    default: return ROLE_NORMAL;
    }
}

/* Events of a step are indented below its start. */
static bool is_inside_step(const struct flow_event *event)
{
    return event->step > 0 && event->kind != FLOW_EV_STEP_STARTED && event->kind != FLOW_EV_DEQUEUED &&
           event->kind != FLOW_EV_RUN_ENDED;
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct timeline_view *view = (struct timeline_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    struct trace_reader *reader = dbg_session_history(c->session);
    if (!reader || view->list.count == 0) {
        win_put(w, 0, 0, ROLE_DIM, "no events");
        return;
    }
    if (trace_reader_seek(reader, view->list.top, NULL) != FLOW_OK)
        return;
    int number_cols = snprintf(NULL, 0, "%zu", view->list.count);
    for (size_t i = 0; i < shown; i++) {
        struct flow_event event;
        if (next_event(reader, &event) != FLOW_OK)
            break;
        int y = (int)i;
        char text[TEXT_MAX];
        trace_print_event(c->state, &event, text, sizeof text);
        win_putf(w, y, 0, ROLE_DIM, "%*llu", number_cols, (unsigned long long)event.number);
        int x = number_cols + 1;
        if (event.number == c->state->event)
            win_char(w, y, x, ROLE_CURRENT, MARK_CURRENT);
        x += is_inside_step(&event) ? 4 : 2;
        win_fit(w, y, x, w.cols - x, event_role(&event), text, FIT_END);
        if (is_focused && view->list.top + i == view->list.selected)
            win_flag(w, y, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, struct str *out)
{
    (void)v;
    if (c->state->event)
        str_addf(out, "%llu events", (unsigned long long)c->state->event);
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    struct timeline_view *view = (struct timeline_view *)v;
    if (where == VIEW_FOLLOW)
        list_navigate(&view->list, VIEW_END);
    else if (!list_navigate(&view->list, where))
        return;
    view->list.is_following = view->list.selected + 1 >= view->list.count;
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    struct timeline_view *view = (struct timeline_view *)v;
    size_t row;
    if (list_row_at(&view->list, y, &row) != FLOW_OK)
        return;
    list_select(&view->list, row);
    view->list.is_following = view->list.selected + 1 >= view->list.count;
}

static int read_row(const struct view_context *c, size_t row, struct flow_event *event)
{
    struct trace_reader *reader = dbg_session_history(c->session);
    if (!reader || trace_reader_seek(reader, row, NULL) != FLOW_OK)
        return FLOW_NOT_FOUND;
    return next_event(reader, event);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct timeline_view *view = (struct timeline_view *)v;
    struct flow_event event;
    if (view->list.count == 0 || read_row(c, view->list.selected, &event) != FLOW_OK)
        return;
    out->event = event.number;
    uint32_t fields = flow_event_info(event.kind) ? flow_event_info(event.kind)->fields : 0;
    if ((fields & FLOW_F_TASK) && event.task < c->state->tasks.count)
        out->task = event.task;
    if ((fields & FLOW_F_KEY) && event.key < c->state->keys.count)
        out->key = event.key;
}

/* Looks at the rows after (before) the selected one, going round. Forwards in one pass; at most SEARCH_MAX
 * rows. */
static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct timeline_view *view = (struct timeline_view *)v;
    size_t count = view->list.count;
    for (size_t i = 1; i <= count && i <= SEARCH_MAX; i++) {
        size_t row = (view->list.selected + (direction < 0 ? count - i : i)) % count;
        struct flow_event event;
        int status = direction > 0 && i > 1 && row ? next_event(dbg_session_history(c->session), &event)
                                                   : read_row(c, row, &event);
        if (status != FLOW_OK)
            return false;
        char printed[TEXT_MAX];
        trace_print_event(c->state, &event, printed, sizeof printed);
        if (view_text_contains(printed, text)) {
            list_select(&view->list, row);
            view->list.is_following = row + 1 == count;
            return true;
        }
    }
    return false;
}

const struct view_class view_timeline = {
    .name = "timeline",
    .title = "Timeline",
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

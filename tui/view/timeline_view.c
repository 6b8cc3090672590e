/* Every event so far, grouped by step, the newest last. Only what comes into sight is read from the trace,
 * once: between two events there may be a million notes of what a task printed. */
#include <stdio.h>

#include "base/mem.h"
#include "tui/view/list.h"

enum { TEXT_MAX = 400 };

/* An event as a row. Events never change, so neither do rows. */
struct row {
    uint64_t number; /* 0: not read */
    char *text;      /* owned */
    enum role role;
    bool is_inside_step;
    flow_task task; /* or none */
    flow_key key;   /* or none */
};

enum { CACHE_SIZE = 512 }; /* more than a screen has rows */

struct timeline_view {
    /* Row i is event i + 1. Where it follows, the list ends at the event that is shown; where somebody looks
     * about, at the last there is. */
    struct list list;
    uint64_t event; /* that was shown last */
    uint64_t generation;
    struct row cache[CACHE_SIZE]; /* row i is at i % CACHE_SIZE, if it is there */
};

static struct view *create(void)
{
    struct timeline_view *view = mem_zalloc(sizeof *view);
    if (view)
        view->list.is_following = true;
    return (struct view *)view;
}

static void forget(struct timeline_view *view)
{
    for (size_t i = 0; i < CACHE_SIZE; i++) {
        mem_free(view->cache[i].text);
        view->cache[i] = (struct row){0};
    }
}

static void destroy(struct view *v)
{
    if (v)
        forget((struct timeline_view *)v);
    mem_free(v);
}

static void set_count(struct timeline_view *view, const struct view_context *c)
{
    bool is_all = !view->list.is_following;
    list_set_count(&view->list, (size_t)(is_all ? dbg_session_tip(c->session)->event : c->state->event));
}

/* After somebody has moved the selection: does the list follow on? Only along the present. */
static void settle(struct timeline_view *view, const struct view_context *c)
{
    view->list.is_following = !c->status->is_past && view->list.selected + 1 >= view->list.count;
}

/* Before somebody moves the selection: everything is there to go to. */
static void unfollow(struct timeline_view *view, const struct view_context *c)
{
    view->list.is_following = false;
    set_count(view, c);
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct timeline_view *view = (struct timeline_view *)v;
    uint64_t generation = dbg_session_generation(c->session);
    if (generation != view->generation) {
        forget(view);
        view->list = (struct list){.is_following = true};
        view->generation = generation;
    }
    if (c->state->event != view->event && (c->status->is_past || c->status->is_replay))
        view->list.is_following = true; /* somebody went there: that is what is looked at */
    view->event = c->state->event;
    set_count(view, c);
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

static bool is_cached(const struct timeline_view *view, size_t index)
{
    return view->cache[index % CACHE_SIZE].number == index + 1;
}

/* What an event says must not depend on when it is looked at: without what runs and waits at the moment. */
static void print_event(
    const struct trace_state *state, const struct flow_event *event, char *text, size_t size)
{
    struct trace_state names = *state;
    names.current = FLOW_TASK_NONE;
    names.current_entry = (struct trace_entry){.number = UINT64_MAX};
    names.queue.count = 0;
    trace_print_event(&names, event, text, size);
}

static void cache_event(
    struct timeline_view *view, const struct trace_state *state, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    char text[TEXT_MAX];
    print_event(state, event, text, sizeof text);
    struct row row = {.number = event->number,
        .text = mem_strndup(text, strlen(text)),
        .role = event_role(event),
        .is_inside_step = is_inside_step(event),
        .task = fields & FLOW_F_TASK ? event->task : FLOW_TASK_NONE,
        .key = fields & FLOW_F_KEY ? event->key : FLOW_KEY_NONE};
    if (!row.text)
        return;
    struct row *place = &view->cache[(event->number - 1) % CACHE_SIZE];
    mem_free(place->text);
    *place = row;
}

/* Reads the rows [from, end) that are not there yet. */
static void read_rows(struct timeline_view *view, const struct view_context *c, size_t from, size_t end)
{
    while (from < end && is_cached(view, from))
        from++;
    while (end > from && is_cached(view, end - 1))
        end--;
    struct trace_reader *reader = dbg_session_history(c->session);
    struct flow_event event;
    if (from == end || !reader || trace_reader_seek(reader, from, NULL) != FLOW_OK)
        return;
    for (; from < end && next_event(reader, &event) == FLOW_OK; from++)
        cache_event(view, dbg_session_tip(c->session), &event);
}

/* A row that is in sight or selected, or NULL. */
static const struct row *row_at(struct timeline_view *view, const struct view_context *c, size_t index)
{
    if (index < view->list.count && !is_cached(view, index))
        read_rows(view, c, index, index + 1);
    return index < view->list.count && is_cached(view, index) ? &view->cache[index % CACHE_SIZE] : NULL;
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct timeline_view *view = (struct timeline_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    if (view->list.count == 0)
        win_put(w, 0, 0, ROLE_DIM, "no events");
    read_rows(view, c, view->list.top, view->list.top + shown);
    int number_cols = snprintf(NULL, 0, "%zu", view->list.count);
    for (size_t i = 0; i < shown; i++) {
        const struct row *row = row_at(view, c, view->list.top + i);
        int y = (int)i;
        if (!row)
            break;
        win_putf(w, y, 0, ROLE_DIM, "%*llu", number_cols, (unsigned long long)row->number);
        if (row->number == c->state->event)
            win_char(w, y, number_cols + 1, ROLE_CURRENT, MARK_CURRENT);
        int x = number_cols + (row->is_inside_step ? 5 : 3);
        enum role role = row->number > c->state->event ? ROLE_DIM : row->role; /* still to come */
        list_put_text(&view->list, w, y, x, role, row->text, strlen(row->text));
        if (is_focused && view->list.top + i == view->list.selected)
            win_flag(w, y, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    const struct row *last = is_folded && c->state->event
                                 ? row_at((struct timeline_view *)v, c, (size_t)c->state->event - 1)
                                 : NULL;
    if (last)
        str_add(out, last->text);
    else if (c->state->event)
        str_addf(out, "%llu events", (unsigned long long)c->state->event);
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    struct timeline_view *view = (struct timeline_view *)v;
    if (where == VIEW_FOLLOW) {
        view->list.is_following = true;
        set_count(view, c);
        return;
    }
    if (where == VIEW_LEFT || where == VIEW_RIGHT) {
        list_navigate_text(&view->list, where);
        return;
    }
    if (where == VIEW_TOGGLE || where == VIEW_TIDY)
        return;
    unfollow(view, c);
    list_navigate(&view->list, where);
    settle(view, c);
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    struct timeline_view *view = (struct timeline_view *)v;
    size_t row;
    if (list_row_at(&view->list, y, &row) != FLOW_OK)
        return;
    unfollow(view, c);
    list_select(&view->list, row);
    settle(view, c);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct timeline_view *view = (struct timeline_view *)v;
    const struct row *row = row_at(view, c, view->list.selected);
    if (!row)
        return;
    out->event = row->number;
    out->task = row->task < c->state->tasks.count ? row->task : FLOW_TASK_NONE;
    out->key = row->key < c->state->keys.count ? row->key : FLOW_KEY_NONE;
}

/* The first row of [from, end) whose words contain `text`, or the last one; SIZE_MAX: none. */
static size_t find_in(
    const struct view_context *c, size_t from, size_t end, const char *text, bool is_last_wanted)
{
    struct trace_reader *reader = dbg_session_history(c->session);
    struct flow_event event;
    size_t found = SIZE_MAX;
    if (from >= end || !reader || trace_reader_seek(reader, from, NULL) != FLOW_OK)
        return SIZE_MAX;
    for (size_t row = from; row < end && next_event(reader, &event) == FLOW_OK; row++) {
        char printed[TEXT_MAX];
        print_event(c->state, &event, printed, sizeof printed);
        if (!view_text_contains(printed, text))
            continue;
        found = row;
        if (!is_last_wanted)
            break;
    }
    return found;
}

/* A trace is read forwards: going back, the rows before `end` are looked at piece by piece, each as a whole.
 */
static size_t find_before(const struct view_context *c, size_t from, size_t end, const char *text)
{
    enum { PIECE = 4096 };
    size_t found = SIZE_MAX;
    while (found == SIZE_MAX && end > from) {
        size_t start = end - from > PIECE ? end - PIECE : from;
        found = find_in(c, start, end, text, true);
        end = start;
    }
    return found;
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct timeline_view *view = (struct timeline_view *)v;
    size_t count = view->list.count, selected = view->list.selected;
    size_t row =
        direction < 0 ? find_before(c, 0, selected, text) : find_in(c, selected + 1, count, text, false);
    if (row == SIZE_MAX) /* round the end */
        row =
            direction < 0 ? find_before(c, selected, count, text) : find_in(c, 0, selected + 1, text, false);
    if (row == SIZE_MAX || row >= count)
        return false;
    list_select(&view->list, row);
    view->list.is_following = row + 1 == count;
    return true;
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

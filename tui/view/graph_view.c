/* The live graph: boxes with the state of their tasks, edges by kind, the run followed as it moves.
 *
 * Layout is the business of tui/graph; this file keeps a layout in step with the state (tasks and edges are
 * only ever added), decides which part of it is visible, and colours it. */
#include <stdio.h>

#include "base/mem.h"
#include "debug/text.h"
#include "tui/graph/layout.h"
#include "tui/view/view.h"

enum { LABEL_MAX = 28, NAME_OFFSET = 2 };

struct graph_view {
    struct graph_layout *layout; /* node n is task n */
    struct {
        VEC(size_t);
    } edge_of;           /* layout edge -> index in state->edges, of the kind it was added for */
    size_t tasks, edges; /* of the state, already in the layout */
    /* Of the layout, those that are there at the moment looked at: fewer, when that is a past one. */
    size_t shown_tasks, shown_edges;
    uint64_t generation;
    flow_task selected; /* or none: then the task followed stands for it */
    flow_task followed; /* the current task; at the end of the run, the one that was */
    bool is_following;
    bool is_zoom_chosen; /* by the person: otherwise the largest that fits */
    int rows, cols;      /* of the window drawn last */
    int32_t x, y;        /* top left corner of the window in the plane */
    struct graph_cell *cells;
    size_t cell_count;
};

static struct view *create(void)
{
    struct graph_view *view = mem_zalloc(sizeof *view);
    if (view) {
        view->is_following = true;
        view->selected = view->followed = FLOW_TASK_NONE;
    }
    return (struct view *)view;
}

static void destroy(struct view *v)
{
    struct graph_view *view = (struct graph_view *)v;
    if (!view)
        return;
    graph_layout_destroy(view->layout);
    vec_finish(&view->edge_of);
    mem_free(view->cells);
    mem_free(view);
}

static void reset(struct graph_view *view)
{
    graph_layout_destroy(view->layout);
    view->layout = NULL;
    vec_clear(&view->edge_of);
    view->tasks = view->edges = view->shown_tasks = view->shown_edges = 0;
    view->selected = view->followed = FLOW_TASK_NONE;
    view->is_following = true;
    view->x = view->y = 0;
}

static bool layout_kind(unsigned kind, enum graph_edge_kind *out)
{
    switch ((enum trace_edge_kind)kind) {
    case TRACE_EDGE_STATIC: *out = GRAPH_STATIC; return true;
    case TRACE_EDGE_NEXT_TASK: *out = GRAPH_NEXT; return true;
    case TRACE_EDGE_GOTO: *out = GRAPH_GOTO; return true;
    case TRACE_EDGE_ITERATION: *out = GRAPH_ITERATION; return true;
    case TRACE_EDGE_MANUAL: return false; /* it comes from a person, not from a task */
    }
    return false;
}

static int add_new(struct graph_view *view, const struct trace_state *state)
{
    int status = FLOW_OK;
    for (; status >= 0 && view->tasks < state->tasks.count; view->tasks++) {
        const char *id = state->tasks.at[view->tasks].id;
        struct str label = {0};
        /* Two columns in front of the name are the drawer's: the mark of the task's state. */
        str_add(&label, "  ");
        dbg_escape(&label, id, strlen(id));
        status = graph_layout_add_node(view->layout, str_text(&label), NULL);
        str_finish(&label);
    }
    for (; status >= 0 && view->edges < state->edges.count; view->edges++) {
        const struct trace_edge *edge = &state->edges.at[view->edges];
        enum graph_edge_kind kind;
        uint32_t id;
        if (!layout_kind(edge->kind, &kind) || edge->from == FLOW_TASK_NONE || edge->to == FLOW_TASK_NONE)
            continue;
        status = graph_layout_add_edge(view->layout, edge->from, edge->to, kind, &id);
        if (status == FLOW_OK && id == view->edge_of.count)
            status = vec_push(&view->edge_of, view->edges);
    }
    return status < 0 ? status : graph_layout_update(view->layout);
}

/* Hides what is not there yet at a past moment; its place is kept. */
static void show_what_is_there(struct graph_view *view, const struct trace_state *state)
{
    while (view->shown_tasks > state->tasks.count)
        graph_layout_show_node(view->layout, (uint32_t)--view->shown_tasks, false);
    while (view->shown_tasks < view->tasks && view->shown_tasks < state->tasks.count)
        graph_layout_show_node(view->layout, (uint32_t)view->shown_tasks++, true);
    while (view->shown_edges > 0 && view->edge_of.at[view->shown_edges - 1] >= state->edges.count)
        graph_layout_show_edge(view->layout, (uint32_t)--view->shown_edges, false);
    while (
        view->shown_edges < view->edge_of.count && view->edge_of.at[view->shown_edges] < state->edges.count)
        graph_layout_show_edge(view->layout, (uint32_t)view->shown_edges++, true);
}

/* Where a run that has ended is looked at: what was wrong with it, or else what ran last. */
static flow_task last_task(const struct trace_state *state)
{
    if (state->culprit < state->tasks.count)
        return state->culprit;
    if (state->blocked.count)
        return state->blocked.at[0].join;
    return state->current_entry.number ? state->current_entry.task : FLOW_TASK_NONE;
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct graph_view *view = (struct graph_view *)v;
    uint64_t generation = dbg_session_generation(c->session);
    if (generation != view->generation) {
        reset(view);
        view->generation = generation;
    }
    /* The graph is announced before the first boundary: laying it out in one piece gives the better picture.
     */
    if (!view->layout && c->state->phase <= TRACE_PHASE_STARTING)
        return false;
    if (!view->layout) {
        struct graph_layout_options options = {.zoom = GRAPH_BOX, .label_max = LABEL_MAX};
        if (graph_layout_create(&view->layout, &options) < 0)
            return false;
    }
    bool is_first = view->tasks == 0;
    if (is_first && c->state->queue.count)
        graph_layout_set_entry(view->layout, c->state->queue.at[0].task);
    if (view->tasks < c->state->tasks.count || view->edges < c->state->edges.count)
        (void)add_new(view, c->state); /* out of memory: what could be placed is shown */
    show_what_is_there(view, c->state);
    flow_task current =
        c->state->phase == TRACE_PHASE_ENDED ? last_task(c->state) : view_current_task(c->state);
    if (current != FLOW_TASK_NONE && current != view->followed) {
        view->followed = current;
        view->is_following = true;
    }
    return false;
}

static flow_task selected_task(const struct graph_view *view, const struct view_context *c)
{
    flow_task current = view_current_task(c->state);
    if (view->selected < c->state->tasks.count)
        return view->selected;
    if (current != FLOW_TASK_NONE)
        return current;
    return view->followed < c->state->tasks.count ? view->followed : FLOW_TASK_NONE;
}

/* Chooses the largest zoom at which the drawing fits, unless the person chose one. */
static void choose_zoom(struct graph_view *view, int rows, int cols)
{
    bool is_new_size = rows != view->rows || cols != view->cols;
    view->rows = rows;
    view->cols = cols;
    if (view->is_zoom_chosen)
        return;
    if (is_new_size && graph_layout_zoom(view->layout) != GRAPH_BOX)
        graph_layout_set_zoom(view->layout, GRAPH_BOX);
    bool is_too_large = graph_layout_width(view->layout) > cols || graph_layout_height(view->layout) > rows;
    if (is_too_large && graph_layout_zoom(view->layout) == GRAPH_BOX)
        graph_layout_set_zoom(view->layout, GRAPH_LINE);
}

/* Moves `at` so that [from, from + size) with a margin lies inside [at, at + room). */
static int32_t pan_to(int32_t at, int32_t from, int32_t size, int32_t room, int32_t margin)
{
    if (from - margin < at || from + size + margin > at + room)
        at = from + size / 2 - room / 2;
    return at;
}

/* A drawing that fits is centred; a larger one is panned, but never past its ends. */
static int32_t settle(int32_t at, int32_t total, int32_t room, int32_t when_it_fits)
{
    if (total <= room)
        return when_it_fits;
    return at < 0 ? 0 : at > total - room ? total - room : at;
}

static void place_window(struct graph_view *view, const struct view_context *c)
{
    flow_task wanted = view->is_following ? view->followed : view->selected;
    if (wanted < view->tasks) {
        struct graph_rect box = graph_layout_node_rect(view->layout, wanted);
        view->x = pan_to(view->x, box.x, box.w, view->cols, 1);
        view->y = pan_to(view->y, box.y, box.h, view->rows, 1);
    }
    int32_t width = graph_layout_width(view->layout), height = graph_layout_height(view->layout);
    view->x = settle(view->x, width, view->cols, -(view->cols - width) / 2);
    view->y = settle(view->y, height, view->rows, height + 2 <= view->rows ? -1 : 0);
}

static unsigned edge_style(
    const struct graph_view *view, const struct trace_state *state, const struct graph_cell *cell)
{
    if (cell->id >= view->edge_of.count)
        return ROLE_DIM;
    const struct trace_edge *edge = &state->edges.at[view->edge_of.at[cell->id]];
    bool is_latest = edge->last && view_current_task(state) == edge->to && state->queue.count &&
                     state->queue.at[0].event == edge->last;
    unsigned strong = is_latest ? STYLE_STRONG : 0;
    switch ((enum trace_edge_kind)edge->kind) {
    case TRACE_EDGE_GOTO: return ROLE_GOTO | strong;
    case TRACE_EDGE_NEXT_TASK: return ROLE_DYNAMIC | strong;
    case TRACE_EDGE_ITERATION: return ROLE_ITERATION | strong;
    case TRACE_EDGE_STATIC:
    case TRACE_EDGE_MANUAL: break;
    }
    return (edge->count ? ROLE_NORMAL : ROLE_DIM) | strong;
}

static unsigned node_style(
    const struct view_context *c, const struct graph_cell *cell, flow_task selected, bool is_focused)
{
    if (cell->id >= c->state->tasks.count)
        return ROLE_DIM;
    struct view_look look = view_task_look(c, cell->id);
    unsigned style = look.role;
    bool is_current = cell->id == view_current_task(c->state);
    switch ((enum graph_role)cell->role) {
    case GRAPH_LABEL:
    case GRAPH_INSIDE:
        if (cell->id == selected && is_focused)
            style |= STYLE_SELECTED;
        return style | (is_current ? STYLE_STRONG : 0);
    case GRAPH_MARK: return ROLE_ITERATION | (cell->id == selected && is_focused ? STYLE_SELECTED : 0);
    default: break;
    }
    if (c->state->tasks.at[cell->id].born_step > 0 && style == ROLE_NORMAL)
        style = ROLE_DYNAMIC;
    return style | (is_current ? STYLE_STRONG : 0);
}

static void draw_cells(
    const struct graph_view *view, const struct view_context *c, struct win w, bool is_focused)
{
    flow_task selected = selected_task(view, c);
    for (int y = 0; y < w.rows; y++) {
        for (int x = 0; x < w.cols; x++) {
            const struct graph_cell *cell = &view->cells[y * w.cols + x];
            switch ((enum graph_role)cell->role) {
            case GRAPH_EMPTY: continue;
            case GRAPH_BORDER:
            case GRAPH_INSIDE:
            case GRAPH_LABEL:
            case GRAPH_MARK:
                if (cell->glyph)
                    win_char(w, y, x, node_style(c, cell, selected, is_focused), cell->glyph);
                break;
            case GRAPH_LINE_RUN:
            case GRAPH_HEAD:
            case GRAPH_CROSSING:
                if (cell->glyph)
                    win_char(w, y, x, edge_style(view, c->state, cell), cell->glyph);
                break;
            }
        }
    }
}

/* Writes over a border cell if it is a plain line: ports keep their glyph. */
static bool is_plain_border(const struct graph_view *view, struct win w, int y, int x)
{
    if (y < 0 || y >= w.rows || x < 0 || x >= w.cols)
        return false;
    const struct graph_cell *cell = &view->cells[y * w.cols + x];
    return cell->role == GRAPH_BORDER && (cell->glyph == 0x2500 || cell->glyph == '-');
}

static bool is_empty(const struct graph_view *view, struct win w, int y, int x)
{
    return y >= 0 && y < w.rows && x >= 0 && x < w.cols && view->cells[y * w.cols + x].role == GRAPH_EMPTY;
}

/* How often a task ran: on the border of a large box, behind a small one, where that place is free. */
static void draw_runs(
    const struct graph_view *view, struct win w, struct graph_rect box, unsigned style, uint64_t runs)
{
    char count[24];
    bool is_large = graph_layout_zoom(view->layout) == GRAPH_BOX;
    int length = snprintf(count, sizeof count, "%llu", (unsigned long long)runs);
    int x = is_large ? box.x + box.w - 1 - length : box.x + box.w;
    bool is_free = runs > 1 && (!is_large || length + 3 < box.w);
    for (int i = 0; is_free && i < length; i++)
        is_free = is_large ? is_plain_border(view, w, box.y, x + i) : is_empty(view, w, box.y, x + i);
    if (is_free)
        win_put(w, box.y, x, style, count);
}

/* The mark of the task's state in front of its name, or for it; beside it, where there is room, a breakpoint
 * and how often it ran. */
static void decorate(
    const struct graph_view *view, const struct view_context *c, struct win w, flow_task task, unsigned flags)
{
    static const int mark_x[] = {[GRAPH_BOX] = 2, [GRAPH_LINE] = 1, [GRAPH_DOT] = 0};
    struct graph_rect box = graph_layout_node_rect(view->layout, task);
    box.x -= view->x;
    box.y -= view->y;
    if (box.w == 0 || box.x + box.w <= 0 || box.y + box.h <= 0 || box.x >= w.cols || box.y >= w.rows)
        return;
    const struct trace_task *info = &c->state->tasks.at[task];
    const struct dbg_breakpoint *breakpoint = dbg_breakpoint_of(c->session, info->id);
    enum graph_zoom zoom = graph_layout_zoom(view->layout);
    struct view_look look = view_task_look(c, task);
    if (task == view_current_task(c->state))
        flags |= STYLE_STRONG;
    win_char(w, box.y + box.h / 2, box.x + mark_x[zoom], look.role | flags, look.mark);
    if (breakpoint && zoom == GRAPH_DOT)
        win_style(w, box.y, box.x, 1, ROLE_BREAKPOINT | STYLE_UNDERLINE | flags);
    else if (breakpoint && (zoom == GRAPH_LINE || is_plain_border(view, w, box.y, box.x + 1)))
        win_char(w, box.y, box.x + (zoom == GRAPH_BOX), ROLE_BREAKPOINT, MARK_BREAKPOINT);
    if (zoom != GRAPH_DOT)
        draw_runs(view, w, box, look.role, info->runs);
}

/* Why there is nothing to draw. */
static void draw_nothing(const struct view_context *c, struct win w)
{
    const char *error = dbg_session_load_error(c->session);
    if (c->status->phase == DBG_PHASE_LOADING) {
        win_put(w, 0, 0, ROLE_DIM, "loading");
    } else if (c->status->phase == DBG_PHASE_IDLE && *error) {
        struct str text = {0};
        view_wrap(error, w.cols, &text);
        str_add(&text, "\n\nMend the file, then R loads it again.");
        view_put_lines(w, ROLE_ERROR, str_text(&text));
        str_finish(&text);
    } else {
        win_put(w, 0, 0, ROLE_DIM, "no graph yet");
    }
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct graph_view *view = (struct graph_view *)v;
    if (!view->layout || w.rows <= 0 || w.cols <= 0) {
        draw_nothing(c, w);
        return;
    }
    choose_zoom(view, w.rows, w.cols);
    place_window(view, c);
    size_t wanted = (size_t)w.rows * (size_t)w.cols;
    if (wanted > view->cell_count) {
        struct graph_cell *cells = mem_array(view->cells, wanted, sizeof *cells);
        if (!cells)
            return;
        view->cells = cells;
        view->cell_count = wanted;
    }
    struct graph_rect window = {view->x, view->y, w.cols, w.rows};
    graph_layout_draw(view->layout, window, c->ascii ? GRAPH_ASCII : GRAPH_UNICODE, view->cells);
    draw_cells(view, c, w, is_focused);
    flow_task selected = is_focused ? selected_task(view, c) : FLOW_TASK_NONE;
    for (flow_task task = 0; task < view->shown_tasks; task++)
        decorate(view, c, w, task, task == selected ? STYLE_SELECTED : 0);
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    struct graph_view *view = (struct graph_view *)v;
    flow_task selected = selected_task(view, c);
    if (c->state->tasks.count == 0)
        return;
    /* Where names are not drawn, that of the selected task is told here. */
    if (selected < c->state->tasks.count &&
        (is_folded || (view->layout && graph_layout_zoom(view->layout) == GRAPH_DOT)))
        str_addf(out, "%s: %s, ", c->state->tasks.at[selected].id,
            selected == view_current_task(c->state) && selected != c->state->current
                ? "next"
                : trace_status_name(trace_state_task_status(c->state, selected)));
    str_addf(out, "%zu task%s", c->state->tasks.count, c->state->tasks.count == 1 ? "" : "s");
    if (!is_folded && view->layout && view->rows &&
        (graph_layout_width(view->layout) > view->cols || graph_layout_height(view->layout) > view->rows))
        str_add(out, view->is_following ? ", following" : ", panned");
}

void view_graph_show(struct view *graph, flow_task task)
{
    struct graph_view *view = (struct graph_view *)graph;
    view->selected = task;
    view->is_following = false;
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    static const int steps[][2] = {
        [VIEW_UP] = {0, -1}, [VIEW_DOWN] = {0, 1}, [VIEW_LEFT] = {-1, 0}, [VIEW_RIGHT] = {1, 0}};
    struct graph_view *view = (struct graph_view *)v;
    if (!view->layout || view->tasks == 0)
        return;
    switch (where) {
    case VIEW_UP:
    case VIEW_DOWN:
    case VIEW_LEFT:
    case VIEW_RIGHT: {
        flow_task from = selected_task(view, c);
        uint32_t to = from == FLOW_TASK_NONE
                          ? 0
                          : graph_layout_node_towards(view->layout, from, steps[where][0], steps[where][1]);
        view->selected = to != GRAPH_NONE ? to : from;
        view->is_following = false;
        break;
    }
    case VIEW_PAGE_UP:
    case VIEW_PAGE_DOWN:
        view->is_following = false;
        view->y += (where == VIEW_PAGE_UP ? -1 : 1) * (view->rows > 2 ? view->rows - 2 : 1);
        view->selected =
            graph_layout_node_at(view->layout, view->x + view->cols / 2, view->y + view->rows / 2);
        break;
    case VIEW_HOME:
        view->selected = 0;
        view->is_following = false;
        break;
    case VIEW_END:
        view->selected = (flow_task)view->tasks - 1;
        view->is_following = false;
        break;
    case VIEW_TIDY:
        view->is_zoom_chosen = false;
        reset(view);
        break;
    case VIEW_FOLLOW:
        view->selected = FLOW_TASK_NONE;
        view->is_following = true;
        break;
    case VIEW_TOGGLE: {
        enum graph_zoom zoom = graph_layout_zoom(view->layout);
        zoom = zoom == GRAPH_BOX ? GRAPH_LINE : zoom == GRAPH_LINE ? GRAPH_DOT : GRAPH_BOX;
        graph_layout_set_zoom(view->layout, zoom);
        view->is_zoom_chosen = true;
        break;
    }
    }
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    struct graph_view *view = (struct graph_view *)v;
    uint32_t node = view->layout ? graph_layout_node_at(view->layout, view->x + x, view->y + y) : GRAPH_NONE;
    if (node == GRAPH_NONE)
        return;
    view_graph_show(v, node);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    out->task = selected_task((struct graph_view *)v, c);
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct graph_view *view = (struct graph_view *)v;
    size_t count = c->state->tasks.count;
    flow_task from = selected_task(view, c);
    size_t start = from < count ? from : count ? count - 1 : 0;
    for (size_t i = 1; i <= count; i++) {
        size_t task = (start + (direction < 0 ? count - i : i)) % count;
        if (view_text_contains(c->state->tasks.at[task].id, text)) {
            view_graph_show(v, (flow_task)task);
            return true;
        }
    }
    return false;
}

const struct view_class view_graph = {
    .name = "graph",
    .title = "Graph",
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

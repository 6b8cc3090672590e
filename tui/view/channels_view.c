/* The channel: keys in the order in which they got a value. What the current step changed is marked and shown
 * as old -> new; lists and maps unfold. */
#include <stdio.h>

#include "base/mem.h"
#include "tui/view/change.h"
#include "tui/view/list.h"

enum { DEEPEST = 24 };

/* One line: a key, or one item of an unfolded list or map. */
struct row {
    flow_key key;
    int depth;               /* 0: the key itself */
    uint64_t path;           /* identifies the line from one frame to the next */
    size_t index;            /* of the item in its parent */
    struct flow_value name;  /* of a map member, borrowed from the value; null for list items */
    struct flow_value value; /* borrowed from the state: valid until the next update */
    bool can_unfold;
    bool is_unfolded;
};

struct channels_view {
    struct list list;
    struct {
        VEC(struct row);
    } rows;
    struct {
        VEC(uint64_t);
    } unfolded; /* paths */
};

static struct view *create(void)
{
    return mem_zalloc(sizeof(struct channels_view));
}

static void destroy(struct view *v)
{
    struct channels_view *view = (struct channels_view *)v;
    if (!view)
        return;
    vec_finish(&view->rows);
    vec_finish(&view->unfolded);
    mem_free(view);
}

static bool is_unfolded(const struct channels_view *view, uint64_t path)
{
    vec_foreach (uint64_t, known, &view->unfolded) {
        if (*known == path)
            return true;
    }
    return false;
}

static bool can_unfold(struct flow_value value)
{
    return (value.type == FLOW_TYPE_LIST || value.type == FLOW_TYPE_MAP) && flow_value_count(value) > 0;
}

static void add_rows(struct channels_view *view, struct row row)
{
    row.can_unfold = can_unfold(row.value);
    row.is_unfolded = row.can_unfold && is_unfolded(view, row.path);
    if (vec_push(&view->rows, row) < 0 || !row.is_unfolded || row.depth >= DEEPEST)
        return;
    for (size_t i = 0; i < flow_value_count(row.value); i++) {
        struct row item = {.key = row.key, .depth = row.depth + 1, .index = i};
        uint64_t step[2] = {row.path, i + 1};
        item.path = hash_bytes(step, sizeof step);
        if (row.value.type == FLOW_TYPE_MAP) {
            struct flow_member member = flow_map_at(row.value, i);
            item.name = member.key;
            item.value = member.value;
        } else {
            item.value = flow_list_at(row.value, i);
        }
        add_rows(view, item);
    }
}

static void build_rows(struct channels_view *view, const struct trace_state *state)
{
    vec_clear(&view->rows);
    vec_foreach (const flow_key, key, &state->order)
        add_rows(view,
            (struct row){
                .key = *key, .path = hash_bytes(key, sizeof *key), .value = state->keys.at[*key].value});
    /* What this step deleted is still worth a line, after the rest. */
    vec_foreach (const flow_key, key, &state->changed) {
        if (!state->keys.at[*key].is_set)
            add_rows(view, (struct row){.key = *key, .path = hash_bytes(key, sizeof *key)});
    }
    list_set_count(&view->list, view->rows.count);
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct channels_view *view = (struct channels_view *)v;
    if (changes == DBG_CHANGED_ALL) {
        view->list = (struct list){0};
        vec_clear(&view->unfolded);
    }
    if (changes & DBG_CHANGED_STATE)
        build_rows(view, c->state);
    return false;
}

static enum role value_role(struct flow_value value)
{
    switch ((enum flow_type)value.type) {
    case FLOW_TYPE_INT:
    case FLOW_TYPE_DOUBLE: return ROLE_NUMBER;
    case FLOW_TYPE_STRING:
    case FLOW_TYPE_BYTES: return ROLE_STRING;
    case FLOW_TYPE_NULL:
    case FLOW_TYPE_BOOL: return ROLE_KEYWORD;
    case FLOW_TYPE_OPAQUE: return ROLE_DIM;
    case FLOW_TYPE_LIST:
    case FLOW_TYPE_MAP:
    case FLOW_TYPE_COUNT: break;
    }
    return ROLE_NORMAL;
}

static int put_value(struct win w, int y, int x, int cols, struct flow_value value, unsigned style)
{
    char text[600];
    flow_value_print(value, text, sizeof text);
    return win_fit(w, y, x, cols, style, text, FIT_END);
}

/* The value column of a key: "0.5", or "0.5 → 0.65" where this step wrote it. Returns the column after it. */
static int draw_value(
    struct win w, int y, int x, int cols, const struct view_context *c, const struct row *row)
{
    const struct trace_key *key = &c->state->keys.at[row->key];
    int end = x + cols;
    if (row->depth > 0 || !key->changed)
        return put_value(w, y, x, cols, row->value, value_role(row->value));
    if (!key->is_set) {
        x = win_put(w, y, x, ROLE_CHANGED, "deleted, was ");
        return put_value(w, y, x, end - x, key->before, ROLE_DIM);
    }
    if (key->was_set && !flow_value_equal(key->before, key->value)) {
        struct str change = {0};
        bool is_part = view_add_change(&change, key->before, key->value, c->ascii);
        if (is_part)
            x = win_fit(w, y, x, cols, ROLE_CHANGED, str_text(&change), FIT_END);
        str_finish(&change);
        if (is_part)
            return x;
        x = put_value(w, y, x, cols / 2, key->before, ROLE_DIM);
        x = win_put(w, y, x, ROLE_DIM, c->ascii ? " -> " : " → ");
    }
    return put_value(w, y, x, end - x, row->value, ROLE_CHANGED);
}

/* The columns of a frame. They depend on the window and on the names in sight. */
struct columns {
    int name, value, writer; /* widths; writer 0: not shown */
};

static struct columns choose_columns(
    const struct channels_view *view, size_t shown, const struct view_context *c, int cols)
{
    enum { WRITER_FROM = 56, WRITER_COLS = 20, MARKS_COLS = 3 };
    struct columns out = {.name = 6, .writer = cols >= WRITER_FROM ? WRITER_COLS : 0};
    int most = (cols - 4) / 2;
    for (size_t i = view->list.top; i < view->list.top + shown; i++) {
        const struct row *row = &view->rows.at[i];
        int wanted = row->depth ? 0 : text_cols(c->state->keys.at[row->key].name, c->ascii);
        if (wanted > out.name)
            out.name = wanted < most ? wanted : most;
    }
    out.value = cols - MARKS_COLS - out.name - 1 - (out.writer ? out.writer + 1 : 0);
    return out;
}

static unsigned name_style(const struct trace_key *key, const struct row *row)
{
    if (row->depth == 0 && key->changed)
        return ROLE_CHANGED;
    /* Results are the engine's keys: they stand back behind those that tasks chose. */
    return row->depth || view_text_contains(key->name, ".__result__") ? ROLE_DIM : ROLE_NAME;
}

static void print_name(const struct trace_key *key, const struct row *row, char *out, size_t size)
{
    if (row->depth == 0)
        snprintf(out, size, "%s", key->name);
    else if (row->name.type == FLOW_TYPE_STRING)
        snprintf(out, size, "%s", flow_value_text(row->name, NULL));
    else
        snprintf(out, size, "[%zu]", row->index);
}

static void draw_row(
    struct win w, int y, const struct view_context *c, const struct row *row, struct columns columns)
{
    const struct trace_key *key = &c->state->keys.at[row->key];
    if (row->depth == 0 && key->changed)
        win_char(w, y, 0, ROLE_CHANGED, MARK_CHANGED);
    int x = 1 + 2 * row->depth;
    if (row->can_unfold)
        win_char(w, y, x, ROLE_DIM, row->is_unfolded ? MARK_UNFOLDED : MARK_FOLDED);
    char name[256];
    print_name(key, row, name, sizeof name);
    int end = win_fit(w, y, x + 2, columns.name, name_style(key, row), name, FIT_END);
    int value_x = 4 + columns.name;
    int indent = row->depth > 0 && end + 1 > value_x ? end + 1 - value_x : 0;
    draw_value(w, y, value_x + indent, columns.value - indent, c, row);
    if (row->depth == 0 && key->event && columns.writer) {
        char writer[200];
        snprintf(writer, sizeof writer, "step %llu %s", (unsigned long long)key->step,
            key->writer != FLOW_TASK_NONE ? trace_state_task_id(c->state, key->writer)
                                          : flow_origin_name(key->origin));
        win_fit(w, y, w.cols - columns.writer, columns.writer, ROLE_DIM, writer, FIT_END);
    }
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct channels_view *view = (struct channels_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    if (view->list.count == 0)
        win_put(w, 0, 0, ROLE_DIM, "no values");
    struct columns columns = choose_columns(view, shown, c, w.cols);
    for (size_t i = 0; i < shown; i++) {
        size_t index = view->list.top + i;
        draw_row(w, (int)i, c, &view->rows.at[index], columns);
        if (is_focused && index == view->list.selected)
            win_flag(w, (int)i, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    (void)v;
    size_t changed = c->state->changed.count;
    if (c->state->order.count)
        str_addf(out, "%zu key%s", c->state->order.count, c->state->order.count == 1 ? "" : "s");
    if (changed && !is_folded)
        str_addf(out, ", %zu changed", changed);
    for (size_t i = 0; is_folded && i < changed; i++)
        str_addf(out, "%s%s", i ? ", " : "; changed: ", c->state->keys.at[c->state->changed.at[i]].name);
}

static void toggle(struct channels_view *view, const struct view_context *c)
{
    if (view->list.selected >= view->rows.count || !view->rows.at[view->list.selected].can_unfold)
        return;
    uint64_t path = view->rows.at[view->list.selected].path;
    for (size_t i = 0; i < view->unfolded.count; i++) {
        if (view->unfolded.at[i] == path) {
            vec_remove(&view->unfolded, i);
            build_rows(view, c->state);
            return;
        }
    }
    if (vec_push(&view->unfolded, path) == FLOW_OK)
        build_rows(view, c->state);
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    struct channels_view *view = (struct channels_view *)v;
    if (list_navigate(&view->list, where) || view->list.selected >= view->rows.count)
        return;
    bool is_open = view->rows.at[view->list.selected].is_unfolded;
    if (where == VIEW_TOGGLE || (where == VIEW_RIGHT && !is_open) || (where == VIEW_LEFT && is_open))
        toggle(view, c);
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    struct channels_view *view = (struct channels_view *)v;
    size_t row;
    if (list_row_at(&view->list, y, &row) < 0 || row >= view->rows.count)
        return;
    list_select(&view->list, row);
    if (x == 1 + 2 * view->rows.at[row].depth)
        toggle(view, c);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct channels_view *view = (struct channels_view *)v;
    if (view->list.selected < view->rows.count)
        out->key = view->rows.at[view->list.selected].key;
}

struct query {
    const struct channels_view *view;
    const struct trace_state *state;
    const char *text;
};

static bool row_matches(void *user, size_t index)
{
    const struct query *query = user;
    const struct row *row = &query->view->rows.at[index];
    char value[600];
    flow_value_print(row->value, value, sizeof value);
    return view_text_contains(query->state->keys.at[row->key].name, query->text) ||
           view_text_contains(value, query->text);
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct channels_view *view = (struct channels_view *)v;
    struct query query = {view, c->state, text};
    return list_search(&view->list, direction, row_matches, &query);
}

const struct view_class view_channels = {
    .name = "channels",
    .title = "Channels",
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

/* Where the run will stop. */
#include <stdio.h>

#include "base/mem.h"
#include "tui/view/list.h"

struct breakpoints_view {
    struct list list;
};

static struct view *create(void)
{
    return mem_zalloc(sizeof(struct breakpoints_view));
}

static void destroy(struct view *v)
{
    mem_free(v);
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct breakpoints_view *view = (struct breakpoints_view *)v;
    list_set_count(&view->list, dbg_breakpoint_count(c->session));
    return false;
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct breakpoints_view *view = (struct breakpoints_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    if (view->list.count == 0) {
        int x = win_put(w, 0, 0, ROLE_DIM, "none: select a task and press ");
        win_put(w, 0, x, ROLE_KEY, "b");
    }
    for (size_t i = 0; i < shown; i++) {
        const struct dbg_breakpoint *b = dbg_breakpoint_at(c->session, view->list.top + i);
        int y = (int)i;
        win_char(w, y, 0, b->is_enabled ? ROLE_BREAKPOINT : ROLE_DIM,
            b->is_enabled ? MARK_BREAKPOINT : MARK_BREAK_OFF);
        int x = win_putf(w, y, 2, ROLE_DIM, "%u  ", b->number);
        x = win_putf(w, y, x, ROLE_NAME, "%s", b->pattern);
        x = win_put(w, y, x, ROLE_DIM, b->is_after ? "  after" : "  before");
        if (b->is_temporary)
            x = win_put(w, y, x, ROLE_DIM, ", once");
        if (b->hits)
            win_putf(w, y, x, ROLE_NORMAL, "  hit %llu %s", (unsigned long long)b->hits,
                b->hits == 1 ? "time" : "times");
        if (is_focused && view->list.top + i == view->list.selected)
            win_flag(w, y, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    (void)v;
    size_t count = dbg_breakpoint_count(c->session);
    if (count && !is_folded)
        str_addf(out, "%zu", count);
    for (size_t i = 0; is_folded && i < count; i++)
        str_addf(out, "%s%s", i ? ", " : "", dbg_breakpoint_at(c->session, i)->pattern);
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    list_navigate(&((struct breakpoints_view *)v)->list, where);
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    list_click(&((struct breakpoints_view *)v)->list, y);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct breakpoints_view *view = (struct breakpoints_view *)v;
    if (view->list.selected >= dbg_breakpoint_count(c->session))
        return;
    const struct dbg_breakpoint *b = dbg_breakpoint_at(c->session, view->list.selected);
    out->breakpoint = b->number;
    out->task = trace_state_find_task(c->state, b->pattern);
}

static bool row_matches(void *user, size_t row)
{
    const char *text = ((const char **)user)[0];
    const struct dbg_session *session = ((const void **)user)[1];
    return view_text_contains(dbg_breakpoint_at(session, row)->pattern, text);
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct breakpoints_view *view = (struct breakpoints_view *)v;
    const void *query[] = {text, c->session};
    return list_search(&view->list, direction, row_matches, query);
}

const struct view_class view_breakpoints = {
    .name = "breakpoints",
    .title = "Breakpoints",
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

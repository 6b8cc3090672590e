/* The code of the task that runs, or of the selected one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tui/view/list.h"

struct source_view {
    struct list list; /* lines of the file */
    flow_task shown;  /* whose code it is */
    char *path;       /* of the file, or NULL; owned */
    char *text;       /* a copy: it outlives the run; owned */
    size_t length;
    size_t line; /* where the task is defined, from 0 */
    struct {
        VEC(size_t);
    } starts; /* offset of each line */
    uint64_t generation;
};

static struct view *create(void)
{
    struct source_view *view = mem_zalloc(sizeof *view);
    if (view)
        view->shown = FLOW_TASK_NONE;
    return (struct view *)view;
}

static void forget(struct source_view *view)
{
    mem_free(view->path);
    mem_free(view->text);
    view->path = view->text = NULL;
    view->length = 0;
    vec_clear(&view->starts);
    view->list = (struct list){0};
    view->shown = FLOW_TASK_NONE;
}

static void destroy(struct view *v)
{
    struct source_view *view = (struct source_view *)v;
    if (!view)
        return;
    forget(view);
    vec_finish(&view->starts);
    mem_free(view);
}

static void load_text(struct source_view *view, const struct view_context *c)
{
    vec_clear(&view->starts);
    const char *text;
    if (!view->path || dbg_session_source(c->session, view->path, &text, &view->length) != FLOW_OK)
        return;
    view->text = mem_strndup(text, view->length);
    if (!view->text)
        return;
    for (size_t at = 0; at < view->length;) {
        if (vec_push(&view->starts, at) < 0)
            break;
        const char *newline = memchr(view->text + at, '\n', view->length - at);
        at = newline ? (size_t)(newline - view->text) + 1 : view->length;
    }
    list_set_count(&view->list, view->starts.count);
}

/* Shows the code of `task`: splits its location into file and line. */
static void show(struct source_view *view, const struct view_context *c, flow_task task)
{
    forget(view);
    view->shown = task;
    if (task >= c->state->tasks.count || !c->state->tasks.at[task].location)
        return;
    const char *location = c->state->tasks.at[task].location;
    const char *colon = strrchr(location, ':');
    view->path = colon ? mem_strndup(location, (size_t)(colon - location)) : NULL;
    load_text(view, c);
    view->line = colon ? strtoul(colon + 1, NULL, 10) : 0;
    view->line -= view->line > 0;
    list_select(&view->list, view->line);
    view->list.top = view->line > 2 ? view->line - 2 : 0;
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct source_view *view = (struct source_view *)v;
    if (dbg_session_generation(c->session) != view->generation) {
        forget(view);
        view->generation = dbg_session_generation(c->session);
    }
    flow_task wanted = c->state->current != FLOW_TASK_NONE ? c->state->current : c->selected_task;
    if (wanted != view->shown)
        show(view, c, wanted);
    return false;
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct source_view *view = (struct source_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    if (!view->text) {
        const struct trace_task *task =
            view->shown < c->state->tasks.count ? &c->state->tasks.at[view->shown] : NULL;
        if (task && task->location)
            win_putf(w, 0, 0, ROLE_DIM, "%s (no text)", task->location);
        else
            win_put(w, 0, 0, ROLE_DIM, task ? "no source known" : "select a task");
        return;
    }
    int number_cols = snprintf(NULL, 0, "%zu", view->list.count);
    for (size_t i = 0; i < shown; i++) {
        size_t index = view->list.top + i, at = view->starts.at[index];
        size_t end = index + 1 < view->starts.count ? view->starts.at[index + 1] : view->length;
        while (end > at && (view->text[end - 1] == '\n' || view->text[end - 1] == '\r'))
            end--;
        bool is_definition = index == view->line;
        win_putf(w, (int)i, 0, is_definition ? ROLE_CURRENT : ROLE_DIM, "%*zu", number_cols, index + 1);
        if (is_definition)
            win_char(w, (int)i, number_cols + 1, ROLE_CURRENT, MARK_CURRENT);
        struct str line = {0};
        for (; at < end; at++)
            view->text[at] == '\t' ? str_add(&line, "    ") : str_add_char(&line, view->text[at]);
        bool is_comment = strncmp(str_text(&line) + strspn(str_text(&line), " "), "--", 2) == 0;
        list_put_text(&view->list, w, (int)i, number_cols + 3, is_comment ? ROLE_COMMENT : ROLE_NORMAL,
            str_text(&line), line.length);
        str_finish(&line);
        if (is_focused && index == view->list.selected)
            win_flag(w, (int)i, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    struct source_view *view = (struct source_view *)v;
    if (view->shown < c->state->tasks.count && c->state->tasks.at[view->shown].location) {
        const char *location = c->state->tasks.at[view->shown].location;
        const char *slash = strrchr(location, '/');
        str_add(out, slash ? slash + 1 : location);
    }
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    struct source_view *view = (struct source_view *)v;
    if (where == VIEW_FOLLOW)
        list_select(&view->list, view->line);
    else
        list_navigate_text(&view->list, where);
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    list_click(&((struct source_view *)v)->list, y);
}

static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct source_view *view = (struct source_view *)v;
    out->task = view->shown;
}

struct query {
    const struct source_view *view;
    const char *text;
};

static bool row_matches(void *user, size_t index)
{
    const struct query *query = user;
    const struct source_view *view = query->view;
    size_t at = view->starts.at[index];
    size_t end = index + 1 < view->starts.count ? view->starts.at[index + 1] : view->length;
    char *line = mem_strndup(view->text + at, end - at);
    bool matches = line && view_text_contains(line, query->text);
    mem_free(line);
    return matches;
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct source_view *view = (struct source_view *)v;
    struct query query = {view, text};
    return list_search(&view->list, direction, row_matches, &query);
}

const struct view_class view_source = {
    .name = "source",
    .title = "Source",
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

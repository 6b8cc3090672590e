/* The help screen: every key and every command, filtered as one types. */
#include <stdio.h>
#include <string.h>

#include "tui/app/state.h"

enum { KEYS_COLS = 14, COMMAND_COLS = 30, NARROW = 60 };

/* One line of the help, drawn or only counted. */
struct line_sink {
    struct win win;
    size_t top;   /* lines passed over */
    size_t count; /* lines so far */
    const char *filter;
};

static int next_row(struct line_sink *sink)
{
    size_t line = sink->count++;
    return line < sink->top ? -1 : (int)(line - sink->top);
}

static bool is_wanted(const struct line_sink *sink, const char *a, const char *b, const char *c)
{
    return view_text_contains(a, sink->filter) || view_text_contains(b, sink->filter) ||
           view_text_contains(c, sink->filter);
}

static void put_heading(struct line_sink *sink, const char *text)
{
    if (sink->count)
        next_row(sink);
    int y = next_row(sink);
    if (y >= 0)
        win_put(sink->win, y, 1, ROLE_HEADING | STYLE_STRONG, text);
}

static void put_row(struct line_sink *sink, int cols, unsigned style, const char *name, const char *summary)
{
    int y = next_row(sink);
    if (y < 0)
        return;
    int end = win_fit(sink->win, y, 3, sink->win.cols - 3, style, name, FIT_END);
    if (sink->win.cols < NARROW)
        cols = sink->win.cols / 5;
    int x = end + 2 > 3 + cols ? end + 2 : 3 + cols;
    win_fit(sink->win, y, x, sink->win.cols - x, ROLE_NORMAL, summary, FIT_END);
}

static void put_keys(struct line_sink *sink)
{
    size_t count;
    const struct key_binding *bindings = key_bindings(&count);
    for (enum key_group group = 0; group < KEYS_GROUP_COUNT; group++) {
        bool has_heading = false;
        for (size_t i = 0; i < count; i++) {
            const struct key_binding *b = &bindings[i];
            char summary[200];
            snprintf(summary, sizeof summary, b->view ? "%s (in %s)" : "%s", b->summary, b->view);
            if (b->group != group || !is_wanted(sink, b->keys, summary, b->command))
                continue;
            if (!has_heading)
                put_heading(sink, key_group_name(group));
            has_heading = true;
            put_row(sink, KEYS_COLS, ROLE_KEY, b->keys, summary);
        }
    }
}

static void put_commands(struct line_sink *sink)
{
    size_t count, own_count;
    const struct dbg_command *commands = dbg_commands(&count);
    const struct app_command *own = app_commands(&own_count);
    bool has_heading = false;
    for (size_t i = 0; i < count + own_count; i++) {
        const struct dbg_command *c = i < count ? &commands[i] : NULL;
        const struct app_command *o = c ? NULL : &own[i - count];
        char name[200];
        if (c)
            snprintf(name, sizeof name, "%s%s%s %s", c->name, c->alias ? ", " : "", c->alias ? c->alias : "",
                c->synopsis);
        else
            snprintf(name, sizeof name, "%s %s", o->name, o->synopsis);
        const char *summary = c ? c->summary : o->summary;
        if (!is_wanted(sink, name, summary, c ? c->help : ""))
            continue;
        if (!has_heading)
            put_heading(sink, "Commands, typed after :");
        has_heading = true;
        put_row(sink, COMMAND_COLS, ROLE_NAME, name, summary);
    }
}

static void put_marks(struct line_sink *sink)
{
    static const struct {
        uint32_t mark;
        enum role role;
        const char *meaning;
    } marks[] = {
        {MARK_CURRENT, ROLE_CURRENT, "next: the task at the front of the queue"},
        {MARK_RUNNING, ROLE_RUNNING, "running"},
        {MARK_QUEUED, ROLE_QUEUED, "queued"},
        {MARK_BLOCKED, ROLE_QUEUED, "a join waiting for more arrivals"},
        {MARK_DONE, ROLE_OK, "done"},
        {MARK_FAILED, ROLE_ERROR, "failed"},
        {MARK_CANCELLED, ROLE_CANCELLED, "cancelled the run"},
        {'-', ROLE_DIM, "skipped by a goto"},
        {MARK_IDLE, ROLE_NORMAL, "not run"},
        {MARK_ITERATION, ROLE_ITERATION, "iterates"},
        {MARK_BREAKPOINT, ROLE_BREAKPOINT, "breakpoint"},
        {MARK_CHANGED, ROLE_CHANGED, "changed in this step"},
    };
    bool has_heading = false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (!is_wanted(sink, marks[i].meaning, "marks", "legend"))
            continue;
        if (!has_heading)
            put_heading(sink, "Marks");
        has_heading = true;
        int y = next_row(sink);
        if (y < 0)
            continue;
        win_char(sink->win, y, 3, marks[i].role, marks[i].mark);
        win_fit(sink->win, y, 3 + KEYS_COLS, sink->win.cols - 3 - KEYS_COLS, ROLE_NORMAL, marks[i].meaning,
            FIT_END);
    }
}

void help_draw(struct app *app, struct win win)
{
    win_fill(win, ROLE_NORMAL, ' ');
    win_hline(win, 0, 0, win.cols, ROLE_BORDER_FOCUSED);
    int x = win_put(win, 0, 2, ROLE_HEADING | STYLE_STRONG, " Help ");
    x = win_put(win, 0, x + 1, ROLE_DIM, app->help_filter.length ? " filter: " : " type to filter ");
    if (app->help_filter.length)
        win_putf(win, 0, x, ROLE_ACCENT, "%s ", str_text(&app->help_filter));
    struct line_sink sink = {.win = win_sub(win, 1, 0, win.rows - 1, win.cols),
        .top = app->help_top,
        .filter = str_text(&app->help_filter)};
    put_keys(&sink);
    put_marks(&sink);
    put_commands(&sink);
    if (sink.count == 0)
        win_put(sink.win, 0, 3, ROLE_DIM, "no key or command has that word; Backspace widens the filter");
    size_t room = sink.win.rows > 0 ? (size_t)sink.win.rows : 0;
    size_t last = sink.count > room ? sink.count - room : 0;
    if (app->help_top > last) {
        app->help_top = last;
        help_draw(app, win);
        return;
    }
    if (last)
        win_putf(win, 0, win.cols - 16, ROLE_DIM, " %zu-%zu of %zu ", app->help_top + 1, app->help_top + room,
            sink.count);
}

bool help_key(struct app *app, const struct event *event)
{
    size_t page = 10;
    switch (event->key) {
    case K_ESCAPE:
    case K_ENTER:
    case K_F1: return false;
    case K_UP: app->help_top -= app->help_top > 0; return true;
    case K_DOWN: app->help_top++; return true;
    case K_PAGE_UP: app->help_top -= app->help_top < page ? app->help_top : page; return true;
    case K_PAGE_DOWN: app->help_top += page; return true;
    case K_HOME: app->help_top = 0; return true;
    case K_END: app->help_top = SIZE_MAX / 2; return true;
    case K_BACKSPACE:
        if (app->help_filter.length == 0)
            return false;
        for (unsigned char last = 0x80; app->help_filter.length && (last & 0xc0) == 0x80;) {
            last = (unsigned char)app->help_filter.text[--app->help_filter.length];
            app->help_filter.text[app->help_filter.length] = '\0';
        }
        app->help_top = 0;
        return true;
    default: break;
    }
    bool is_closing =
        event->mods == 0 && app->help_filter.length == 0 && (event->key == 'q' || event->key == '?');
    if (is_closing || (event->mods == MOD_CTRL && event->key == 'c'))
        return false;
    if (event->mods == 0 && event->key >= ' ' && event->key < K_NONE) {
        char bytes[4];
        str_add_bytes(&app->help_filter, bytes, utf8_encode(event->key, bytes));
        app->help_top = 0;
    }
    return true;
}

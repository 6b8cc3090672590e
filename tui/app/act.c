/* Running command lines: the screen's own commands first, then the debugger's. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tui/app/state.h"

void app_say(struct app *app, bool is_error, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    str_clear(&app->message);
    str_addv(&app->message, fmt, args);
    va_end(args);
    app->is_message_error = is_error;
    app->is_dirty = true;
}

void app_show_reply(struct app *app, const char *text)
{
    app->mode = APP_REPLY;
    app->reply_top = 0;
    app->is_dirty = true;
    str_clear(&app->reply);
    view_wrap(text, screen_grid(app->screen)->cols - 2, &app->reply);
}

static struct view *focused(struct app *app, const struct view_class **class)
{
    *class = app_view_class(app->layout.focus);
    return app->views[app->layout.focus];
}

static void run_focus(struct app *app, const char *rest)
{
    if (strcmp(rest, "next") == 0 || strcmp(rest, "previous") == 0) {
        layout_cycle(&app->layout, &app->tiling, rest[0] == 'n' ? 1 : -1);
        return;
    }
    size_t length = strlen(rest);
    for (enum view_id id = 0; length && id < VIEW_ID_COUNT; id++) {
        if (strncmp(app_view_class(id)->name, rest, length) == 0) {
            layout_focus(&app->layout, id);
            return;
        }
    }
    app_say(
        app, true, "no view '%s': try graph, queue, channels, timeline, output, source or breakpoints", rest);
}

static void run_go(struct app *app, const char *rest)
{
    static const char *const words[] = {
        [VIEW_UP] = "up",
        [VIEW_DOWN] = "down",
        [VIEW_LEFT] = "left",
        [VIEW_RIGHT] = "right",
        [VIEW_PAGE_UP] = "page-up",
        [VIEW_PAGE_DOWN] = "page-down",
        [VIEW_HOME] = "first",
        [VIEW_END] = "last",
        [VIEW_TOGGLE] = "toggle",
        [VIEW_FOLLOW] = "current",
        [VIEW_TIDY] = "tidy",
    };
    const struct view_class *class;
    struct view *view = focused(app, &class);
    struct view_context context = app_context(app);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], rest) != 0)
            continue;
        class->navigate(view, &context, (enum view_navigation)i);
        if (i == VIEW_FOLLOW && class != &view_graph)
            view_graph.navigate(app->views[VIEW_GRAPH], &context, VIEW_FOLLOW);
        return;
    }
    app_say(app, true,
        "go where? up, down, left, right, page-up, page-down, first, last, toggle, current or tidy");
}

static void run_zoom(struct app *app, const char *rest)
{
    app->layout.is_zoomed = !app->layout.is_zoomed;
}

static void run_grow(struct app *app, const char *rest)
{
    layout_grow(&app->layout, &app->tiling, 1);
}

static void run_shrink(struct app *app, const char *rest)
{
    layout_grow(&app->layout, &app->tiling, -1);
}

static void run_redraw(struct app *app, const char *rest)
{
    screen_redraw(app->screen);
}

static void run_suspend(struct app *app, const char *rest)
{
    /* A run that goes on unseen would be a surprise: it stands still with us. */
    dbg_session_suspend(app->session, true);
    screen_suspend(app->screen);
    dbg_session_suspend(app->session, false);
}

static void run_prompt(struct app *app, const char *rest)
{
    app->mode = APP_PROMPT;
    prompt_set_text(app->prompt, rest);
}

static void search(struct app *app, int direction)
{
    const struct view_class *class;
    struct view *view = focused(app, &class);
    struct view_context context = app_context(app);
    if (app->search.length == 0)
        app_say(app, true, "nothing searched yet: press / first");
    else if (!class->search(view, &context, str_text(&app->search), direction))
        app_say(app, true, "'%s' is not in %s", str_text(&app->search), class->title);
    else
        app_say(app, false, "'%s': ; goes to the next match, , to the one before", str_text(&app->search));
}

static void run_search(struct app *app, const char *rest)
{
    if (*rest) {
        str_clear(&app->search);
        str_add(&app->search, rest);
        search(app, 1);
        return;
    }
    app->mode = APP_SEARCH;
    prompt_set_text(app->search_line, "");
}

static void run_search_next(struct app *app, const char *rest)
{
    search(app, 1);
}

static void run_search_previous(struct app *app, const char *rest)
{
    search(app, -1);
}

static void run_play(struct app *app, const char *rest)
{
    app->is_playing = !app->is_playing;
    app->play_at_ns = app_now_ns();
    if (!app->is_playing && dbg_session_status(app->session)->phase == DBG_PHASE_RUNNING)
        dbg_session_interrupt(app->session);
    app_say(app, false, app->is_playing ? "playing: space pauses" : "paused");
}

static void take_reply(struct app *app, const char *line, struct dbg_reply *reply)
{
    const char *text = str_text(&reply->text);
    app->changes |= DBG_CHANGED_BREAKPOINTS | DBG_CHANGED_STATUS;
    if (reply->needs_confirm) {
        app->mode = APP_CONFIRM;
        str_clear(&app->confirm_line);
        str_add(&app->confirm_line, line);
        app_say(app, false, "%s", text);
    } else if (reply->is_quit) {
        app->is_done = true;
    } else if (strchr(text, '\n') || text_cols(text, false) > screen_grid(app->screen)->cols - 2) {
        app_show_reply(app, text);
    } else {
        app_say(app, reply->is_error, "%s", text);
    }
}

static void run_debugger_line(struct app *app, const char *line, bool is_confirmed)
{
    struct dbg_reply reply = {0};
    app->command_ns = app_now_ns();
    dbg_execute(app->session, line, is_confirmed, &reply);
    take_reply(app, line, &reply);
    dbg_reply_finish(&reply);
}

static void run_interrupt(struct app *app, const char *rest)
{
    app->is_playing = false;
    if (dbg_session_status(app->session)->phase != DBG_PHASE_RUNNING) {
        app_say(app, false, "nothing is running; q quits");
        return;
    }
    run_debugger_line(app, "interrupt", false);
}

/* A name that add_word() may have quoted. */
static void add_unquoted(struct str *out, const char *word)
{
    bool is_quoted = *word == '"';
    for (word += is_quoted; *word && !(is_quoted && *word == '"'); word++) {
        if (is_quoted && *word == '\\' && word[1])
            word++;
        str_add_char(out, *word);
    }
}

static void run_toggle_break(struct app *app, const char *rest)
{
    const struct dbg_breakpoint *breakpoint = NULL;
    struct str name = {0}, line = {0};
    add_unquoted(&name, rest);
    for (size_t i = 0; i < dbg_breakpoint_count(app->session) && !breakpoint; i++) {
        const struct dbg_breakpoint *b = dbg_breakpoint_at(app->session, i);
        if (strcmp(b->pattern, str_text(&name)) == 0 && !b->is_after)
            breakpoint = b;
    }
    if (breakpoint)
        str_addf(&line, "delete %u", breakpoint->number);
    else
        str_addf(&line, "break %s", rest);
    app_run_line(app, str_text(&line), false);
    str_finish(&line);
    str_finish(&name);
}

static void run_show(struct app *app, const char *rest)
{
    struct str name = {0};
    add_unquoted(&name, rest);
    flow_task task = trace_state_find_task(dbg_session_state(app->session), str_text(&name));
    if (task == FLOW_TASK_NONE) {
        app_say(app, true, "there is no task '%s'", str_text(&name));
    } else {
        view_graph_show(app->views[VIEW_GRAPH], task);
        layout_focus(&app->layout, VIEW_GRAPH);
    }
    str_finish(&name);
}

static void run_help(struct app *app, const char *rest)
{
    app->mode = APP_HELP;
    app->help_top = 0;
    str_clear(&app->help_filter);
    str_add(&app->help_filter, rest);
}

static const struct app_command commands[] = {
    {"focus", "VIEW|next|previous", "focus a view", run_focus},
    {"go", "up|down|...|current", "move in the focused view", run_go},
    {"zoom", "", "the focused view alone, and back", run_zoom},
    {"grow", "", "make the focused view larger", run_grow},
    {"shrink", "", "make the focused view smaller", run_shrink},
    {"search", "[TEXT]", "search in the focused view", run_search},
    {"search-next", "", "next match", run_search_next},
    {"search-previous", "", "previous match", run_search_previous},
    {"play", "", "a task every half second; again: pause", run_play},
    {"interrupt", "", "stop a running task at its next event; again: kill it", run_interrupt},
    {"toggle-break", "TASK", "breakpoint on a task, on and off", run_toggle_break},
    {"show", "TASK", "find a task in the graph", run_show},
    {"prompt", "[TEXT]", "the command line", run_prompt},
    {"redraw", "", "draw the screen again", run_redraw},
    {"suspend", "", "back to the shell; fg returns", run_suspend},
    {"help", "[TEXT]", "keys and commands that contain TEXT", run_help},
};

const struct app_command *app_commands(size_t *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

/* The screen's command that a line names exactly, and what follows it. */
static const struct app_command *own_command(const char *line, const char **rest)
{
    size_t length = strcspn(line, " ");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strlen(commands[i].name) == length && strncmp(commands[i].name, line, length) == 0) {
            *rest = line + length + strspn(line + length, " ");
            return &commands[i];
        }
    }
    return NULL;
}

void app_run_line(struct app *app, const char *line, bool is_confirmed)
{
    line += strspn(line, " ");
    const char *rest;
    const struct app_command *own = own_command(line, &rest);
    app->is_dirty = true;
    if (own)
        own->run(app, rest);
    else
        run_debugger_line(app, line, is_confirmed);
}

/* Adds a name as the command line reads it: quoted where it must be. */
static void add_word(struct str *out, const char *word)
{
    if (*word && strcspn(word, " \t\"'\\#") == strlen(word)) {
        str_add(out, word);
        return;
    }
    str_add_char(out, '"');
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            str_add_char(out, '\\');
        str_add_char(out, *word);
    }
    str_add_char(out, '"');
}

/* Adds what a placeholder stands for. Returns NULL, or what is not selected. */
static const char *add_selected(
    const struct trace_state *state, const struct view_selection *selected, char placeholder, struct str *out)
{
    enum { LONGEST_VALUE = 2000 };
    bool has_key = selected->key < state->keys.count;
    switch (placeholder) {
    case 't':
        if (selected->task >= state->tasks.count)
            return "task";
        add_word(out, state->tasks.at[selected->task].id);
        return NULL;
    case 'k':
        if (!has_key)
            return "key";
        add_word(out, state->keys.at[selected->key].name);
        return NULL;
    case 'v': {
        struct str value = {0};
        if (has_key && app_add_json(&value, state->keys.at[selected->key].value) &&
            value.length <= LONGEST_VALUE)
            str_add(out, str_text(&value));
        str_finish(&value);
        return NULL;
    }
    case 'e':
        str_addf(out, "%llu", (unsigned long long)selected->entry);
        return selected->entry ? NULL : "queue entry";
    case 'n':
        str_addf(out, "%llu", (unsigned long long)selected->event);
        return selected->event ? NULL : "event";
    case 'b': str_addf(out, "%u", selected->breakpoint); return selected->breakpoint ? NULL : "breakpoint";
    default: return "such thing";
    }
}

bool app_expand(struct app *app, const char *command, struct str *out)
{
    struct view_selection selected = VIEW_SELECTION_NONE;
    app_selection(app, &selected);
    for (; *command; command++) {
        const char *missing = NULL;
        if (*command != '%')
            str_add_char(out, *command);
        else
            missing = add_selected(dbg_session_state(app->session), &selected, *++command, out);
        if (missing) {
            app_say(app, true, "no %s is selected", missing);
            return false;
        }
    }
    return true;
}

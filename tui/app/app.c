/* The event loop: waits for the terminal, the session and the clock, and draws a frame when something
 * changed. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "tui/app/state.h"

enum {
    FRAME_NS = 16 * 1000 * 1000, /* at most 60 frames a second */
    TICK_NS = 100 * 1000 * 1000, /* how often the time in the title moves while a task runs */
    PLAY_NS = 500 * 1000 * 1000,
    SETTLE_NS = 150 * 1000 * 1000,    /* typing ahead of a run that is about to stop waits for it this long */
    SYNC_BUSY_NS = 250 * 1000 * 1000, /* a run that goes on longer counts as something one can look at */
    STEADY_NS = 40 * 1000 * 1000,     /* a run shorter than this is not shown as running: nothing flickers */
};

static const struct view_class *const classes[VIEW_ID_COUNT] = {
    [VIEW_GRAPH] = &view_graph,
    [VIEW_QUEUE] = &view_queue,
    [VIEW_CHANNELS] = &view_channels,
    [VIEW_TIMELINE] = &view_timeline,
    [VIEW_OUTPUT] = &view_output,
    [VIEW_SOURCE] = &view_source,
    [VIEW_BREAKPOINTS] = &view_breakpoints,
};

const struct view_class *app_view_class(enum view_id id)
{
    return classes[id];
}

int64_t app_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct view_context context_without_selection(const struct app *app)
{
    return (struct view_context){
        .session = app->session,
        .state = dbg_session_state(app->session),
        .status = dbg_session_status(app->session),
        .selected_task = FLOW_TASK_NONE,
        .ascii = screen_grid(app->screen)->ascii,
    };
}

void app_selection(const struct app *app, struct view_selection *out)
{
    struct view_context context = context_without_selection(app);
    struct view_selection in_graph = VIEW_SELECTION_NONE;
    enum view_id focus = app->layout.focus;
    *out = (struct view_selection)VIEW_SELECTION_NONE;
    classes[focus]->select(app->views[focus], &context, out);
    /* Where the focused view has no task to offer, the graph's is meant. */
    view_graph.select(app->views[VIEW_GRAPH], &context, &in_graph);
    if (out->task == FLOW_TASK_NONE)
        out->task = in_graph.task;
}

struct view_context app_context(const struct app *app)
{
    struct view_context context = context_without_selection(app);
    struct view_selection selected = VIEW_SELECTION_NONE;
    if (app->layout.focus == VIEW_SOURCE)
        view_graph.select(app->views[VIEW_GRAPH], &context, &selected);
    else
        app_selection(app, &selected);
    context.selected_task = selected.task;
    return context;
}

static int complete(void *user, const char *line, size_t cursor, struct prompt_candidates *out)
{
    struct app *app = user;
    struct dbg_candidates found = {0};
    int status = dbg_complete(app->session, line, cursor, &found);
    out->from = found.start;
    for (size_t i = 0; status >= 0 && i < found.count; i++)
        status = prompt_candidates_add(out, found.at[i].text, found.at[i].help);
    dbg_candidates_finish(&found);
    size_t count;
    const struct app_command *own = app_commands(&count);
    bool is_first_word = memchr(line, ' ', cursor) == NULL;
    for (size_t i = 0; is_first_word && status >= 0 && i < count; i++) {
        if (strncmp(own[i].name, line, cursor) == 0 && !dbg_command_find(own[i].name, NULL))
            status = prompt_candidates_add(out, own[i].name, own[i].summary);
    }
    return status;
}

static int init(struct app *app, const struct tui_options *options, struct flow_error *err)
{
    struct prompt_options prompt = {.history_file = options->history_file, .complete = complete, .user = app};
    int status = prompt_create(&prompt, &app->prompt, err);
    struct prompt_options search = {0};
    if (status == FLOW_OK)
        status = prompt_create(&search, &app->search_line, err);
    for (size_t i = 0; status == FLOW_OK && i < VIEW_ID_COUNT; i++) {
        app->views[i] = classes[i]->create();
        if (!app->views[i])
            status = flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
    return status;
}

static void finish(struct app *app)
{
    for (size_t i = 0; i < VIEW_ID_COUNT; i++) {
        if (app->views[i])
            classes[i]->destroy(app->views[i]);
    }
    prompt_destroy(app->prompt);
    prompt_destroy(app->search_line);
    str_finish(&app->message);
    str_finish(&app->reply);
    str_finish(&app->confirm_line);
    str_finish(&app->help_filter);
    str_finish(&app->search);
}

static void update_views(struct app *app)
{
    struct view_context context = app_context(app);
    app->is_views_behind = false;
    for (size_t i = 0; i < VIEW_ID_COUNT; i++)
        app->is_views_behind |= classes[i]->update(app->views[i], &context, app->changes);
    app->changes = 0;
}

static bool is_busy(const struct app *app)
{
    const struct dbg_status *status = dbg_session_status(app->session);
    if (app->is_dirty || app->is_views_behind || dbg_session_is_behind(app->session) ||
        status->phase == DBG_PHASE_LOADING)
        return true;
    return status->phase == DBG_PHASE_RUNNING && app_now_ns() - status->running_since_ns < SYNC_BUSY_NS;
}

/* Commands refuse a running inferior. Most runs last a moment, so keys typed meanwhile are left unread for
 * that moment. */
static bool is_settling(const struct app *app)
{
    enum dbg_phase phase = dbg_session_status(app->session)->phase;
    if (phase != DBG_PHASE_RUNNING && phase != DBG_PHASE_LOADING)
        return false;
    return app->moving_since_ns == 0 || app_now_ns() - app->moving_since_ns < SETTLE_NS;
}

/* When a frame may be drawn, at the earliest. */
static int64_t next_frame_ns(const struct app *app)
{
    int64_t at = app->frame_ns + FRAME_NS;
    return app->moving_since_ns && app->moving_since_ns + STEADY_NS > at ? app->moving_since_ns + STEADY_NS
                                                                         : at;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How long nothing needs to be done, if nothing happens; -1: for ever. */
static int wait_ms(const struct app *app)
{
    int64_t now = app_now_ns(), wait = INT64_MAX;
    if (app->is_dirty || app->is_views_behind)
        wait = next_frame_ns(app) - now;
    if (dbg_session_is_behind(app->session))
        wait = 0;
    if (dbg_session_status(app->session)->phase == DBG_PHASE_RUNNING)
        wait = least(wait, app->frame_ns + TICK_NS - now);
    if (is_settling(app))
        wait = least(wait, SETTLE_NS / 10);
    if (app->is_playing)
        wait = least(wait, app->play_at_ns - now);
    if (app->is_sync_wanted)
        wait = least(wait, 10 * 1000 * 1000);
    if (wait == INT64_MAX)
        return -1;
    return wait < 0 ? 0 : (int)(wait / 1000000) + 1;
}

static void wait_for_something(struct app *app)
{
    enum { MOST = 16 };
    struct pollfd fds[MOST] = {{.fd = screen_signal_fd(app->screen), .events = POLLIN},
        {.fd = is_settling(app) ? -1 : screen_fd(app->screen), .events = POLLIN}};
    /* What was left unread is not on its way any more: no descriptor tells of it. */
    int timeout = app->is_input_held && !is_settling(app) ? 0 : wait_ms(app);
    size_t count = 2 + dbg_session_poll(app->session, fds + 2, MOST - 2, &timeout);
    poll(fds, count, screen_timeout_ms(app->screen, timeout));
}

static void play_on(struct app *app)
{
    const struct dbg_status *status = dbg_session_status(app->session);
    if (!app->is_playing || status->phase == DBG_PHASE_RUNNING || status->phase == DBG_PHASE_LOADING)
        return;
    if (status->phase != DBG_PHASE_STOPPED || status->stop == DBG_STOP_BREAKPOINT) {
        app->is_playing = false;
        app->is_dirty = true;
    } else if (app_now_ns() >= app->play_at_ns) {
        app->play_at_ns = app_now_ns() + PLAY_NS;
        app_run_line(app, "next", false);
    }
}

static void take_changes(struct app *app)
{
    unsigned changes = dbg_session_dispatch(app->session);
    if (changes == DBG_CHANGED_ALL)
        app->changes = changes;
    app->changes |= changes;
    app->is_dirty |= changes != 0;
}

static void draw_if_wanted(struct app *app)
{
    int64_t now = app_now_ns();
    bool is_ticking =
        dbg_session_status(app->session)->phase == DBG_PHASE_RUNNING && now - app->frame_ns >= TICK_NS;
    if (!(app->is_dirty || app->is_views_behind || is_ticking) || now < next_frame_ns(app))
        return;
    app->is_dirty = false;
    update_views(app);
    app_draw(app);
    app->frame_ns = now;
    if (screen_flush(app->screen) < 0)
        app->is_done = true; /* the terminal is gone; SIGHUP follows */
}

static void read_input(struct app *app)
{
    struct event event;
    app->is_input_held = is_settling(app);
    while (!app->is_done && !app->is_input_held && app_next_event(app, &event) == FLOW_OK) {
        /* Keys typed ahead mean what is there by now, drawn or not. */
        if (app->changes)
            update_views(app);
        app_handle(app, &event);
        app->is_input_held = is_settling(app);
    }
}

static void loop(struct app *app)
{
    enum dbg_phase phase = dbg_session_status(app->session)->phase;
    while (!app->is_done) {
        read_input(app);
        take_changes(app);
        enum dbg_phase now = dbg_session_status(app->session)->phase;
        app_report_trouble(app, phase, now);
        phase = now;
        if (now != DBG_PHASE_RUNNING && now != DBG_PHASE_LOADING)
            app->moving_since_ns = 0;
        else if (app->moving_since_ns == 0)
            app->moving_since_ns = app_now_ns();
        play_on(app);
        draw_if_wanted(app);
        if (app->is_sync_wanted && !is_busy(app)) {
            app->is_sync_wanted = false;
            screen_sync_reply(app->screen);
        }
        if (!app->is_done)
            wait_for_something(app);
    }
}

int tui_app_run_on(struct dbg_session *session, struct screen *screen, const struct tui_options *options,
    int *signal, struct flow_error *err)
{
    struct app app = {.session = session,
        .screen = screen,
        .layout = LAYOUT_INIT,
        .is_dirty = true,
        .changes = DBG_CHANGED_ALL};
    int status = init(&app, options, err);
    if (status == FLOW_OK && dbg_session_status(session)->phase == DBG_PHASE_IDLE)
        status = dbg_session_start(session, err);
    if (status == FLOW_OK) {
        dbg_session_set_patience(session, app_is_interrupted, &app);
        loop(&app);
        dbg_session_set_patience(session, NULL, NULL);
        *signal = app.signal;
        status = app.signal ? FLOW_END : FLOW_OK;
    }
    finish(&app);
    return status;
}

int tui_app_run(
    struct dbg_session *session, const struct tui_options *options, int *signal, struct flow_error *err)
{
    struct screen *screen;
    int status = screen_create(&options->screen, &screen, err);
    if (status < 0)
        return status;
    status = tui_app_run_on(session, screen, options, signal, err);
    screen_destroy(screen);
    return status;
}

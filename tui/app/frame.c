/* Drawing a frame: title line, tiles with their headings, bottom line, and what lies over them. */
#include <stdio.h>
#include <string.h>

#include "tui/app/state.h"

/* Where it stands; while somebody looks back, also how far it goes. The short form and the long one. */
static void print_position(const struct dbg_status *status, const struct trace_state *state, char *step,
    size_t step_size, char *position, size_t size)
{
    unsigned long long at_step = state->step, at_event = state->event;
    if (!status->is_past && !status->is_replay) {
        snprintf(step, step_size, "step %llu", at_step);
        snprintf(position, size, "%s, event %llu", step, at_event);
        return;
    }
    snprintf(step, step_size, "event %llu of %llu", at_event, (unsigned long long)status->last_event);
    snprintf(position, size, "step %llu of %llu, %s", at_step, (unsigned long long)status->last_step, step);
}

static void draw_title(struct app *app, struct win w)
{
    const struct trace_state *state = dbg_session_state(app->session);
    const struct dbg_status *status = dbg_session_status(app->session);
    const char *name = state->workflow ? state->workflow : dbg_session_config(app->session)->file;
    char text[512], position[128], step[64];
    bool is_pause = app->is_playing && strncmp(status->text, "paused ", 7) == 0;
    snprintf(text, sizeof text, "%s%s%s", app->is_playing ? "playing, " : "",
        status->text + (is_pause ? strlen("paused ") : 0),
        !status->problem    ? ""
        : status->is_replay ? " (cut off)"
                            : " (not recorded)");
    print_position(status, state, step, sizeof step, position, sizeof position);
    win_fill(w, ROLE_TITLE, ' ');
    bool is_live = !status->is_replay && !status->is_past;
    int x = win_put(w, 0, 0, (is_live ? ROLE_TITLE_LIVE : ROLE_TITLE_REPLAY) | STYLE_STRONG,
        is_live             ? " LIVE "
        : status->is_replay ? " REPLAY "
                            : " LIVE, looking back ");
    /* What it is doing matters most; whose run it is, and where in it, if there is room. */
    int room = w.cols - x - 2 - text_cols(text, false);
    int name_cols = text_cols(name, false) < w.cols / 4 ? text_cols(name, false) : w.cols / 4;
    if (name_cols + 1 <= room || w.cols >= 60)
        x = win_fit(w, 0, x + 1, name_cols, ROLE_TITLE | STYLE_STRONG, name, FIT_MIDDLE);
    room = w.cols - x - 5 - text_cols(text, false);
    if (status->last_event && text_cols(step, false) <= room)
        x = win_put(w, 0, x + 2, ROLE_TITLE, text_cols(position, false) <= room ? position : step);
    win_fit_right(w, 0, x + 2, w.cols - x - 3, ROLE_TITLE | STYLE_STRONG, text);
}

static int tab_cols(enum view_id id)
{
    return text_cols(app_view_class(id)->title, false) + 4;
}

bool app_tab_at(const struct tile *tile, int x, enum view_id *out)
{
    int end = 1;
    for (size_t i = 0; i < tile->tab_count; i++) {
        end += tab_cols(tile->tabs[i]);
        if (end > tile->cols || x < end) {
            *out = tile->tabs[i];
            return end <= tile->cols && x > 0;
        }
    }
    return false;
}

static void draw_heading(
    struct app *app, const struct view_context *context, struct win w, const struct tile *tile)
{
    bool is_focused = tile->view == app->layout.focus;
    unsigned border = is_focused ? ROLE_BORDER_FOCUSED : ROLE_BORDER;
    for (int x = 0; x < tile->cols; x++)
        win_join(w, tile->top, tile->left + x, border, LINE_LEFT | LINE_RIGHT);
    struct win line = win_sub(w, tile->top, tile->left, 1, tile->cols);
    int x = 1;
    for (size_t i = 0; i < tile->tab_count; i++) {
        enum view_id id = tile->tabs[i];
        bool is_front = id == tile->view;
        if (x + tab_cols(id) > tile->cols)
            break;
        unsigned style = is_front ? (is_focused ? ROLE_HEADING | STYLE_STRONG : ROLE_HEADING) : ROLE_DIM;
        x = win_putf(line, 0, x, ROLE_DIM, " %d ", (int)id + 1);
        x = win_put(line, 0, x, style, app_view_class(id)->title);
        x = win_put(line, 0, x, border, " ");
    }
    struct str summary = {0};
    app_view_class(tile->view)->summarize(app->views[tile->view], context, tile->is_folded, &summary);
    int cols = text_cols(str_text(&summary), context->ascii), room = tile->cols - x - 4;
    if (cols > room && tile->is_folded)
        cols = room;
    if (cols > 0 && cols <= room) {
        x = win_put(line, 0, tile->cols - cols - 3, ROLE_DIM, " ");
        x = win_fit(line, 0, x, cols, ROLE_DIM, str_text(&summary), FIT_END);
        win_put(line, 0, x, ROLE_DIM, " ");
    }
    str_finish(&summary);
}

static void draw_separator(struct win w, int column)
{
    for (int y = 0; y < w.rows; y++)
        win_join(w, y, column, ROLE_BORDER, y == 0 ? LINE_DOWN : LINE_UP | LINE_DOWN);
}

static void draw_tiles(struct app *app, struct win w)
{
    const struct tiling *tiling = &app->tiling;
    struct view_context context = app_context(app);
    if (tiling->separator >= 0)
        draw_separator(w, tiling->separator);
    for (size_t i = 0; i < tiling->count; i++) {
        const struct tile *tile = &tiling->tiles[i];
        draw_heading(app, &context, w, tile);
        /* Where a heading meets the separator the two are joined. */
        if (tile->left + tile->cols == tiling->separator)
            win_join(w, tile->top, tiling->separator, ROLE_BORDER, LINE_LEFT);
        else if (tile->left - 1 == tiling->separator)
            win_join(w, tile->top, tiling->separator, ROLE_BORDER, LINE_RIGHT);
        if (tile->is_folded || tile->rows < 2)
            continue;
        struct win inside = win_sub(w, tile->top + 1, tile->left, tile->rows - 1, tile->cols);
        app_view_class(tile->view)
            ->draw(app->views[tile->view], &context, inside, tile->view == app->layout.focus);
    }
}

static unsigned run_moment(const struct app *app)
{
    switch (dbg_session_status(app->session)->phase) {
    case DBG_PHASE_STOPPED: return KEYS_WHEN_STOPPED;
    case DBG_PHASE_LOADING:
    case DBG_PHASE_RUNNING: return KEYS_WHEN_RUNNING;
    case DBG_PHASE_IDLE:
    case DBG_PHASE_ENDED: break;
    }
    return KEYS_WHEN_OVER;
}

static int hint_cols(const struct key_binding *b)
{
    return (int)strcspn(b->keys, " ") + 1 + text_cols(b->hint, false);
}

static void draw_hint(struct win w, int x, const struct key_binding *b)
{
    int key_cols = (int)strcspn(b->keys, " ");
    win_putn(w, 0, x, ROLE_KEY, b->keys, (size_t)key_cols);
    win_put(w, 0, x + key_cols + 1, ROLE_STATUS, b->hint);
}

/* What one can do now: from the left, the run's and the focused view's keys; from the right, and sooner, the
 * way to help and out. */
static void draw_hints(const struct app *app, struct win w)
{
    size_t count;
    const struct key_binding *bindings = key_bindings(&count);
    const char *view = app_view_class(app->layout.focus)->name;
    unsigned moment = run_moment(app);
    int right = w.cols - 1, left = 1;
    for (size_t i = count; i-- > 0;) {
        const struct key_binding *b = &bindings[i];
        if (!b->hint || b->when != KEYS_WHEN_ALWAYS || hint_cols(b) > right - w.cols / 2)
            continue;
        right -= hint_cols(b);
        draw_hint(w, right, b);
        right -= 2;
    }
    for (size_t i = 0; i < count; i++) {
        const struct key_binding *b = &bindings[i];
        if (!b->hint || b->when == KEYS_WHEN_ALWAYS || !(b->when & moment) ||
            (b->view && strcmp(b->view, view) != 0))
            continue;
        if (left + hint_cols(b) > right)
            break;
        draw_hint(w, left, b);
        left += hint_cols(b) + 2;
    }
}

static void draw_bottom(struct app *app, struct win w, struct win above)
{
    screen_set_cursor(app->screen, -1, 0);
    win_fill(w, ROLE_STATUS, ' ');
    if (app->mode == APP_PROMPT || app->mode == APP_SEARCH) {
        struct prompt *prompt = app->mode == APP_PROMPT ? app->prompt : app->search_line;
        const char *label = prompt_search_label(prompt);
        int x = prompt_draw(prompt, w, label ? label : app->mode == APP_PROMPT ? ":" : "/");
        prompt_draw_list(prompt, above);
        screen_set_cursor(app->screen, w.top, w.left + x);
    } else if (app->mode == APP_CONFIRM) {
        int x = win_putf(w, 0, 1, ROLE_WARNING, "%s ", str_text(&app->message));
        x = win_put(w, 0, x, ROLE_KEY, "y");
        x = win_put(w, 0, x, ROLE_STATUS, " yes  ");
        x = win_put(w, 0, x, ROLE_KEY, "n");
        win_put(w, 0, x, ROLE_STATUS, " no");
    } else if (app->mode == APP_HELP) {
        win_put(w, 0, 1, ROLE_STATUS, "Esc closes   letters filter   arrows scroll");
    } else if (app->mode == APP_REPLY) {
        win_put(w, 0, 1, ROLE_STATUS, "Esc closes   arrows scroll");
    } else if (app->message.length) {
        win_fit(w, 0, 1, w.cols - 2, app->is_message_error ? ROLE_ERROR : ROLE_STATUS,
            str_text(&app->message), FIT_END);
    } else {
        draw_hints(app, w);
    }
}

/* A reply of several lines lies over the bottom of the views, at most two thirds of them. */
static void draw_reply(struct app *app, struct win w)
{
    const char *text = str_text(&app->reply);
    size_t lines = 1;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    int most = w.rows * 2 / 3;
    int rows = lines + 1 < (size_t)most ? (int)lines + 1 : most;
    size_t room = rows > 1 ? (size_t)rows - 1 : 0;
    if (app->reply_top + room > lines)
        app->reply_top = lines > room ? lines - room : 0;
    struct win box = win_sub(w, w.rows - rows, 0, rows, w.cols);
    win_fill(box, ROLE_POPUP, ' ');
    win_hline(box, 0, 0, box.cols, ROLE_BORDER_FOCUSED);
    if (lines > room)
        win_putf(box, 0, box.cols - 16, ROLE_DIM, " %zu-%zu of %zu ", app->reply_top + 1,
            app->reply_top + room, lines);
    for (size_t i = 0; i < app->reply_top; i++)
        text = strchr(text, '\n') + 1;
    view_put_lines(win_sub(box, 1, 1, rows - 1, box.cols - 1), ROLE_POPUP, text);
}

void app_draw(struct app *app)
{
    struct grid *grid = screen_grid(app->screen);
    grid_clear(grid);
    struct win whole = win_whole(grid);
    if (whole.rows < LAYOUT_MIN_ROWS || whole.cols < LAYOUT_MIN_COLS) {
        screen_set_cursor(app->screen, -1, 0);
        win_put(whole, 0, 0, ROLE_NORMAL, "flowdbg: too small");
        win_putf(whole, 1, 0, ROLE_DIM, "needs %dx%d", LAYOUT_MIN_COLS, LAYOUT_MIN_ROWS);
        return;
    }
    struct win body = win_sub(whole, 1, 0, whole.rows - 2, whole.cols);
    struct win bottom = win_sub(whole, whole.rows - 1, 0, 1, whole.cols);
    layout_compute(&app->layout, body.rows, body.cols, &app->tiling);
    draw_title(app, win_sub(whole, 0, 0, 1, whole.cols));
    if (app->mode == APP_HELP)
        help_draw(app, body);
    else
        draw_tiles(app, body);
    if (app->mode == APP_REPLY)
        draw_reply(app, body);
    draw_bottom(app, bottom, body);
}

/* Where input goes: by mode to the prompt, the help, a question, or the key map. */
#include <string.h>

#include "tui/app/state.h"

static void run_binding(struct app *app, const struct key_binding *binding)
{
    struct str line = {0};
    bool is_for_prompt = binding->command[0] == ':';
    if (app_expand(app, binding->command + is_for_prompt, &line)) {
        if (is_for_prompt) {
            app->mode = APP_PROMPT;
            prompt_set_text(app->prompt, str_text(&line));
        } else {
            app_run_line(app, str_text(&line), false);
        }
    }
    str_finish(&line);
}

/* A look back that takes no longer is not worth to be interrupted. */
#define PATIENCE_NS 50000000

int app_next_event(struct app *app, struct event *out)
{
    if (app->typed_count == 0)
        return screen_next_event(app->screen, out);
    *out = app->typed[0];
    memmove(app->typed, app->typed + 1, --app->typed_count * sizeof *app->typed);
    return FLOW_OK;
}

bool app_is_interrupted(void *user)
{
    struct app *app = user;
    const size_t most = sizeof app->typed / sizeof *app->typed;
    struct event event;
    if (app_now_ns() - app->command_ns < PATIENCE_NS)
        return false;
    while (app->typed_count < most && screen_next_event(app->screen, &event) == FLOW_OK) {
        if (event_is_key(&event, 'c', MOD_CTRL))
            return true;
        if (event.kind != EVENT_PASTE) /* its text is gone by then */
            app->typed[app->typed_count++] = event;
        if (event.kind == EVENT_QUIT)
            return true;
    }
    return false;
}

static void normal_key(struct app *app, const struct event *event)
{
    const struct key_binding *binding = key_find(event, app_view_class(app->layout.focus)->name);
    str_clear(&app->message);
    if (binding) {
        run_binding(app, binding);
    } else if (event_is_key(event, K_ESCAPE, 0)) {
        app->layout.is_zoomed = false;
    } else {
        char name[KEY_NAME_MAX];
        app_say(app, false, "%s does nothing here; ? shows the keys",
            event_key_name(event->key, event->mods, name));
    }
}

static void prompt_key(struct app *app, const struct event *event)
{
    bool is_search = app->mode == APP_SEARCH;
    struct prompt *prompt = is_search ? app->search_line : app->prompt;
    switch (prompt_feed(prompt, event)) {
    case PROMPT_EDITING: break;
    case PROMPT_CANCELLED: app->mode = APP_NORMAL; break;
    case PROMPT_ACCEPTED:
        app->mode = APP_NORMAL;
        str_clear(&app->message);
        if (is_search) {
            if (*prompt_line(prompt)) {
                str_clear(&app->search);
                str_add(&app->search, prompt_line(prompt));
            }
            app_run_line(app, "search-next", false);
        } else if (*prompt_line(prompt)) {
            app_run_line(app, prompt_line(prompt), false);
        }
        break;
    case PROMPT_IGNORED:
        if (event_is_key(event, 'z', MOD_CTRL))
            app_run_line(app, "suspend", false);
        break;
    }
}

static void confirm_key(struct app *app, const struct event *event)
{
    if (event->kind != EVENT_KEY)
        return;
    bool is_yes = event->key == 'y' || event->key == 'Y';
    app->mode = APP_NORMAL;
    str_clear(&app->message);
    if (is_yes) {
        struct str line = app->confirm_line;
        app->confirm_line = (struct str){0};
        app_run_line(app, str_text(&line), true);
        str_finish(&line);
    } else {
        app_say(app, false, "not done");
    }
}

/* Scrolls the reply; any other key closes it and then does what it always does. */
static void reply_key(struct app *app, const struct event *event)
{
    if (event->kind != EVENT_KEY)
        return;
    switch (event->key) {
    case K_UP: app->reply_top -= app->reply_top > 0; return;
    case K_DOWN: app->reply_top++; return;
    case K_PAGE_UP: app->reply_top -= app->reply_top < 10 ? app->reply_top : 10; return;
    case K_PAGE_DOWN: app->reply_top += 10; return;
    default: break;
    }
    app->mode = APP_NORMAL;
    bool is_only_closing =
        event->key == K_ESCAPE || event->key == K_ENTER || event->key == 'q' || event->key == ' ';
    if (!is_only_closing)
        normal_key(app, event);
}

static const struct tile *tile_at(const struct app *app, int y, int x)
{
    for (size_t i = 0; i < app->tiling.count; i++) {
        const struct tile *tile = &app->tiling.tiles[i];
        if (y >= tile->top && y < tile->top + tile->rows && x >= tile->left && x < tile->left + tile->cols)
            return tile;
    }
    return NULL;
}

static void mouse(struct app *app, const struct event *event)
{
    int y = event->y - 1; /* the title line */
    const struct tile *tile = tile_at(app, y, event->x);
    if (!tile || app->mode == APP_HELP)
        return;
    if (app->mode == APP_REPLY)
        app->mode = APP_NORMAL;
    const struct view_class *class = app_view_class(tile->view);
    struct view *view = app->views[tile->view];
    struct view_context context = app_context(app);
    enum view_id tab;
    switch (event->mouse) {
    case MOUSE_WHEEL_UP:
    case MOUSE_WHEEL_DOWN:
        for (int i = 0; i < 3; i++)
            class->navigate(view, &context, event->mouse == MOUSE_WHEEL_UP ? VIEW_UP : VIEW_DOWN);
        break;
    case MOUSE_CLICK:
    case MOUSE_RIGHT_CLICK:
        if (y == tile->top && app_tab_at(tile, event->x - tile->left, &tab))
            layout_focus(&app->layout, tab);
        else
            layout_focus(&app->layout, tile->view);
        if (y > tile->top)
            class->click(view, &context, y - tile->top - 1, event->x - tile->left);
        break;
    case MOUSE_DOUBLE_CLICK: {
        struct view_selection selected = VIEW_SELECTION_NONE;
        class->select(view, &context, &selected);
        struct str line = {0};
        if (y > tile->top && selected.task != FLOW_TASK_NONE && app_expand(app, "toggle-break %t", &line))
            app_run_line(app, str_text(&line), false);
        str_finish(&line);
        break;
    }
    case MOUSE_MIDDLE_CLICK: break;
    }
}

void app_handle(struct app *app, const struct event *event)
{
    app->is_dirty |= event->kind != EVENT_SYNC;
    switch (event->kind) {
    case EVENT_QUIT:
        app->is_done = true;
        app->signal = event->signal;
        return;
    case EVENT_SUSPEND: app_run_line(app, "suspend", false); return;
    case EVENT_SYNC: app->is_sync_wanted = true; return;
    case EVENT_RESIZE:
    case EVENT_REPAINT: return;
    case EVENT_MOUSE: mouse(app, event); return;
    case EVENT_PASTE:
        if (app->mode == APP_PROMPT || app->mode == APP_SEARCH)
            prompt_key(app, event);
        return;
    case EVENT_KEY: break;
    }
    switch (app->mode) {
    case APP_NORMAL: normal_key(app, event); break;
    case APP_PROMPT:
    case APP_SEARCH: prompt_key(app, event); break;
    case APP_CONFIRM: confirm_key(app, event); break;
    case APP_REPLY: reply_key(app, event); break;
    case APP_HELP:
        if (!help_key(app, event))
            app->mode = APP_NORMAL;
        break;
    }
}

#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "tui/screen/screen_impl.h"

/* Frames go nowhere: `shown` of the common part is the terminal. Events come out in the order they were
 * pushed. */
struct memory_screen {
    struct screen base;
    struct {
        VEC(struct event);
    } events;
};

static struct memory_screen *memory_of(struct screen *s)
{
    return (struct memory_screen *)s;
}

static void memory_destroy(struct screen *s)
{
    vec_finish(&memory_of(s)->events);
    screen_finish(s);
    mem_free(s);
}

static void memory_put(struct screen *s, int y, int x, const struct cell *cells, int count)
{
}

static int memory_commit(struct screen *s, bool whole)
{
    return FLOW_OK;
}

static int memory_next_event(struct screen *s, struct event *out)
{
    struct memory_screen *m = memory_of(s);
    if (m->events.count == 0)
        return FLOW_AGAIN;
    struct event e = m->events.at[0];
    vec_remove(&m->events, 0);
    if (e.kind == EVENT_RESIZE && screen_set_size(s, e.rows, e.cols) < 0)
        return FLOW_AGAIN;
    *out = e;
    return FLOW_OK;
}

static int memory_fd(const struct screen *s)
{
    return -1;
}

static int memory_timeout_ms(const struct screen *s, int wanted_ms)
{
    return ((const struct memory_screen *)s)->events.count > 0 ? 0 : wanted_ms;
}

static void memory_nothing(struct screen *s)
{
}

static const struct screen_ops memory_ops = {
    .destroy = memory_destroy,
    .put = memory_put,
    .commit = memory_commit,
    .next_event = memory_next_event,
    .fd = memory_fd,
    .signal_fd = memory_fd,
    .timeout_ms = memory_timeout_ms,
    .suspend = screen_redraw,
    .leave = memory_nothing,
    .enter = screen_redraw,
    .sync_reply = memory_nothing,
    .ring = memory_nothing,
};

int screen_memory_create(int rows, int cols, struct screen **out)
{
    struct memory_screen *m = mem_zalloc(sizeof *m);
    if (!m)
        return FLOW_ENOMEM;
    if (screen_init(&m->base, &memory_ops, rows, cols, false) < 0) {
        memory_destroy(&m->base);
        return FLOW_ENOMEM;
    }
    m->base.theme = (struct theme){.colors = THEME_256, .variant = THEME_DARK};
    *out = &m->base;
    return FLOW_OK;
}

int screen_memory_push(struct screen *s, struct event event)
{
    return vec_push(&memory_of(s)->events, event);
}

int screen_memory_keys(struct screen *s, const char *names)
{
    while (*names) {
        size_t length = strcspn(names, " ");
        char name[KEY_NAME_MAX];
        if (length >= sizeof name)
            return FLOW_EINVAL;
        memcpy(name, names, length);
        name[length] = '\0';
        struct event e = {.kind = EVENT_KEY};
        if (length > 0 && event_key_parse(name, &e.key, &e.mods) != FLOW_OK)
            return FLOW_EINVAL;
        if (length > 0 && screen_memory_push(s, e) < 0)
            return FLOW_ENOMEM;
        names += length;
        names += *names == ' ';
    }
    return FLOW_OK;
}

const struct grid *screen_memory_shown(const struct screen *s)
{
    return &s->shown;
}

void screen_memory_cursor(const struct screen *s, int *y, int *x)
{
    *y = s->shown_cursor_y;
    *x = s->shown_cursor_x;
}

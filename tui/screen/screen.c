#include <string.h>

#include "tui/screen/screen_impl.h"

int screen_set_size(struct screen *s, int rows, int cols)
{
    struct grid shown = {.ascii = s->shown.ascii};
    if (grid_resize(&shown, rows, cols) < 0 || grid_resize(&s->grid, rows, cols) < 0) {
        grid_finish(&shown);
        return FLOW_ENOMEM;
    }
    grid_finish(&s->shown);
    s->shown = shown;
    s->stale = true;
    return FLOW_OK;
}

int screen_init(struct screen *s, const struct screen_ops *ops, int rows, int cols, bool ascii)
{
    s->ops = ops;
    s->grid.ascii = s->shown.ascii = ascii;
    s->cursor_y = s->shown_cursor_y = -1;
    return screen_set_size(s, rows, cols);
}

void screen_finish(struct screen *s)
{
    grid_finish(&s->grid);
    grid_finish(&s->shown);
}

void screen_destroy(struct screen *s)
{
    if (s)
        s->ops->destroy(s);
}

struct grid *screen_grid(struct screen *s)
{
    return &s->grid;
}

const struct theme *screen_theme(const struct screen *s)
{
    return &s->theme;
}

void screen_set_cursor(struct screen *s, int y, int x)
{
    bool inside = y >= 0 && y < s->grid.rows && x >= 0 && x < s->grid.cols;
    s->cursor_y = inside ? y : -1;
    s->cursor_x = inside ? x : 0;
}

void screen_redraw(struct screen *s)
{
    s->stale = true;
}

static int flush_row(struct screen *s, int y)
{
    size_t row = (size_t)y * (size_t)s->grid.cols;
    const struct cell *now = s->grid.cells + row;
    struct cell *shown = s->shown.cells + row;
    int changed = 0;
    for (int x = 0; x < s->grid.cols;) {
        if (!s->stale && memcmp(&now[x], &shown[x], sizeof *now) == 0) {
            x++;
            continue;
        }
        int start = x;
        while (start > 0 && now[start].width == 0)
            start--;
        while (x < s->grid.cols && (s->stale || memcmp(&now[x], &shown[x], sizeof *now) != 0))
            x++;
        s->ops->put(s, y, start, now + start, x - start);
        memcpy(shown + start, now + start, (size_t)(x - start) * sizeof *now);
        changed += x - start;
    }
    return changed;
}

int screen_flush(struct screen *s)
{
    int changed = 0;
    size_t row_size = (size_t)s->grid.cols * sizeof *s->grid.cells;
    for (int y = 0; y < s->grid.rows; y++) {
        size_t row = (size_t)y * (size_t)s->grid.cols;
        if (s->stale || memcmp(s->grid.cells + row, s->shown.cells + row, row_size) != 0)
            changed += flush_row(s, y);
    }
    bool cursor_moved = s->cursor_y != s->shown_cursor_y || s->cursor_x != s->shown_cursor_x;
    if (changed == 0 && !cursor_moved && !s->stale)
        return 0;
    bool whole = s->stale;
    s->stale = false;
    s->shown_cursor_y = s->cursor_y;
    s->shown_cursor_x = s->cursor_x;
    int status = s->ops->commit(s, whole);
    return status < 0 ? status : changed;
}

void screen_bell(struct screen *s)
{
    s->ops->ring(s);
}

int screen_fd(const struct screen *s)
{
    return s->ops->fd(s);
}

int screen_signal_fd(const struct screen *s)
{
    return s->ops->signal_fd(s);
}

int screen_timeout_ms(const struct screen *s, int wanted_ms)
{
    return s->ops->timeout_ms(s, wanted_ms);
}

int screen_next_event(struct screen *s, struct event *out)
{
    return s->ops->next_event(s, out);
}

void screen_suspend(struct screen *s)
{
    s->ops->suspend(s);
}

void screen_leave(struct screen *s)
{
    s->ops->leave(s);
}

void screen_enter(struct screen *s)
{
    s->ops->enter(s);
}

void screen_sync_reply(struct screen *s)
{
    s->ops->sync_reply(s);
}

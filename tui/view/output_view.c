/* What the tasks printed, under a heading for each step. Both streams; standard error is marked. */
#include <stdio.h>

#include "base/mem.h"
#include "tui/view/list.h"

enum {
    LINES_MAX = 200000,    /* the oldest go first */
    READ_MAX = 256 * 1024, /* bytes taken over before one frame, so that a flood does not stop the screen */
    LINE_MAX_BYTES = 4096, /* a longer line is shown in pieces */
};

struct line {
    uint64_t offset;
    uint32_t length;
    uint8_t stream; /* 0: a heading, or dropped bytes when length is not 0 */
    uint8_t of;     /* the stream that `offset` counts in, of those too */
    uint64_t step;
    uint64_t dropped;
    flow_task task;
};

struct output_view {
    struct list list;
    struct {
        VEC(struct line);
    } lines;
    uint64_t generation;
    size_t chunk;         /* the chunk being taken over */
    uint64_t taken;       /* bytes of it that have been */
    bool is_dropped_told; /* of it */
    bool is_open;         /* the last line has no newline yet */
    bool is_behind;
};

static struct view *create(void)
{
    struct output_view *view = mem_zalloc(sizeof *view);
    if (view)
        view->list.is_following = true;
    return (struct view *)view;
}

static void destroy(struct view *v)
{
    struct output_view *view = (struct output_view *)v;
    if (!view)
        return;
    vec_finish(&view->lines);
    mem_free(view);
}

static void reset(struct output_view *view)
{
    vec_clear(&view->lines);
    view->list = (struct list){.is_following = true};
    view->chunk = 0;
    view->taken = 0;
    view->is_dropped_told = view->is_open = view->is_behind = false;
}

static void add_line(struct output_view *view, struct line line)
{
    if (view->lines.count >= LINES_MAX) {
        size_t gone = LINES_MAX / 4;
        memmove(view->lines.at, view->lines.at + gone, (view->lines.count - gone) * sizeof *view->lines.at);
        view->lines.count -= gone;
        view->list.selected = view->list.selected > gone ? view->list.selected - gone : 0;
        view->list.top = view->list.top > gone ? view->list.top - gone : 0;
    }
    (void)vec_push(&view->lines, line); /* out of memory: the line is not shown */
}

/* Cuts bytes into lines; the last one stays open until its newline comes. */
static void add_bytes(
    struct output_view *view, const struct dbg_output_chunk *chunk, const char *bytes, size_t length)
{
    uint64_t offset = chunk->offset + view->taken;
    for (size_t at = 0; at < length;) {
        const char *newline = memchr(bytes + at, '\n', length - at);
        size_t size = (newline ? (size_t)(newline - bytes) : length) - at;
        if (size > LINE_MAX_BYTES)
            size = LINE_MAX_BYTES, newline = NULL;
        if (view->is_open && view->lines.count && vec_last(&view->lines).length + size <= LINE_MAX_BYTES)
            vec_last(&view->lines).length += (uint32_t)size;
        else if (size || newline)
            add_line(view, (struct line){.offset = offset + at,
                               .length = (uint32_t)size,
                               .stream = (uint8_t)chunk->stream,
                               .of = (uint8_t)chunk->stream});
        view->is_open = !newline;
        at += size + (newline != NULL);
    }
    view->taken += length;
}

static void add_heading(struct output_view *view, const struct dbg_output_chunk *chunk)
{
    bool is_same = view->lines.count && view->chunk > 0;
    for (size_t i = view->lines.count; is_same && i-- > 0;) {
        const struct line *line = &view->lines.at[i];
        if (line->stream)
            continue;
        is_same = line->length == 0 && line->step == chunk->step;
        break;
    }
    if (!is_same)
        add_line(view, (struct line){.offset = chunk->offset,
                           .of = (uint8_t)chunk->stream,
                           .step = chunk->step,
                           .task = chunk->task});
    view->is_open = false;
}

/* Takes over at most READ_MAX bytes of what came. Returns true when there is more. */
static bool take_output(struct output_view *view, const struct view_context *c)
{
    char buffer[16 * 1024];
    size_t total = 0;
    while (view->chunk < dbg_output_count(c->session) && total < READ_MAX) {
        struct dbg_output_chunk chunk;
        dbg_output_at(c->session, view->chunk, &chunk);
        if (view->taken == 0 && chunk.length > 0 && !view->is_dropped_told)
            add_heading(view, &chunk);
        uint64_t kept = chunk.length - chunk.dropped;
        if (view->taken < kept) {
            size_t size = kept - view->taken < sizeof buffer ? (size_t)(kept - view->taken) : sizeof buffer;
            size = dbg_output_read(c->session, chunk.stream, chunk.offset + view->taken, buffer, size);
            if (size == 0)
                return false;
            add_bytes(view, &chunk, buffer, size);
            total += size;
            continue;
        }
        bool is_last = view->chunk + 1 == dbg_output_count(c->session);
        if (chunk.dropped && !(view->is_dropped_told && is_last)) {
            if (view->is_dropped_told && view->lines.count)
                vec_last(&view->lines).dropped = chunk.dropped;
            else
                add_line(view, (struct line){.offset = chunk.offset + kept,
                                   .of = (uint8_t)chunk.stream,
                                   .length = 1,
                                   .dropped = chunk.dropped});
            view->is_dropped_told = true;
        } else if (chunk.dropped && view->lines.count) {
            vec_last(&view->lines).dropped = chunk.dropped;
        }
        if (is_last)
            return false; /* it may still grow */
        view->chunk++;
        view->taken = 0;
        view->is_dropped_told = false;
    }
    return view->chunk < dbg_output_count(c->session);
}

/* How many lines had been begun where the shown state stands. */
static size_t count_shown(const struct output_view *view, const struct view_context *c)
{
    uint64_t shown[] = {dbg_output_shown(c->session, 1), dbg_output_shown(c->session, 2)};
    size_t count = view->lines.count;
    if (shown[0] >= dbg_output_length(c->session, 1) && shown[1] >= dbg_output_length(c->session, 2))
        return count;
    for (size_t i = 0; i < count; i++) {
        if (view->lines.at[i].offset >= shown[view->lines.at[i].of - 1])
            return i;
    }
    return count;
}

/* Reads what is shown of a line. */
static size_t read_line(const struct view_context *c, const struct line *line, char *text)
{
    uint64_t shown = dbg_output_shown(c->session, line->stream);
    uint64_t length = shown > line->offset ? shown - line->offset : 0;
    length = length < line->length ? length : line->length;
    return dbg_output_read(c->session, line->stream, line->offset, text, (size_t)length);
}

static bool update(struct view *v, const struct view_context *c, unsigned changes)
{
    struct output_view *view = (struct output_view *)v;
    uint64_t generation = dbg_session_generation(c->session);
    if (generation != view->generation) {
        reset(view);
        view->generation = generation;
    }
    view->is_behind = take_output(view, c);
    list_set_count(&view->list, count_shown(view, c));
    return view->is_behind;
}

static void print_size(uint64_t bytes, char *out, size_t size)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    for (; amount >= 1024 && unit < 4; unit++)
        amount /= 1024;
    snprintf(out, size, unit ? "%.1f %s" : "%.0f %s", amount, units[unit]);
}

static void draw_line(
    struct output_view *view, struct win w, int y, const struct view_context *c, const struct line *line)
{
    char text[LINE_MAX_BYTES + 1];
    if (line->stream) {
        size_t size = read_line(c, line, text);
        bool is_error = line->stream == 2;
        if (is_error)
            win_char(w, y, 0, ROLE_ERROR, '!');
        if (size && text[size - 1] == '\r')
            size--;
        list_put_text(&view->list, w, y, 2, is_error ? ROLE_ERROR : ROLE_NORMAL, text, size);
    } else if (line->length) {
        char amount[32];
        print_size(line->dropped, amount, sizeof amount);
        win_putf(w, y, 2, ROLE_WARNING, "%s more were printed and not kept", amount);
    } else if (line->step == 0) {
        win_put(w, y, 0, ROLE_DIM, "while loading");
    } else {
        int x = win_putf(w, y, 0, ROLE_DIM, "step %llu ", (unsigned long long)line->step);
        win_fit(w, y, x, w.cols - x, ROLE_DIM, trace_state_task_id(c->state, line->task), FIT_END);
    }
}

static void draw(struct view *v, const struct view_context *c, struct win w, bool is_focused)
{
    struct output_view *view = (struct output_view *)v;
    size_t shown = list_layout(&view->list, w.rows);
    if (view->list.count == 0)
        win_put(w, 0, 0, ROLE_DIM, "nothing printed");
    for (size_t i = 0; i < shown; i++) {
        size_t index = view->list.top + i;
        draw_line(view, w, (int)i, c, &view->lines.at[index]);
        if (is_focused && index == view->list.selected)
            win_flag(w, (int)i, 0, w.cols, STYLE_SELECTED);
    }
}

static void summarize(struct view *v, const struct view_context *c, bool is_folded, struct str *out)
{
    struct output_view *view = (struct output_view *)v;
    uint64_t total = dbg_output_shown(c->session, 1) + dbg_output_shown(c->session, 2);
    char amount[32];
    const struct line *last = view->list.count ? &view->lines.at[view->list.count - 1] : NULL;
    print_size(total, amount, sizeof amount);
    if (is_folded && last && last->stream) {
        char text[LINE_MAX_BYTES + 1];
        text[read_line(c, last, text)] = '\0';
        str_add(out, text);
    } else if (total) {
        str_addf(out, "%s%s", amount, view->is_behind ? ", reading" : "");
    }
}

static void navigate(struct view *v, const struct view_context *c, enum view_navigation where)
{
    struct output_view *view = (struct output_view *)v;
    if (where == VIEW_FOLLOW)
        list_navigate(&view->list, VIEW_END);
    else if (!list_navigate_text(&view->list, where))
        return;
    view->list.is_following = view->list.selected + 1 >= view->list.count;
}

static void click(struct view *v, const struct view_context *c, int y, int x)
{
    struct output_view *view = (struct output_view *)v;
    if (list_click(&view->list, y))
        view->list.is_following = view->list.selected + 1 >= view->list.count;
}

/* The task of the heading above the selected line. */
static void selection(struct view *v, const struct view_context *c, struct view_selection *out)
{
    struct output_view *view = (struct output_view *)v;
    for (size_t i = view->list.selected + 1; i-- > 0 && i < view->lines.count;) {
        const struct line *line = &view->lines.at[i];
        if (line->stream || line->length)
            continue;
        if (line->task < c->state->tasks.count)
            out->task = line->task;
        return;
    }
}

struct query {
    const struct view_context *context;
    const struct output_view *view;
    const char *text;
};

static bool row_matches(void *user, size_t index)
{
    const struct query *query = user;
    const struct line *line = &query->view->lines.at[index];
    char text[LINE_MAX_BYTES + 1];
    if (!line->stream)
        return false;
    text[dbg_output_read(query->context->session, line->stream, line->offset, text, line->length)] = '\0';
    return view_text_contains(text, query->text);
}

static bool search(struct view *v, const struct view_context *c, const char *text, int direction)
{
    struct output_view *view = (struct output_view *)v;
    struct query query = {c, view, text};
    bool is_found = list_search(&view->list, direction, row_matches, &query);
    view->list.is_following = view->list.selected + 1 >= view->list.count;
    return is_found;
}

const struct view_class view_output = {
    .name = "output",
    .title = "Output",
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

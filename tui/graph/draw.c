/* Glyphs: the arms of all lines through a cell are put together; what is drawn follows from them.
 *
 * While lines are added, `glyph` of a cell holds the flags below, `id` and `kind` the line along the drawing
 * (and every turn), `under` the line across. */
#include "tui/graph/paths.h"

#include <string.h>

#include "tui/graph/label.h"

enum {
    ARM_N = 1,
    ARM_E = 2,
    ARM_S = 4,
    ARM_W = 8,
    ARMS = 15,
    RUN_V = 16, /* a line goes straight through, up and down */
    RUN_H = 32,
    HEAD = 64, /* the arms are the direction it points to */
    PORT = 128,
};

#define LIGHT  0
#define DASHED 1
#define DOUBLE 2
#define ASCII  3

/* By arms. */
static const uint32_t joints[4][16] = {
    {' ', 0x2575, 0x2576, 0x2514, 0x2577, 0x2502, 0x250C, 0x251C, 0x2574, 0x2518, 0x2500, 0x2534, 0x2510,
        0x2524, 0x252C, 0x253C},
    {' ', 0x2575, 0x2576, 0x2514, 0x2577, 0x2506, 0x250C, 0x251C, 0x2574, 0x2518, 0x2504, 0x2534, 0x2510,
        0x2524, 0x252C, 0x253C},
    {' ', 0x2551, 0x2550, 0x255A, 0x2551, 0x2551, 0x2554, 0x2560, 0x2550, 0x255D, 0x2550, 0x2569, 0x2557,
        0x2563, 0x2566, 0x256C},
    {' ', '|', '-', '+', '|', '|', '+', '+', '-', '+', '-', '+', '+', '+', '+', '+'},
};

struct canvas {
    const struct graph_layout *g;
    struct graph_rect window;
    struct graph_cell *cells;
    bool ascii, down;
};

static struct graph_cell *cell_at(const struct canvas *c, int32_t x, int32_t y)
{
    x -= c->window.x;
    y -= c->window.y;
    if (x < 0 || y < 0 || x >= c->window.w || y >= c->window.h)
        return NULL;
    return &c->cells[(size_t)y * (size_t)c->window.w + (size_t)x];
}

static bool outranks(const struct graph_layout *g, uint32_t a, uint32_t b)
{
    if (b == NONE || g->edges.at[a].emphasis != g->edges.at[b].emphasis)
        return b == NONE || g->edges.at[a].emphasis > g->edges.at[b].emphasis;
    return a < b;
}

static void mark(const struct canvas *c, struct graph_cell *cell, uint32_t flags, uint32_t edge)
{
    cell->glyph |= flags;
    uint32_t *id = flags == RUN_H ? &cell->under : &cell->id;
    if (outranks(c->g, edge, *id))
        *id = edge;
}

/* The cells strictly between two corners. */
static void add_run(const struct canvas *c, struct graph_point a, struct graph_point b, uint32_t edge)
{
    int32_t dx = (b.x > a.x) - (b.x < a.x), dy = (b.y > a.y) - (b.y < a.y);
    const struct graph_rect *w = &c->window;
    if (dx == 0) {
        int32_t low = (a.y < b.y ? a.y : b.y) + 1, high = (a.y < b.y ? b.y : a.y) - 1;
        low = low < w->y ? w->y : low;
        high = high > w->y + w->h - 1 ? w->y + w->h - 1 : high;
        if (a.x < w->x || a.x >= w->x + w->w)
            return;
        for (int32_t y = low; y <= high; y++)
            mark(c, cell_at(c, a.x, y), RUN_V, edge);
    } else if (dy == 0) {
        int32_t low = (a.x < b.x ? a.x : b.x) + 1, high = (a.x < b.x ? b.x : a.x) - 1;
        low = low < w->x ? w->x : low;
        high = high > w->x + w->w - 1 ? w->x + w->w - 1 : high;
        if (a.y < w->y || a.y >= w->y + w->h)
            return;
        for (int32_t x = low; x <= high; x++)
            mark(c, cell_at(c, x, a.y), RUN_H, edge);
    }
}

static uint32_t arm_towards(struct graph_point from, struct graph_point to)
{
    if (to.x != from.x)
        return to.x > from.x ? ARM_E : ARM_W;
    return to.y > from.y ? ARM_S : ARM_N;
}

static void add_corner(const struct canvas *c, struct graph_point p, uint32_t arms, uint32_t edge)
{
    struct graph_cell *cell = cell_at(c, p.x, p.y);
    if (!cell)
        return;
    if (arms == (ARM_N | ARM_S))
        arms = RUN_V;
    else if (arms == (ARM_E | ARM_W))
        arms = RUN_H;
    mark(c, cell, arms, edge);
}

/* The end of an edge at a box: a head, or else a port in the box's border. */
static void add_end(const struct canvas *c, struct graph_point p, uint32_t out, bool is_head, uint32_t edge)
{
    struct graph_cell *cell;
    if (is_head) {
        cell = cell_at(c, p.x, p.y);
        if (!cell)
            return;
        cell->glyph = HEAD | out;
        cell->under = NONE;
        mark(c, cell, 0, edge);
        return;
    }
    p.x += (out == ARM_E) - (out == ARM_W);
    p.y += (out == ARM_S) - (out == ARM_N);
    cell = cell_at(c, p.x, p.y);
    if (cell)
        cell->glyph |= PORT;
}

static bool edge_is_shown(const struct graph_layout *g, const struct edge *e)
{
    return !e->hidden && !g->nodes.at[e->key.from].hidden && !g->nodes.at[e->key.to].hidden;
}

static void add_link(const struct canvas *c, const struct link *l)
{
    const struct graph_layout *g = c->g;
    const struct edge *e = &g->edges.at[l->edge];
    struct place way[LINK_POINTS];
    struct graph_point p[LINK_POINTS];
    uint32_t back = c->down ? ARM_N : ARM_W, on = c->down ? ARM_S : ARM_E;
    int n = 0;
    if (!edge_is_shown(g, e))
        return;
    graph_link_way(g, l, way);
    for (int i = 0; i < LINK_POINTS; i++) {
        struct graph_point q = {
            c->down ? way[i].across : way[i].along, c->down ? way[i].along : way[i].across};
        if (n == 0 || q.x != p[n - 1].x || q.y != p[n - 1].y)
            p[n++] = q;
    }
    for (int i = 0; i < n; i++) {
        uint32_t before = i == 0 ? back : arm_towards(p[i], p[i - 1]);
        uint32_t after = i < n - 1 ? arm_towards(p[i], p[i + 1]) : l->flat ? back : on;
        add_corner(c, p[i], before | after, l->edge);
        if (i > 0)
            add_run(c, p[i - 1], p[i], l->edge);
    }
    if (g->items.at[l->upper].node != NONE)
        add_end(c, p[0], back, e->reversed, l->edge);
    if (g->items.at[l->lower].node != NONE)
        add_end(c, p[n - 1], l->flat ? back : on, !e->reversed, l->edge);
}

/* --- from flags to glyphs --- */

static uint32_t line_glyph(const struct canvas *c, uint32_t kind, uint32_t arms)
{
    static const uint8_t styles[] = {
        [GRAPH_STATIC] = LIGHT, [GRAPH_NEXT] = DASHED, [GRAPH_GOTO] = DOUBLE, [GRAPH_ITERATION] = LIGHT};
    if (!c->ascii)
        return joints[styles[kind]][arms];
    uint32_t glyph = joints[ASCII][arms];
    if (kind == GRAPH_STATIC)
        return glyph;
    if (kind == GRAPH_NEXT)
        return glyph == '|' ? ':' : glyph == '-' ? '.' : glyph;
    return glyph == '|' ? 'H' : glyph == '-' ? '=' : '#';
}

static uint32_t head_glyph(const struct canvas *c, uint32_t arm)
{
    switch (arm) {
    case ARM_N: return c->ascii ? '^' : 0x25B2;
    case ARM_E: return c->ascii ? '>' : 0x25B6;
    case ARM_S: return c->ascii ? 'v' : 0x25BC;
    default: return c->ascii ? '<' : 0x25C0;
    }
}

static void finish_line_cell(const struct canvas *c, struct graph_cell *cell)
{
    uint32_t flags = cell->glyph & ~(uint32_t)PORT, arms = flags & ARMS;
    bool crosses = arms == 0 && (flags & (RUN_V | RUN_H)) == (RUN_V | RUN_H);
    if (flags == 0) {
        *cell = (struct graph_cell){.glyph = ' ', .id = NONE, .under = NONE};
        return;
    }
    if (!crosses && cell->under != NONE) {
        cell->id = outranks(c->g, cell->under, cell->id) ? cell->under : cell->id;
        cell->under = NONE;
    }
    cell->kind = (uint8_t)c->g->edges.at[cell->id].key.kind;
    if (flags & HEAD) {
        cell->role = GRAPH_HEAD;
        cell->glyph = head_glyph(c, arms);
        return;
    }
    if (flags & RUN_V)
        arms |= ARM_N | ARM_S;
    if ((flags & RUN_H) && !crosses)
        arms |= ARM_E | ARM_W;
    cell->role = crosses ? GRAPH_CROSSING : GRAPH_LINE_RUN;
    cell->glyph = line_glyph(c, cell->kind, arms);
}

static void put(
    const struct canvas *c, int32_t x, int32_t y, uint32_t glyph, uint32_t node, enum graph_role role)
{
    struct graph_cell *cell = cell_at(c, x, y);
    if (cell)
        *cell = (struct graph_cell){glyph, node, NONE, (uint8_t)role, 0};
}

/* A cell of a border that runs along `arms`; a port adds its arm outwards. */
static void put_border(
    const struct canvas *c, int32_t x, int32_t y, uint32_t arms, uint32_t outwards, uint32_t node)
{
    struct graph_cell *cell = cell_at(c, x, y);
    if (!cell)
        return;
    bool port = cell->glyph & PORT;
    *cell = (struct graph_cell){
        joints[c->ascii ? ASCII : LIGHT][arms | (port ? outwards : 0)], node, NONE, GRAPH_BORDER, 0};
}

static void draw_border(const struct canvas *c, const struct graph_rect *b, uint32_t node)
{
    int32_t right = b->x + b->w - 1, bottom = b->y + b->h - 1;
    for (int32_t x = b->x + 1; x < right; x++) {
        put_border(c, x, b->y, ARM_E | ARM_W, ARM_N, node);
        put_border(c, x, bottom, ARM_E | ARM_W, ARM_S, node);
    }
    for (int32_t y = b->y + 1; y < bottom; y++) {
        put_border(c, b->x, y, ARM_N | ARM_S, ARM_W, node);
        put_border(c, right, y, ARM_N | ARM_S, ARM_E, node);
        for (int32_t x = b->x + 1; x < right; x++)
            put(c, x, y, ' ', node, GRAPH_INSIDE);
    }
    put(c, b->x, b->y, joints[c->ascii ? ASCII : LIGHT][ARM_E | ARM_S], node, GRAPH_BORDER);
    put(c, right, b->y, joints[c->ascii ? ASCII : LIGHT][ARM_W | ARM_S], node, GRAPH_BORDER);
    put(c, b->x, bottom, joints[c->ascii ? ASCII : LIGHT][ARM_E | ARM_N], node, GRAPH_BORDER);
    put(c, right, bottom, joints[c->ascii ? ASCII : LIGHT][ARM_W | ARM_N], node, GRAPH_BORDER);
}

#define LABEL_CELLS 512

/* The label, centred in `room` cells from x on. Returns the cell after it. */
static int32_t draw_label(const struct canvas *c, int32_t x, int32_t y, int32_t room, uint32_t node)
{
    const struct node *n = &c->g->nodes.at[node];
    uint32_t glyphs[LABEL_CELLS];
    int32_t width = n->label_width < room ? n->label_width : room;
    if (width > LABEL_CELLS)
        width = LABEL_CELLS;
    graph_label_glyphs(&c->g->options, n->label, width, c->ascii, glyphs);
    x += (room - width) / 2;
    for (int32_t i = 0; i < width; i++)
        put(c, x + i, y, glyphs[i], node, GRAPH_LABEL);
    return x + width;
}

static uint32_t mark_glyph(const struct canvas *c)
{
    return c->ascii ? '@' : 0x21BB;
}

static void draw_box(const struct canvas *c, uint32_t node, const struct graph_rect *b)
{
    const struct graph_layout *g = c->g;
    int32_t row = b->y + (c->down ? 1 : (b->h - 1 - g->options.extra_rows) / 2);
    draw_border(c, b, node);
    draw_label(c, b->x + 2, row, b->w - 4, node);
    if (g->nodes.at[node].loop != NONE)
        put(c, b->x + b->w - 2, row, mark_glyph(c), node, GRAPH_MARK);
}

static void draw_brackets(const struct canvas *c, uint32_t node, const struct graph_rect *b)
{
    const struct node *n = &c->g->nodes.at[node];
    int32_t right = b->x + b->w - 1, row = b->y + (b->h - 1) / 2;
    /* A loop that came later found a box without room for its mark. */
    bool loop = n->loop != NONE, fits = b->w - 2 > n->label_width;
    for (int32_t y = b->y; y < b->y + b->h; y++) {
        for (int32_t x = b->x + 1; x < right; x++)
            put(c, x, y, ' ', node, GRAPH_INSIDE);
        put(c, b->x, y, '[', node, GRAPH_BORDER);
        put(c, right, y, ']', node, GRAPH_BORDER);
    }
    int32_t after = draw_label(c, b->x + 1, row, b->w - 2 - (loop && fits), node);
    if (loop)
        put(c, fits ? after : right, row, mark_glyph(c), node, GRAPH_MARK);
}

static void draw_dot(const struct canvas *c, const struct item *item, const struct graph_rect *b)
{
    bool loop = c->g->nodes.at[item->node].loop != NONE;
    int32_t centre = graph_cell_across(c->g, item->column);
    uint32_t dot = c->ascii ? 'o' : 0x25CF;
    for (int32_t y = b->y; y < b->y + b->h; y++)
        for (int32_t x = b->x; x < b->x + b->w; x++)
            put(c, x, y, c->ascii ? '=' : c->down ? 0x2501 : 0x2503, item->node, GRAPH_BORDER);
    put(c, c->down ? centre : b->x, c->down ? b->y : centre, loop ? mark_glyph(c) : dot, item->node,
        loop ? GRAPH_MARK : GRAPH_LABEL);
}

static void draw_node(const struct canvas *c, const struct item *item)
{
    struct graph_rect b = graph_item_rect(c->g, item);
    switch (c->g->options.zoom) {
    case GRAPH_BOX: draw_box(c, item->node, &b); break;
    case GRAPH_LINE: draw_brackets(c, item->node, &b); break;
    case GRAPH_DOT: draw_dot(c, item, &b); break;
    }
}

/* First rank whose band (itself and its channel) reaches `along`. */
static size_t first_rank(const struct graph_layout *g, int32_t along)
{
    size_t low = 0, high = g->ranks.count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const struct rank *r = &g->ranks.at[mid];
        if (r->start + r->depth + r->room <= along)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void graph_layout_draw(const struct graph_layout *g, struct graph_rect window, enum graph_glyphs glyphs,
    struct graph_cell *cells)
{
    struct canvas c = {g, window, cells, glyphs == GRAPH_ASCII, g->options.direction == GRAPH_DOWN};
    size_t count = (size_t)window.w * (size_t)window.h;
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct graph_cell){.id = NONE, .under = NONE};
    int32_t from = c.down ? window.y : window.x, to = from + (c.down ? window.h : window.w);
    size_t first = first_rank(g, from), last = first;
    while (last < g->ranks.count && g->ranks.at[last].start < to)
        last++;
    /* Links end in the first row of the next rank, so the rank before counts too. */
    for (size_t r = first > 0 ? first - 1 : 0; r < last; r++)
        vec_foreach (uint32_t, i, &g->ranks.at[r].links)
            add_link(&c, &g->links.at[*i]);
    /* Boxes look for PORT in their cells, so lines are finished after them. */
    for (size_t r = first; r < last; r++)
        vec_foreach (uint32_t, i, &g->ranks.at[r].items) {
            const struct item *item = &g->items.at[*i];
            if (item->node != NONE && !g->nodes.at[item->node].hidden)
                draw_node(&c, item);
        }
    for (size_t i = 0; i < count; i++)
        if (cells[i].role == GRAPH_EMPTY)
            finish_line_cell(&c, &cells[i]);
}

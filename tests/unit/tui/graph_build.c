#include "tests/unit/tui/graph_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "flow/error.h"
#include "tests/unit/test.h"

static uint32_t find(const struct graph_layout *g, const char *label)
{
    for (uint32_t i = 0; i < graph_layout_node_count(g); i++)
        if (strcmp(graph_layout_node_label(g, i), label) == 0)
            return i;
    return GRAPH_NONE;
}

static uint32_t find_or_add(struct graph_layout *g, const char *label)
{
    uint32_t id = find(g, label);
    if (id == GRAPH_NONE)
        assert_int_equal(graph_layout_add_node(g, label, &id), FLOW_OK);
    return id;
}

static void add_line(struct graph_layout *g, char *line)
{
    char *rest, *from = strtok_r(line, " \n", &rest);
    if (!from)
        return;
    char *to = strtok_r(NULL, " \n", &rest), *word = strtok_r(NULL, " \n", &rest);
    uint32_t a = find_or_add(g, from);
    if (!to)
        return;
    enum graph_edge_kind kind = GRAPH_STATIC;
    if (word)
        kind = strcmp(word, "goto") == 0 ? GRAPH_GOTO : GRAPH_NEXT;
    assert_int_equal(graph_layout_add_edge(g, a, find_or_add(g, to), kind, NULL), FLOW_OK);
}

void graph_build_add(struct graph_layout *g, const char *text)
{
    char *copy = strdup(text), *rest;
    assert_non_null(copy);
    for (char *line = strtok_r(copy, ";", &rest); line; line = strtok_r(NULL, ";", &rest))
        add_line(g, line);
    free(copy);
}

void graph_build_add_file(struct graph_layout *g, const char *path)
{
    char *line = NULL;
    size_t size = 0;
    FILE *in = fopen(path, "r");
    if (!in)
        fail_msg("no file %s", path);
    while (getline(&line, &size, in) >= 0) {
        line[strcspn(line, "#")] = '\0';
        add_line(g, line);
    }
    free(line);
    fclose(in);
}

static int one_column(uint32_t code_point)
{
    return code_point < ' ' ? -1 : 1;
}

struct graph_layout *graph_build(const char *text, enum graph_zoom zoom, enum graph_direction direction)
{
    struct graph_layout *g;
    struct graph_layout_options options = {.zoom = zoom, .direction = direction, .char_width = one_column};
    assert_int_equal(graph_layout_create(&g, &options), FLOW_OK);
    graph_build_add(g, text);
    assert_int_equal(graph_layout_update(g), FLOW_OK);
    return g;
}

uint32_t graph_build_node(const struct graph_layout *g, const char *label)
{
    uint32_t id = find(g, label);
    if (id == GRAPH_NONE)
        fail_msg("no node %s", label);
    return id;
}

uint32_t graph_build_edge(const struct graph_layout *g, const char *from, const char *to)
{
    uint32_t a = graph_build_node(g, from), b = graph_build_node(g, to);
    for (uint32_t i = 0; i < graph_layout_edge_count(g); i++) {
        struct graph_edge_info e = graph_layout_edge_info(g, i);
        if (e.from == a && e.to == b)
            return i;
    }
    fail_msg("no edge %s %s", from, to);
    return GRAPH_NONE;
}

void graph_build_text(const struct graph_layout *g, enum graph_glyphs glyphs, struct str *out)
{
    struct graph_rect window = {0, 0, graph_layout_width(g), graph_layout_height(g)};
    struct graph_cell *cells = mem_array(NULL, (size_t)window.w * (size_t)window.h + 1, sizeof *cells);
    assert_non_null(cells);
    graph_layout_draw(g, window, glyphs, cells);
    for (int32_t y = 0; y < window.h; y++) {
        size_t end = out->length;
        for (int32_t x = 0; x < window.w; x++) {
            char bytes[4];
            uint32_t glyph = cells[y * window.w + x].glyph;
            if (glyph == 0)
                continue;
            str_add_bytes(out, bytes, utf8_encode(glyph, bytes));
            if (glyph != ' ')
                end = out->length;
        }
        out->length = end;
        str_add_char(out, '\n');
    }
    assert_false(out->failed);
    mem_free(cells);
}

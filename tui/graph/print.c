#include "tui/graph/print.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "flow/error.h"

/* Rows drawn at a time: a large plane is never in memory as a whole. */
#define STRIP 32

static int print_row(const struct graph_cell *row, int32_t width, bool is_utf8, struct str *line, FILE *out)
{
    str_clear(line);
    while (width > 0 && row[width - 1].glyph == ' ')
        width--;
    for (int32_t x = 0; x < width; x++) {
        char bytes[4];
        uint32_t glyph = row[x].glyph;
        if (glyph >= 0x80 && !is_utf8)
            glyph = '?';
        if (glyph != 0)
            str_add_bytes(line, bytes, utf8_encode(glyph, bytes));
    }
    str_add_char(line, '\n');
    if (line->failed)
        return FLOW_ENOMEM;
    fwrite(line->text, 1, line->length, out);
    return FLOW_OK;
}

int graph_print_text(const struct graph_layout *g, enum graph_glyphs glyphs, bool is_utf8, FILE *out)
{
    int32_t width = graph_layout_width(g), height = graph_layout_height(g);
    struct graph_cell *cells = mem_array(NULL, (size_t)width * STRIP + 1, sizeof *cells);
    struct str line = {0};
    int status = cells ? FLOW_OK : FLOW_ENOMEM;
    for (int32_t y = 0; y < height && status >= 0; y += STRIP) {
        struct graph_rect strip = {0, y, width, height - y < STRIP ? height - y : STRIP};
        graph_layout_draw(g, strip, glyphs, cells);
        for (int32_t row = 0; row < strip.h && status >= 0; row++)
            status = print_row(cells + (size_t)row * (size_t)width, width, is_utf8, &line, out);
    }
    str_finish(&line);
    mem_free(cells);
    return status;
}

static void print_quoted(const char *text, FILE *out)
{
    size_t left = strlen(text);
    fputc('"', out);
    while (left > 0) {
        unsigned c;
        size_t size = utf8_decode(text, left, &c);
        if (size == 0)
            fputs("\\ufffd", out);
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            fprintf(out, "\\u%04x", c);
        else
            fprintf(out, "%s%.*s", c == '"' || c == '\\' ? "\\" : "", (int)size, text);
        size = size ? size : 1;
        text += size;
        left -= size;
    }
    fputc('"', out);
}

static const char *edge_type(enum graph_edge_kind kind)
{
    switch (kind) {
    case GRAPH_STATIC: return "edge";
    case GRAPH_NEXT: return "next_task";
    case GRAPH_GOTO: return "goto";
    case GRAPH_ITERATION: return "iteration";
    }
    return "";
}

static int print_edge(const struct graph_layout *g, uint32_t id, struct graph_path *path, FILE *out)
{
    struct graph_edge_info e = graph_layout_edge_info(g, id);
    int status = graph_layout_edge_path(g, id, path);
    if (status < 0)
        return status;
    fprintf(out, "%s\n {\"src\":", id > 0 ? "," : "");
    print_quoted(graph_layout_node_label(g, e.from), out);
    fputs(",\"dst\":", out);
    print_quoted(graph_layout_node_label(g, e.to), out);
    fprintf(out, ",\"type\":\"%s\",\"kind\":\"%s\",\"points\":[", edge_type(e.kind),
        e.from == e.to ? "self"
        : e.reversed   ? "back"
                       : "fwd");
    for (size_t i = 0; i < path->count; i++)
        fprintf(out, "%s[%d,%d]", i > 0 ? "," : "", path->at[i].x, path->at[i].y);
    fputs("]}", out);
    return FLOW_OK;
}

int graph_print_json(const struct graph_layout *g, const char *name, FILE *out)
{
    struct graph_path path = {0};
    int status = FLOW_OK;
    fputs("{\"name\":", out);
    print_quoted(name, out);
    fprintf(out, ",\"tool\":\"flowdbg\",\"width\":%d,\"height\":%d,\n\"nodes\":[", graph_layout_width(g),
        graph_layout_height(g));
    for (uint32_t i = 0; i < graph_layout_node_count(g); i++) {
        struct graph_rect r = graph_layout_node_rect(g, i);
        fprintf(out, "%s\n {\"id\":", i > 0 ? "," : "");
        print_quoted(graph_layout_node_label(g, i), out);
        fprintf(out, ",\"x\":%d,\"y\":%d,\"w\":%d,\"h\":%d}", r.x, r.y, r.w, r.h);
    }
    fputs("],\n\"edges\":[", out);
    for (uint32_t i = 0; i < graph_layout_edge_count(g) && status >= 0; i++)
        status = print_edge(g, i, &path, out);
    fputs("]}\n", out);
    vec_finish(&path);
    return status;
}

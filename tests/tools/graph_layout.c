/* graph_layout [options] FILE.edges: lays out an edge list and prints where everything is, as JSON, or the
 * drawing.
 *
 *   --text | --ascii   the drawing instead of the JSON
 *   --line | --dot     box sizes (default: full boxes)
 *   --right            from left to right
 *   --spare            one spare row between ranks
 *   --grow FILE ...    further edge lists, each laid out on top of the one before; the last one is printed
 *   --time             microseconds of the (last) layout on stderr
 *
 * An edge list has `a b` a line, a single name for a task without edges, and comments from `#` to the end of
 * line. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "flow/error.h"
#include "tui/graph/layout.h"

struct tool {
    struct graph_layout *g;
    struct map names;
    bool text;
    enum graph_glyphs glyphs;
    const char *file;
    double ms;
};

static struct map_name node_name(const void *user, uint32_t index)
{
    const struct tool *t = user;
    const char *label = graph_layout_node_label(t->g, index);
    return (struct map_name){label, strlen(label)};
}

static int find_or_add(struct tool *t, const char *name, uint32_t *id)
{
    *id = map_find(&t->names, name, strlen(name));
    if (*id != MAP_NONE)
        return FLOW_OK;
    int status = graph_layout_add_node(t->g, name, id);
    return status < 0 ? status : map_add(&t->names, name, strlen(name), *id);
}

static int read_edges(struct tool *t, const char *path)
{
    char *line = NULL;
    size_t size = 0;
    int status = FLOW_OK;
    FILE *in = fopen(path, "r");
    if (!in) {
        perror(path);
        return FLOW_EIO;
    }
    while (status >= 0 && getline(&line, &size, in) >= 0) {
        uint32_t from, to;
        char *rest, *a, *b;
        line[strcspn(line, "#")] = '\0';
        a = strtok_r(line, " \t\r\n", &rest);
        b = strtok_r(NULL, " \t\r\n", &rest);
        if (a)
            status = find_or_add(t, a, &from);
        if (b && status >= 0 && (status = find_or_add(t, b, &to)) >= 0)
            status = graph_layout_add_edge(t->g, from, to, GRAPH_STATIC, NULL);
    }
    free(line);
    fclose(in);
    return status;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int lay_out(struct tool *t, const char *path)
{
    int status = read_edges(t, path);
    if (status < 0)
        return status;
    double start = now_ms();
    status = graph_layout_update(t->g);
    t->ms = now_ms() - start;
    t->file = path;
    return status;
}

static void print_quoted(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static int print_edge(const struct tool *t, uint32_t id, struct graph_path *path)
{
    struct graph_edge_info e = graph_layout_edge_info(t->g, id);
    if (graph_layout_edge_path(t->g, id, path) < 0)
        return FLOW_ENOMEM;
    printf("%s\n {\"src\":", id > 0 ? "," : "");
    print_quoted(graph_layout_node_label(t->g, e.from));
    printf(",\"dst\":");
    print_quoted(graph_layout_node_label(t->g, e.to));
    printf(",\"kind\":\"%s\",\"points\":[", e.from == e.to ? "self" : e.reversed ? "back" : "fwd");
    for (size_t i = 0; i < path->count; i++)
        printf("%s[%d,%d]", i > 0 ? "," : "", path->at[i].x, path->at[i].y);
    printf("]}");
    return FLOW_OK;
}

static int print_json(const struct tool *t)
{
    const char *name = strrchr(t->file, '/') ? strrchr(t->file, '/') + 1 : t->file;
    struct graph_path path = {0};
    int status = FLOW_OK;
    printf("{\"name\":\"%.*s\",\"tool\":\"flowdbg\",\"ms\":%.3f,\n\"nodes\":[", (int)strcspn(name, "."), name,
        t->ms);
    for (uint32_t i = 0; i < graph_layout_node_count(t->g); i++) {
        struct graph_rect r = graph_layout_node_rect(t->g, i);
        printf("%s\n {\"id\":", i > 0 ? "," : "");
        print_quoted(graph_layout_node_label(t->g, i));
        printf(",\"x\":%d,\"y\":%d,\"w\":%d,\"h\":%d}", r.x, r.y, r.w, r.h);
    }
    printf("],\n\"edges\":[");
    for (uint32_t i = 0; i < graph_layout_edge_count(t->g) && status >= 0; i++)
        status = print_edge(t, i, &path);
    printf("]}\n");
    vec_finish(&path);
    return status;
}

static int print_text(const struct tool *t)
{
    struct graph_rect window = {0, 0, graph_layout_width(t->g), graph_layout_height(t->g)};
    struct graph_cell *cells = mem_array(NULL, (size_t)window.w * (size_t)window.h + 1, sizeof *cells);
    struct str line = {0};
    int status = cells ? FLOW_OK : FLOW_ENOMEM;
    if (cells)
        graph_layout_draw(t->g, window, t->glyphs, cells);
    for (int32_t y = 0; y < window.h && status >= 0; y++) {
        str_clear(&line);
        for (int32_t x = 0; x < window.w; x++) {
            char bytes[4];
            uint32_t glyph = cells[(size_t)y * (size_t)window.w + (size_t)x].glyph;
            if (glyph != 0)
                status = str_add_bytes(&line, bytes, utf8_encode(glyph, bytes));
        }
        size_t end = line.length;
        while (end > 0 && line.text[end - 1] == ' ')
            end--;
        printf("%.*s\n", (int)end, str_text(&line));
    }
    str_finish(&line);
    mem_free(cells);
    return status;
}

static int usage(void)
{
    fprintf(stderr,
        "usage: graph_layout [--text|--ascii] [--line|--dot] [--right] [--spare] [--time] FILE.edges "
        "[--grow FILE...]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct graph_layout_options options = {0};
    struct tool t = {.names = {.name_of = node_name}};
    const char *files[64];
    int count = 0, status;
    bool show_time = false;
    t.names.user = &t;
    setlocale(LC_CTYPE, "");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--text") == 0 || strcmp(argv[i], "--ascii") == 0) {
            t.text = true;
            t.glyphs = argv[i][2] == 'a' ? GRAPH_ASCII : GRAPH_UNICODE;
        } else if (strcmp(argv[i], "--line") == 0) {
            options.zoom = GRAPH_LINE;
        } else if (strcmp(argv[i], "--dot") == 0) {
            options.zoom = GRAPH_DOT;
        } else if (strcmp(argv[i], "--right") == 0) {
            options.direction = GRAPH_RIGHT;
        } else if (strcmp(argv[i], "--spare") == 0) {
            options.spare_rows = 1;
        } else if (strcmp(argv[i], "--time") == 0) {
            show_time = true;
        } else if (strcmp(argv[i], "--grow") == 0) {
            continue;
        } else if (argv[i][0] == '-' || count == 64) {
            return usage();
        } else {
            files[count++] = argv[i];
        }
    }
    if (count == 0)
        return usage();
    status = graph_layout_create(&t.g, &options);
    for (int i = 0; i < count && status >= 0; i++)
        status = lay_out(&t, files[i]);
    if (status >= 0)
        status = t.text ? print_text(&t) : print_json(&t);
    if (show_time)
        fprintf(stderr, "%.3f ms\n", t.ms);
    if (status < 0)
        fprintf(stderr, "graph_layout: %s\n", flow_status_name(status));
    map_finish(&t.names);
    graph_layout_destroy(t.g);
    return status < 0;
}

/* graph_grow [--line|--dot] [--right] [--spare] FILE.edges...: lays out an edge list and places what the
 * further ones add on top of it, one after the other, as a view does while a run adds tasks. Prints where
 * everything is in the end, as flowdbg graph --layout-json does: to measure how much growing moves. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "tui/graph/edge_list.h"
#include "tui/graph/print.h"

static int add_file(struct graph_layout *g, const char *path, struct flow_error *err)
{
    struct str text = {0};
    char piece[4096];
    size_t got;
    FILE *in = fopen(path, "r");
    if (!in)
        return flow_error_set(err, FLOW_EIO, "%s cannot be opened", path);
    while ((got = fread(piece, 1, sizeof piece, in)) > 0)
        str_add_bytes(&text, piece, got);
    fclose(in);
    int status = graph_edge_list_read(g, str_text(&text), text.length, err);
    str_finish(&text);
    if (status < 0)
        return flow_error_prefix(err, "%s", path);
    status = graph_layout_update(g);
    return status < 0 ? flow_error_set(err, status, "%s", flow_status_name(status)) : FLOW_OK;
}

static int take_option(struct graph_layout_options *options, const char *word)
{
    if (strcmp(word, "--line") == 0)
        options->zoom = GRAPH_LINE;
    else if (strcmp(word, "--dot") == 0)
        options->zoom = GRAPH_DOT;
    else if (strcmp(word, "--right") == 0)
        options->direction = GRAPH_RIGHT;
    else if (strcmp(word, "--spare") == 0)
        options->spare_rows = 1;
    else
        return FLOW_EINVAL;
    return FLOW_OK;
}

int main(int argc, char **argv)
{
    struct graph_layout_options options = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    struct graph_layout *g = NULL;
    int first = 1;
    setlocale(LC_CTYPE, "");
    while (first < argc && argv[first][0] == '-' && take_option(&options, argv[first]) == FLOW_OK)
        first++;
    if (first == argc || argv[first][0] == '-') {
        fputs("usage: graph_grow [--line|--dot] [--right] [--spare] FILE.edges...\n", stderr);
        return 2;
    }
    int status = graph_layout_create(&g, &options);
    for (int i = first; i < argc && status >= 0; i++)
        status = add_file(g, argv[i], &err);
    if (status >= 0)
        status = graph_print_json(g, argv[argc - 1], stdout);
    if (status < 0)
        fprintf(stderr, "graph_grow: %s\n", *err.text ? err.text : flow_status_name(status));
    graph_layout_destroy(g);
    return status < 0;
}

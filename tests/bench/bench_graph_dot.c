#include "tests/bench/bench_graph_dot.h"

#include <graphviz/gvc.h>
#include <stdio.h>
#include <stdlib.h>

struct bench_dot {
    GVC_t *context;
    Agraph_t *graph;
};

bool bench_dot_is_there(void)
{
    return true;
}

static void set(void *object, const char *name, const char *value)
{
    agsafeset(object, (char *)name, (char *)value, (char *)"");
}

struct bench_dot *bench_dot_create(uint32_t tasks, const struct bench_edge *edges, size_t edge_count)
{
    struct bench_dot *dot = malloc(sizeof *dot);
    Agnode_t **nodes = calloc(tasks + 1u, sizeof *nodes);
    char name[16], width[16];
    if (!dot || !nodes)
        abort();
    dot->context = gvContext();
    dot->graph = agopen((char *)"g", Agdirected, NULL);
    for (uint32_t i = 0; i < tasks; i++) {
        int length = snprintf(name, sizeof name, "task_%u", i);
        /* A cell is 0.1 by 0.2 inches. Without a label no time goes into fonts. */
        snprintf(width, sizeof width, "%.1f", (length + 4) * 0.1);
        nodes[i] = agnode(dot->graph, name, 1);
        set(nodes[i], "label", "");
        set(nodes[i], "shape", "box");
        set(nodes[i], "fixedsize", "true");
        set(nodes[i], "width", width);
        set(nodes[i], "height", "0.6");
    }
    for (size_t i = 0; i < edge_count; i++)
        agedge(dot->graph, nodes[edges[i].from], nodes[edges[i].to], NULL, 1);
    free(nodes);
    return dot;
}

void bench_dot_lay_out(struct bench_dot *dot)
{
    if (gvLayout(dot->context, dot->graph, "dot") != 0)
        abort();
}

void bench_dot_destroy(struct bench_dot *dot)
{
    gvFreeLayout(dot->context, dot->graph);
    agclose(dot->graph);
    gvFreeContext(dot->context);
    free(dot);
}

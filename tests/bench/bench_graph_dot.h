/* Graphviz's dot, in process, for comparison; where libgvc is missing there is a file in its place that says
 * so. */
#ifndef TESTS_BENCH_BENCH_GRAPH_DOT_H
#define TESTS_BENCH_BENCH_GRAPH_DOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_edge {
    uint32_t from, to;
};

struct bench_dot;

bool bench_dot_is_there(void);
/* The graph with boxes of our sizes, in memory. */
struct bench_dot *bench_dot_create(uint32_t tasks, const struct bench_edge *edges, size_t edge_count);
/* Ranks, order, positions and edges: all that a drawing needs. */
void bench_dot_lay_out(struct bench_dot *dot);
void bench_dot_destroy(struct bench_dot *dot);

#endif

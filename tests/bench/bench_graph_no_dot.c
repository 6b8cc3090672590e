#include "tests/bench/bench_graph_dot.h"

bool bench_dot_is_there(void)
{
    return false;
}

struct bench_dot *bench_dot_create(uint32_t tasks, const struct bench_edge *edges, size_t edge_count)
{
    (void)tasks, (void)edges, (void)edge_count;
    return NULL;
}

void bench_dot_lay_out(struct bench_dot *dot)
{
    (void)dot;
}

void bench_dot_destroy(struct bench_dot *dot)
{
    (void)dot;
}

/* Milliseconds a layout takes, beside Graphviz's dot doing the same in turns in one process, where libgvc was
 * there when this was built; what inserting one task costs, and what drawing a window of 250 x 70. Figures
 * are medians of processor time.
 *
 *     bench_graph                  made-up graphs of 50, 1,000 and 10,000 tasks
 *     bench_graph FILE.edges...    these graphs */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/bench_graph_dot.h"
#include "tui/graph/edge_list.h"

#define SAMPLES_MAX 101
/* dot needs more than a minute for 10,000 tasks. */
#define DOT_TASKS_MAX 2000
#define WINDOW_COLS   250
#define WINDOW_ROWS   70

static uint32_t random_state = 1;

static uint32_t below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

/* What a layout is made of. */
struct graph {
    uint32_t tasks;
    size_t edge_count;
    struct bench_edge *edges;
};

static void add_edge(struct graph *graph, uint32_t from, uint32_t to)
{
    graph->edges[graph->edge_count++] = (struct bench_edge){from, to};
}

/* Layers of random width; every task hangs on one of the layer above, and about as many more edges go down
 * one to three layers, one in 50 up again. */
static struct graph make_layered(uint32_t tasks)
{
    struct graph graph = {tasks, 0, calloc(tasks, 2 * sizeof *graph.edges)};
    uint32_t starts[4] = {0}, start = 0, end = 1, width = 2;
    while ((width + 1) * (width + 1) < tasks)
        width++;
    for (uint32_t task = 1; graph.edges && task < tasks; task++) {
        if (task == end) {
            memmove(starts + 1, starts, sizeof starts - sizeof *starts);
            starts[0] = start;
            start = end;
            end += 1 + below(width);
        }
        uint32_t above = start > 0 ? starts[0] : 0;
        uint32_t from = start > 0 ? above + below(start - above) : 0;
        add_edge(&graph, from, task);
        if (below(10) >= 6 || start == 0)
            continue;
        uint32_t far = starts[below(3)] + below(start - starts[2]);
        far = far < start ? far : start - 1;
        if (below(50) == 0)
            add_edge(&graph, task, far);
        else if (far != from)
            add_edge(&graph, far, task);
    }
    return graph;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *samples, int count)
{
    qsort(samples, (size_t)count, sizeof *samples, compare);
    return samples[count / 2];
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void check(int status)
{
    if (status >= 0)
        return;
    fprintf(stderr, "bench_graph: %s\n", flow_status_name(status));
    exit(1);
}

static struct graph_layout *build(const struct graph *graph)
{
    struct graph_layout *g;
    check(graph_layout_create(&g, &(struct graph_layout_options){.spare_rows = 1}));
    for (uint32_t i = 0; i < graph->tasks; i++) {
        char label[16];
        snprintf(label, sizeof label, "task_%u", i);
        check(graph_layout_add_node(g, label, NULL));
    }
    for (size_t i = 0; i < graph->edge_count; i++)
        check(graph_layout_add_edge(g, graph->edges[i].from, graph->edges[i].to, GRAPH_STATIC, NULL));
    return g;
}

/* Ours and dot's in turns; *dot is 0 where it was not run. */
static void time_layouts(const struct graph *graph, int count, double *ours, double *dot)
{
    double samples[2][SAMPLES_MAX];
    bool has_dot = bench_dot_is_there() && graph->tasks <= DOT_TASKS_MAX;
    for (int i = 0; i < count; i++) {
        struct graph_layout *g = build(graph);
        double start = now_ms();
        check(graph_layout_update(g));
        samples[0][i] = now_ms() - start;
        graph_layout_destroy(g);
        if (!has_dot)
            continue;
        struct bench_dot *d = bench_dot_create(graph->tasks, graph->edges, graph->edge_count);
        start = now_ms();
        bench_dot_lay_out(d);
        samples[1][i] = now_ms() - start;
        bench_dot_destroy(d);
    }
    *ours = median(samples[0], count);
    *dot = has_dot ? median(samples[1], count) : 0;
}

/* A task that some task of the graph sends the run to. */
static double time_insertion(struct graph_layout *g, int count)
{
    double samples[SAMPLES_MAX];
    for (int i = 0; i < count; i++) {
        uint32_t id, from = below(graph_layout_node_count(g));
        double start = now_ms();
        check(graph_layout_add_node(g, "inserted", &id));
        check(graph_layout_add_edge(g, from, id, GRAPH_NEXT, NULL));
        check(graph_layout_update(g));
        samples[i] = now_ms() - start;
    }
    return median(samples, count);
}

static double time_drawing(const struct graph_layout *g, int count)
{
    static struct graph_cell cells[WINDOW_COLS * WINDOW_ROWS];
    double samples[SAMPLES_MAX];
    for (int i = 0; i < count; i++) {
        struct graph_rect window = {0, 0, WINDOW_COLS, WINDOW_ROWS};
        window.x = (int32_t)((int64_t)graph_layout_width(g) * i / count);
        window.y = (int32_t)((int64_t)graph_layout_height(g) * i / count);
        double start = now_ms();
        graph_layout_draw(g, window, GRAPH_UNICODE, cells);
        samples[i] = now_ms() - start;
    }
    return median(samples, count);
}

static void measure(const char *name, const struct graph *graph)
{
    double ours, dot;
    int count = graph->tasks <= 100 ? SAMPLES_MAX : graph->tasks <= DOT_TASKS_MAX ? 7 : 3;
    time_layouts(graph, count, &ours, &dot);
    struct graph_layout *g = build(graph);
    check(graph_layout_update(g));
    double drawing = time_drawing(g, SAMPLES_MAX);
    double insertion = time_insertion(g, graph->tasks <= DOT_TASKS_MAX ? 25 : 9);
    printf("%-24.24s %6u %6zu %9.2f ", name, graph->tasks, graph->edge_count, ours);
    if (dot > 0)
        printf("%9.2f %6.2f ", dot, ours / dot);
    else
        printf("%9s %6s ", "-", "-");
    printf("%9.3f %7.3f\n", insertion, drawing);
    fflush(stdout);
    graph_layout_destroy(g);
}

static struct graph read_graph(const char *path)
{
    static char text[16 << 20];
    struct flow_error err = FLOW_ERROR_INIT;
    struct graph_layout *g;
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    check(graph_layout_create(&g, NULL));
    if (!file || graph_edge_list_read(g, text, length, &err) < 0) {
        fprintf(stderr, "bench_graph: %s: %s\n", path, file ? err.text : "cannot be opened");
        exit(2);
    }
    uint32_t edges = graph_layout_edge_count(g);
    struct graph graph = {graph_layout_node_count(g), 0, calloc(edges + 1u, sizeof *graph.edges)};
    for (uint32_t i = 0; graph.edges && i < edges; i++) {
        struct graph_edge_info info = graph_layout_edge_info(g, i);
        add_edge(&graph, info.from, info.to);
    }
    graph_layout_destroy(g);
    return graph;
}

int main(int argc, char **argv)
{
    static const uint32_t sizes[] = {50, 1000, 10000};
    if (!bench_dot_is_there())
        puts("without dot: libgvc (libgraphviz-dev) was not there when this was built");
    printf("%-24s %6s %6s %9s %9s %6s %9s %7s\n", "graph", "tasks", "edges", "layout ms", "dot ms", "ratio",
        "insert ms", "draw ms");
    for (size_t i = 0; argc < 2 && i < sizeof sizes / sizeof *sizes; i++) {
        struct graph graph = make_layered(sizes[i]);
        measure("layered", &graph);
        free(graph.edges);
    }
    for (int i = 1; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        struct graph graph = read_graph(argv[i]);
        measure(slash ? slash + 1 : argv[i], &graph);
        free(graph.edges);
    }
    return 0;
}

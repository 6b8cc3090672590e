/* The graph: tasks in the order in which they joined, edges in the order in which they were made.
 *
 * A workflow owns one; a run starts from a copy of it and adds to that. Nothing is ever removed, so a
 * flow_task and an edge's index stay what they are. */
#ifndef CORE_GRAPH_H
#define CORE_GRAPH_H

#include "base/map.h"
#include "base/vec.h"
#include "core/task_spec.h"

struct graph_edge {
    flow_task from;
    flow_task to;
};

/* One successor of a task, in its task's range of graph.links. */
struct graph_link {
    flow_task to;
    uint32_t edge;
};

struct graph_task {
    const struct task_spec *spec;
    const char *id; /* the spec's, but for the iteration nodes of the package profile; not owned */
    uint32_t id_length;
    uint32_t in_degree;
    /* The successors are links[first_link .. first_link + link_count): a range of one shared array. A range
     * that is full moves to the end of the array, so a task's successors are always side by side. */
    uint32_t first_link;
    uint32_t link_count;
    uint32_t link_capacity;
};

struct graph {
    struct {
        VEC(struct graph_task);
    } tasks;
    struct {
        VEC(struct graph_edge);
    } edges;
    struct {
        VEC(struct graph_link);
    } links;
    struct map ids;
    uint32_t *edge_slots; /* edge indexes by (from, to), open addressing; MAP_NONE is free */
    uint32_t edge_slot_count;
};

/* The graph must stay where it is from here on. */
void graph_init(struct graph *g);
void graph_finish(struct graph *g);
/* Makes an initialised, empty graph equal to `from`. FLOW_OK or FLOW_ENOMEM (then only finish it). */
int graph_copy(struct graph *g, const struct graph *from);

/* Adds a task under an id that is not taken. id must live as long as the graph. */
int graph_add_task(
    struct graph *g, const struct task_spec *spec, const char *id, size_t id_length, flow_task *out);
/* The task with that id, or FLOW_TASK_NONE. */
flow_task graph_find(const struct graph *g, const char *id, size_t id_length);
/* FLOW_OK: added; FLOW_END: it existed; FLOW_ENOMEM: unchanged. Both tasks must exist. */
int graph_add_edge(struct graph *g, flow_task from, flow_task to);
/* The edge's index, or MAP_NONE. */
uint32_t graph_find_edge(const struct graph *g, flow_task from, flow_task to);

#endif

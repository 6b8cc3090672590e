/* Folding: chains of tasks and parallel twins of a large graph, each drawn as one node.
 *
 *     struct graph_fold fold = {0};
 *     graph_fold_update(&fold, &(struct graph_fold_input){.node_count = n, .edges = edges, .edge_count = m});
 *     // lay out fold.groups and fold.edges instead of the graph; tasks of group i: graph_fold_members
 *     graph_fold_open(&fold, i);      // from the next update on its tasks are groups of one
 *     graph_fold_finish(&fold);
 *
 * A chain is a way of tasks with one wired edge in and one out, no matter what they are; its neighbours stay,
 * so that forks, joins, beginnings and ends are always seen. Twins are groups that the first step left, tasks
 * or chains of one length, with the same neighbours along edges of the same kinds. Edges that appear at run
 * time (next_task, goto) end a chain: where the run leaves the wired way is what people look for. A loop of a
 * task to itself prevents nothing and is seen only while the task is on its own.
 *
 * The result depends on the graph, on what is kept and on what was opened, and on nothing else. */
#ifndef TUI_GRAPH_FOLD_H
#define TUI_GRAPH_FOLD_H

#include <stdbool.h>

#include "base/vec.h"
#include "tui/graph/layout.h"

struct graph_fold_edge {
    uint32_t from, to, kind; /* enum graph_edge_kind */
};

struct graph_fold_input {
    uint32_t node_count;
    const struct graph_fold_edge *edges; /* edge_count of them */
    size_t edge_count;
    const bool *is_kept;  /* by node: stays on its own (current, selected, with a breakpoint); NULL: none */
    uint32_t chain_least; /* shorter chains are not folded; 0: 3 */
    uint32_t twins_least; /* nor fewer twins; 0: 3 */
};

enum graph_group_kind {
    GRAPH_GROUP_SINGLE,
    GRAPH_GROUP_CHAIN,
    GRAPH_GROUP_TWINS,
};

/* One node of the folded graph. Groups stand in the order of their first tasks. */
struct graph_group {
    enum graph_group_kind kind;
    uint32_t first;    /* of its members */
    uint32_t count;    /* tasks in it */
    uint32_t branches; /* TWINS: how many there are, each of count / branches tasks; otherwise 1 */
};

/* The folded graph, to be read. All zero is empty and valid. */
struct graph_fold {
    struct {
        VEC(struct graph_group);
    } groups;
    struct {
        VEC(uint32_t);
    } members; /* tasks, group by group: a chain along its edges, twins one after the other */
    struct {
        VEC(uint32_t);
    } group_of; /* task -> group */
    struct {
        VEC(struct graph_fold_edge);
    } edges; /* between groups, each once, in the order of the input; loops of single tasks too */
    struct {
        VEC(uint32_t);
    } edge_of; /* edge of the input -> edge, or GRAPH_NONE inside of a group */
    struct {
        VEC(uint32_t);
    } opened;          /* private: task -> number of the opening it belongs to, 0: none */
    uint32_t openings; /* private */
};

void graph_fold_finish(struct graph_fold *fold);
/* Folds the graph. FLOW_OK, or FLOW_ENOMEM having changed nothing. */
int graph_fold_update(struct graph_fold *fold, const struct graph_fold_input *input);
/* The tasks of a group, groups.at[group].count of them. Borrowed until the next update. */
const uint32_t *graph_fold_members(const struct graph_fold *fold, uint32_t group);
/* From the next update on the tasks of the group stand alone. */
void graph_fold_open(struct graph_fold *fold, uint32_t group);
/* Takes back the opening that set the task free; returns whether there was one. */
bool graph_fold_close(struct graph_fold *fold, uint32_t node);
void graph_fold_close_all(struct graph_fold *fold);

#endif

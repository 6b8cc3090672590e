#include "tui/graph/model.h"
int graph_grow(struct graph_layout *g, struct scratch *s)
{
    (void)g;
    (void)s;
    return graph_layout_tidy(g);
}

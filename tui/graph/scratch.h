/* Memory of one layout run: taken piece by piece, given back all at once.
 *
 * Taking is sticky: after a failure every later take fails too and `failed` stays set, so that a phase may
 * take all it needs and test once. */
#ifndef TUI_GRAPH_SCRATCH_H
#define TUI_GRAPH_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

struct scratch_block;

/* All zero is empty and valid. */
struct scratch {
    struct scratch_block *blocks;
    size_t used, size; /* of the newest block */
    bool failed;
};

/* A place to go back to: what was taken after it is given back. */
struct scratch_mark {
    struct scratch_block *block;
    size_t used, size;
};

void scratch_finish(struct scratch *s);
struct scratch_mark scratch_mark(const struct scratch *s);
void scratch_release(struct scratch *s, struct scratch_mark mark);
/* Zeroed memory for `count` elements; NULL on failure. A count of 0 gives a valid pointer. */
void *scratch_take(struct scratch *s, size_t count, size_t each);

#define SCRATCH(s, type, count) ((type *)scratch_take(s, count, sizeof(type)))

#endif

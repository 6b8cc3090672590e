#include "tests/support/random_workflow.h"

static uint64_t random_entry(struct random_source *random, const struct flow_run *run)
{
    struct flow_entry entry;
    size_t length = flow_run_queue_length(run);
    if (length == 0 || random_below(random, 8) == 0)
        return random_below(random, 100);
    flow_run_queue_at(run, random_below(random, (uint32_t)length), &entry);
    return entry.number;
}

int random_edit(struct random_source *random, struct flow_run *run)
{
    /* Edits that end the run are rarer than the others. */
    static const enum flow_edit_kind kinds[] = {FLOW_EDIT_GOTO, FLOW_EDIT_ENQUEUE, FLOW_EDIT_DROP,
        FLOW_EDIT_MOVE, FLOW_EDIT_SKIP, FLOW_EDIT_SET, FLOW_EDIT_UNSET, FLOW_EDIT_ITERATE, FLOW_EDIT_GOTO,
        FLOW_EDIT_ENQUEUE, FLOW_EDIT_DROP, FLOW_EDIT_MOVE, FLOW_EDIT_SKIP, FLOW_EDIT_SET, FLOW_EDIT_UNSET,
        FLOW_EDIT_ITERATE, FLOW_EDIT_TERMINATE, FLOW_EDIT_CANCEL};
    static const char *const keys[] = {"x", "y", "loss", "", "new key"};
    uint32_t position = random_below(random, 6);
    struct flow_edit edit = {
        .kind = kinds[random_below(random, sizeof kinds / sizeof *kinds)],
        .task = random_below(random, (uint32_t)flow_run_task_count(run) + 1),
        .entry = random_entry(random, run),
        .position = position < 4 ? position : FLOW_BACK,
        .key = keys[random_below(random, sizeof keys / sizeof *keys)],
        .message = random_below(random, 2) ? "by hand" : NULL,
        .command = random_below(random, 2) ? "typed \x1b[31m" : NULL,
    };
    if (edit.kind == FLOW_EDIT_SET || edit.kind == FLOW_EDIT_ITERATE)
        edit.value = random_value(random, 2);
    return flow_run_edit(run, &edit, NULL);
}

/* What a random body does: a few random actions out of the table at the end. */
#include "tests/support/random_body.h"

#include <stdio.h>

typedef int (*action_fn)(struct flow_ctx *ctx, struct random_body *body, struct random_source *from);

static const char *random_key(struct random_source *from)
{
    static const char *const keys[] = {"x", "y", "z", "loss", "caf\xc3\xa9", "x.y", "t0.__result__"};
    return keys[random_below(from, sizeof keys / sizeof *keys)];
}

static struct random_body *random_made_later(struct random_body *body, struct random_source *from)
{
    return &body->workflow->bodies[body->workflow->task_count + random_below(from, RANDOM_MADE_LATER)];
}

/* A task that may or may not be in the graph yet. */
static flow_task random_task(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    uint32_t any = random_below(from, body->workflow->task_count + RANDOM_MADE_LATER);
    return flow_ctx_find_task(ctx, body->workflow->bodies[any].id);
}

static int do_set(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    const char *key = random_key(from);
    return flow_ctx_set(ctx, key, random_value(from, 3));
}

static int do_set_by_handle(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    flow_key key = flow_ctx_key(ctx, random_key(from));
    struct flow_value old = flow_null();
    if (key == FLOW_KEY_NONE)
        return FLOW_ENOMEM;
    if (flow_ctx_get_key(ctx, key, &old) == FLOW_OK && old.type == FLOW_TYPE_INT)
        return flow_ctx_set_key(ctx, key, flow_int((int64_t)((uint64_t)old.as.integer + 1)));
    return flow_ctx_set_key(ctx, key, random_value(from, 1));
}

static int do_set_nothing(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    return flow_ctx_set(ctx, "", random_value(from, 2)); /* refused */
}

/* What is written depends on what is read, so that a channel that differs shows. */
static int do_copy(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    struct flow_value value = flow_null();
    const char *to = random_key(from);
    int status = flow_ctx_get(ctx, random_key(from), &value);
    return status == FLOW_OK ? flow_ctx_set(ctx, to, flow_value_ref(value)) : status;
}

static int do_delete(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    return flow_ctx_delete(ctx, random_key(from));
}

static int do_count_keys(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    size_t cursor = 0;
    uint64_t hash = 0;
    const char *key;
    struct flow_value value;
    while (flow_ctx_next_key(ctx, &cursor, &key, &value) == FLOW_OK)
        hash = hash * 31 + flow_value_hash(value) + (unsigned char)key[0];
    return flow_ctx_set(ctx, random_key(from), flow_int((int64_t)hash));
}

static int do_use_inputs(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    struct flow_value items[4];
    struct flow_value list = flow_null();
    struct flow_value result = flow_null();
    flow_ctx_result(ctx, body->workflow->bodies[0].id, &result);
    items[0] = flow_value_ref(flow_ctx_data(ctx));
    items[1] = flow_value_ref(flow_ctx_arg(ctx, random_below(from, RANDOM_MAX_PARAMS)));
    items[2] = flow_int((int64_t)flow_ctx_random(ctx));
    items[3] =
        flow_value_is_scalar(result) ? result : flow_null(); /* results of results would grow for ever */
    int status = flow_list_create(&list, items, 4);
    return status == FLOW_OK ? flow_ctx_set(ctx, "seen", list) : status;
}

static int do_outside(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    if (random_below(from, 2))
        return flow_ctx_input(ctx, "reply", random_value(from, 1));
    return flow_ctx_set(ctx, "now", flow_int(flow_ctx_wall_ns(ctx)));
}

static int do_print(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    if (flow_ctx_wants(ctx, FLOW_EV_SOURCE_LINE))
        flow_ctx_line(ctx, "random.c", body->index + 1);
    if (random_below(from, 4) == 0)
        return flow_ctx_print(ctx, 2, "\x1b[2J\0\xff", 6);
    return flow_ctx_printf(ctx, "%s in step %d\n", flow_ctx_task_id(ctx), (int)flow_ctx_step(ctx));
}

static int do_next_new(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    struct flow_task_def def = random_body_def(random_made_later(body, from));
    return flow_ctx_next_new_task(ctx, &def, FLOW_NEXT_ENQUEUE, NULL);
}

static int do_goto_new(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    struct flow_task_def def = random_body_def(random_made_later(body, from));
    return flow_ctx_next_new_task(ctx, &def, FLOW_NEXT_GOTO, NULL);
}

static int do_next(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    flow_task target = random_task(ctx, body, from);
    return target == FLOW_TASK_NONE ? FLOW_OK : flow_ctx_next_task(ctx, target, FLOW_NEXT_ENQUEUE);
}

static int do_goto(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    flow_task target = random_task(ctx, body, from);
    return target == FLOW_TASK_NONE ? FLOW_OK : flow_ctx_next_task(ctx, target, FLOW_NEXT_GOTO);
}

static int do_goto_self(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    (void)from;
    return flow_ctx_next_task(ctx, flow_ctx_task(ctx), FLOW_NEXT_GOTO);
}

static int do_iterate(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    if (random_below(from, 4) && !flow_ctx_can_iterate(ctx))
        return FLOW_OK;
    return flow_ctx_next_iteration(ctx, random_value(from, 2));
}

static int do_add_task(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    flow_task added;
    struct flow_task_def def = random_body_def(random_made_later(body, from));
    int status = flow_ctx_add_task(ctx, &def, &added);
    if (status != FLOW_OK)
        return status;
    return flow_ctx_add_edge(ctx, flow_ctx_task(ctx), added);
}

static int do_add_edge(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    flow_task source = random_task(ctx, body, from);
    flow_task target = random_task(ctx, body, from);
    if (source == FLOW_TASK_NONE || target == FLOW_TASK_NONE)
        return FLOW_OK;
    return flow_ctx_add_edge(ctx, source, target);
}

static int do_terminate(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    return flow_ctx_terminate(ctx, random_below(from, 2) ? "enough" : NULL);
}

static int do_cancel(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    (void)body;
    return flow_ctx_cancel(ctx, random_below(from, 2) ? "no \xe2\x9c\x97" : "");
}

static int do_fail(struct flow_ctx *ctx, struct random_body *body, struct random_source *from)
{
    switch (random_below(from, 3)) {
    case 0: return flow_ctx_fail(ctx, "ValueError", "random.c:1", "body %u", body->index);
    case 1: return flow_ctx_fail(ctx, NULL, NULL, "%s", "");
    default: return FLOW_EIO;
    }
}

/* Rows with more weight happen more often. The calm ones come first. */
static const struct action {
    action_fn fn;
    uint32_t weight;
    bool is_final; /* its failure is meant: the body returns it */
} actions[] = {
    {do_set, 12, false},
    {do_set_by_handle, 6, false},
    {do_copy, 8, false},
    {do_delete, 5, false},
    {do_count_keys, 2, false},
    {do_use_inputs, 4, false},
    {do_outside, 2, false},
    {do_print, 4, false},
    {do_set_nothing, 1, false},
#define CALM_WEIGHT 44
    {do_next_new, 6, false},
    {do_goto_new, 3, false},
    {do_next, 5, false},
    {do_goto, 4, false},
    {do_goto_self, 1, false},
    {do_iterate, 8, false},
    {do_add_task, 2, false},
    {do_add_edge, 2, false},
    {do_terminate, 1, false},
    {do_cancel, 1, false},
    {do_fail, 3, true},
#define WHOLE_WEIGHT (CALM_WEIGHT + 36)
};

static const struct action *draw_action(bool is_calm, struct random_source *from)
{
    uint32_t at = random_below(from, is_calm ? CALM_WEIGHT : WHOLE_WEIGHT);
    const struct action *action = actions;
    while (at >= action->weight)
        at -= (action++)->weight;
    return action;
}

int random_body_run(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct random_body *body = user;
    struct random_source from = {
        body->workflow->seed ^ (body->index * 0x9e3779b97f4a7c15u) ^ (flow_ctx_step(ctx) << 32)};
    random_next(&from);
    uint32_t count = random_below(&from, 5);
    if (random_below(&from, 2))
        *result = random_value(&from, 2);
    for (uint32_t i = 0; i < count; i++) {
        const struct action *action = draw_action(body->is_calm, &from);
        int status = action->fn(ctx, body, &from);
        bool is_caught = !action->is_final && random_below(&from, 8) != 0;
        if (status < 0 && !is_caught)
            return status;
    }
    return FLOW_OK;
}

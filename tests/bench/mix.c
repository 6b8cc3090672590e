#include "tests/bench/mix.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* xorshift64* (Vigna 2016). */
static uint64_t draw(struct mix *mix)
{
    mix->random ^= mix->random >> 12;
    mix->random ^= mix->random << 25;
    mix->random ^= mix->random >> 27;
    return mix->random * 0x2545f4914f6cdd1du;
}

static uint32_t below(struct mix *mix, uint32_t bound)
{
    return (uint32_t)((draw(mix) >> 32) * bound >> 32);
}

static void pass_time(struct mix *mix, double mean_ns)
{
    if (mix->wants_time)
        mix->now_ns += 20 + (int64_t)(-log1p(-(double)(draw(mix) >> 11) * 0x1p-53) * mean_ns);
}

static struct flow_value next_value(struct mix *mix, uint32_t key)
{
    if (mix->has_strings && below(mix, 10) == 0)
        return flow_value_ref(mix->strings[below(mix, MIX_STRINGS)]);
    int64_t *value = &mix->values[key];
    switch (key % 10) {
    case 8: *value = below(mix, 100); break;
    case 9: *value = (int64_t)draw(mix); break;
    case 5:
    case 6:
    case 7: *value += below(mix, 7); break;
    default: ++*value; break;
    }
    return flow_int(*value);
}

static int write_key(struct mix *mix, struct flow_ctx *ctx, uint32_t key)
{
    pass_time(mix, 150);
    return flow_ctx_set_key(ctx, mix->keys[key], next_value(mix, key));
}

static void look_up_keys(struct mix *mix, struct flow_ctx *ctx)
{
    for (uint32_t i = 0; i < MIX_KEYS; i++)
        mix->keys[i] = flow_ctx_key(ctx, mix->key_names[i]);
    mix->has_keys = true;
}

static int body(struct flow_ctx *ctx, void *user, struct flow_value *result);

static int go_on(struct mix *mix, struct flow_ctx *ctx, struct mix_task *task)
{
    uint32_t way = below(mix, 100);
    pass_time(mix, 30);
    if (way < 80)
        return flow_ctx_next_task(ctx, task->followers[0], FLOW_NEXT_ENQUEUE);
    if (way < 93)
        return flow_ctx_next_task(ctx, task->followers[1], FLOW_NEXT_ENQUEUE);
    if (way < 96)
        return flow_ctx_next_task(ctx, task->followers[2], FLOW_NEXT_GOTO);
    if (way < 99 && flow_ctx_can_iterate(ctx))
        return flow_ctx_next_iteration(ctx, flow_null());
    uint32_t from = flow_ctx_task(ctx);
    if (from >= MIX_TASKS) /* a dynamic task leads back */
        return flow_ctx_next_task(ctx, task->followers[0], FLOW_NEXT_ENQUEUE);
    char id[32];
    snprintf(id, sizeof id, "dynamic_%u_%u", from, below(mix, 3));
    const struct flow_task_def def = {.size = sizeof def, .id = id, .fn = body, .user = task};
    return flow_ctx_next_new_task(ctx, &def, FLOW_NEXT_ENQUEUE, NULL);
}

static int body(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct mix_task *task = user;
    struct mix *mix = task->mix;
    struct flow_value value;
    if (!mix->has_keys)
        look_up_keys(mix, ctx);
    pass_time(mix, 60);
    if (below(mix, 2)) {
        flow_ctx_get_key(ctx, mix->keys[task->keys[2]], &value);
        pass_time(mix, 40);
    }
    int status = write_key(mix, ctx, task->keys[0]);
    if (status == FLOW_OK && below(mix, 4) == 0)
        status = write_key(mix, ctx, task->keys[1]);
    *result = flow_null();
    return status == FLOW_OK ? go_on(mix, ctx, task) : status;
}

static int make_strings(struct mix *mix)
{
    char text[200];
    for (int i = 0; i < MIX_STRINGS; i++) {
        size_t length = 20 + below(mix, 181);
        for (size_t at = 0; at < length; at++)
            text[at] = (char)('a' + below(mix, 26));
        if (flow_string_create(&mix->strings[i], text, length) != FLOW_OK)
            return FLOW_ENOMEM;
    }
    return FLOW_OK;
}

int mix_init(struct mix *mix, uint64_t seed, bool has_strings, struct flow_error *err)
{
    memset(mix, 0, sizeof *mix);
    mix->random = seed * 2 + 1;
    mix->has_strings = has_strings;
    if (has_strings && make_strings(mix) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < MIX_KEYS; i++)
        snprintf(mix->key_names[i], sizeof mix->key_names[i], "key%u", i);
    int status = flow_workflow_create(&mix->workflow, "reference mix", err);
    for (uint32_t i = 0; status == FLOW_OK && i < MIX_TASKS; i++) {
        struct mix_task *task = &mix->tasks[i];
        char id[16];
        *task = (struct mix_task){
            .mix = mix, .followers = {(i + 1) % MIX_TASKS, below(mix, MIX_TASKS), below(mix, MIX_TASKS)}};
        for (int k = 0; k < 4; k++)
            task->keys[k] = below(mix, MIX_KEYS);
        snprintf(id, sizeof id, "task%u", i);
        const struct flow_task_def def = {.size = sizeof def, .id = id, .fn = body, .user = task};
        flow_task ignored;
        status = flow_workflow_add_task(mix->workflow, &def, &ignored, err);
    }
    return status == FLOW_OK ? flow_workflow_set_start(mix->workflow, 0, err) : status;
}

void mix_finish(struct mix *mix)
{
    flow_workflow_destroy(mix->workflow);
    for (int i = 0; i < MIX_STRINGS; i++)
        flow_value_unref(mix->strings[i]);
}

static int64_t mix_clock(void *user)
{
    struct mix *mix = user;
    pass_time(mix, 30);
    return mix->now_ns;
}

int mix_start(struct mix *mix, struct flow_run **out, struct flow_run_options options, struct flow_error *err)
{
    options.size = sizeof options;
    options.max_steps = UINT64_MAX;
    if (mix->wants_time) {
        options.clock_ns = mix_clock;
        options.clock_user = mix;
    }
    int status = flow_run_create(out, mix->workflow, &options, err);
    return status == FLOW_OK ? flow_run_start(*out, err) : status;
}

/* Drawing a workflow: its graph, limits, parameters and initial channel. What bodies do: random_body.c. */
#include "tests/support/random_workflow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/random_body.h"

static void give_up(const struct random_workflow *random, const char *what, const char *why)
{
    fprintf(stderr, "random workflow %llu: %s: %s\n", (unsigned long long)random->seed, what, why);
    abort();
}

/* The definition owns one count of open_definitions until the engine releases it. */
static void release(void *user)
{
    struct random_body *body = user;
    body->workflow->open_definitions--;
}

struct flow_task_def random_body_def(struct random_body *body)
{
    body->workflow->open_definitions++;
    return (struct flow_task_def){
        .size = sizeof(struct flow_task_def),
        .id = body->id,
        .fn = random_body_run,
        .user = body,
        .release = release,
        .params = body->params,
        .param_count = body->param_count,
        .join = body->join,
        .max_cycles = body->max_cycles,
        .max_retries = body->max_retries,
        .file = "random.c",
        .line = body->index + 1,
    };
}

/* Names that may resolve to a channel key, to a task's result, or to nothing. */
static void draw_params(struct random_body *body, struct random_source *from)
{
    static const char *const names[] = {"x", "y", "t0", "t1", "nowhere"};
    body->param_count = random_below(from, 4) ? 0 : 1 + random_below(from, RANDOM_MAX_PARAMS);
    for (size_t i = 0; i < body->param_count; i++) {
        uint32_t kind = random_below(from, 24);
        body->params[i] = (struct flow_param){
            .name = names[random_below(from, sizeof names / sizeof *names)],
            .is_bound = kind < 8,
            .has_default = kind < 23,
            .bound = kind < 8 ? random_value(from, 2) : flow_null(),
            .default_value = kind < 23 ? random_value(from, 1) : flow_null(),
        };
    }
}

static void draw_body(struct random_workflow *random, uint32_t index, struct random_source *from)
{
    static const uint32_t cycles[] = {0, 0, FLOW_MAX_CYCLES_NONE, 1, 2, 4};
    struct random_body *body = &random->bodies[index];
    bool is_made_later = index >= random->task_count;
    *body = (struct random_body){
        .workflow = random,
        .index = index,
        .join = random_below(from, 4) ? FLOW_JOIN_EACH : FLOW_JOIN_ALL,
        .max_cycles = cycles[random_below(from, sizeof cycles / sizeof *cycles)],
        .max_retries = random_below(from, 3) ? 0 : 1 + random_below(from, 2),
        .is_calm = random_below(from, 2),
    };
    snprintf(body->id, sizeof body->id, is_made_later ? "d%u" : "t%u",
        is_made_later ? index - random->task_count : index);
    draw_params(body, from);
}

/* Most tasks have a way in from an earlier one, so that runs get somewhere; the other edges are mostly
 * forward, with some loops and some backward ones. */
static int draw_edges(struct random_workflow *random, struct random_source *from, struct flow_error *err)
{
    uint32_t count = random->task_count;
    int status = FLOW_OK;
    for (uint32_t i = 1; i < count && status == FLOW_OK; i++)
        if (random_below(from, 4))
            status = flow_workflow_add_edge(random->workflow, random_below(from, i), i, err);
    for (uint32_t i = random_below(from, count); i > 0 && status == FLOW_OK; i--) {
        flow_task a = random_below(from, count);
        flow_task b = random_below(from, count);
        bool is_any = random_below(from, 8) == 0;
        if (is_any || a < b)
            status = flow_workflow_add_edge(random->workflow, a, b, err);
        else if (a > b)
            status = flow_workflow_add_edge(random->workflow, b, a, err);
    }
    return status;
}

static void draw_channel(struct random_workflow *random, struct random_source *from)
{
    static const char *const keys[] = {"x", "y", "z"};
    random->channel_count = random_below(from, RANDOM_MAX_CHANNEL + 1);
    for (size_t i = 0; i < random->channel_count; i++) {
        if (flow_string(&random->channel[i].key, keys[i]) != FLOW_OK)
            give_up(random, "initial channel", "out of memory");
        random->channel[i].value = random_value(from, 3);
    }
}

struct random_workflow *random_workflow_create(uint64_t seed)
{
    struct random_source from = {seed * 0x2545f4914f6cdd1du + 1};
    struct flow_error err = FLOW_ERROR_INIT;
    struct random_workflow *random = calloc(1, sizeof *random);
    if (!random)
        abort();
    random->seed = seed;
    random->task_count = 1 + random_below(&from, RANDOM_MAX_TASKS);
    random->max_steps = 5 + random_below(&from, 56);
    int status = flow_workflow_create(&random->workflow, "random", &err);
    if (status != FLOW_OK)
        give_up(random, "create", err.text);
    for (uint32_t i = 0; i < random->task_count + RANDOM_MADE_LATER; i++)
        draw_body(random, i, &from);
    for (uint32_t i = 0; i < random->task_count; i++) {
        struct flow_task_def def = random_body_def(&random->bodies[i]);
        status = flow_workflow_add_task(random->workflow, &def, NULL, &err);
        if (status != FLOW_OK)
            give_up(random, "add task", err.text);
    }
    if (draw_edges(random, &from, &err) != FLOW_OK)
        give_up(random, "add edge", err.text);
    draw_channel(random, &from);
    return random;
}

void random_workflow_destroy(struct random_workflow *random)
{
    if (!random)
        return;
    flow_workflow_destroy(random->workflow);
    if (random->open_definitions != 0)
        give_up(random, "destroy", "a task definition was not released exactly once");
    for (uint32_t i = 0; i < random->task_count + RANDOM_MADE_LATER; i++) {
        for (size_t p = 0; p < random->bodies[i].param_count; p++) {
            flow_value_unref(random->bodies[i].params[p].bound);
            flow_value_unref(random->bodies[i].params[p].default_value);
        }
    }
    for (size_t i = 0; i < random->channel_count; i++) {
        flow_value_unref(random->channel[i].key);
        flow_value_unref(random->channel[i].value);
    }
    free(random);
}

const struct flow_workflow *random_workflow_get(const struct random_workflow *random)
{
    return random->workflow;
}

uint64_t random_workflow_seed(const struct random_workflow *random)
{
    return random->seed;
}

struct flow_run_options random_workflow_options(
    const struct random_workflow *random, enum flow_profile profile)
{
    return (struct flow_run_options){
        .size = sizeof(struct flow_run_options),
        .profile = profile,
        .start = "t0",
        .seed = random->seed,
        .max_steps = random->max_steps,
        .channel = random->channel,
        .channel_count = random->channel_count,
        .is_closed = random->seed % 2,
    };
}

/* Creating, starting and ending a run. */
#include "core/run.h"

#include <string.h>

#include "core/emit.h"
#include "core/start.h"

static const struct profile *const profiles[] = {
    [FLOW_PROFILE_DOCUMENTED] = &profile_documented,
    [FLOW_PROFILE_PACKAGE] = &profile_package,
};

/* As the host's struct may be older or newer than ours: see task_spec.c. The first version ended with hooks.
 */
static int read_options(
    struct flow_run_options *out, const struct flow_run_options *given, struct flow_error *err)
{
    memset(out, 0, sizeof *out);
    if (given && given->size < offsetof(struct flow_run_options, is_closed))
        return flow_error_set(err, FLOW_EINVAL,
            "run options of %zu bytes: set .size = sizeof(struct flow_run_options)", given->size);
    if (given)
        memcpy(out, given, given->size < sizeof *out ? given->size : sizeof *out);
    if ((unsigned)out->profile >= sizeof profiles / sizeof *profiles)
        return flow_error_set(err, FLOW_EINVAL, "there is no profile number %u", (unsigned)out->profile);
    if (out->info.type != FLOW_TYPE_NULL && out->info.type != FLOW_TYPE_MAP)
        return flow_error_set(err, FLOW_EINVAL, "the run's info must be a map, not a %s",
            flow_type_name((enum flow_type)out->info.type));
    for (size_t i = 0; i < out->channel_count; i++) {
        size_t length;
        const char *key = flow_value_text(out->channel[i].key, &length);
        if (out->channel[i].key.type != FLOW_TYPE_STRING || !channel_name_is_valid(key, length))
            return flow_error_set(
                err, FLOW_EINVAL, "initial channel: key %zu is not a text that is not empty", i + 1);
    }
    return FLOW_OK;
}

static void take_options(struct flow_run *run, const struct flow_run_options *options)
{
    run->profile = profiles[options->profile];
    run->hooks = options->hooks;
    run->is_hooked = run->hooks.on_event || run->hooks.on_boundary;
    run->max_steps = options->max_steps ? options->max_steps : 10000;
    run->last_step = run->max_steps;
    run->seed = options->seed;
    run->is_closed = options->is_closed;
    run->is_stamping_all = options->is_stamping_all;
    run->clock_ns = options->clock_ns;
    run->wall_ns = options->wall_ns;
    run->clock_user = options->clock_user;
    run->info = value_ref(options->info);
    prng_seed(&run->prng, options->seed);
}

static int copy_initial_channel(struct flow_run *run, const struct flow_run_options *options)
{
    if (options->channel_count == 0)
        return FLOW_OK;
    run->initial = mem_array(NULL, options->channel_count, sizeof *run->initial);
    if (!run->initial)
        return FLOW_ENOMEM;
    for (; run->initial_count < options->channel_count; run->initial_count++) {
        struct flow_member member = options->channel[run->initial_count];
        run->initial[run->initial_count] =
            (struct flow_member){value_ref(member.key), value_ref(member.value)};
    }
    return FLOW_OK;
}

static int copy_workflow(struct flow_run *run, const struct flow_workflow *wf)
{
    if (graph_copy(&run->graph, &wf->graph) < 0)
        return FLOW_ENOMEM;
    vec_foreach (struct graph_task, task, &run->graph.tasks)
        if (run_track_task(run, task->spec, task->id, task->id_length) < 0)
            return FLOW_ENOMEM;
    for (uint32_t edge = 0; edge < run->graph.edges.count; edge++)
        if (run_track_edge(run, edge) < 0)
            return FLOW_ENOMEM;
    return FLOW_OK;
}

int flow_run_create(struct flow_run **out, const struct flow_workflow *wf,
    const struct flow_run_options *given, struct flow_error *err)
{
    struct flow_run_options options;
    int status = read_options(&options, given, err);
    if (status < 0)
        return status;
    struct flow_run *run = mem_zalloc(sizeof *run);
    if (!run)
        goto no_memory;
    run->workflow = wf;
    run->ctx.run = run;
    run->culprit = FLOW_TASK_NONE;
    run->execution.entry.task = FLOW_TASK_NONE;
    graph_init(&run->graph);
    channel_init(&run->channel);
    take_options(run, &options);
    if (copy_workflow(run, wf) < 0 || copy_initial_channel(run, &options) < 0 ||
        queue_reserve(&run->queue) < 0)
        goto no_memory;
    status = start_find(run, options.start, &run->start, err);
    if (status < 0)
        goto fail;
    *out = run;
    return FLOW_OK;
no_memory:
    status = flow_error_set(err, FLOW_ENOMEM, "out of memory creating a run of '%s'", wf->name);
fail:
    flow_run_destroy(run);
    return status;
}

static void release_initial_channel(struct flow_run *run)
{
    for (size_t i = 0; i < run->initial_count; i++) {
        value_unref(run->initial[i].key);
        value_unref(run->initial[i].value);
    }
    mem_free(run->initial);
    run->initial = NULL;
    run->initial_count = 0;
}

void flow_run_destroy(struct flow_run *run)
{
    if (!run)
        return;
    run_forget_kept_edits(run, false);
    release_initial_channel(run);
    run_release_args(run);
    for (flow_task task = 0; task < run->graph.tasks.count; task++) {
        uint32_t flags = task < run->tasks.count ? run->tasks.at[task].flags : 0;
        if (flags & TASK_OWNS_ID)
            mem_free((char *)run_id(run, task));
        if (flags & TASK_OWNS_SPEC)
            task_spec_destroy((struct task_spec *)run_spec(run, task));
    }
    value_unref(run->execution.entry.data);
    value_unref(run->info);
    queue_finish(&run->queue);
    channel_finish(&run->channel);
    graph_finish(&run->graph);
    failure_finish(&run->failure);
    str_finish(&run->end_message);
    str_finish(&run->host_message);
    str_finish(&run->message);
    vec_finish(&run->tasks);
    vec_finish(&run->cycle_counts);
    vec_finish(&run->edge_states);
    vec_finish(&run->arrivals);
    vec_finish(&run->held);
    vec_finish(&run->args);
    vec_finish(&run->kept_edits);
    vec_finish(&run->replaced);
    mem_free(run);
}

/* Tells the whole graph, so that a fold need not know the workflow. */
static int tell_graph(struct flow_run *run)
{
    if (!run_is_watched(run))
        return FLOW_OK;
    for (flow_task task = 0; task < run->graph.tasks.count; task++) {
        struct flow_value about;
        if (describe_task(run, run_spec(run, task), &about) < 0)
            return FLOW_ENOMEM;
        emit_task_added(run, task, about);
        value_unref(about);
    }
    for (size_t i = 0; i < run->graph.edges.count; i++)
        emit_task_event(run, FLOW_EV_EDGE_ADDED, run->graph.edges.at[i].from, run->graph.edges.at[i].to);
    return FLOW_OK;
}

static int put_initial_channel(struct flow_run *run)
{
    for (size_t i = 0; i < run->initial_count; i++) {
        size_t length;
        const char *name = flow_value_text(run->initial[i].key, &length);
        flow_key key = channel_intern(&run->channel, name, length);
        if (key == FLOW_KEY_NONE)
            return FLOW_ENOMEM;
        run_put(run, key, value_ref(run->initial[i].value));
    }
    release_initial_channel(run);
    return FLOW_OK;
}

int flow_run_start(struct flow_run *run, struct flow_error *err)
{
    struct flow_value about;
    struct queue_entry entry = {.task = run->start,
        .source = FLOW_TASK_NONE,
        .via = FLOW_TASK_NONE,
        .iteration = 1,
        .reason = FLOW_REASON_START,
        .data = flow_null()};
    if (run->phase != RUN_NEW)
        return flow_error_set(err, FLOW_ESTATE, "the run was started already");
    if (describe_run(run, &about) < 0)
        return flow_error_set(err, FLOW_ENOMEM, "out of memory starting the run");
    run->phase = RUN_BUSY;
    run->origin = FLOW_ORIGIN_HOST;
    emit_run_started(run, about);
    value_unref(about);
    run->origin = FLOW_ORIGIN_ENGINE;
    int status = tell_graph(run);
    run->origin = FLOW_ORIGIN_HOST;
    if (status == FLOW_OK)
        status = put_initial_channel(run);
    run->origin = FLOW_ORIGIN_ENGINE;
    if (status == FLOW_OK)
        status = run_enqueue(run, &entry, 0);
    if (status < 0) {
        run_end(run, FLOW_OUTCOME_FAILED, "out of memory", FLOW_TASK_NONE, FLOW_ORIGIN_ENGINE);
        return flow_error_set(err, status, "out of memory starting the run");
    }
    run_enter_boundary(run);
    return FLOW_OK;
}

void run_enter_boundary(struct flow_run *run)
{
    run->phase = RUN_BOUNDARY;
    if (likely(!run->is_waiting))
        return;
    run_apply_kept_edits(run);
    if (run->phase == RUN_BOUNDARY && run->has_host_end)
        run_end(run, run->host_outcome, str_text(&run->host_message), FLOW_TASK_NONE, FLOW_ORIGIN_HOST);
}

/* Entries first, then held successors: the work that nobody will do. They stay where they are: what is left
 * in the queue can still be read. */
static void tell_abandoned(struct flow_run *run)
{
    for (size_t i = 0; i < queue_count(&run->queue); i++)
        emit_entry_event(run, FLOW_EV_ABANDONED, queue_at(&run->queue, i), 0);
    for (size_t i = 0; i < run->held.count; i++)
        emit_task_event(run, FLOW_EV_ABANDONED, run->held.at[i].successor, run->held.at[i].source);
}

void run_end(struct flow_run *run, enum flow_outcome outcome, const char *message, flow_task culprit,
    enum flow_origin origin)
{
    struct str copy = {0};
    run_copy_text(&copy, message); /* it may be part of what goes now */
    run->phase = RUN_ENDING;
    run->origin = FLOW_ORIGIN_ENGINE;
    run_forget_kept_edits(run, true);
    if (run_is_watched(run)) {
        tell_abandoned(run);
        if (outcome == FLOW_OUTCOME_BLOCKED)
            run_is_blocked(run, true, NULL);
    }
    str_finish(&run->message);
    run->message = copy;
    run->outcome = outcome;
    run->culprit = culprit;
    run->origin = origin;
    run->phase = RUN_ENDED;
    emit_run_ended(run);
    run->origin = FLOW_ORIGIN_ENGINE;
}

int flow_run_end(struct flow_run *run, enum flow_outcome outcome, const char *message)
{
    if (run->phase == RUN_NEW || run->phase >= RUN_ENDING)
        return FLOW_ESTATE;
    if (run->phase == RUN_BOUNDARY) {
        run_end(run, outcome, message ? message : "", FLOW_TASK_NONE, FLOW_ORIGIN_HOST);
        return FLOW_OK;
    }
    /* The first word stands: what ends a run is not talked out of it by what comes after. */
    if (!run->has_host_end) {
        run->has_host_end = run->is_waiting = true;
        run->execution.entry.flags |= WAS_EDITED;
        run->host_outcome = outcome;
        run_copy_text(&run->host_message, message ? message : "");
    }
    return FLOW_OK;
}

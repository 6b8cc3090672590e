/* A program that embeds libflow: cc embed.c -o embed $(pkg-config --cflags --libs flow) */
#include <flow/flow.h>
#include <stdio.h>

static int count(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct flow_value n = flow_int(0);
    flow_ctx_get(ctx, "n", &n); /* leaves 0 where there is no such key */
    *result = flow_int(n.as.integer + 1);
    int status = flow_ctx_set(ctx, "n", *result);
    return status == FLOW_OK && n.as.integer < 2 ? flow_ctx_next_iteration(ctx, flow_null()) : status;
}

static int report(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    return flow_ctx_terminate(ctx, "counted");
}

static void print_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    printf("%2d %s\n", (int)event->number, flow_event_info(event->kind)->name);
}

int main(void)
{
    const struct flow_task_def counting = {.size = sizeof counting, .id = "count", .fn = count};
    const struct flow_task_def reporting = {.size = sizeof reporting, .id = "report", .fn = report};
    const struct flow_run_options options = {
        .size = sizeof options, .hooks = {.size = sizeof options.hooks, .on_event = print_event}};
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_workflow *wf = NULL;
    struct flow_run *run = NULL;
    flow_task a, b;
    bool is_ready = flow_workflow_create(&wf, "embedded", &err) == FLOW_OK &&
                    flow_workflow_add_task(wf, &counting, &a, &err) == FLOW_OK &&
                    flow_workflow_add_task(wf, &reporting, &b, &err) == FLOW_OK &&
                    flow_workflow_add_edge(wf, a, b, &err) == FLOW_OK &&
                    flow_run_create(&run, wf, &options, &err) == FLOW_OK &&
                    flow_run_start(run, &err) == FLOW_OK;
    while (is_ready && flow_run_step(run, &err) == FLOW_OK)
        ;
    puts(err.code ? err.text : run ? flow_run_message(run) : "");
    flow_run_destroy(run);
    flow_workflow_destroy(wf);
    return err.code != 0;
}

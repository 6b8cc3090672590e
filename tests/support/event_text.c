#include "tests/support/event_text.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_value(FILE *out, const char *name, struct flow_value value)
{
    size_t size = flow_value_print(value, NULL, 0) + 1;
    char *text = malloc(size);
    if (!text)
        abort();
    flow_value_print(value, text, size);
    fprintf(out, " %s=%s:%s", name, flow_type_name((enum flow_type)value.type), text);
    free(text);
}

static void print_bytes(FILE *out, const char *name, const char *bytes, size_t length)
{
    fprintf(out, " %s=\"", name);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        fprintf(out, c < 32 || c > 126 ? "\\x%02x" : "%c", c);
    }
    fputc('"', out);
}

static void print_number(FILE *out, const char *name, uint64_t number)
{
    fprintf(out, " %s=%" PRIu64, name, number);
}

static void print_task(FILE *out, const char *name, flow_task task)
{
    if (task == FLOW_TASK_NONE)
        fprintf(out, " %s=-", name);
    else
        fprintf(out, " %s=%" PRIu32, name, task);
}

void event_text_print(FILE *out, const struct flow_event *event)
{
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;

    fprintf(out, "%" PRIu64 " step %" PRIu64 " %s by %s:", event->number, event->step,
        info ? info->name : "unknown", flow_origin_name(event->origin));
    if (fields & FLOW_F_TASK)
        print_task(out, "task", event->task);
    if (fields & FLOW_F_OTHER)
        print_task(out, "other", event->other);
    if (fields & FLOW_F_ENTRY)
        print_number(out, "entry", event->entry);
    if (fields & FLOW_F_ITERATION)
        print_number(out, "iteration", event->iteration);
    if (fields & FLOW_F_REASON)
        fprintf(out, " reason=%s", flow_reason_name(event->reason));
    if (fields & FLOW_F_CAUSE)
        print_number(out, "cause", event->cause);
    if (fields & FLOW_F_POSITION)
        print_number(out, "position", event->position);
    if (fields & FLOW_F_COUNT)
        print_number(out, "count", event->count);
    if (fields & FLOW_F_CODE)
        fprintf(out, " code=%" PRId32, event->code);
    if (fields & FLOW_F_KEY)
        print_number(out, "key", event->key);
    if (fields & FLOW_F_VALUE)
        print_value(out, "value", event->value);
    if (fields & FLOW_F_OLD && !(event->kind == FLOW_EV_CHANNEL_SET && event->code == 0))
        print_value(out, "old", event->old);
    if (fields & FLOW_F_TEXT && event->text)
        print_bytes(out, "text", event->text, event->text_length);
    if (fields & FLOW_F_DETAIL && event->detail)
        print_bytes(out, "detail", event->detail, event->detail_length);
    fputc('\n', out);
}

static void print_tasks(FILE *out, const struct flow_run *run)
{
    for (flow_task t = 0; t < flow_run_task_count(run); t++) {
        struct flow_task_info info;
        flow_run_task_info(run, t, &info);
        fprintf(out, "task %" PRIu32 " %s completed=%" PRIu64 " cycles=%" PRIu32 " retries=%" PRIu32, t,
            info.id, info.completed, info.cycle_count, info.retry_count);
        print_task(out, "creator", info.creator);
        fputc('\n', out);
    }
    for (size_t i = 0; i < flow_run_edge_count(run); i++) {
        flow_task from, to;
        flow_run_edge_at(run, i, &from, &to);
        fprintf(out, "edge %" PRIu32 " %" PRIu32 "\n", from, to);
    }
}

static void print_waiting(FILE *out, const struct flow_run *run)
{
    flow_task a, b;
    for (size_t i = 0; i < flow_run_queue_length(run); i++) {
        struct flow_entry entry;
        flow_run_queue_at(run, i, &entry);
        fprintf(out, "entry %" PRIu64 " %s", entry.number, flow_reason_name(entry.reason));
        print_task(out, "task", entry.task);
        print_task(out, "source", entry.source);
        print_number(out, "cause", entry.cause);
        print_number(out, "iteration", entry.iteration);
        print_number(out, "retries", entry.retries);
        print_value(out, "data", entry.data);
        fputc('\n', out);
    }
    for (size_t i = 0; flow_run_held_at(run, i, &a, &b) == FLOW_OK; i++)
        fprintf(out, "held %" PRIu32 " of %" PRIu32 "\n", a, b);
    for (size_t i = 0; flow_run_arrival_at(run, i, &a, &b) == FLOW_OK; i++)
        fprintf(out, "arrived at %" PRIu32 " from %" PRIu32 "\n", a, b);
}

static void print_channel(FILE *out, const struct flow_run *run)
{
    size_t cursor = 0;
    flow_key key;
    struct flow_value value;
    while (flow_run_next_key(run, &cursor, &key, &value) == FLOW_OK) {
        fprintf(out, "key %" PRIu32 " %s", key, flow_run_key_name(run, key));
        print_value(out, "value", value);
        fputc('\n', out);
    }
}

void run_text_print(FILE *out, const struct flow_run *run)
{
    fprintf(out, "outcome %s, %" PRIu64 " steps, message '%s'", flow_outcome_name(flow_run_outcome(run)),
        flow_run_step_count(run), flow_run_message(run));
    print_task(out, "culprit", flow_run_culprit(run));
    fputc('\n', out);
    print_tasks(out, run);
    print_waiting(out, run);
    print_channel(out, run);
}

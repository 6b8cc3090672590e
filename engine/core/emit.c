#include "core/emit.h"

#include <string.h>

/* Only the members that the kind uses are written: an event is some 180 bytes. */
static void begin(struct flow_run *run, struct flow_event *event, enum flow_event_kind kind)
{
    event->kind = (uint16_t)kind;
    event->origin = (uint8_t)run->origin;
    event->reason = 0;
    event->step = run->step;
    event->has_time = false;
}

static void set_text(struct flow_event *event, const char *text, size_t length)
{
    event->text = text;
    event->text_length = length;
}

static void send(struct flow_run *run, struct flow_event *event, bool is_timed)
{
    if (!flow_event_is_note(event->kind))
        run->event_count++;
    event->number = run->event_count;
    if ((is_timed || run->is_stamping_all) && run->clock_ns) {
        event->time_ns = run->clock_ns(run->clock_user);
        event->has_time = true;
    }
    run->hooks.on_event(run->hooks.user, run, event);
}

void tell_task_event(struct flow_run *run, enum flow_event_kind kind, flow_task task, flow_task other)
{
    struct flow_event event;
    begin(run, &event, kind);
    event.task = task;
    event.other = other;
    event.entry = 0; /* abandoned: a held successor */
    send(run, &event, false);
}

static void set_place(struct flow_event *event, const struct task_spec *spec, char *buffer, size_t size)
{
    event->detail = spec->file ? task_spec_place(spec, buffer, size) : NULL;
    event->detail_length = event->detail ? strlen(event->detail) : 0;
}

void tell_task_added(struct flow_run *run, flow_task task, struct flow_value about)
{
    struct flow_event event;
    char place[1024];
    begin(run, &event, FLOW_EV_TASK_ADDED);
    event.task = task;
    event.other = run->tasks.at[task].creator;
    event.value = about;
    set_text(&event, run_id(run, task), run->graph.tasks.at[task].id_length);
    set_place(&event, run_spec(run, task), place, sizeof place);
    send(run, &event, false);
}

void tell_task_redefined(struct flow_run *run, flow_task task)
{
    struct flow_event event;
    char place[1024];
    begin(run, &event, FLOW_EV_TASK_REDEFINED);
    event.task = task;
    event.other = run->tasks.at[task].creator;
    set_place(&event, run_spec(run, task), place, sizeof place);
    send(run, &event, false);
}

void tell_enqueued(struct flow_run *run, const struct queue_entry *entry, size_t position)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_ENQUEUED);
    event.reason = entry->reason;
    event.task = entry->task;
    event.other = entry->source;
    event.entry = entry->number;
    event.iteration = entry->iteration;
    event.cause = entry->cause;
    event.position = position;
    event.value = entry->data;
    send(run, &event, false);
}

void tell_entry_event(
    struct flow_run *run, enum flow_event_kind kind, const struct queue_entry *entry, int code)
{
    struct flow_event event;
    begin(run, &event, kind);
    event.task = entry->task;
    event.other = FLOW_TASK_NONE; /* abandoned: no held successor */
    event.entry = entry->number;
    event.code = code;
    send(run, &event, false);
}

void tell_moved(struct flow_run *run, const struct queue_entry *entry, size_t position)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_MOVED);
    event.task = entry->task;
    event.entry = entry->number;
    event.position = position;
    send(run, &event, false);
}

void tell_step_started(struct flow_run *run)
{
    struct flow_event event;
    const struct queue_entry *entry = &run->execution.entry;
    begin(run, &event, FLOW_EV_STEP_STARTED);
    event.task = entry->task;
    event.entry = entry->number;
    event.iteration = entry->iteration;
    event.count = entry->retries + 1;
    send(run, &event, true);
}

void tell_returned(struct flow_run *run, enum flow_step_outcome outcome, struct flow_value value)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_RETURNED);
    event.task = run->execution.entry.task;
    event.code = (int32_t)outcome;
    event.value = value;
    send(run, &event, false);
}

void tell_step_ended(struct flow_run *run, enum flow_step_outcome outcome)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_STEP_ENDED);
    event.task = run->execution.entry.task;
    event.code = (int32_t)outcome;
    send(run, &event, true);
}

void tell_skipped(struct flow_run *run, flow_task successor, flow_task source, int request)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_SKIPPED);
    event.task = successor;
    event.other = source;
    event.code = request;
    send(run, &event, false);
}

void tell_join_arrived(struct flow_run *run, flow_task join, flow_task from, uint32_t count)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_JOIN_ARRIVED);
    event.task = join;
    event.other = from;
    event.count = count;
    send(run, &event, false);
}

void tell_blocked(struct flow_run *run, flow_task join, flow_task missing, const char *why)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_BLOCKED);
    event.task = join;
    event.other = missing;
    set_text(&event, why, strlen(why));
    send(run, &event, false);
}

void tell_channel_set(struct flow_run *run, flow_key key, struct flow_value old, bool had_value)
{
    struct flow_event event;
    struct channel_key *set = &run->channel.keys.at[key];
    begin(run, &event, FLOW_EV_CHANNEL_SET);
    event.key = key;
    event.value = set->value;
    event.old = old;
    event.code = had_value;
    set_text(&event, NULL, 0);
    if (!set->is_announced)
        set_text(&event, set->name, set->length);
    set->is_announced = true;
    send(run, &event, false);
}

void tell_channel_deleted(struct flow_run *run, flow_key key, struct flow_value old)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_CHANNEL_DELETED);
    event.key = key;
    event.old = old;
    send(run, &event, false);
}

void tell_request(struct flow_run *run, enum flow_request request, flow_task target, const char *text,
    struct flow_value value)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_REQUEST);
    event.code = (int32_t)request;
    event.task = target;
    event.value = value;
    set_text(&event, text, text ? strlen(text) : 0);
    send(run, &event, false);
}

void tell_task_count(
    struct flow_run *run, enum flow_event_kind kind, int code, flow_task task, uint64_t count)
{
    struct flow_event event;
    begin(run, &event, kind);
    event.code = code;
    event.task = task;
    event.count = count;
    send(run, &event, false);
}

void tell_error(struct flow_run *run, flow_task task, int code, const struct failure *failure)
{
    struct flow_event event;
    struct str text = {0};
    begin(run, &event, FLOW_EV_ERROR);
    event.task = task;
    event.code = code;
    if (str_addf(&text, "%s: ", str_text(&failure->kind)) == FLOW_OK &&
        str_add_bytes(&text, str_text(&failure->message), failure->message.length) == FLOW_OK)
        set_text(&event, text.text, text.length);
    else
        set_text(&event, "error: out of memory", 20);
    event.detail = failure->has_detail ? str_text(&failure->detail) : NULL;
    event.detail_length = failure->has_detail ? failure->detail.length : 0;
    send(run, &event, false);
    str_finish(&text);
}

void tell_input(struct flow_run *run, const char *name, struct flow_value value)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_INPUT);
    event.value = value;
    set_text(&event, name, strlen(name));
    send(run, &event, false);
}

void tell_user_action(struct flow_run *run, const char *command)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_USER_ACTION);
    set_text(&event, command, strlen(command));
    send(run, &event, false);
}

void tell_run_started(struct flow_run *run, struct flow_value about)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_RUN_STARTED);
    event.value = about;
    set_text(&event, run->workflow->name, strlen(run->workflow->name));
    send(run, &event, true);
}

void tell_run_ended(struct flow_run *run)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_RUN_ENDED);
    event.code = (int32_t)run->outcome;
    event.task = run->culprit;
    set_text(&event, str_text(&run->message), run->message.length);
    send(run, &event, true);
}

/* Notes do not announce a key: whoever drops them must not lose a name. A key that was never named by an
 * event has no number for the reader, only its name. */
void tell_read(struct flow_run *run, flow_key key, const char *name, size_t length)
{
    struct flow_event event;
    bool is_announced = key != FLOW_KEY_NONE && run->channel.keys.at[key].is_announced;
    begin(run, &event, FLOW_EV_CHANNEL_READ);
    event.key = key;
    set_text(&event, is_announced ? NULL : name, is_announced ? 0 : length);
    send(run, &event, false);
}

void tell_line(struct flow_run *run, const char *file, uint32_t line)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_SOURCE_LINE);
    event.count = line;
    set_text(&event, file, strlen(file));
    send(run, &event, false);
}

void tell_output(struct flow_run *run, int stream, const void *bytes, size_t length)
{
    struct flow_event event;
    begin(run, &event, FLOW_EV_OUTPUT);
    event.task = run->execution.entry.task;
    event.code = stream;
    event.count = run->printed[stream - 1];
    set_text(&event, bytes, length);
    send(run, &event, false);
}

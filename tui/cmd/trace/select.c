#include <inttypes.h>
#include <string.h>

#include "tui/cmd/trace/trace.h"

static bool is_task(const struct trace_source *source, const char *pattern, flow_task task)
{
    return task < source->state.tasks.count && glob_matches(pattern, source->state.tasks.at[task].id);
}

static bool names_task(const struct trace_source *source, uint32_t fields, const char *pattern)
{
    const struct flow_event *event = &source->event;
    if (fields & FLOW_F_TASK && is_task(source, pattern, event->task))
        return true;
    if (fields & FLOW_F_OTHER && is_task(source, pattern, event->other))
        return true;
    /* What happens inside a step is of its task. */
    return !(fields & (FLOW_F_TASK | FLOW_F_OTHER)) && is_task(source, pattern, source->state.current);
}

bool trace_filter_takes(const struct trace_filter *filter, const struct trace_source *source)
{
    const struct flow_event *event = &source->event;
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    if (flow_event_is_note(event->kind) && !filter->has_notes)
        return false;
    if (event->number < filter->from || event->number > filter->to)
        return false;
    if (event->step < filter->first_step || event->step > filter->last_step)
        return false;
    if (filter->kind && !(info && glob_matches(filter->kind, info->name)))
        return false;
    if (filter->origin && !glob_matches(filter->origin, flow_origin_name(event->origin)))
        return false;
    if (filter->task && !names_task(source, fields, filter->task))
        return false;
    return !filter->key || (fields & FLOW_F_KEY && event->key < source->state.keys.count &&
                               glob_matches(filter->key, trace_state_key_name(&source->state, event->key)));
}

void trace_add_line(struct str *out, const struct trace_source *source, bool has_time)
{
    const struct flow_event *event = &source->event;
    char text[2000];
    size_t length = trace_print_event(&source->state, event, text, sizeof text);
    char number[48];
    if (source->note)
        snprintf(number, sizeof number, "%" PRIu64 ".%" PRIu64, event->number, source->note);
    else
        snprintf(number, sizeof number, "%" PRIu64, event->number);
    str_addf(out, "%6s  ", number);
    if (has_time && event->has_time)
        str_addf(out, "%14.6f  ", (double)(event->time_ns - source->state.start_ns) / 1e9);
    else if (has_time)
        str_addf(out, "%14s  ", "");
    str_add(out, text);
    str_add(out, length >= sizeof text ? "...\n" : "\n");
}

void trace_add_duration(struct str *out, int64_t ns)
{
    static const struct {
        double ns;
        const char *unit;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
    size_t unit = 0;
    while (unit < 3 && (double)ns < units[unit].ns)
        unit++;
    str_addf(out, "%.*f %s", unit == 3 ? 0 : 3, (double)ns / units[unit].ns, units[unit].unit);
}

/* The graph as it was: Graphviz DOT and Mermaid. */
#include <inttypes.h>
#include <string.h>

#include "tui/cmd/trace/export.h"

/* Folds up to --at. FLOW_OK: to the end of the trace; FLOW_END: that far; a failure: it is not so long. */
static int go_to(struct trace_export *export)
{
    struct trace_source *source = &export->source;
    const struct trace_args *args = export->args;
    char text[120];
    if (args->has_at && args->at > trace_reader_count(source->reader)) {
        snprintf(text, sizeof text, "the trace has %" PRIu64 " events", trace_reader_count(source->reader));
        trace_complain("--at", text);
        return FLOW_ENOENT;
    }
    while (!args->has_at || source->state.event < args->at)
        if (!trace_source_next(source))
            return FLOW_OK;
    return FLOW_END;
}

/* Names in quotes. Control characters are left out: neither format has an escape for them. */
static void add_label(struct str *out, const char *text, const char *quote)
{
    for (; *text; text++) {
        if (*text == '"')
            str_add(out, quote);
        else if (*text == '\\')
            str_add(out, strcmp(quote, "\\\"") == 0 ? "\\\\" : "\\");
        else if ((unsigned char)*text >= 0x20 && *text != 0x7f)
            str_add_char(out, *text);
    }
}

static void add_task_label(
    struct str *out, const struct trace_state *state, flow_task task, const char *quote, const char *newline)
{
    const struct trace_task *t = &state->tasks.at[task];
    add_label(out, t->id, quote);
    str_addf(out, "%s%s", newline, trace_status_name(trace_state_task_status(state, task)));
    if (t->runs > 1)
        str_addf(out, ", %" PRIu64 " runs", t->runs);
}

static const char *const colours[] = {
    [TRACE_STATUS_RUNNING] = "#fff3b0",
    [TRACE_STATUS_FAILED] = "#f4b6b6",
    [TRACE_STATUS_CANCELLED] = "#f4d0b6",
    [TRACE_STATUS_QUEUED] = "#cfe2ff",
    [TRACE_STATUS_WAITING] = "#e2d4f7",
    [TRACE_STATUS_DONE] = "#c9ecc9",
    [TRACE_STATUS_SKIPPED] = "#e0e0e0",
    [TRACE_STATUS_IDLE] = "#ffffff",
};

static const char *edge_word(const struct trace_edge *edge)
{
    return edge->kind == TRACE_EDGE_STATIC ? "" : trace_edge_kind_name(edge->kind);
}

static int write_dot(struct trace_export *export)
{
    int status = go_to(export);
    const struct trace_state *state = &export->source.state;
    struct str *out = &export->out.buffer;
    if (status < 0)
        return status;
    str_add(out, "digraph \"");
    add_label(out, state->workflow ? state->workflow : "", "\\\"");
    str_addf(
        out, "\" {\n  label=\"after event %" PRIu64 ", step %" PRIu64 "\";\n", state->event, state->step);
    str_add(out, "  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n");
    for (flow_task i = 0; i < state->tasks.count; i++) {
        str_addf(out, "  n%u [label=\"", i);
        add_task_label(out, state, i, "\\\"", "\\n");
        str_addf(out, "\", fillcolor=\"%s\"%s];\n", colours[trace_state_task_status(state, i)],
            state->tasks.at[i].creator != FLOW_TASK_NONE ? ", peripheries=2" : "");
    }
    vec_foreach (const struct trace_edge, edge, &state->edges) {
        if (edge->from >= state->tasks.count)
            continue; /* from nowhere */
        str_addf(out, "  n%u -> n%u [label=\"%s", edge->from, edge->to, edge_word(edge));
        if (edge->count)
            str_addf(out, "%s%" PRIu64, *edge_word(edge) ? " " : "", edge->count);
        str_addf(out, "\"%s];\n", edge->kind == TRACE_EDGE_STATIC ? "" : ", style=dashed");
    }
    str_add(out, "}\n");
    return status;
}

static int write_mermaid(struct trace_export *export)
{
    int status = go_to(export);
    const struct trace_state *state = &export->source.state;
    struct str *out = &export->out.buffer;
    if (status < 0)
        return status;
    str_addf(
        out, "%%%% after event %" PRIu64 ", step %" PRIu64 "\nflowchart LR\n", state->event, state->step);
    for (flow_task i = 0; i < state->tasks.count; i++) {
        str_addf(out, "  n%u[\"", i);
        add_task_label(out, state, i, "#quot;", "<br/>");
        str_addf(out, "\"]\n  style n%u fill:%s,stroke:#555,color:#000\n", i,
            colours[trace_state_task_status(state, i)]);
    }
    vec_foreach (const struct trace_edge, edge, &state->edges) {
        const char *arrow = edge->kind == TRACE_EDGE_STATIC ? "-->" : "-.->";
        if (edge->from >= state->tasks.count)
            continue;
        str_addf(out, "  n%u %s", edge->from, arrow);
        if (*edge_word(edge) || edge->count)
            str_addf(out, "|\"%s%s%" PRIu64 "\"|", edge_word(edge), *edge_word(edge) ? " " : "", edge->count);
        str_addf(out, " n%u\n", edge->to);
    }
    return status;
}

const struct trace_format trace_format_dot = {
    .name = "dot", .ending = ".dot", .is_graph = true, .write = write_dot};
const struct trace_format trace_format_mermaid = {
    .name = "mermaid", .ending = ".mmd", .is_graph = true, .write = write_mermaid};

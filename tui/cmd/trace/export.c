/* flowdbg trace export: a trace in other forms. */
#include "tui/cmd/trace/export.h"

#include <string.h>

#include "base/vec.h"

static const struct trace_format *const formats[] = {
    &trace_format_jsonl,
    &trace_format_chrome,
    &trace_format_dot,
    &trace_format_mermaid,
#ifdef HAVE_SQLITE
    &trace_format_sqlite,
#endif
};
enum { FORMATS = sizeof formats / sizeof *formats };

static bool has_ending(const char *path, const char *ending)
{
    size_t length = strlen(path), extra = strlen(ending);
    return length > extra && strcmp(path + length - extra, ending) == 0;
}

/* By name, else by the ending of the output, else the first. */
static const struct trace_format *choose(const struct trace_args *args)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (args->format ? strcmp(args->format, formats[i]->name) == 0
                         : args->output && has_ending(args->output, formats[i]->ending))
            return formats[i];
    }
    return args->format ? NULL : formats[0];
}

static int refuse_format(const char *name)
{
    struct str text = {0};
    str_addf(&text, "there is no format '%s'; there are:", name);
    for (size_t i = 0; i < FORMATS; i++)
        str_addf(&text, "%s %s", i ? "," : "", formats[i]->name);
#ifndef HAVE_SQLITE
    if (strcmp(name, "sqlite") == 0)
        str_add(&text, " (this flowdbg was built without SQLite)");
#endif
    int code = trace_complain("--format", str_text(&text));
    str_finish(&text);
    return code;
}

static int export_as(struct trace_export *export, const struct trace_format *format)
{
    struct trace_args *args = export->args;
    if (!trace_source_open(&export->source, args->operands[0]))
        return TRACE_CANNOT;
    export->source.progress.verb = "exporting";
    if (!format->opens_own_output &&
        !trace_out_open(&export->out, args->output, args->is_forced, args->operands[0]))
        return TRACE_CANNOT;
    int status = format->write(export);
    trace_progress_end(&export->source.progress);
    int code = status < 0 ? TRACE_CANNOT : TRACE_FINE;
    if (!format->opens_own_output)
        code = trace_out_close(&export->out, code);
    if (code == TRACE_FINE && status == FLOW_OK)
        code = trace_source_end(&export->source);
    return code;
}

static int run(struct trace_args *args)
{
    const struct trace_format *format = choose(args);
    struct trace_export export = {.args = args};
    if (!format)
        return refuse_format(args->format);
    if (args->has_at && !format->is_graph)
        return trace_complain("--at", "it belongs to the formats dot and mermaid, which draw the graph");
    if (format->opens_own_output && !args->output)
        return trace_complain(format->name, "this format needs --output=FILE");
    int code = export_as(&export, format);
    trace_source_finish(&export.source);
    return code;
}

static const struct trace_option *const options[] = {
    &trace_option_format, &trace_option_output, &trace_option_force, &trace_option_at, NULL};

const struct trace_command trace_export = {
    .name = "export",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary = "write it as JSON Lines, Chrome trace, DOT, Mermaid, SQLite",
    .options = options,
    .more = "Formats (--format, or by the ending of --output):\n"
            "  jsonl    .jsonl   every event and note, lossless; docs/trace-text.md; flowdbg trace import "
            "reads it\n"
            "  chrome   .json    Chrome trace JSON: steps, queue and numbers of the channel over time "
            "(Perfetto)\n"
            "  dot      .dot     the graph as it was after the last event, or --at; for Graphviz\n"
            "  mermaid  .mmd     the same for Mermaid\n"
#ifdef HAVE_SQLITE
            "  sqlite   .db      tables of events, tasks, edges and keys\n"
#endif
            "The first one is used where nothing is said. Values are exported as they are, secrets too.",
    .run = run,
};

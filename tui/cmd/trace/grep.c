/* flowdbg trace grep: the events whose line matches. */
#include <inttypes.h>
#include <regex.h>
#include <string.h>

#include "tui/cmd/trace/trace.h"

struct search {
    struct trace_source source;
    struct trace_out out;
    regex_t pattern;
    struct str line;
    uint64_t found;
};

/* The line without its number and time. */
static bool matches(struct search *search)
{
    char text[2000];
    trace_print_event(&search->source.state, &search->source.event, text, sizeof text);
    return regexec(&search->pattern, text, 0, NULL, 0) == 0;
}

static int search_all(struct search *search, const struct trace_args *args)
{
    bool is_reading = true;
    while (is_reading && trace_source_next(&search->source)) {
        if (trace_filter_takes(&args->filter, &search->source) && matches(search) != args->is_inverted) {
            search->found++;
            if (!args->is_counting)
                trace_add_line(&search->out.buffer, &search->source, args->has_times);
        }
        is_reading = trace_out_flush_some(&search->out) && search->source.event.number <= args->filter.to;
    }
    if (args->is_counting)
        str_addf(&search->out.buffer, "%" PRIu64 "\n", search->found);
    trace_progress_end(&search->source.progress);
    int code = trace_out_close(&search->out, search->found ? TRACE_FINE : TRACE_DIFFERS);
    if (code != TRACE_CANNOT && is_reading) {
        int damage = trace_source_end(&search->source);
        code = damage > code ? damage : code;
    }
    return code;
}

static int run(struct trace_args *args)
{
    struct search search = {.found = 0};
    int code = TRACE_CANNOT;
    int flags = REG_EXTENDED | REG_NOSUB | (args->is_caseless ? REG_ICASE : 0);
    int problem = regcomp(&search.pattern, args->operands[0], flags);
    if (problem != 0) {
        char text[200];
        regerror(problem, &search.pattern, text, sizeof text);
        return trace_complain(args->operands[0], text);
    }
    if (trace_source_open(&search.source, args->operands[1]) &&
        trace_out_open(&search.out, NULL, false, NULL))
        code = search_all(&search, args);
    trace_source_finish(&search.source);
    regfree(&search.pattern);
    return code;
}

static const struct trace_option *const options[] = {&trace_option_caseless, &trace_option_invert,
    &trace_option_count, &trace_option_from, &trace_option_to, &trace_option_step, &trace_option_kind,
    &trace_option_task, &trace_option_key, &trace_option_origin, &trace_option_notes, &trace_option_times,
    NULL};

const struct trace_command trace_grep = {
    .name = "grep",
    .operands = "PATTERN FILE",
    .least = 2,
    .most = 2,
    .summary = "the events whose line matches",
    .options = options,
    .more =
        "Prints the lines of `flowdbg trace dump` that PATTERN, an extended regular expression, matches. An\n"
        "empty PATTERN matches all. Exit code 1: none did.",
    .run = run,
};

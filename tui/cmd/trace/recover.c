/* flowdbg trace recover: what can still be read of a damaged trace, as a whole one. */
#include <inttypes.h>
#include <unistd.h>

#include "trace/writer.h"
#include "tui/cmd/trace/trace.h"

enum { HALF_SIZE = 256 << 10 };

struct rescue {
    struct trace_source source;
    struct trace_ring *ring;
    struct trace_writer *writer;
};

static int copy(struct rescue *rescue, int to, const char *output)
{
    struct flow_error err = FLOW_ERROR_INIT;
    int status = trace_ring_create(&rescue->ring, HALF_SIZE, &err);
    struct trace_writer_options options = {.size = sizeof options, .ring = rescue->ring, .fd = to};
    if (status == FLOW_OK)
        status = trace_writer_create(&rescue->writer, &options, &err);
    if (status < 0)
        return trace_complain(output, err.text);
    while (trace_source_next(&rescue->source))
        trace_writer_append(rescue->writer, &rescue->source.event);
    trace_writer_flush(rescue->writer);
    if (trace_writer_problem(rescue->writer))
        return trace_complain(output, trace_writer_problem(rescue->writer));
    int code = trace_source_end(&rescue->source);
    printf("%s: %" PRIu64 " events, %" PRIu64 " steps%s\n", output, rescue->source.state.event,
        rescue->source.state.step, code == TRACE_FINE ? ", nothing was missing" : "");
    return code;
}

static int run(struct trace_args *args)
{
    struct rescue rescue = {.ring = NULL};
    int code = TRACE_CANNOT;
    if (!args->output)
        return trace_complain(NULL, "recover needs --output=FILE for what it finds");
    if (trace_source_open(&rescue.source, args->operands[0])) {
        int to = trace_create_file(args->output, args->is_forced, args->operands[0]);
        if (to >= 0) {
            code = copy(&rescue, to, args->output);
            trace_writer_destroy(rescue.writer);
            trace_ring_destroy(rescue.ring);
            close(to);
        }
    }
    trace_source_finish(&rescue.source);
    return code;
}

static const struct trace_option *const options[] = {&trace_option_output, &trace_option_force, NULL};

const struct trace_command trace_recover = {
    .name = "recover",
    .operands = "FILE -o OUT",
    .least = 1,
    .most = 1,
    .summary = "copy what is whole of a damaged trace",
    .options = options,
    .more = "Writes every event up to the first that is damaged or missing to a new trace, and says what is "
            "wrong\n"
            "with the rest. Exit code 1: something was.",
    .run = run,
};

/* flowdbg trace import: text to trace. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/import.h"
#include "tui/cmd/trace/trace.h"

static uint64_t size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

/* "run.jsonl" becomes "run.trace". */
static void name_output(struct str *out, const char *path)
{
    static const char *const endings[] = {".jsonl", ".json", ".ndjson"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(path + length - ending, endings[i]) == 0) {
            length -= ending;
            break;
        }
    }
    str_add_bytes(out, path, length);
    str_add(out, ".trace");
}

static void report(const struct trace_importer *importer, const char *output)
{
    struct trace_import_counts counts = trace_importer_counts(importer);
    printf("%s: %" PRIu64 " events and %" PRIu64 " notes", output, counts.events, counts.notes);
    if (counts.made_up)
        printf(", %" PRIu64 " of them made up", counts.made_up);
    printf("\n");
    if (counts.unknown)
        printf("%" PRIu64 " fields that are not in the format were passed over, the first is \"%s\"\n",
            counts.unknown, counts.first_unknown);
}

static int import_all(const struct trace_args *args, int from, int to, const char *output)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct trace_importer *importer;
    struct trace_progress progress = {.verb = "importing"};
    uint64_t size = size_of(from);
    int status = trace_importer_create(&importer, from, to, &err);
    if (status < 0)
        return trace_complain(output, err.text);
    while ((status = trace_importer_next(importer, &err)) == FLOW_OK)
        trace_progress_show(&progress, trace_importer_counts(importer).bytes, size, "bytes");
    trace_progress_end(&progress);
    int code = TRACE_FINE;
    if (status < 0) {
        trace_complain(args->operands[0], err.text);
        bool has_some = trace_importer_counts(importer).events > 0;
        code = status == FLOW_EFORMAT && has_some ? TRACE_DIFFERS : TRACE_CANNOT;
    } else if (trace_importer_missing(importer)) {
        trace_complain(args->operands[0], trace_importer_missing(importer));
        code = TRACE_DIFFERS;
    }
    if (trace_importer_flush(importer, &err) < 0)
        code = trace_complain(output, err.text);
    else if (code != TRACE_CANNOT)
        report(importer, output);
    trace_importer_destroy(importer);
    return code;
}

static int run(struct trace_args *args)
{
    struct str name = {0};
    bool is_stdin = strcmp(args->operands[0], "-") == 0;
    int code = TRACE_CANNOT, to = -1;
    int from = is_stdin ? STDIN_FILENO : open(args->operands[0], O_RDONLY | O_CLOEXEC);
    if (is_stdin && !args->output)
        return trace_complain(NULL, "import of standard input needs --output=FILE");
    if (from < 0)
        return trace_complain(args->operands[0], strerror(errno));
    if (args->output)
        str_add(&name, args->output);
    else
        name_output(&name, args->operands[0]);
    to = trace_create_file(str_text(&name), args->is_forced, is_stdin ? NULL : args->operands[0]);
    if (to >= 0) {
        code = import_all(args, from, to, str_text(&name));
        close(to);
        if (code == TRACE_CANNOT)
            unlink(str_text(&name));
    }
    if (!is_stdin)
        close(from);
    str_finish(&name);
    return code;
}

static const struct trace_option *const options[] = {&trace_option_output, &trace_option_force, NULL};

const struct trace_command trace_import = {
    .name = "import",
    .operands = "FILE.jsonl",
    .least = 1,
    .most = 1,
    .summary = "make a trace of JSON Lines, from any producer",
    .options = options,
    .more =
        "Reads JSON Lines (- is standard input) as `flowdbg trace export` or any other program writes them\n"
        "and makes a trace: FILE.trace, unless --output says otherwise. docs/trace-text.md tells what a "
        "line\n"
        "must say at least. Exit code 1: the text is cut off, or a line is wrong; what came before it has "
        "been\n"
        "imported.",
    .run = run,
};

/* flowdbg graph: the drawing of a workflow, of a recorded run, or of an edge list, as text. */
#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "trace/format.h"
#include "tui/cmd/cmd.h"
#include "tui/graph/edge_list.h"
#include "tui/graph/print.h"

#define LIST_SIZE_MAX (64u << 20)

static bool is_list(const char *file)
{
    const char *dot = strrchr(file, '.');
    return strcmp(file, "-") == 0 || (dot && strcmp(dot, ".edges") == 0);
}

static bool is_trace(const char *path)
{
    uint8_t expected[FORMAT_FILE_HEADER_SIZE], begin[8];
    FILE *file = fopen(path, "re");
    size_t got = file ? fread(begin, 1, sizeof begin, file) : 0;
    if (file)
        fclose(file);
    format_pack_file_header(expected);
    return got == sizeof begin && memcmp(begin, expected, sizeof begin) == 0;
}

static int read_all(FILE *file, struct str *out, struct flow_error *err)
{
    char piece[16384];
    size_t got;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) {
        if (out->length + got > LIST_SIZE_MAX)
            return flow_error_set(err, FLOW_ELIMIT, "more than %u MiB", LIST_SIZE_MAX >> 20);
        if (str_add_bytes(out, piece, got) < 0)
            return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
    return ferror(file) ? flow_error_set(err, FLOW_EIO, "%s", strerror(errno)) : FLOW_OK;
}

static int add_list(struct graph_layout *g, const char *path, struct flow_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct str text = {0};
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    int status = file ? read_all(file, &text, err) : flow_error_set(err, FLOW_EIO, "%s", strerror(errno));
    if (status == FLOW_OK)
        status = graph_edge_list_read(g, str_text(&text), text.length, err);
    str_finish(&text);
    if (file && !is_stdin)
        fclose(file);
    return status < 0 ? flow_error_prefix(err, "%s", is_stdin ? "standard input" : path) : FLOW_OK;
}

static bool layout_kind(unsigned kind, enum graph_edge_kind *out)
{
    switch ((enum trace_edge_kind)kind) {
    case TRACE_EDGE_STATIC: *out = GRAPH_STATIC; return true;
    case TRACE_EDGE_NEXT_TASK: *out = GRAPH_NEXT; return true;
    case TRACE_EDGE_GOTO: *out = GRAPH_GOTO; return true;
    case TRACE_EDGE_ITERATION: *out = GRAPH_ITERATION; return true;
    case TRACE_EDGE_MANUAL: return false; /* it comes from a person, not from a task */
    }
    return false;
}

static int add_state(struct graph_layout *g, const struct trace_state *state, struct flow_error *err)
{
    int status = FLOW_OK;
    for (size_t i = 0; i < state->tasks.count && status >= 0; i++)
        status = graph_layout_add_node(g, state->tasks.at[i].id, NULL);
    for (size_t i = 0; i < state->edges.count && status >= 0; i++) {
        const struct trace_edge *edge = &state->edges.at[i];
        enum graph_edge_kind kind;
        if (layout_kind(edge->kind, &kind) && edge->from != FLOW_TASK_NONE && edge->to != FLOW_TASK_NONE)
            status = graph_layout_add_edge(g, edge->from, edge->to, kind, NULL);
    }
    return status < 0 ? flow_error_set(err, status, "out of memory") : FLOW_OK;
}

/* Folds the trace up to where it can be read; *entry is the task that was first in the queue. A damaged end
 * is told on stderr and what came before it is drawn. */
static int fold(struct trace_reader *reader, struct trace_state *state, flow_task *entry, const char *path)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_event event;
    int status;
    while ((status = trace_reader_next(reader, &event, &err)) == FLOW_OK) {
        if ((status = trace_state_apply(state, &event, &err)) < 0)
            break;
        if (*entry == FLOW_TASK_NONE && state->queue.count > 0)
            *entry = state->queue.at[0].task;
    }
    const char *why = status < 0 ? err.text : trace_reader_missing(reader);
    if (why) {
        struct str text = {0};
        str_addf(
            &text, "%s: %s; this is the graph after event %llu", path, why, (unsigned long long)state->event);
        cmd_complain(stderr, str_text(&text));
        str_finish(&text);
    }
    return status == FLOW_ENOMEM ? status : FLOW_OK;
}

static int add_trace(struct graph_layout *g, const char *path, struct flow_error *err)
{
    struct trace_reader *reader = NULL;
    struct trace_state state;
    flow_task entry = FLOW_TASK_NONE;
    int status = trace_reader_open(&reader, path, err);
    if (status < 0)
        return status;
    trace_state_init(&state);
    status = fold(reader, &state, &entry, path);
    status = status < 0 ? flow_error_set(err, status, "out of memory") : add_state(g, &state, err);
    if (status == FLOW_OK && entry < state.tasks.count)
        graph_layout_set_entry(g, entry);
    trace_state_finish(&state);
    trace_reader_destroy(reader);
    return status;
}

/* Lets the inferior load the workflow, and takes the graph as it is before the first task. */
static int add_workflow(struct graph_layout *g, const struct dbg_config *config, struct flow_error *err)
{
    struct dbg_session *session = NULL;
    int status = dbg_session_create(&session, config, err);
    if (status == FLOW_OK)
        status = dbg_session_start(session, err);
    if (status == FLOW_OK) {
        int interrupt = cmd_interrupt_begin(dbg_session_status(session)->pid);
        dbg_session_wait(session, -1, interrupt);
        cmd_interrupt_end();
        const struct trace_state *state = dbg_session_state(session);
        if (*dbg_session_load_error(session))
            status = flow_error_set(err, FLOW_ETASK, "%s", dbg_session_load_error(session));
        else
            status = add_state(g, state, err);
        if (status == FLOW_OK && state->queue.count > 0)
            graph_layout_set_entry(g, state->queue.at[0].task);
    }
    dbg_session_destroy(session);
    return status;
}

/* Columns there are, 0: as many as it takes. */
static int32_t room(const struct cli_options *options)
{
    struct winsize size;
    if (options->graph.width > 0)
        return options->graph.width;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* The largest zoom at which it fits; where none does, the smallest that shows names. */
static int fit(struct graph_layout *g, int32_t columns)
{
    int status = FLOW_OK;
    for (int zoom = GRAPH_LINE; zoom <= GRAPH_DOT && status >= 0 && graph_layout_width(g) > columns; zoom++)
        status = graph_layout_set_zoom(g, (enum graph_zoom)zoom);
    if (status >= 0 && graph_layout_width(g) > columns)
        status = graph_layout_set_zoom(g, GRAPH_LINE);
    return status;
}

static int print(struct graph_layout *g, const struct cli_options *options)
{
    bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    int status = graph_layout_update(g);
    if (status < 0)
        return status;
    if (options->graph.is_json) {
        const char *slash = strrchr(options->config.file, '/');
        return graph_print_json(g, slash ? slash + 1 : options->config.file, stdout);
    }
    if (!options->graph.is_zoom_chosen && room(options) > 0)
        status = fit(g, room(options));
    if (status < 0)
        return status;
    return graph_print_text(g, options->is_ascii || !is_utf8 ? GRAPH_ASCII : GRAPH_UNICODE, is_utf8, stdout);
}

int cmd_graph(const struct cli_options *options)
{
    struct graph_layout_options look = {.zoom = options->graph.zoom, .direction = options->graph.direction};
    struct flow_error err = FLOW_ERROR_INIT;
    struct graph_layout *g = NULL;
    const char *file = options->config.file;
    int status = graph_layout_create(&g, &look);
    if (status < 0)
        flow_error_set(&err, status, "out of memory");
    else if (is_list(file))
        status = add_list(g, file, &err);
    else
        status = is_trace(file) ? add_trace(g, file, &err) : add_workflow(g, &options->config, &err);
    if (status == FLOW_OK && (status = print(g, options)) < 0)
        flow_error_set(&err, status, "out of memory");
    if (status < 0)
        cmd_complain(stderr, err.text);
    graph_layout_destroy(g);
    return status < 0 ? 2 : 0;
}

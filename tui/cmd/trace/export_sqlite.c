/* A database: events and notes with their fields by name, and the run's tasks, edges and keys at the end. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/text_words.h"
#include "trace/text_write.h"
#include "tui/cmd/trace/export.h"

static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE events (n INTEGER NOT NULL, note INTEGER NOT NULL, step INTEGER, t_ns INTEGER, kind TEXT "
    "NOT NULL,"
    " origin TEXT, task TEXT, other TEXT, entry INTEGER, iteration INTEGER, reason TEXT, cause INTEGER,"
    " position INTEGER, count INTEGER, code, key TEXT, value TEXT, old TEXT, text, detail,"
    " PRIMARY KEY (n, note)) WITHOUT ROWID;"
    "CREATE TABLE tasks (id TEXT PRIMARY KEY, number INTEGER, status TEXT, runs INTEGER, completed INTEGER,"
    " failures INTEGER, iterations INTEGER, creator TEXT, location TEXT) WITHOUT ROWID;"
    "CREATE TABLE edges (source TEXT, target TEXT, kind TEXT, count INTEGER);"
    "CREATE TABLE keys (name TEXT PRIMARY KEY, value TEXT, writes INTEGER, event INTEGER, step INTEGER)"
    " WITHOUT ROWID;"
    "BEGIN";
static const char finish[] = "CREATE INDEX events_kind ON events (kind); CREATE INDEX events_task ON events "
                             "(task) WHERE task IS NOT NULL;"
                             "CREATE INDEX events_key ON events (key) WHERE key IS NOT NULL; CREATE INDEX "
                             "events_step ON events (step);"
                             "COMMIT";

struct database {
    sqlite3 *db;
    sqlite3_stmt *insert;
    struct str scratch;
};

static void bind_bytes(sqlite3_stmt *s, int at, const char *bytes, size_t length)
{
    if (length == 0)
        sqlite3_bind_null(s, at);
    else if (utf8_is_valid(bytes, length))
        sqlite3_bind_text64(s, at, bytes, length, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_bind_blob64(s, at, bytes, length, SQLITE_TRANSIENT);
}

static void bind_name(sqlite3_stmt *s, int at, const char *name)
{
    if (name)
        bind_bytes(s, at, name, strlen(name));
    else
        sqlite3_bind_null(s, at);
}

static void bind_value(struct database *d, sqlite3_stmt *s, int at, struct flow_value value)
{
    str_clear(&d->scratch);
    trace_text_write_value(&d->scratch, value);
    bind_bytes(s, at, str_text(&d->scratch), d->scratch.length);
}

static const char *task_name(const struct trace_state *state, flow_task task)
{
    return task < state->tasks.count ? state->tasks.at[task].id : NULL;
}

static void bind_numbers(sqlite3_stmt *s, const struct flow_event *event, uint32_t fields)
{
    const struct {
        uint32_t field;
        int at;
        uint64_t number;
    } numbers[] = {{FLOW_F_ENTRY, 9, event->entry}, {FLOW_F_ITERATION, 10, event->iteration},
        {FLOW_F_CAUSE, 12, event->cause}, {FLOW_F_POSITION, 13, event->position},
        {FLOW_F_COUNT, 14, event->count}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (fields & numbers[i].field)
            sqlite3_bind_int64(s, numbers[i].at, (sqlite3_int64)numbers[i].number);
    if (fields & FLOW_F_REASON)
        bind_name(s, 11, flow_reason_name(event->reason));
    if (fields & FLOW_F_CODE && text_code_word(event->kind, event->code))
        bind_name(s, 15, text_code_word(event->kind, event->code));
    else if (fields & FLOW_F_CODE)
        sqlite3_bind_int(s, 15, event->code);
}

static int insert_event(struct database *d, const struct trace_source *source)
{
    const struct flow_event *event = &source->event;
    const struct flow_event_info *info = flow_event_info(event->kind);
    uint32_t fields = info ? info->fields : 0;
    sqlite3_stmt *s = d->insert;
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    sqlite3_bind_int64(s, 1, (sqlite3_int64)event->number);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)source->note);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)event->step);
    if (event->has_time)
        sqlite3_bind_int64(s, 4, event->time_ns);
    bind_name(s, 5, info ? info->name : "?");
    bind_name(s, 6, flow_origin_name(event->origin));
    if (fields & FLOW_F_TASK)
        bind_name(s, 7, task_name(&source->state, event->task));
    if (fields & FLOW_F_OTHER)
        bind_name(s, 8, task_name(&source->state, event->other));
    bind_numbers(s, event, fields);
    if (fields & FLOW_F_KEY && event->key < source->state.keys.count)
        bind_name(s, 16, source->state.keys.at[event->key].name);
    if (fields & FLOW_F_VALUE)
        bind_value(d, s, 17, event->value);
    if (fields & FLOW_F_OLD && !(event->kind == FLOW_EV_CHANNEL_SET && !event->code))
        bind_value(d, s, 18, event->old);
    if (fields & FLOW_F_TEXT)
        bind_bytes(s, 19, event->text, event->text_length);
    if (fields & FLOW_F_DETAIL)
        bind_bytes(s, 20, event->detail, event->detail_length);
    return sqlite3_step(s) == SQLITE_DONE ? FLOW_OK : FLOW_EIO;
}

/* Runs a statement once for each of `count` rows. */
static int insert_rows(struct database *d, const struct trace_state *state, const char *sql, size_t count,
    void (*bind)(struct database *d, sqlite3_stmt *s, const struct trace_state *state, size_t row))
{
    sqlite3_stmt *s = NULL;
    int status = sqlite3_prepare_v2(d->db, sql, -1, &s, NULL) == SQLITE_OK ? FLOW_OK : FLOW_EIO;
    for (size_t i = 0; status == FLOW_OK && i < count; i++) {
        sqlite3_reset(s);
        sqlite3_clear_bindings(s);
        bind(d, s, state, i);
        status = sqlite3_step(s) == SQLITE_DONE ? FLOW_OK : FLOW_EIO;
    }
    sqlite3_finalize(s);
    return status;
}

static void bind_task(struct database *d, sqlite3_stmt *s, const struct trace_state *state, size_t row)
{
    const struct trace_task *task = &state->tasks.at[row];
    bind_name(s, 1, task->id);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)row);
    bind_name(s, 3, trace_status_name(trace_state_task_status(state, (flow_task)row)));
    sqlite3_bind_int64(s, 4, (sqlite3_int64)task->runs);
    sqlite3_bind_int64(s, 5, (sqlite3_int64)task->completed);
    sqlite3_bind_int64(s, 6, (sqlite3_int64)task->failures);
    sqlite3_bind_int64(s, 7, (sqlite3_int64)task->iterations);
    bind_name(s, 8, task_name(state, task->creator));
    bind_name(s, 9, task->location);
}

static void bind_edge(struct database *d, sqlite3_stmt *s, const struct trace_state *state, size_t row)
{
    const struct trace_edge *edge = &state->edges.at[row];
    bind_name(s, 1, task_name(state, edge->from));
    bind_name(s, 2, task_name(state, edge->to));
    bind_name(s, 3, trace_edge_kind_name(edge->kind));
    sqlite3_bind_int64(s, 4, (sqlite3_int64)edge->count);
}

static void bind_key(struct database *d, sqlite3_stmt *s, const struct trace_state *state, size_t row)
{
    const struct trace_key *key = &state->keys.at[state->order.at[row]];
    bind_name(s, 1, key->name);
    bind_value(d, s, 2, key->value);
    sqlite3_bind_int64(s, 3, (sqlite3_int64)key->writes);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)key->event);
    sqlite3_bind_int64(s, 5, (sqlite3_int64)key->step);
}

static void bind_meta(struct database *d, sqlite3_stmt *s, const struct trace_state *state, size_t row)
{
    static const char *const names[] = {"workflow", "outcome", "message", "events", "steps", "producer"};
    const char *texts[] = {state->workflow, flow_outcome_name(state->outcome), state->message, NULL, NULL,
        "flowdbg " FLOWDBG_VERSION};
    bind_name(s, 1, names[row]);
    if (row == 3 || row == 4)
        sqlite3_bind_int64(s, 2, (sqlite3_int64)(row == 3 ? state->event : state->step));
    else
        bind_name(s, 2, texts[row]);
}

static int insert_state(struct database *d, const struct trace_state *state)
{
    int status =
        insert_rows(d, state, "INSERT INTO tasks VALUES (?,?,?,?,?,?,?,?,?)", state->tasks.count, bind_task);
    if (status == FLOW_OK)
        status = insert_rows(d, state, "INSERT INTO edges VALUES (?,?,?,?)", state->edges.count, bind_edge);
    if (status == FLOW_OK)
        status = insert_rows(d, state, "INSERT INTO keys VALUES (?,?,?,?,?)", state->order.count, bind_key);
    if (status == FLOW_OK)
        status = insert_rows(d, state, "INSERT INTO meta VALUES (?,?)", 6, bind_meta);
    return status;
}

static int fill(struct database *d, struct trace_export *export)
{
    static const char sql[] = "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    if (sqlite3_exec(d->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(d->db, sql, -1, &d->insert, NULL) != SQLITE_OK)
        return FLOW_EIO;
    int status = FLOW_OK;
    while (status == FLOW_OK && trace_source_next(&export->source))
        status = insert_event(d, &export->source);
    if (status == FLOW_OK)
        status = insert_state(d, &export->source.state);
    if (status == FLOW_OK && sqlite3_exec(d->db, finish, NULL, NULL, NULL) != SQLITE_OK)
        status = FLOW_EIO;
    return status;
}

static int write_database(struct trace_export *export)
{
    const char *path = export->args->output;
    struct database d = {.db = NULL};
    int status = FLOW_EIO;
    int fd = trace_create_file(path, export->args->is_forced, export->args->operands[0]);
    if (fd < 0)
        return FLOW_EIO;
    close(fd);
    if (sqlite3_open(path, &d.db) == SQLITE_OK) {
        /* A file that nobody else has: no journal is needed to undo it. */
        sqlite3_exec(d.db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
        status = fill(&d, export);
    }
    if (status < 0)
        trace_complain(path, sqlite3_errmsg(d.db));
    sqlite3_finalize(d.insert);
    sqlite3_close(d.db);
    str_finish(&d.scratch);
    return status;
}

const struct trace_format trace_format_sqlite = {
    .name = "sqlite", .ending = ".db", .opens_own_output = true, .write = write_database};

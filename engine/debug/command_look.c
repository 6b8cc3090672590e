#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "debug/command_private.h"
#include "debug/session_private.h"

/* Lines of source shown around a task's first line. */
#define LINES_BEFORE 2
#define LINES_AFTER  15
#define LARGEST_FILE (4u << 20)

/* A value on one line where it is short, else a member or an item a line. */
static void print_value(struct str *out, struct flow_value value, unsigned depth)
{
    const size_t short_enough = 100;
    size_t needed = flow_value_print(value, NULL, 0);
    bool is_nested = value.type == FLOW_TYPE_LIST || value.type == FLOW_TYPE_MAP;
    if (!is_nested || needed <= short_enough || depth > 20) {
        char *text = mem_alloc(needed + 1);
        if (text)
            flow_value_print(value, text, needed + 1);
        str_add(out, text ? text : "(out of memory)");
        mem_free(text);
        return;
    }
    for (size_t i = 0; i < flow_value_count(value); i++) {
        str_addf(out, "\n%*s", (int)(depth + 1) * 2, "");
        if (value.type == FLOW_TYPE_LIST) {
            str_addf(out, "[%zu] ", i);
            print_value(out, flow_list_at(value, i), depth + 1);
        } else {
            struct flow_member member = flow_map_at(value, i);
            str_addf(out, "%s: ", flow_value_text(member.key, NULL));
            print_value(out, member.value, depth + 1);
        }
    }
}

void dbg_command_print(DBG_COMMAND_ARGS)
{
    if (argc != 1) {
        dbg_fail(reply, "print which key? print KEY; info channels shows all");
        return;
    }
    flow_key found = dbg_find_key(session, argv[0], reply);
    if (found == FLOW_KEY_NONE)
        return;
    const struct trace_key *key = &dbg_shown(session)->keys.at[found];
    struct str text = {0};
    print_value(&text, key->value, 0);
    dbg_say(reply, "%s = %s", key->name, str_text(&text));
    str_finish(&text);
}

/* Splits "file:line". */
static bool parse_location(const char *location, struct str *file, unsigned long *line)
{
    const char *colon = strrchr(location, ':');
    char *end;
    if (!colon || colon == location)
        return false;
    *line = strtoul(colon + 1, &end, 10);
    str_add_bytes(file, location, (size_t)(colon - location));
    return end != colon + 1 && !*end && !file->failed;
}

/* The text of a source that no plugin reported: a native plugin's, where it still stands. */
static char *read_source(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    char *text = file ? mem_alloc(LARGEST_FILE) : NULL;
    *length = text ? fread(text, 1, LARGEST_FILE, file) : 0;
    if (file)
        fclose(file);
    return text;
}

static void list_lines(const char *text, size_t length, unsigned long line, struct dbg_reply *reply)
{
    const char *end = text + length;
    unsigned long first = line > LINES_BEFORE ? line - LINES_BEFORE : 1;
    for (unsigned long n = 1; text < end && n <= line + LINES_AFTER; n++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        if (n >= first)
            dbg_say(reply, "%c%5lu  %.*s", n == line ? '>' : ' ', n, (int)(stop - text), text);
        text = stop + 1;
    }
}

/* The task in question: the named one, the running one, or the one that is next. */
static flow_task choose_task(struct dbg_session *s, char **argv, size_t argc, struct dbg_reply *reply)
{
    if (argc > 0)
        return dbg_find_task(s, argv[0], reply);
    if (dbg_shown(s)->current != FLOW_TASK_NONE)
        return dbg_shown(s)->current;
    if (dbg_shown(s)->queue.count > 0)
        return dbg_shown(s)->queue.at[0].task;
    dbg_fail(reply, "no task is running or next: list TASK");
    return FLOW_TASK_NONE;
}

void dbg_command_list(DBG_COMMAND_ARGS)
{
    flow_task chosen = choose_task(session, argv, argc, reply);
    if (chosen == FLOW_TASK_NONE)
        return;
    const struct trace_task *task = &dbg_shown(session)->tasks.at[chosen];
    struct str file = {0};
    unsigned long line = 0;
    const char *text;
    size_t length;
    if (!task->location || !parse_location(task->location, &file, &line)) {
        dbg_fail(reply, "where %s is defined is not known", task->id);
    } else if (dbg_session_source(session, str_text(&file), &text, &length) == FLOW_OK) {
        dbg_say(reply, "%s is defined at %s", task->id, task->location);
        list_lines(text, length, line, reply);
    } else {
        char *read = read_source(str_text(&file), &length);
        dbg_say(
            reply, "%s is defined at %s%s", task->id, task->location, read ? "" : "; its source is not here");
        if (read)
            list_lines(read, length, line, reply);
        mem_free(read);
    }
    str_finish(&file);
}

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "debug/command_private.h"
#include "debug/session_private.h"

static int add(struct dbg_candidates *out, const char *prefix, const char *text, const char *help)
{
    if (strncmp(text, prefix, strlen(prefix)) != 0)
        return FLOW_OK;
    struct dbg_candidate c = {mem_strdup(text), help ? mem_strdup(help) : NULL};
    if (!c.text || (help && !c.help) || vec_push(out, c) < 0) {
        mem_free(c.text);
        mem_free(c.help);
        return FLOW_ENOMEM;
    }
    return FLOW_OK;
}

/* Names as the command line reads them: quoted where they must be. */
static int add_name(struct dbg_candidates *out, const char *prefix, const char *name, const char *help)
{
    struct str quoted = {0};
    if (*name && !strpbrk(name, " \t\"'\\#"))
        return add(out, prefix, name, help);
    str_add_char(&quoted, '"');
    for (; *name; name++)
        str_addf(&quoted, "%s%c", *name == '"' || *name == '\\' ? "\\" : "", *name);
    str_add_char(&quoted, '"');
    int status = quoted.failed ? FLOW_ENOMEM : add(out, prefix, quoted.text, help);
    str_finish(&quoted);
    return status;
}

static int add_commands(struct dbg_candidates *out, const char *prefix)
{
    size_t count;
    const struct dbg_command *commands = dbg_commands(&count);
    int status = FLOW_OK;
    for (size_t i = 0; i < count && status == FLOW_OK; i++)
        status = add(out, prefix, commands[i].name, commands[i].summary);
    return status;
}

static int add_tasks(struct dbg_session *s, struct dbg_candidates *out, const char *prefix, bool only_queued)
{
    int status = FLOW_OK;
    for (flow_task t = 0; t < dbg_shown(s)->tasks.count && status == FLOW_OK; t++) {
        const struct trace_task *task = &dbg_shown(s)->tasks.at[t];
        if (!only_queued || task->queued > 0)
            status =
                add_name(out, prefix, task->id, trace_status_name(trace_state_task_status(dbg_shown(s), t)));
    }
    return status;
}

static int add_keys(struct dbg_session *s, struct dbg_candidates *out, const char *prefix)
{
    int status = FLOW_OK;
    vec_foreach (const flow_key, key, &dbg_shown(s)->order) {
        char value[40];
        flow_value_print(dbg_shown(s)->keys.at[*key].value, value, sizeof value);
        dbg_cut_utf8(value);
        if (status == FLOW_OK)
            status = add_name(out, prefix, dbg_shown(s)->keys.at[*key].name, value);
    }
    return status;
}

static int add_breakpoints(struct dbg_session *s, struct dbg_candidates *out, const char *prefix)
{
    int status = FLOW_OK;
    vec_foreach (const struct dbg_breakpoint, b, &s->breakpoints) {
        char number[16];
        snprintf(number, sizeof number, "%u", b->number);
        if (status == FLOW_OK)
            status = add(out, prefix, number, b->pattern);
    }
    return status;
}

static int add_marks(struct dbg_session *s, struct dbg_candidates *out, const char *prefix)
{
    int status = FLOW_OK;
    vec_foreach (const struct dbg_mark, mark, &s->marks) {
        char place[40];
        snprintf(place, sizeof place, "event %llu", (unsigned long long)mark->event);
        if (status == FLOW_OK)
            status = add_name(out, prefix, mark->name, place);
    }
    return status;
}

static int add_files(struct dbg_candidates *out, const char *prefix)
{
    const char *slash = strrchr(prefix, '/');
    struct str folder = {0};
    if (slash)
        str_add_bytes(&folder, prefix, (size_t)(slash + 1 - prefix));
    DIR *dir = folder.failed ? NULL : opendir(folder.length ? folder.text : ".");
    int status = FLOW_OK;
    struct dirent *entry;
    while (dir && status == FLOW_OK && (entry = readdir(dir))) {
        struct str path = {0};
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        str_addf(&path, "%s%s", str_text(&folder), entry->d_name);
        if (!path.failed && stat(path.text, &st) == 0 && S_ISDIR(st.st_mode))
            str_add_char(&path, '/');
        status = path.failed ? FLOW_ENOMEM : add(out, prefix, path.text, NULL);
        str_finish(&path);
    }
    if (dir)
        closedir(dir);
    str_finish(&folder);
    return status;
}

static int add_arguments(struct dbg_session *s, const struct dbg_command *command, size_t index,
    const char *prefix, struct dbg_candidates *out)
{
    int status = FLOW_OK;
    switch (command->args[index < 2 ? index : 1]) {
    case DBG_ARG_TASK: return add_tasks(s, out, prefix, false);
    case DBG_ARG_ENTRY: return add_tasks(s, out, prefix, true);
    case DBG_ARG_KEY: return add_keys(s, out, prefix);
    case DBG_ARG_FILE: return add_files(out, prefix);
    case DBG_ARG_BREAKPOINT: return add_breakpoints(s, out, prefix);
    case DBG_ARG_MARK: return add_marks(s, out, prefix);
    case DBG_ARG_NAME:
        status = add_tasks(s, out, prefix, false);
        return status == FLOW_OK ? add_keys(s, out, prefix) : status;
    case DBG_ARG_COMMAND: return add_commands(out, prefix);
    case DBG_ARG_WORD:
        for (size_t i = 0; command->words && command->words[i] && status == FLOW_OK; i++)
            status = add(out, prefix, command->words[i], NULL);
        return status;
    case DBG_ARG_NONE:
    case DBG_ARG_COUNT:
    case DBG_ARG_TEXT: break;
    }
    return status;
}

/* Where the word that ends at `end` begins, and how many words stand before it. A quote holds a word
 * together. */
static size_t find_word(const char *line, size_t end, size_t *before)
{
    size_t start = 0;
    char quote = 0;
    bool is_word = false;
    *before = 0;
    for (size_t i = 0; i < end; i++) {
        bool is_blank = !quote && (line[i] == ' ' || line[i] == '\t');
        if (line[i] == '\\' && quote != '\'' && i + 1 < end)
            i++;
        else if (quote ? line[i] == quote : (line[i] == '"' || line[i] == '\''))
            quote = quote ? 0 : line[i];
        if (is_blank && is_word)
            ++*before;
        if (is_blank)
            start = i + 1;
        is_word = !is_blank;
    }
    return start;
}

int dbg_complete(struct dbg_session *s, const char *line, size_t cursor, struct dbg_candidates *out)
{
    size_t before, length = strlen(line);
    if (cursor > length)
        cursor = length;
    out->start = find_word(line, cursor, &before);
    char *prefix = mem_strndup(line + out->start, cursor - out->start);
    if (!prefix)
        return FLOW_ENOMEM;
    int status = FLOW_OK;
    if (before == 0) {
        status = add_commands(out, prefix);
    } else {
        size_t blanks = strspn(line, " \t");
        char *name = mem_strndup(line + blanks, strcspn(line + blanks, " \t"));
        const struct dbg_command *command = name ? dbg_command_find(name, NULL) : NULL;
        /* set KEY VALUE: text takes the rest of the line, words after it are not arguments. */
        if (command)
            status = add_arguments(s, command, before - 1, prefix, out);
        mem_free(name);
    }
    mem_free(prefix);
    return status;
}

void dbg_candidates_finish(struct dbg_candidates *candidates)
{
    vec_foreach (struct dbg_candidate, c, candidates) {
        mem_free(c->text);
        mem_free(c->help);
    }
    vec_finish(candidates);
}

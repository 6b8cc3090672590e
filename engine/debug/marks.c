/* Marks: names for events. Those of a trace that is kept are kept beside it: a line each, the event's number,
 * a blank, the name. Lines that are something else are passed over. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/session_private.h"

#define FIRST_LINE "flowdbg marks 1"

/* The file's name; false where the trace is not kept. */
static bool file_name(const struct dbg_session *s, const char *ending, struct str *out)
{
    const char *trace = s->config.is_replay ? s->config.file : s->config.record;
    if (!trace)
        return false;
    str_add(out, trace);
    if (!s->config.is_replay && s->generation > 1)
        str_addf(out, ".%llu", (unsigned long long)s->generation);
    str_addf(out, ".marks%s", ending);
    return !out->failed;
}

static int add(struct dbg_session *s, const char *name, size_t length, uint64_t event)
{
    struct dbg_mark mark = {mem_strndup(name, length), event};
    size_t place = 0;
    while (place < s->marks.count && s->marks.at[place].event <= event)
        place++;
    if (!mark.name || vec_insert(&s->marks, place, mark) < 0) {
        mem_free(mark.name);
        return FLOW_ENOMEM;
    }
    s->changed |= DBG_CHANGED_STATUS;
    return FLOW_OK;
}

static struct dbg_mark *find(const struct dbg_session *s, const char *name)
{
    vec_foreach (struct dbg_mark, mark, &s->marks) {
        if (strcmp(mark->name, name) == 0)
            return mark;
    }
    return NULL;
}

static void forget(struct dbg_session *s, struct dbg_mark *mark)
{
    mem_free(mark->name);
    vec_remove(&s->marks, (size_t)(mark - s->marks.at));
    s->changed |= DBG_CHANGED_STATUS;
}

static bool is_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= 200 && strcspn(name, " \t\r\n") == length && utf8_is_valid(name, length);
}

static void read_line(struct dbg_session *s, char *line)
{
    char *end;
    line[strcspn(line, "\r\n")] = '\0';
    errno = 0;
    uint64_t event = strtoull(line, &end, 10);
    if (end != line && *end == ' ' && !errno && is_name(end + 1) && !find(s, end + 1))
        (void)add(s, end + 1, strlen(end + 1), event); /* without memory there is one mark less */
}

void dbg_marks_open(struct dbg_session *s)
{
    struct str path = {0};
    if (file_name(s, "", &path) && !s->config.is_replay)
        unlink(path.text); /* of a run that was recorded here before */
    FILE *file = path.failed || !path.text || !s->config.is_replay ? NULL : fopen(path.text, "re");
    char line[512];
    while (file && s->marks.count < 10000 && fgets(line, sizeof line, file))
        read_line(s, line);
    if (file)
        fclose(file);
    str_finish(&path);
}

void dbg_marks_close(struct dbg_session *s)
{
    vec_foreach (struct dbg_mark, mark, &s->marks)
        mem_free(mark->name);
    vec_finish(&s->marks);
}

static bool write_all(const struct dbg_session *s, const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return false;
    fprintf(file, "%s\n", FIRST_LINE);
    vec_foreach (const struct dbg_mark, mark, &s->marks)
        fprintf(file, "%" PRIu64 " %s\n", mark->event, mark->name);
    bool is_fine = !ferror(file);
    return fclose(file) == 0 && is_fine;
}

/* Writes them anew and puts the file in the place of the old one. */
static int keep(const struct dbg_session *s, struct flow_error *err)
{
    struct str path = {0}, fresh = {0};
    int status = FLOW_OK;
    if (file_name(s, "", &path) && file_name(s, ".new", &fresh) &&
        (!write_all(s, fresh.text) || rename(fresh.text, path.text) < 0)) {
        status = flow_error_set(
            err, FLOW_EIO, "the mark is set but cannot be kept in '%s': %s", path.text, strerror(errno));
        unlink(fresh.text);
    }
    str_finish(&path);
    str_finish(&fresh);
    return status;
}

size_t dbg_mark_count(const struct dbg_session *s)
{
    return s->marks.count;
}

const struct dbg_mark *dbg_mark_at(const struct dbg_session *s, size_t index)
{
    return &s->marks.at[index];
}

int dbg_mark_find(const struct dbg_session *s, const char *name, uint64_t *event)
{
    const struct dbg_mark *mark = find(s, name);
    if (!mark)
        return FLOW_NOT_FOUND;
    *event = mark->event;
    return FLOW_OK;
}

int dbg_mark_set(struct dbg_session *s, const char *name, uint64_t event, struct flow_error *err)
{
    if (!is_name(name))
        return flow_error_set(err, FLOW_EINVAL, "a mark's name is one word, of up to 200 bytes");
    struct dbg_mark *old = find(s, name);
    uint64_t was = old ? old->event : 0;
    bool is_moved = old != NULL;
    if (old)
        forget(s, old); /* its memory is enough for the new one, but for the name */
    if (add(s, name, strlen(name), event) < 0) {
        if (is_moved)
            (void)add(s, name, strlen(name), was);
        return flow_error_set(err, FLOW_ENOMEM, "out of memory");
    }
    return keep(s, err);
}

int dbg_mark_delete(struct dbg_session *s, const char *name, struct flow_error *err)
{
    struct dbg_mark *mark = find(s, name);
    if (!mark)
        return flow_error_set(err, FLOW_ENOENT, "there is no mark '%s'; marks lists them", name);
    forget(s, mark);
    return keep(s, err);
}

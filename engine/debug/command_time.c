/* Looking back: seek, the reverse commands, marks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/command_private.h"
#include "debug/session_private.h"

/* "12", "1.5s", "300ms", "20us": seconds without a unit. */
static bool parse_time(const char *word, int64_t *out_ns)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"ns", 1}, {"m", 6e10}, {"min", 6e10},
        {"h", 3.6e12}};
    char *end;
    double number = strtod(word, &end);
    for (size_t i = 0; end != word && i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) != 0 || !(number >= 0 && number * units[i].ns < 9e18))
            continue;
        *out_ns = (int64_t)(number * units[i].ns);
        return true;
    }
    return false;
}

/* "+3" and "-3" count from what is shown. */
static bool parse_event(const struct dbg_session *s, const char *word, uint64_t *out)
{
    uint64_t here = dbg_shown(s)->event, number;
    bool is_back = *word == '-';
    bool is_relative = is_back || *word == '+';
    if (!dbg_parse_number(word + is_relative, &number))
        return false;
    if (!is_relative)
        *out = number;
    else if (is_back)
        *out = number < here ? here - number : 0;
    else
        *out = number > UINT64_MAX - here ? UINT64_MAX : here + number;
    return true;
}

static bool begins(const char *word, const char *whole)
{
    return *word && strncmp(word, whole, strlen(word)) == 0;
}

static bool parse_mark(
    const struct dbg_session *s, const char *name, struct dbg_place *place, struct dbg_reply *reply)
{
    if (dbg_mark_find(s, name, &place->number) == FLOW_OK)
        return true;
    dbg_fail(reply, "there is no mark '%s'; marks lists them", name);
    return false;
}

static bool parse_place(
    struct dbg_session *s, char **argv, size_t argc, struct dbg_place *place, struct dbg_reply *reply)
{
    const char *what = argc ? argv[0] : "", *which = argc > 1 ? argv[1] : NULL;
    bool is_fine = false;
    *place = (struct dbg_place){.kind = DBG_AT_EVENT};
    if (argc == 1 && begins(what, "end"))
        place->kind = DBG_AT_END, is_fine = true;
    else if (argc == 1 && strlen(what) > 2 && begins(what, "start"))
        place->kind = DBG_AT_START, is_fine = true;
    else if (argc == 1)
        is_fine = parse_event(s, what, &place->number);
    else if (argc == 2 && begins(what, "event"))
        is_fine = parse_event(s, which, &place->number);
    else if (argc == 2 && strlen(what) > 2 && begins(what, "step"))
        place->kind = DBG_AT_STEP, is_fine = dbg_parse_number(which, &place->number) && place->number > 0;
    else if (argc == 2 && begins(what, "time"))
        place->kind = DBG_AT_TIME, is_fine = parse_time(which, &place->time_ns);
    else if (argc == 2 && begins(what, "mark"))
        return parse_mark(s, which, place, reply);
    if (!is_fine)
        dbg_fail(reply, "seek where? an event (12, +3, -3), step 4, time 1.5s, start, end or mark NAME");
    return is_fine;
}

void dbg_command_seek(DBG_COMMAND_ARGS)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct dbg_place place;
    if (!parse_place(session, argv, argc, &place, reply))
        return;
    if (dbg_session_seek(session, &place, &err) != FLOW_OK)
        dbg_fail(reply, "%s", err.code ? err.text : "interrupted: still where it was");
    else
        reply->is_running = true; /* for the front end: something else is shown now */
}

static void go_back(
    struct dbg_session *s, enum dbg_mode mode, char **argv, size_t argc, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct dbg_resume how = {.mode = mode, .count = 1, .is_backwards = true};
    if (argc > 1 || (argc == 1 && (!dbg_parse_number(argv[0], &how.count) || how.count == 0)))
        dbg_fail(reply, "a count is a number from 1 on, not '%s'", argv[argc > 1 ? 1 : 0]);
    else if (dbg_session_resume(s, &how, &err) != FLOW_OK)
        dbg_fail(reply, "%s", err.text);
    else
        reply->is_running = true;
}

void dbg_command_reverse_step(DBG_COMMAND_ARGS)
{
    go_back(session, DBG_MODE_STEP, argv, argc, reply);
}

void dbg_command_reverse_next(DBG_COMMAND_ARGS)
{
    go_back(session, DBG_MODE_NEXT, argv, argc, reply);
}

void dbg_command_reverse_finish(DBG_COMMAND_ARGS)
{
    go_back(session, DBG_MODE_FINISH, argv, argc, reply);
}

void dbg_command_reverse_continue(DBG_COMMAND_ARGS)
{
    go_back(session, DBG_MODE_CONTINUE, argv, argc, reply);
}

/* The first number that no mark is called. */
static void make_name(const struct dbg_session *s, char *name, size_t size)
{
    uint64_t event, number = 1;
    do
        snprintf(name, size, "%" PRIu64, number++);
    while (dbg_mark_find(s, name, &event) == FLOW_OK);
}

void dbg_command_mark(DBG_COMMAND_ARGS)
{
    struct flow_error err = FLOW_ERROR_INIT;
    uint64_t event = dbg_shown(session)->event;
    char name[32];
    make_name(session, name, sizeof name);
    const char *wanted = argc ? argv[0] : name;
    if (argc > 1)
        dbg_fail(reply, "a mark's name is one word: mark [NAME]");
    else if (dbg_tip(session)->event == 0)
        dbg_fail(reply, "nothing has happened yet");
    else if (dbg_mark_set(session, wanted, event, &err) < 0)
        dbg_fail(reply, "%s", err.text);
    else
        dbg_say(reply, "mark %s at event %" PRIu64, wanted, event);
}

void dbg_command_marks(DBG_COMMAND_ARGS)
{
    uint64_t here = dbg_shown(session)->event;
    if (argc > 0)
        dbg_fail(reply, "marks lists them all; mark NAME makes one, seek mark NAME goes to one");
    else if (session->marks.count == 0)
        dbg_say(reply, "no marks: mark [NAME] makes one");
    vec_foreach (const struct dbg_mark, mark, &session->marks)
        if (!reply->is_error)
            dbg_say(reply, "%c%6" PRIu64 "  %s", mark->event == here ? '>' : ' ', mark->event, mark->name);
}

void dbg_delete_mark(struct dbg_session *s, char **argv, size_t argc, struct dbg_reply *reply)
{
    struct flow_error err = FLOW_ERROR_INIT;
    if (argc != 1)
        dbg_fail(reply, "delete which mark? delete mark NAME");
    else if (dbg_mark_delete(s, argv[0], &err) < 0)
        dbg_fail(reply, "%s", err.text);
}

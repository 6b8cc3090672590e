#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "debug/command_private.h"
#include "debug/session_private.h"

/* Scripts that call scripts end here. */
#define DEEPEST_SCRIPT 10

static void help_all(struct dbg_reply *reply)
{
    size_t count;
    const struct dbg_command *commands = dbg_commands(&count);
    const char *group = "";
    for (size_t i = 0; i < count; i++) {
        const struct dbg_command *c = &commands[i];
        char name[80];
        if (strcmp(group, c->group) != 0)
            dbg_say(reply, "%s%s:", i ? "\n" : "", c->group);
        group = c->group;
        snprintf(name, sizeof name, "%s%s%s", c->name, *c->synopsis ? " " : "", c->synopsis);
        dbg_say(reply, "  %-30s  %s%s%s%s", name, c->summary, c->alias ? " (" : "", c->alias ? c->alias : "",
            c->alias ? ")" : "");
    }
    dbg_say(reply, "\nAny beginning of a name that is unique will do. help COMMAND tells more.");
}

void dbg_command_help(DBG_COMMAND_ARGS)
{
    struct flow_error err = FLOW_ERROR_INIT;
    if (argc == 0) {
        help_all(reply);
        return;
    }
    const struct dbg_command *c = dbg_command_find(argv[0], &err);
    if (!c) {
        dbg_fail(reply, "%s", err.text);
        return;
    }
    dbg_say(reply, "%s%s%s: %s", c->name, *c->synopsis ? " " : "", c->synopsis, c->summary);
    if (c->alias)
        dbg_say(reply, "Short: %s", c->alias);
    if (*c->help)
        dbg_say(reply, "%s", c->help);
}

/* One line of a script. False: it failed, the reply says where. */
static bool run_line(
    struct dbg_session *s, const char *path, unsigned number, const char *line, struct dbg_reply *reply)
{
    struct dbg_reply one = {0};
    dbg_execute(s, line, true, &one);
    if (one.is_running) {
        dbg_wait_for_run(s);
        if (s->status.phase == DBG_PHASE_RUNNING)
            dbg_fail(&one, "it still runs after %d s: the script ends here", DBG_UNATTENDED_MS / 1000);
        else if (s->status.phase == DBG_PHASE_IDLE && s->load_error.length)
            dbg_fail(&one, "%s", str_text(&s->load_error));
    }
    if (one.is_error)
        dbg_fail(reply, "%s:%u: %s", path, number, str_text(&one.text));
    else if (one.text.length)
        dbg_say(reply, "%s", str_text(&one.text));
    reply->is_quit = one.is_quit;
    bool goes_on = !one.is_error && !one.is_quit;
    dbg_reply_finish(&one);
    return goes_on;
}

void dbg_command_source(DBG_COMMAND_ARGS)
{
    char *line = NULL;
    size_t size = 0;
    unsigned number = 0;
    if (argc != 1) {
        dbg_fail(reply, "source which file? source FILE");
        return;
    }
    if (session->script_depth >= DEEPEST_SCRIPT) {
        dbg_fail(reply, "%s: scripts call each other %d deep", argv[0], DEEPEST_SCRIPT);
        return;
    }
    FILE *file = fopen(argv[0], "re");
    if (!file) {
        dbg_fail(reply, "%s: %s", argv[0], strerror(errno));
        return;
    }
    session->script_depth++;
    bool goes_on = true;
    ssize_t length;
    while (goes_on && (length = getline(&line, &size, file)) >= 0) {
        if (length > 0 && line[length - 1] == '\n')
            line[length - 1] = '\0';
        goes_on = run_line(session, argv[0], ++number, line, reply);
    }
    if (goes_on && ferror(file))
        dbg_fail(reply, "%s: %s", argv[0], strerror(errno));
    session->script_depth--;
    free(line);
    fclose(file);
}

void dbg_command_quit(DBG_COMMAND_ARGS)
{
    bool is_live = session->status.phase == DBG_PHASE_RUNNING ||
                   (session->status.phase == DBG_PHASE_STOPPED && session->state.step > 0);
    if (is_live && !confirmed) {
        reply->needs_confirm = true;
        dbg_say(reply, "A run is in progress (%s). Quit and kill it?", session->status.text);
        return;
    }
    reply->is_quit = true;
}

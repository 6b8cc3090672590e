/* libFuzzer target: any bytes as command lines and as what is typed so far, in a session that knows a small
 * graph by hand and starts no inferior, and as values.
 *
 *     build-fuzz/tests/fuzz/fuzz_command -max_len=400 -dict=tests/fuzz/command.dict corpus/
 *
 * The first byte chooses: 0 a value, 1 completion, otherwise command lines. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "debug/command.h"
#include "debug/json.h"
#include "debug/session_private.h"
#include "flow/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct dbg_session *session;

static void tell(struct flow_event event, const char *text)
{
    struct flow_error err = FLOW_ERROR_INIT;
    event.number = session->state.event + 1;
    event.text = text;
    event.text_length = text ? strlen(text) : 0;
    int status = trace_state_apply(&session->state, &event, &err);
    assert(status == FLOW_OK);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const tasks[] = {"validate", "repair", "report daily", "\x1b[31m"};
    static const char *const keys[] = {"total", "topic", "a b", "\x1b]0;"};
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_value map;
    struct dbg_config config = {.file = EXAMPLE_PLUGIN};
    (void)argc, (void)argv;
    int status = dbg_session_create(&session, &config, &err);
    assert(status == FLOW_OK);
    status = flow_map_create(&map, NULL, 0);
    assert(status == FLOW_OK);
    tell((struct flow_event){.kind = FLOW_EV_RUN_STARTED, .value = map}, "flow");
    for (uint32_t i = 0; i < 4; i++) {
        tell(
            (struct flow_event){.kind = FLOW_EV_TASK_ADDED, .task = i, .other = FLOW_TASK_NONE, .value = map},
            tasks[i]);
        tell((struct flow_event){.kind = FLOW_EV_CHANNEL_SET, .key = i, .value = flow_int(i)}, keys[i]);
    }
    flow_value_unref(map);
    return 0;
}

/* Whether the line would start a process or read a file. */
static bool reaches_out(const char *line)
{
    static const char *const names[] = {"run", "start", "source"};
    char word[16] = {0};
    struct flow_error err = FLOW_ERROR_INIT;
    line += strspn(line, " \t");
    /* A word may be spelled in quotes: leave them out, as the interpreter does. */
    for (size_t n = 0; *line && !strchr(" \t", *line) && n < sizeof word - 1; line++) {
        if (!strchr("\"'\\", *line))
            word[n++] = *line;
    }
    const struct dbg_command *command = dbg_command_find(word, &err);
    for (size_t i = 0; command && i < sizeof names / sizeof *names; i++) {
        if (strcmp(command->name, names[i]) == 0)
            return true;
    }
    return false;
}

static void run_lines(char *text)
{
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (reaches_out(line))
            continue;
        for (int confirmed = 0; confirmed < 2; confirmed++) {
            struct dbg_reply reply = {0};
            dbg_execute(session, line, confirmed, &reply);
            assert(session->status.phase == DBG_PHASE_IDLE);
            for (size_t i = 0; i < reply.text.length; i++) /* escaped: nothing steers a terminal */
                assert((unsigned char)reply.text.text[i] >= 0x20 || reply.text.text[i] == '\n');
            dbg_reply_finish(&reply);
        }
    }
    while (dbg_breakpoint_count(session) > 0)
        dbg_breakpoint_delete(session, dbg_breakpoint_at(session, 0)->number);
    while (dbg_mark_count(session) > 0) {
        struct flow_error err = FLOW_ERROR_INIT;
        char *name = strdup(dbg_mark_at(session, 0)->name);
        dbg_mark_delete(session, name, &err);
        free(name);
    }
}

static void complete_all(const char *line, size_t size)
{
    for (size_t cursor = 0; cursor <= size; cursor++) {
        struct dbg_candidates candidates = {0};
        if (dbg_complete(session, line, cursor, &candidates) == FLOW_OK)
            assert(candidates.start <= cursor);
        dbg_candidates_finish(&candidates);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    char *text = calloc(size, 1);
    memcpy(text, data + 1, size - 1);
    if (data[0] == 0) {
        struct flow_value value;
        struct flow_error err = FLOW_ERROR_INIT;
        int status = dbg_value_parse(text, size - 1, &value, &err);
        assert(status == FLOW_OK || err.text[0]);
        if (status == FLOW_OK)
            flow_value_unref(value);
    } else if (data[0] == 1) {
        complete_all(text, strlen(text));
    } else {
        run_lines(text);
    }
    free(text);
    return 0;
}

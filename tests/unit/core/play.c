#include "tests/unit/core/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int act_out(struct flow_ctx *ctx, void *user, struct flow_value *result);

static struct play_body *body_of(struct play *play, const char *id)
{
    for (size_t i = 0; i < play->body_count; i++)
        if (strcmp(play->bodies[i]->id, id) == 0)
            return play->bodies[i];
    assert_true(play->body_count < sizeof play->bodies / sizeof *play->bodies);
    struct play_body *body = calloc(1, sizeof *body);
    assert_non_null(body);
    body->play = play;
    snprintf(body->id, sizeof body->id, "%s", id);
    return play->bodies[play->body_count++] = body;
}

static struct flow_task_def def_of(struct play *play, const char *id)
{
    struct play_body *body = body_of(play, id);
    return (struct flow_task_def){
        .size = sizeof(struct flow_task_def), .id = body->id, .fn = act_out, .user = body};
}

static int make_or_find(struct flow_ctx *ctx, struct play *play, const char *id, enum flow_next how)
{
    flow_task known = flow_ctx_find_task(ctx, id);
    struct flow_task_def def = def_of(play, id);
    return known == FLOW_TASK_NONE ? flow_ctx_next_new_task(ctx, &def, how, NULL)
                                   : flow_ctx_next_task(ctx, known, how);
}

static int act(struct flow_ctx *ctx, struct play *play, const char *action, struct flow_value *result)
{
    char verb[16] = "", word[64] = "", last[64] = "";
    int at = 0, n = sscanf(action, " %15s %n%63s %63s", verb, &at, word, last);
    const char *rest = n > 1 ? action + at : "";
    if (strcmp(verb, "try") == 0)
        return act(ctx, play, rest, result), FLOW_OK;
    if (strcmp(verb, "next") == 0)
        return make_or_find(ctx, play, word, FLOW_NEXT_ENQUEUE);
    if (strcmp(verb, "goto") == 0)
        return make_or_find(ctx, play, word, FLOW_NEXT_GOTO);
    if (strcmp(verb, "iter") == 0)
        return flow_ctx_next_iteration(ctx, n > 1 ? flow_int(atoi(word)) : flow_null());
    if (strcmp(verb, "loop") == 0)
        return flow_ctx_can_iterate(ctx) ? flow_ctx_next_iteration(ctx, flow_null()) : FLOW_OK;
    if (strcmp(verb, "terminate") == 0)
        return flow_ctx_terminate(ctx, rest);
    if (strcmp(verb, "cancel") == 0)
        return flow_ctx_cancel(ctx, rest);
    if (strcmp(verb, "fail") == 0)
        return flow_ctx_fail(ctx, NULL, NULL, "%s", rest);
    if (strcmp(verb, "set") == 0)
        return flow_ctx_set(ctx, word, flow_int(atoi(last)));
    if (strcmp(verb, "delete") == 0)
        return flow_ctx_delete(ctx, word);
    if (strcmp(verb, "return") == 0) {
        *result = flow_int(atoi(word));
        return FLOW_OK;
    }
    if (strcmp(verb, "arg") == 0) {
        *result = flow_value_ref(flow_ctx_arg(ctx, 0));
        return FLOW_OK;
    }
    if (strcmp(verb, "edge") == 0)
        return flow_ctx_add_edge(ctx, flow_ctx_find_task(ctx, word), flow_ctx_find_task(ctx, last));
    if (strcmp(verb, "make") == 0) {
        struct flow_task_def def = def_of(play, word);
        return flow_ctx_add_task(ctx, &def, NULL);
    }
    fail_msg("no such action: '%s'", action);
    return FLOW_EINVAL;
}

/* What the script says of the k-th execution of a body, or "". Owned by the caller. */
static char *actions_of(const char *script, const char *id, unsigned k)
{
    size_t length = strlen(id);
    while (script && *script) {
        script += strspn(script, " ");
        size_t end = strcspn(script, ";");
        if (strncmp(script, id, length) == 0 && script[length] == ':') {
            const char *from = script + length + 1, *stop = script + end;
            for (; k > 0 && from < stop; k--) {
                const char *bar = memchr(from, '|', (size_t)(stop - from));
                from = bar ? bar + 1 : stop;
            }
            const char *bar = memchr(from, '|', (size_t)(stop - from));
            return strndup(from, (size_t)((bar ? bar : stop) - from));
        }
        script += end + (script[end] == ';');
    }
    return strdup("");
}

static int act_out(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    struct play_body *body = user;
    char *actions = actions_of(body->play->script, body->id, body->executions++), *position = NULL;
    int status = FLOW_OK;
    for (char *one = strtok_r(actions, ",", &position); one && status >= 0;
         one = strtok_r(NULL, ",", &position)) {
        for (size_t end = strlen(one); end > 0 && one[end - 1] == ' ';)
            one[--end] = '\0';
        if (*one)
            status = act(ctx, body->play, one, result);
    }
    free(actions);
    return status;
}

static const char *id_of(const struct play *play, flow_task task)
{
    struct flow_task_info info = {.id = "-"};
    flow_run_task_info(play->run, task, &info);
    return info.id;
}

static void log_enqueued(struct play *play, const struct flow_event *event)
{
    str_addf(&play->log, " +%s", id_of(play, event->task));
    if (event->position + 1 != flow_run_queue_length(play->run))
        str_addf(&play->log, "@%d", (int)event->position);
}

static void log_step(struct play *play, const struct flow_event *event)
{
    str_addf(&play->log, " | %s", id_of(play, event->task));
    if (event->iteration > 1)
        str_addf(&play->log, "#%u", event->iteration);
    if (event->count > 1)
        str_addf(&play->log, "!%u", (unsigned)event->count);
    str_add(&play->log, ":");
}

static void log_channel(struct play *play, const struct flow_event *event)
{
    const char *key = flow_run_key_name(play->run, event->key);
    char value[64];
    if (strstr(key, ".__result__") && !play->shows_results)
        return;
    flow_value_print(event->value, value, sizeof value);
    str_addf(&play->log, " %s=%s", key, value);
}

static void log_end(struct play *play, const struct flow_event *event)
{
    str_addf(&play->log, " | = %s", flow_outcome_name((unsigned)event->code));
    if (event->text_length)
        str_addf(&play->log, " '%.*s'", (int)event->text_length, event->text);
    if (event->task != FLOW_TASK_NONE)
        str_addf(&play->log, " %s", id_of(play, event->task));
}

/* Kinds whose line is a word and one or two tasks: "%s" takes the tasks in their order. */
static const char *const plain_words[FLOW_EV_FIRST_UNUSED] = {
    [FLOW_EV_TASK_REDEFINED] = " redefine %s",
    [FLOW_EV_SKIPPED] = " skip %s",
    [FLOW_EV_HELD] = " hold %s",
    [FLOW_EV_RELEASED] = " free %s",
    [FLOW_EV_JOIN_ABSORBED] = " %s again",
    [FLOW_EV_WITHDRAWN] = " -%s",
};

static void log_rare(struct play *play, const struct flow_event *event)
{
    struct str *log = &play->log;
    const char *task = id_of(play, event->task);
    int length = (int)event->text_length;
    struct flow_task_info join;
    switch (event->kind) {
    case FLOW_EV_TASK_ADDED: str_addf(log, " new %s by %s", task, id_of(play, event->other)); break;
    case FLOW_EV_EDGE_ADDED: str_addf(log, " edge %s>%s", task, id_of(play, event->other)); break;
    case FLOW_EV_JOIN_ARRIVED:
        flow_run_task_info(play->run, event->task, &join);
        str_addf(log, " %s %u from %s", task, (unsigned)event->count, id_of(play, event->other));
        break;
    case FLOW_EV_DROPPED: str_addf(log, " %s %s", event->code ? "pass" : "drop", task); break;
    case FLOW_EV_MOVED: str_addf(log, " move %s@%d", task, (int)event->position); break;
    case FLOW_EV_ABANDONED: str_addf(log, " left %s%s", event->entry ? "" : "held ", task); break;
    case FLOW_EV_RETRY: str_addf(log, " retry %u", (unsigned)event->count); break;
    case FLOW_EV_LIMIT: str_addf(log, " limit %s", flow_limit_name((unsigned)event->code)); break;
    case FLOW_EV_ERROR: str_addf(log, " error '%.*s'", length, event->text); break;
    case FLOW_EV_USER_ACTION: str_addf(log, " user '%.*s'", length, event->text); break;
    case FLOW_EV_CHANNEL_DELETED:
        str_addf(log, " delete %s", flow_run_key_name(play->run, event->key));
        break;
    case FLOW_EV_BLOCKED:
        str_addf(log, " blocked %s by %s: %.*s", task, id_of(play, event->other), length, event->text);
        break;
    default: break;
    }
}

static void log_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct play *play = user;
    play->run = run;
    bool is_of_workflow = event->step == 0 && event->origin == FLOW_ORIGIN_ENGINE &&
                          (event->kind == FLOW_EV_TASK_ADDED || event->kind == FLOW_EV_EDGE_ADDED);
    if (event->kind == FLOW_EV_ENQUEUED)
        log_enqueued(play, event);
    else if (event->kind == FLOW_EV_STEP_STARTED)
        log_step(play, event);
    else if (event->kind == FLOW_EV_CHANNEL_SET)
        log_channel(play, event);
    else if (event->kind == FLOW_EV_RUN_ENDED)
        log_end(play, event);
    else if (plain_words[event->kind])
        str_addf(&play->log, plain_words[event->kind], id_of(play, event->task));
    else if (!is_of_workflow)
        log_rare(play, event);
    if (play->on_event)
        play->on_event(play, event);
}

static void at_boundary(void *user, struct flow_run *run)
{
    struct play *play = user;
    play->on_boundary(play);
}

static void add_tasks(struct play *play, const char *tasks)
{
    char *copy = strdup(tasks), *position = NULL;
    for (char *word = strtok_r(copy, " ", &position); word; word = strtok_r(NULL, " ", &position)) {
        char *options = strchr(word, ':');
        if (options)
            *options++ = '\0';
        struct flow_task_def def = def_of(play, word);
        const struct flow_param param = {.name = "p"};
        const char *retries = options ? strstr(options, "retries=") : NULL;
        const char *cycles = options ? strstr(options, "cycles=") : NULL;
        def.join = options && strstr(options, "join") ? FLOW_JOIN_ALL : FLOW_JOIN_EACH;
        def.max_retries = retries ? (uint32_t)atoi(retries + 8) : 0;
        def.max_cycles = cycles ? (uint32_t)atoi(cycles + 7) : 0;
        if (cycles && def.max_cycles == 0)
            def.max_cycles = FLOW_MAX_CYCLES_NONE;
        def.params = &param;
        def.param_count = options && strstr(options, "param") ? 1 : 0;
        assert_int_equal(flow_workflow_add_task(play->wf, &def, NULL, NULL), FLOW_OK);
    }
    free(copy);
}

static void add_edges(struct play *play, const char *edges)
{
    char *copy = strdup(edges ? edges : ""), *position = NULL;
    for (char *word = strtok_r(copy, " ", &position); word; word = strtok_r(NULL, " ", &position)) {
        char *to = strchr(word, '>');
        assert_non_null(to);
        *to++ = '\0';
        flow_task a = flow_workflow_find(play->wf, word), b = flow_workflow_find(play->wf, to);
        assert_int_equal(flow_workflow_add_edge(play->wf, a, b, NULL), FLOW_OK);
    }
    free(copy);
}

void play_start(struct play *play, const struct play_spec *spec)
{
    struct flow_error err = FLOW_ERROR_INIT;
    play->script = spec->script;
    assert_int_equal(flow_workflow_create(&play->wf, "play", NULL), FLOW_OK);
    add_tasks(play, spec->tasks);
    add_edges(play, spec->edges);
    struct flow_run_options options = {
        .size = sizeof options,
        .profile = spec->profile,
        .start = spec->start,
        .max_steps = spec->max_steps,
        .is_closed = spec->is_closed,
        .hooks = {.size = sizeof options.hooks,
            .user = play,
            .on_event = log_event,
            .on_boundary = play->on_boundary ? at_boundary : NULL},
    };
    if (flow_run_create(&play->run, play->wf, &options, &err) != FLOW_OK)
        fail_msg("%s: %s", spec->name ? spec->name : "play", err.text);
    assert_int_equal(flow_run_start(play->run, &err), FLOW_OK);
}

void play_run(struct play *play)
{
    int status, calls = 0;
    while ((status = flow_run_step(play->run, NULL)) == FLOW_OK)
        assert_true(calls++ < 1000);
    assert_int_equal(status, FLOW_END);
    assert_int_equal(flow_run_step(play->run, NULL), FLOW_END);
}

void play_finish(struct play *play)
{
    flow_run_destroy(play->run);
    flow_workflow_destroy(play->wf);
    for (size_t i = 0; i < play->body_count; i++)
        free(play->bodies[i]);
    str_finish(&play->log);
}

flow_task play_task(const struct play *play, const char *id)
{
    return flow_run_find_task(play->run, id);
}

uint64_t play_entry(const struct play *play, const char *id)
{
    struct flow_entry entry;
    for (size_t i = 0; i < flow_run_queue_length(play->run); i++) {
        flow_run_queue_at(play->run, i, &entry);
        if (entry.task == play_task(play, id))
            return entry.number;
    }
    fail_msg("no entry of '%s' in the queue", id);
    return 0;
}

void play_rows(const struct play_spec *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct play play = {0};
        play_start(&play, &rows[i]);
        play_run(&play);
        const char *log = str_text(&play.log) + 1;
        if (strcmp(log, rows[i].expected) != 0)
            fail_msg("%s:\n# expected %s\n# got      %s", rows[i].name, rows[i].expected, log);
        if (rows[i].message)
            assert_string_equal(flow_run_message(play.run), rows[i].message);
        play_finish(&play);
    }
}

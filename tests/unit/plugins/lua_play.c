#include "tests/unit/plugins/lua_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *play_plugin;

struct recorder {
    FILE *output, *events, *detail;
};

static int keep_output(void *user, struct flow_run *run, int stream, const void *bytes, size_t length)
{
    struct recorder *r = user;
    (void)run, (void)stream;
    fwrite(bytes, 1, length, r->output);
    return FLOW_OK;
}

static void keep_event(void *user, struct flow_run *run, const struct flow_event *event)
{
    struct recorder *r = user;
    const struct flow_event_info *info = flow_event_info(event->kind);
    struct flow_task_info task = {.id = "-"};
    char value[512] = "";
    if ((info->fields & FLOW_F_TASK) && event->task != FLOW_TASK_NONE)
        flow_run_task_info(run, event->task, &task);
    if (info->fields & FLOW_F_VALUE)
        flow_value_print(event->value, value, sizeof value);
    fprintf(r->events, "%llu %s %s", (unsigned long long)event->number, info->name, task.id);
    if (info->fields & FLOW_F_TEXT)
        fprintf(r->events, " '%.*s'", (int)event->text_length, event->text ? event->text : "");
    if (info->fields & FLOW_F_COUNT)
        fprintf(r->events, " #%llu", (unsigned long long)event->count);
    fprintf(r->events, " %s\n", value);
    if (event->kind == FLOW_EV_ERROR) {
        rewind(r->detail);
        fprintf(r->detail, "%.*s%c", (int)event->detail_length, event->detail ? event->detail : "", 0);
    }
}

static char *channel_text(const struct flow_run *run)
{
    char *text = NULL;
    size_t length, cursor = 0;
    FILE *out = open_memstream(&text, &length);
    flow_key key;
    struct flow_value value;
    while (flow_run_next_key(run, &cursor, &key, &value) == FLOW_OK) {
        char printed[1024];
        const char *name = flow_run_key_name(run, key);
        flow_value_print(value, printed, sizeof printed);
        if (!strstr(name, ".__result__"))
            fprintf(out, "%s=%s\n", name, printed);
    }
    fclose(out);
    return text;
}

static void run_to_end(
    const struct flow_workflow *wf, const struct play_options *options, struct recorder *r, struct play *play)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct flow_run *run = NULL;
    const struct flow_run_options how = {
        .size = sizeof how,
        .profile = options->profile,
        .start = options->start,
        .seed = options->seed,
        .channel = options->channel,
        .channel_count = options->channel_count,
        .hooks = {.size = sizeof how.hooks,
            .user = r,
            .on_event = keep_event,
            .on_print = keep_output,
            .notes = options->notes},
    };
    play->is_loaded = true;
    if (flow_run_create(&run, wf, &how, &err) != FLOW_OK || flow_run_start(run, &err) != FLOW_OK) {
        play->error = strdup(err.text);
        play->channel = strdup("");
        flow_run_destroy(run);
        return;
    }
    while (flow_run_step(run, &err) == FLOW_OK)
        ;
    play->outcome = flow_run_outcome(run);
    play->error = strdup(flow_run_message(run));
    play->steps = flow_run_step_count(run);
    play->channel = channel_text(run);
    flow_run_destroy(run);
}

struct play play_file(const char *path, const struct play_options *options)
{
    static const struct play_options defaults;
    struct flow_error err = FLOW_ERROR_INIT;
    struct play play = {0};
    struct recorder r;
    size_t output_length, events_length, detail_length;
    struct flow_loader *loader = NULL;
    if (!options)
        options = &defaults;
    struct flow_host_request request = {.size = sizeof request,
        .path = path,
        .args = options->args,
        .seed = options->seed,
        .allow = options->allow ? options->allow : ""};
    while (request.arg_count < 4 && options->args[request.arg_count])
        request.arg_count++;
    r.output = open_memstream(&play.output, &output_length);
    r.events = open_memstream(&play.events, &events_length);
    r.detail = open_memstream(&play.detail, &detail_length);
    if (flow_loader_create(&loader, &err) != FLOW_OK ||
        flow_loader_add_plugin(loader, play_plugin, &err) != FLOW_OK)
        fail_msg("%s", err.text);
    if (flow_loader_open(loader, &request, &err) != FLOW_OK) {
        play.error = strdup(err.text);
        play.channel = strdup("");
    } else {
        const struct flow_workflow *wf = options->workflow ? flow_loader_find(loader, options->workflow)
                                                           : flow_loader_workflow_at(loader, 0);
        assert_non_null(wf);
        run_to_end(wf, options, &r, &play);
    }
    flow_loader_destroy(loader);
    fclose(r.output);
    fclose(r.events);
    fclose(r.detail);
    return play;
}

struct play play_text(const char *source, const struct play_options *options)
{
    char folder[] = "/tmp/flow-lua-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t.lua", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(source, file);
    assert_int_equal(fclose(file), 0);
    struct play play = play_file(path, options);
    unlink(path);
    rmdir(folder);
    return play;
}

void play_finish(struct play *play)
{
    free(play->output);
    free(play->error);
    free(play->detail);
    free(play->events);
    free(play->channel);
    *play = (struct play){0};
}

void play_rows(const struct play_row *rows, size_t count, const struct play_options *options)
{
    for (size_t i = 0; i < count; i++) {
        struct play play = play_text(rows[i].source, options);
        if (rows[i].output && strcmp(play.output, rows[i].output) != 0)
            fail_msg("%s\n# printed: %s\n# instead of: %s\n# error: %s", rows[i].name, play.output,
                rows[i].output, play.error);
        if (rows[i].error && strcmp(play.error, rows[i].error) != 0)
            fail_msg("%s\n# ended with: %s\n# instead of: %s", rows[i].name, play.error, rows[i].error);
        play_finish(&play);
    }
}

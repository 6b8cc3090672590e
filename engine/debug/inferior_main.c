#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "debug/inferior.h"

static int64_t wall_ns(void *user)
{
    const struct inferior *inf = user;
    struct timespec now;
    if (inf->config.wall_ns)
        return inf->config.wall_ns;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* exit() in a task is told apart from _exit(); the debugger sees the rest when it waits for us. */
static void on_process_exit(int status, void *user)
{
    struct inferior *inf = user;
    if (!inf->is_over && getpid() == inf->pid)
        inferior_send(inf, DBG_MSG_EXITING, NULL);
}

static int prepare(struct inferior *inf, int fd, struct flow_error *err)
{
    struct stat st;
    inf->pid = getpid();
    prctl(PR_SET_NAME, "flowdbg"); /* started through /proc/self/exe it would be called exe */
    inf->ended = inf->task = FLOW_TASK_NONE;
    inf->link.fd = fd;
    if (fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode))
        return flow_error_set(
            err, FLOW_EINVAL, "this is not started by hand: descriptor %d is no socket", fd);
    inf->has_control = true;
    inf->control_device = st.st_dev;
    inf->control_inode = st.st_ino;
    for (int i = DBG_FD_CONTROL; i < DBG_FD_END; i++)
        fcntl(i, F_SETFD, FD_CLOEXEC);
    inferior_crash_install(fd);
    on_exit(on_process_exit, inf);
    inferior_output_open(inf);
    return FLOW_OK;
}

static int receive_config(struct inferior *inf, struct flow_error *err)
{
    struct msg_in in;
    int status = msg_receive(&inf->link, true, &in);
    if (status != FLOW_OK || inf->link.type != DBG_MSG_CONFIG)
        return flow_error_set(err, FLOW_EFORMAT, "no configuration came from the debugger");
    /* The link's buffer is reused by the next message, the configuration is needed to the end. */
    inf->config_body = inf->link.body;
    inf->link.body = (struct str){0};
    inf->link.is_complete = false;
    inf->link.type = 0;
    status = dbg_config_get(&in, &inf->config);
    const char *door = status == FLOW_OK ? msg_get_text(&in) : NULL;
    snprintf(inf->door, sizeof inf->door, "%s", door ? door : "");
    return status < 0 ? flow_error_set(err, status, "the configuration did not arrive whole") : FLOW_OK;
}

static int open_trace(struct inferior *inf, struct flow_error *err)
{
    int status = trace_ring_open(&inf->ring, DBG_FD_RING, err);
    if (status < 0)
        return status;
    inf->interrupt_seen = trace_ring_interrupt(inf->ring);
    struct trace_writer_options options = {
        .size = sizeof options,
        .ring = inf->ring,
        .fd = fcntl(DBG_FD_TRACE, F_GETFD) < 0 ? -1 : DBG_FD_TRACE,
    };
    return trace_writer_create(&inf->writer, &options, err);
}

static bool is_native(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot && strcmp(dot, ".so") == 0;
}

static int load(struct inferior *inf, struct flow_error *err)
{
    const struct dbg_config *config = &inf->config;
    int status = flow_loader_create(&inf->loader, err);
    for (size_t i = 0; i < config->plugin_count && status == FLOW_OK; i++)
        status = flow_loader_add_plugin(inf->loader, config->plugins[i], err);
    if (status != FLOW_OK)
        return status;
    if (is_native(config->file))
        return flow_loader_add_plugin(inf->loader, config->file, err);
    struct flow_host_request request = {
        .size = sizeof request,
        .path = config->file,
        .args = config->args,
        .arg_count = config->arg_count,
        .seed = config->seed,
        .allow = config->allow ? config->allow : "",
    };
    return flow_loader_open(inf->loader, &request, err);
}

static void list_workflows(const struct flow_loader *loader, struct str *out)
{
    for (size_t i = 0; i < flow_loader_workflow_count(loader); i++)
        str_addf(out, "%s%s", i ? ", " : "", flow_workflow_name(flow_loader_workflow_at(loader, i)));
}

static int choose_workflow(struct inferior *inf, struct flow_workflow **out, struct flow_error *err)
{
    const char *name = inf->config.workflow;
    size_t count = flow_loader_workflow_count(inf->loader);
    struct flow_workflow *found = name         ? flow_loader_find(inf->loader, name)
                                  : count == 1 ? flow_loader_workflow_at(inf->loader, 0)
                                               : NULL;
    if (found) {
        *out = found;
        return FLOW_OK;
    }
    if (count == 0)
        return flow_error_set(err, FLOW_ENOENT, "%s: it defines no workflow", inf->config.file);
    struct str names = {0};
    list_workflows(inf->loader, &names);
    if (name)
        flow_error_set(err, FLOW_ENOENT, "%s: there is no workflow '%s' in it; it defines: %s",
            inf->config.file, name, str_text(&names));
    else
        flow_error_set(err, FLOW_ENOENT, "%s: it defines %zu workflows, choose one with --workflow NAME: %s",
            inf->config.file, count, str_text(&names));
    str_finish(&names);
    return FLOW_ENOENT;
}

static void tell_sources(struct inferior *inf)
{
    const char *path, *text;
    size_t length;
    for (size_t i = 0; flow_loader_source_at(inf->loader, i, &path, &text, &length) == FLOW_OK; i++) {
        struct str body = {0};
        msg_put_text(&body, path);
        msg_put_bytes(&body, text, length);
        inferior_send(inf, DBG_MSG_SOURCE, &body);
        str_finish(&body);
    }
}

static int string_member(struct flow_member *member, const char *key, const char *text)
{
    int status = flow_string(&member->key, key);
    if (status == FLOW_OK)
        status = flow_string(&member->value, text);
    return status;
}

static int list_member(struct flow_member *member, const char *key, struct flow_value *items, size_t count)
{
    int status = flow_list_create(&member->value, items, count);
    return status == FLOW_OK ? flow_string(&member->key, key) : status;
}

/* What the run-started event tells beside the engine's own: whence the workflow came. */
static int describe(struct inferior *inf, struct flow_value *out)
{
    const struct dbg_config *config = &inf->config;
    struct flow_member members[4] = {{flow_null(), flow_null()}};
    struct {
        VEC(struct flow_value);
    } args = {0}, plugins = {0};
    const char *name, *version, *path;
    int status = string_member(&members[0], "file", config->file);
    if (status == FLOW_OK)
        status = string_member(&members[1], "allow", config->allow ? config->allow : "");
    for (size_t i = 0; i < config->arg_count && status == FLOW_OK; i++) {
        struct flow_value arg;
        if ((status = flow_string(&arg, config->args[i])) == FLOW_OK)
            status = vec_push(&args, arg);
    }
    for (size_t i = 0;
         status == FLOW_OK && flow_loader_plugin_at(inf->loader, i, &name, &version, &path) == FLOW_OK; i++) {
        struct str text = {0};
        struct flow_value plugin;
        str_addf(&text, "%s %s", name, version ? version : "");
        if ((status = flow_string(&plugin, str_text(&text))) == FLOW_OK)
            status = vec_push(&plugins, plugin);
        str_finish(&text);
    }
    if (status == FLOW_OK)
        status = list_member(&members[2], "args", args.at, args.count);
    if (status == FLOW_OK)
        status = list_member(&members[3], "plugins", plugins.at, plugins.count);
    vec_finish(&args);
    vec_finish(&plugins);
    return status == FLOW_OK ? flow_map_create(out, members, 4) : status;
}

static int create_run(struct inferior *inf, struct flow_error *err)
{
    const struct dbg_config *config = &inf->config;
    struct flow_workflow *workflow = NULL;
    struct flow_run_options options = {
        .size = sizeof options,
        .profile = config->profile,
        .start = config->start,
        .seed = config->seed,
        .max_steps = config->max_steps,
        .channel = config->channel,
        .channel_count = config->channel_count,
        .info = flow_null(),
        .is_stamping_all = !is_native(config->file),
        .clock_ns = inferior_clock_ns,
        .wall_ns = wall_ns,
        .clock_user = inf,
    };
    int status = choose_workflow(inf, &workflow, err);
    if (status != FLOW_OK)
        return status;
    if ((status = describe(inf, &options.info)) < 0)
        return flow_error_set(err, status, "describing the run: %s", flow_status_name(status));
    inferior_hooks(inf, &options.hooks);
    status = flow_run_create(&inf->run, workflow, &options, err);
    flow_value_unref(options.info);
    if (status != FLOW_OK)
        return status;
    struct str body = {0};
    msg_put_text(&body, flow_workflow_name(workflow));
    inferior_send(inf, DBG_MSG_LOADED, &body);
    str_finish(&body);
    return FLOW_OK;
}

static void tell_failure(struct inferior *inf, const struct flow_error *err)
{
    struct str body = {0};
    msg_put_u64(&body, (uint64_t)(int64_t)err->code);
    msg_put_text(&body, err->text);
    inferior_send(inf, DBG_MSG_LOAD_FAILED, &body);
    str_finish(&body);
}

static void run_to_end(struct inferior *inf, struct flow_error *err)
{
    struct str body = {0};
    int status = flow_run_start(inf->run, err);
    while (status == FLOW_OK)
        status = flow_run_step(inf->run, err);
    inferior_output_note(inf);
    trace_writer_flush(inf->writer);
    inf->is_over = true;
    msg_put_u64(&body, inf->event);
    inferior_send(inf, DBG_MSG_ENDED, &body);
    str_finish(&body);
}

static void finish(struct inferior *inf)
{
    flow_run_destroy(inf->run);
    flow_loader_destroy(inf->loader);
    trace_writer_destroy(inf->writer);
    trace_ring_destroy(inf->ring);
    stop_rules_finish(&inf->rules);
    dbg_config_finish(&inf->config);
    str_finish(&inf->config_body);
    msg_link_finish(&inf->link);
}

int dbg_inferior_main(int fd)
{
    static struct inferior inferior; /* the exit handler looks at it after we have returned */
    struct inferior *inf = &inferior;
    struct flow_error err = FLOW_ERROR_INIT;
    int status = prepare(inf, fd, &err);
    if (status == FLOW_OK)
        status = receive_config(inf, &err);
    if (status == FLOW_OK)
        status = open_trace(inf, &err);
    if (status == FLOW_OK && (status = load(inf, &err)) == FLOW_OK) {
        tell_sources(inf);
        status = create_run(inf, &err);
    }
    if (status == FLOW_OK) {
        stop_rules_resume(&inf->rules, DBG_MODE_NEXT, 1, NULL);
        run_to_end(inf, &err);
    } else {
        inf->is_over = true;
        tell_failure(inf, &err);
    }
    finish(inf);
    return status == FLOW_OK ? 0 : 2;
}

#include "core/task_spec.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/value.h"

/* The caller may have been compiled against a shorter or a longer struct: what it does not know is zero, what
 * we do not know is ignored. The first version ended with `line`. */
static int read_def(struct flow_task_def *out, const struct flow_task_def *def, struct flow_error *err)
{
    const size_t first_version = offsetof(struct flow_task_def, line) + sizeof def->line;
    if (def->size < first_version)
        return flow_error_set(err, FLOW_EINVAL,
            "task definition of %zu bytes: set .size = sizeof(struct flow_task_def)", def->size);
    memset(out, 0, sizeof *out);
    memcpy(out, def, def->size < sizeof *out ? def->size : sizeof *out);
    if (!out->id || !*out->id)
        return flow_error_set(err, FLOW_EINVAL, "a task needs an id");
    if (!utf8_is_valid(out->id, strlen(out->id)))
        return flow_error_set(err, FLOW_EINVAL, "a task's id must be UTF-8");
    if (!out->fn)
        return flow_error_set(err, FLOW_EINVAL, "task '%s' has no function", out->id);
    for (size_t i = 0; i < out->param_count; i++)
        if (!out->params[i].name || !utf8_is_valid(out->params[i].name, strlen(out->params[i].name)))
            return flow_error_set(
                err, FLOW_EINVAL, "task '%s': parameter %zu has no name in UTF-8", out->id, i + 1);
    return FLOW_OK;
}

static int copy_params(struct task_spec *spec, const struct flow_task_def *def)
{
    if (def->param_count == 0)
        return FLOW_OK;
    spec->params = mem_array(NULL, def->param_count, sizeof *spec->params);
    if (!spec->params)
        return FLOW_ENOMEM;
    for (size_t i = 0; i < def->param_count; i++) {
        const struct flow_param *from = &def->params[i];
        char *name = mem_strdup(from->name);
        if (!name)
            return FLOW_ENOMEM;
        spec->params[spec->param_count++] = (struct flow_param){
            .name = name,
            .is_bound = from->is_bound,
            .has_default = from->has_default,
            .bound = from->is_bound ? value_ref(from->bound) : flow_null(),
            .default_value = from->has_default ? value_ref(from->default_value) : flow_null(),
        };
    }
    return FLOW_OK;
}

int task_spec_create(struct task_spec **out, const struct flow_task_def *given, struct flow_error *err)
{
    struct flow_task_def def;
    struct task_spec *spec = NULL;
    int status = read_def(&def, given, err);
    if (status < 0)
        goto fail;
    spec = mem_zalloc(sizeof *spec);
    if (!spec)
        goto no_memory;
    spec->id = mem_strdup(def.id);
    if (def.file)
        spec->file = mem_strdup(def.file);
    if (!spec->id || (def.file && !spec->file) || copy_params(spec, &def) < 0)
        goto no_memory;
    spec->id_length = strlen(spec->id);
    spec->fn = def.fn;
    spec->user = def.user;
    spec->release = def.release;
    spec->join = def.join;
    spec->max_cycles = def.max_cycles;
    spec->max_retries = def.max_retries;
    spec->line = def.line;
    *out = spec;
    return FLOW_OK;
no_memory:
    status = flow_error_set(err, FLOW_ENOMEM, "out of memory adding task '%s'", def.id);
fail:
    task_spec_destroy(spec); /* its release is not set yet */
    if (given->size > offsetof(struct flow_task_def, release) && given->release)
        given->release(given->user);
    return status;
}

void task_spec_destroy(struct task_spec *spec)
{
    if (!spec)
        return;
    if (spec->release)
        spec->release(spec->user);
    for (uint32_t i = 0; i < spec->param_count; i++) {
        mem_free((char *)spec->params[i].name);
        value_unref(spec->params[i].bound);
        value_unref(spec->params[i].default_value);
    }
    mem_free(spec->params);
    mem_free(spec->file);
    mem_free(spec->id);
    mem_free(spec);
}

const char *task_spec_place(const struct task_spec *spec, char *buffer, size_t size)
{
    if (!spec->file)
        return "?";
    if (spec->line)
        snprintf(buffer, size, "%s:%u", spec->file, spec->line);
    else
        snprintf(buffer, size, "%s", spec->file);
    return buffer;
}

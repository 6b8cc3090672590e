#include "debug/protocol.h"

#include "base/mem.h"

static void put_texts(struct str *body, const char *const *texts, size_t count)
{
    msg_put_u64(body, count);
    for (size_t i = 0; i < count; i++)
        msg_put_text(body, texts[i]);
}

void dbg_config_put(struct str *body, const struct dbg_config *config)
{
    msg_put_text(body, config->file);
    msg_put_text(body, config->workflow);
    msg_put_text(body, config->start);
    msg_put_text(body, config->allow);
    msg_put_text(body, config->record);
    msg_put_u64(body, config->seed);
    msg_put_u64(body, config->max_steps);
    msg_put_u64(body, config->profile);
    msg_put_u64(body, (uint64_t)config->wall_ns);
    msg_put_u64(body, config->is_output_passed_on);
    put_texts(body, config->plugins, config->plugin_count);
    put_texts(body, config->args, config->arg_count);
    put_texts(body, config->env, config->env_count);
    msg_put_u64(body, config->channel_count);
    for (size_t i = 0; i < config->channel_count; i++) {
        msg_put_value(body, config->channel[i].key);
        msg_put_value(body, config->channel[i].value);
    }
}

/* Counts are checked against what is left of the message before anything is allocated for them. */
static int get_texts(struct msg_in *in, const char *const **out, size_t *count)
{
    uint64_t wanted = msg_get_u64(in);
    if (in->failed || wanted > (size_t)(in->end - in->at))
        return FLOW_EFORMAT;
    const char **texts = mem_zalloc(((size_t)wanted + 1) * sizeof *texts);
    if (!texts)
        return FLOW_ENOMEM;
    for (uint64_t i = 0; i < wanted; i++) {
        texts[i] = msg_get_text(in);
        if (!texts[i]) {
            mem_free(texts);
            return FLOW_EFORMAT;
        }
    }
    *out = texts;
    *count = (size_t)wanted;
    return FLOW_OK;
}

static int get_channel(struct msg_in *in, struct dbg_config *out)
{
    uint64_t wanted = msg_get_u64(in);
    if (in->failed || wanted > (size_t)(in->end - in->at))
        return FLOW_EFORMAT;
    struct flow_member *members = mem_zalloc(((size_t)wanted + 1) * sizeof *members);
    if (!members)
        return FLOW_ENOMEM;
    out->channel = members;
    for (uint64_t i = 0; i < wanted; i++) {
        int status = msg_get_value(in, &members[i].key);
        out->channel_count = i + 1;
        if (status < 0 || (status = msg_get_value(in, &members[i].value)) < 0)
            return status;
    }
    return FLOW_OK;
}

int dbg_config_get(struct msg_in *in, struct dbg_config *out)
{
    *out = (struct dbg_config){0};
    out->file = msg_get_text(in);
    out->workflow = msg_get_text(in);
    out->start = msg_get_text(in);
    out->allow = msg_get_text(in);
    out->record = msg_get_text(in);
    out->seed = msg_get_u64(in);
    out->max_steps = msg_get_u64(in);
    out->profile = (enum flow_profile)msg_get_u64(in);
    out->wall_ns = (int64_t)msg_get_u64(in);
    out->is_output_passed_on = msg_get_u64(in) != 0;
    int status = get_texts(in, &out->plugins, &out->plugin_count);
    if (status == FLOW_OK)
        status = get_texts(in, &out->args, &out->arg_count);
    if (status == FLOW_OK)
        status = get_texts(in, &out->env, &out->env_count);
    if (status == FLOW_OK)
        status = get_channel(in, out);
    if (status == FLOW_OK && (in->failed || !out->file))
        status = FLOW_EFORMAT;
    if (status < 0)
        dbg_config_finish(out);
    return status;
}

void dbg_config_finish(struct dbg_config *config)
{
    for (size_t i = 0; i < config->channel_count; i++) {
        flow_value_unref(config->channel[i].key);
        flow_value_unref(config->channel[i].value);
    }
    mem_free((void *)config->channel);
    mem_free((void *)config->plugins);
    mem_free((void *)config->args);
    mem_free((void *)config->env);
    *config = (struct dbg_config){0};
}

#include "flow/error.h"

#include <stdio.h>
#include <string.h>

/* Marks a text that vsnprintf had to cut. */
static void mark_cut(struct flow_error *err, int wanted)
{
    if (wanted >= (int)sizeof err->text)
        memcpy(err->text + sizeof err->text - 4, "...", 4);
}

int flow_error_setv(struct flow_error *err, int code, const char *fmt, va_list args)
{
    if (!err)
        return code;
    /* The arguments may point into err->text itself. */
    char text[sizeof err->text];
    int wanted = vsnprintf(text, sizeof text, fmt, args);
    memcpy(err->text, text, sizeof text);
    mark_cut(err, wanted);
    err->code = code;
    return code;
}

int flow_error_set(struct flow_error *err, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    flow_error_setv(err, code, fmt, args);
    va_end(args);
    return code;
}

int flow_error_prefix(struct flow_error *err, const char *fmt, ...)
{
    if (!err)
        return FLOW_OK;
    char context[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(context, sizeof context, fmt, args);
    va_end(args);
    if (length >= (int)sizeof context)
        length = (int)sizeof context - 1;
    char text[sizeof err->text];
    memcpy(text, err->text, sizeof text);
    int wanted = snprintf(err->text, sizeof err->text, "%.*s: %s", length, context, text);
    mark_cut(err, wanted);
    return err->code;
}

const char *flow_status_name(int status)
{
    switch ((enum flow_status)status) {
    case FLOW_OK: return "ok";
    case FLOW_END: return "end";
    case FLOW_NOT_FOUND: return "not found";
    case FLOW_AGAIN: return "not now";
    case FLOW_ENOMEM: return "out of memory";
    case FLOW_EINVAL: return "not valid";
    case FLOW_EEXIST: return "exists already";
    case FLOW_ENOENT: return "does not exist";
    case FLOW_ELIMIT: return "limit reached";
    case FLOW_EIO: return "input/output error";
    case FLOW_EVERSION: return "incompatible version";
    case FLOW_EFORMAT: return "damaged data";
    case FLOW_ESTATE: return "not possible now";
    case FLOW_ETASK: return "task failed";
    }
    return "unknown status";
}

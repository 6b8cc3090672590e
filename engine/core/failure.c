/* Texts that come from tasks. They go into events, so they must be UTF-8: bytes that are not become U+FFFD.
 */
#include <stdarg.h>
#include <string.h>

#include "core/run.h"

static void add_clean(struct str *to, const char *text, size_t length)
{
    if (utf8_is_valid(text, length)) {
        str_add_bytes(to, text, length);
        return;
    }
    for (size_t i = 0, size; i < length; i += size) {
        unsigned code_point;
        size = utf8_decode(text + i, length - i, &code_point);
        if (size)
            str_add_bytes(to, text + i, size);
        else
            str_add(to, "\xef\xbf\xbd");
        size = size ? size : 1;
    }
}

void run_copy_text(struct str *to, const char *text)
{
    str_clear(to);
    add_clean(to, text, strlen(text));
}

void run_set_failure_v(
    struct failure *failure, const char *kind, const char *detail, const char *fmt, va_list args)
{
    struct str message = {0}; /* the arguments may point into the failure that is replaced */
    str_addv(&message, fmt, args);
    run_copy_text(&failure->kind, kind ? kind : "error");
    run_copy_text(&failure->detail, detail ? detail : "");
    failure->has_detail = detail != NULL;
    str_clear(&failure->message);
    add_clean(&failure->message, str_text(&message), message.length);
    str_finish(&message);
}

void run_set_failure(struct failure *failure, const char *kind, const char *detail, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    run_set_failure_v(failure, kind, detail, fmt, args);
    va_end(args);
}

void failure_finish(struct failure *failure)
{
    str_finish(&failure->kind);
    str_finish(&failure->message);
    str_finish(&failure->detail);
}

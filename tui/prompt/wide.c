#include "tui/prompt/wide.h"

#include <string.h>

#include "base/mem.h"

wchar_t *wide_from_utf8(const char *text)
{
    size_t length = strlen(text), used = 0;
    wchar_t *wide = mem_array(NULL, length + 1, sizeof *wide);
    if (!wide)
        return NULL;
    for (size_t at = 0; at < length;) {
        unsigned code = 0xfffd;
        size_t size = utf8_decode(text + at, length - at, &code);
        at += size > 0 ? size : 1;
        wide[used++] = (wchar_t)(size > 0 ? code : 0xfffd);
    }
    wide[used] = L'\0';
    return wide;
}

int wide_add_utf8(struct str *out, const wchar_t *text, size_t count)
{
    int status = FLOW_OK;
    for (size_t i = 0; i < count && status == FLOW_OK; i++) {
        char bytes[4];
        status = str_add_bytes(out, bytes, utf8_encode((unsigned)text[i], bytes));
    }
    return status;
}

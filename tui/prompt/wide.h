/* libedit speaks wchar_t (code points here), everything else UTF-8. Internal to tui/prompt. */
#ifndef TUI_PROMPT_WIDE_H
#define TUI_PROMPT_WIDE_H

#include <wchar.h>

#include "base/str.h"

/* Bytes that are not UTF-8 become U+FFFD. NULL without memory; free with mem_free. */
wchar_t *wide_from_utf8(const char *text);
int wide_add_utf8(struct str *out, const wchar_t *text, size_t count);

#endif

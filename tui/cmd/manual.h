/* What is generated from the program's tables, while it is built. */
#ifndef TUI_CMD_MANUAL_H
#define TUI_CMD_MANUAL_H

#include "base/str.h"

/* manual_page.c: the page in roff. Lines that are only @NAME@ in the template are replaced by what the table
 * of that name holds; `places` ("NAME=TEXT", NULL at the end) are put in anywhere. FLOW_EFORMAT: the template
 * has a name that nothing is known of. */
int manual_page(struct str *out, const char *template, char *const *places, struct flow_error *err);

/* manual_shell.c */
void manual_bash(struct str *out);
void manual_zsh(struct str *out);

#endif

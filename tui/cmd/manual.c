/* Writes the manual page or a shell's completions to standard output:
 *     manual page TEMPLATE NAME=TEXT...
 *     manual bash
 *     manual zsh
 * Part of the build; not installed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tui/cmd/manual.h"

static int read_file(const char *path, struct str *out)
{
    char piece[4096];
    size_t got;
    FILE *file = fopen(path, "re");
    if (!file)
        return FLOW_EIO;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0)
        str_add_bytes(out, piece, got);
    int status = ferror(file) || out->failed ? FLOW_EIO : FLOW_OK;
    fclose(file);
    return status;
}

static int make(int argc, char **argv, struct str *out, struct flow_error *err)
{
    struct str template = {0};
    const char *what = argc > 1 ? argv[1] : "";
    int status = FLOW_OK;
    if (strcmp(what, "bash") == 0)
        manual_bash(out);
    else if (strcmp(what, "zsh") == 0)
        manual_zsh(out);
    else if (strcmp(what, "page") != 0 || argc < 3)
        status = flow_error_set(err, FLOW_EINVAL, "usage: manual page TEMPLATE NAME=TEXT... | bash | zsh");
    else if (read_file(argv[2], &template) < 0)
        status = flow_error_set(err, FLOW_EIO, "%s: %s", argv[2], strerror(errno));
    else
        status = manual_page(out, str_text(&template), argv + 3, err);
    str_finish(&template);
    if (status == FLOW_OK && out->failed)
        status = flow_error_set(err, FLOW_ENOMEM, "out of memory");
    return status;
}

int main(int argc, char **argv)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct str text = {0};
    int status = make(argc, argv, &text, &err);
    if (status < 0)
        fprintf(stderr, "manual: %s\n", err.text);
    else if (fputs(str_text(&text), stdout) < 0 || fflush(stdout) != 0)
        status = FLOW_EIO;
    str_finish(&text);
    return status < 0;
}

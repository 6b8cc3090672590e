/* flowdbg: what the command line asks for. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debug/protocol.h"
#include "tui/cmd/cmd.h"
#include "tui/cmd/trace/trace.h"

static void print_help(unsigned where)
{
    struct str text = {0};
    cli_help(&text, where);
    fputs(str_text(&text), stdout);
    str_finish(&text);
}

static int dispatch(const struct cli_options *options)
{
    switch (options->mode) {
    case CLI_RUN: return cmd_run(options);
    case CLI_GRAPH: return cmd_graph(options);
    case CLI_REPL:
    case CLI_BATCH: return cmd_repl(options);
    case CLI_SCREEN: return cmd_screen(options);
    case CLI_HELP: print_help(options->help_where); return 0;
    case CLI_VERSION: puts("flowdbg " FLOWDBG_VERSION); return 0;
    }
    return 2;
}

/* Started with standard streams closed, the first files we open would pass for them. */
static void fill_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

/* What could not be printed is a failure of its own. */
static int finish_output(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno != EPIPE) {
        struct str words = {0};
        str_addf(&words, "standard output: %s", errno ? strerror(errno) : "not all of it could be written");
        cmd_complain(stderr, str_text(&words));
        str_finish(&words);
    }
    return code ? code : 2;
}

int main(int argc, char **argv)
{
    struct cli_options options;
    struct flow_error err = FLOW_ERROR_INIT;
    int code = 2;
    /* How a session starts the process in which the workflow runs: ourselves. */
    if (argc > 1 && strcmp(argv[1], "--inferior") == 0)
        return dbg_inferior_main(DBG_FD_CONTROL);
    fill_standard_streams();
    signal(SIGXFSZ, SIG_IGN); /* writing says EFBIG instead */
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* 0.5 is 0.5 in every language */
    if (argc > 1 && strcmp(argv[1], "trace") == 0) {
        code = cmd_trace(argc - 1, argv + 1);
        return fflush(stdout) == 0 || errno == EPIPE ? code : 2;
    }
    if (cli_options_parse(&options, argc, argv, &err) < 0)
        cmd_complain(stderr, err.text);
    else
        code = dispatch(&options);
    cli_options_finish(&options);
    return finish_output(code);
}

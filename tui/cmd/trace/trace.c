#include "tui/cmd/trace/trace.h"

#include <signal.h>
#include <string.h>

#include "debug/text.h"

static const struct trace_command *const commands[] = {&trace_info, &trace_dump, &trace_grep, &trace_stats,
    &trace_diff, &trace_export, &trace_import, &trace_recover};

const struct trace_command *const *trace_commands(size_t *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

int trace_complain(const char *what, const char *text)
{
    struct str safe = {0};
    if (what) {
        dbg_escape(&safe, what, strlen(what));
        str_add(&safe, ": ");
    }
    dbg_escape_lines(&safe, text, strlen(text));
    fprintf(stderr, "flowdbg: %s\n", str_text(&safe));
    str_finish(&safe);
    return TRACE_CANNOT;
}

static void help_all(FILE *to)
{
    fputs("Usage: flowdbg trace COMMAND ...\n\nTools for recorded runs (flowdbg --record=FILE):\n", to);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-8s %-20s %s\n", commands[i]->name, commands[i]->operands, commands[i]->summary);
    fputs("\nflowdbg trace COMMAND --help tells more about one.\n"
          "\nExit codes:\n  0  fine, equal, found\n  1  differs, damaged, not found\n  2  cannot\n",
        to);
}

static void help_of(const struct trace_command *command)
{
    printf("Usage: flowdbg trace %s [OPTIONS] %s\n\n%s\n", command->name, command->operands, command->more);
    printf("\nOptions:\n");
    for (const struct trace_option *const *o = command->options; *o; o++) {
        char letter[] = "    ";
        if ((*o)->letter)
            memcpy(letter, (char[]){'-', (*o)->letter, ',', ' '}, 4);
        int used = (int)(strlen((*o)->name) + ((*o)->argument ? strlen((*o)->argument) + 1 : 0));
        printf("  %s--%s%s%s%*s  %s\n", letter, (*o)->name, (*o)->argument ? "=" : "",
            (*o)->argument ? (*o)->argument : "", used < 16 ? 16 - used : 0, "", (*o)->help);
    }
    printf("  -h, --help%12s  this text\n", "");
}

static int refuse_command(const char *word)
{
    char text[200];
    const char *meant = NULL;
    unsigned best = 3;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        unsigned distance = edit_distance(word, commands[i]->name, 2);
        if (distance < best) {
            best = distance;
            meant = commands[i]->name;
        }
    }
    snprintf(text, sizeof text, "there is no trace command '%.60s'%s%s%s", word,
        meant ? "; did you mean: flowdbg trace " : " (see flowdbg trace --help)", meant ? meant : "",
        meant ? "?" : "");
    return trace_complain(NULL, text);
}

static int run_command(const struct trace_command *command, int argc, char **argv)
{
    struct trace_args args;
    struct flow_error err = FLOW_ERROR_INIT;
    int status = trace_args_parse(&args, command, argc, argv, &err);
    if (status < 0)
        return trace_complain(NULL, err.text);
    if (status == FLOW_END) {
        help_of(command);
        return TRACE_FINE;
    }
    return command->run(&args);
}

int cmd_trace(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* writes say it, quietly */
    if (argc < 2)
        return trace_complain(NULL, "which command? flowdbg trace COMMAND FILE (see flowdbg trace --help)");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        help_all(stdout);
        return TRACE_FINE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i]->name, argv[1]) == 0)
            return run_command(commands[i], argc - 1, argv + 1);
    return refuse_command(argv[1]);
}

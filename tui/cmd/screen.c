/* The full-screen front end, as the command line asks for it. */
#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "debug/command.h"
#include "tui/app/app.h"
#include "tui/cmd/cmd.h"
#include "tui/prompt/prompt.h"

/* Scripts that were given with -x run before the screen opens. */
static int run_scripts(struct dbg_session *session, const struct cli_options *options)
{
    int code = 0;
    if (options->scripts.count > 0)
        dbg_session_wait(session, -1, -1);
    for (size_t i = 0; i < options->scripts.count && code == 0; i++) {
        struct dbg_reply reply = {0};
        struct str line = {0};
        str_addf(&line, "source '%s'", options->scripts.at[i]);
        dbg_execute(session, str_text(&line), true, &reply);
        if (reply.is_error) {
            cmd_complain(stderr, str_text(&reply.text));
            code = 2;
        }
        str_finish(&line);
        dbg_reply_finish(&reply);
    }
    return code;
}

static int show(struct dbg_session *session, const struct cli_options *options, int *caught)
{
    struct flow_error err = FLOW_ERROR_INIT;
    char *history = NULL;
    if (prompt_history_path(&history) != FLOW_OK)
        history = NULL;
    struct tui_options tui = {.screen = SCREEN_OPTIONS_INIT, .history_file = history};
    tui.screen.ascii = options->is_ascii;
    tui.screen.no_color = options->is_colourless;
    tui.screen.no_mouse = options->is_mouseless;
    int status = tui_app_run(session, &tui, caught, &err);
    mem_free(history);
    if (status < 0) {
        cmd_complain(stderr, err.text);
        fputs("flowdbg: --no-tui gives a command line, flowdbg run FILE runs the workflow without one\n",
            stderr);
        return 2;
    }
    if (status != FLOW_END)
        *caught = 0;
    int code = dbg_session_exit_code(session);
    if (code == 2)
        cmd_report(session, stderr);
    return code == 5 ? 0 : code;
}

int cmd_screen(const struct cli_options *options)
{
    struct flow_error err = FLOW_ERROR_INIT;
    struct dbg_session *session = NULL;
    int caught = 0;
    int status = dbg_session_create(&session, &options->config, &err);
    if (status == FLOW_OK)
        status = dbg_session_start(session, &err);
    if (status < 0) {
        cmd_complain(stderr, err.text);
        dbg_session_destroy(session);
        return 2;
    }
    int code = run_scripts(session, options);
    if (code == 0)
        code = show(session, options, &caught);
    dbg_session_destroy(session);
    if (caught) { /* die of it, as whoever sent it expects */
        signal(caught, SIG_DFL);
        raise(caught);
    }
    return code;
}

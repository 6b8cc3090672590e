/* The command line, parsed. */
#ifndef TUI_CMD_OPTIONS_H
#define TUI_CMD_OPTIONS_H

#include "base/str.h"
#include "base/vec.h"
#include "debug/session.h"
#include "tui/cmd/usage.h"
#include "tui/graph/layout.h"

/* What the command line asks for. config points into argv and the vectors. */
struct cli_options {
    enum cli_mode mode;
    unsigned help_where; /* CLI_HELP: of what */
    struct dbg_config config;
    bool is_raw;     /* run: control characters too reach a terminal */
    bool is_tracing; /* run: a line an event on stderr */
    bool is_ascii;
    bool is_colourless;
    bool is_mouseless;
    struct {
        enum graph_zoom zoom;
        enum graph_direction direction;
        bool is_zoom_chosen;
        bool is_json;  /* where everything is, instead of the drawing */
        int32_t width; /* columns there are; 0: not said */
    } graph;
    struct {
        VEC(const char *);
    } scripts, plugins, env;
    struct {
        VEC(struct flow_member);
    } channel;
};

/* FLOW_OK, or FLOW_EINVAL with words that name the option. The options are valid and to be finished in any
 * case. */
int cli_options_parse(struct cli_options *options, int argc, char **argv, struct flow_error *err);
void cli_options_finish(struct cli_options *options);

#endif

/* Shared by the files of commands, command*.c and complete.c. */
#ifndef DEBUG_COMMAND_PRIVATE_H
#define DEBUG_COMMAND_PRIVATE_H

#include "debug/command.h"
#include "debug/text.h"

/* What every command gets: arguments without the command's name, and the same as typed. */
#define DBG_COMMAND_ARGS                                                                                     \
    struct dbg_session *session, char **argv, size_t argc, const char *rest, bool confirmed,                 \
        struct dbg_reply *reply

/* Adds a line to the reply. */
void dbg_say(struct dbg_reply *reply, const char *fmt, ...) FLOW_PRINTF(2, 3);
/* Makes the reply an error. */
void dbg_fail(struct dbg_reply *reply, const char *fmt, ...) FLOW_PRINTF(2, 3);
/* What is left of `rest` after its first `words` words. */
const char *dbg_rest_after(const char *rest, size_t words);
/* A positive number, or false. */
bool dbg_parse_number(const char *word, uint64_t *out);
/* The task of that name, or none, and the reply says what there is instead. */
flow_task dbg_find_task(struct dbg_session *session, const char *name, struct dbg_reply *reply);
/* The same for channel keys. */
flow_key dbg_find_key(struct dbg_session *session, const char *name, struct dbg_reply *reply);
/* The name nearest to a mistyped one, or NULL; names come from `name_at`, which returns NULL past the last.
 */
const char *dbg_nearest(
    const char *word, const char *(*name_at)(const void *user, size_t index), const void *user);
/* False where nothing can be changed or run, and the reply says why: a recording, the past. */
bool dbg_check_present(struct dbg_session *session, struct dbg_reply *reply);
/* Waits for a run that a command began, in the way the front end wants. */
void dbg_wait_for_run(struct dbg_session *session);

/* command_run.c */
void dbg_command_run(DBG_COMMAND_ARGS);
void dbg_command_start(DBG_COMMAND_ARGS);
void dbg_command_step(DBG_COMMAND_ARGS);
void dbg_command_next(DBG_COMMAND_ARGS);
void dbg_command_finish(DBG_COMMAND_ARGS);
void dbg_command_continue(DBG_COMMAND_ARGS);
void dbg_command_until(DBG_COMMAND_ARGS);
void dbg_command_interrupt(DBG_COMMAND_ARGS);
void dbg_command_kill(DBG_COMMAND_ARGS);
/* command_break.c */
void dbg_command_break(DBG_COMMAND_ARGS);
void dbg_command_tbreak(DBG_COMMAND_ARGS);
void dbg_command_delete(DBG_COMMAND_ARGS);
void dbg_command_enable(DBG_COMMAND_ARGS);
void dbg_command_disable(DBG_COMMAND_ARGS);
/* command_edit.c */
void dbg_command_goto(DBG_COMMAND_ARGS);
void dbg_command_enqueue(DBG_COMMAND_ARGS);
void dbg_command_drop(DBG_COMMAND_ARGS);
void dbg_command_move(DBG_COMMAND_ARGS);
void dbg_command_skip(DBG_COMMAND_ARGS);
void dbg_command_set(DBG_COMMAND_ARGS);
void dbg_command_unset(DBG_COMMAND_ARGS);
void dbg_command_iterate(DBG_COMMAND_ARGS);
void dbg_command_cancel(DBG_COMMAND_ARGS);
void dbg_command_terminate(DBG_COMMAND_ARGS);
/* command_info.c */
void dbg_command_info(DBG_COMMAND_ARGS);
/* command_look.c */
void dbg_command_print(DBG_COMMAND_ARGS);
void dbg_command_list(DBG_COMMAND_ARGS);
void dbg_info_breakpoints(struct dbg_session *session, struct dbg_reply *reply);
/* command_time.c */
void dbg_command_seek(DBG_COMMAND_ARGS);
void dbg_command_reverse_step(DBG_COMMAND_ARGS);
void dbg_command_reverse_next(DBG_COMMAND_ARGS);
void dbg_command_reverse_finish(DBG_COMMAND_ARGS);
void dbg_command_reverse_continue(DBG_COMMAND_ARGS);
void dbg_command_mark(DBG_COMMAND_ARGS);
void dbg_command_marks(DBG_COMMAND_ARGS);
void dbg_delete_mark(struct dbg_session *session, char **argv, size_t argc, struct dbg_reply *reply);
/* command_history.c */
void dbg_command_history(DBG_COMMAND_ARGS);
void dbg_command_last(DBG_COMMAND_ARGS);
void dbg_command_why(DBG_COMMAND_ARGS);
void dbg_command_whynot(DBG_COMMAND_ARGS);
/* command_session.c */
void dbg_command_help(DBG_COMMAND_ARGS);
void dbg_command_source(DBG_COMMAND_ARGS);
void dbg_command_quit(DBG_COMMAND_ARGS);

/* The words after `info`, in the order of help; NULL ends them. */
extern const char *const dbg_info_words[];

#endif

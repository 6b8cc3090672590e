/* Runs a program without a terminal: its output through pipes, nothing to read. */
#ifndef TESTS_E2E_COMMAND_H
#define TESTS_E2E_COMMAND_H

#include "tests/e2e/term.h"

struct command {
    int status; /* exit status, or 128 + signal */
    char *out, *err;
    size_t out_length, err_length;
};

/* Fails the test when the program cannot be run or takes longer than 60 s. */
struct command command_run_(const char *const *argv);
void command_finish(struct command *c);
/* The whole of stdout and the exit status are these, and stderr contains `err` (NULL: is empty). */
void command_assert_(const char *const *argv, int status, const char *out, const char *err);

#define command_run(...) TERM_AT_(command_run_(TERM_ARGV(__VA_ARGS__)))
#define command_assert(status, out, err, ...)                                                                \
    TERM_AT_(command_assert_(TERM_ARGV(__VA_ARGS__), status, out, err))

#endif

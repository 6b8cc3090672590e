/* The rules of the documented profile, one row each. */
#include "tests/unit/core/play.h"

#include <stdlib.h>
#include <string.h>

static void successors_are_enqueued_in_the_order_of_their_edges(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"chain", "a b c", "a>b b>c", "", .expected = "+a | a: +b | b: +c | c: | = completed"},
        {"order of edges, not of tasks", "a b c", "a>c a>b", "",
            .expected = "+a | a: +c +b | c: | b: | = completed"},
        {"a diamond's last task runs twice", "a b c d", "a>b a>c b>d c>d", "",
            .expected = "+a | a: +b +c | b: +d | c: +d | d: | d: | = completed"},
        {"one task alone", "a", "", "", .expected = "+a | a: | = completed"},
    };
    PLAY_ROWS(rows);
}

static void next_task_enqueues_at_the_back_and_keeps_successors(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"new task first: the page's example", "process continuation", "process>continuation",
            "process: next extra",
            .expected = "+process | process: new extra by process +extra +continuation | extra: | "
                        "continuation: | = completed"},
        {"existing task keeps successors", "a b c", "a>b", "a: next c", .start = "a",
            .expected = "+a | a: +c +b | c: | b: | = completed"},
        {"asked for twice: two entries", "a b c", "a>b", "a: next c, next c", .start = "a",
            .expected = "+a | a: +c +c +b | c: | c: | b: | = completed"},
        {"the same creator replaces the function", "a b", "a>b b>a", "a: next x | make x; b: ", .start = "a",
            .max_steps = 4,
            .expected = "+a | a: new x by a +x +b | x: | b: +a | a: redefine x +b limit max_steps left b | = "
                        "step limit '4 steps taken, 1 left in the queue'"},
        {"another creator may not", "a b", "a>b", "a: next x; b: make x",
            .expected = "+a | a: new x by a +x +b | x: | b: error 'duplicate task: task 'x' is defined "
                        "already, at ?: ids are unique in a workflow' | = failed 'task 'b' failed: task 'x' "
                        "is defined already, at ?: ids are unique in a workflow' b"},
    };
    PLAY_ROWS(rows);
}

static void goto_runs_its_target_next_even_with_other_entries_queued(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"before others", "s a b c t", "s>a s>b s>c", "a: goto t", .start = "s",
            .expected = "+s | s: +a +b +c | a: +t@0 | t: | b: | c: | = completed"},
        {"successors are skipped, each told", "a b c t u", "a>b a>c t>u", "a: goto t", .start = "a",
            .expected = "+a | a: +t skip b skip c | t: +u | u: | = completed"},
        {"the n-th goto of a step goes to position n", "s a z t u", "s>a s>z", "a: goto t, goto u",
            .start = "s", .expected = "+s | s: +a +z | a: +t@0 +u@1 | t: | u: | z: | = completed"},
        {"to a new task", "a b", "a>b", "a: goto x",
            .expected = "+a | a: new x by a +x skip b | x: | = completed"},
        {"to oneself: a new chain", "a b", "a>b", "a: iter | goto a", .start = "a",
            .expected = "+a | a: +a hold b | a#2: +a free b skip b | a: +b | b: | = completed"},
    };
    PLAY_ROWS(rows);
}

static void successors_of_an_iterating_task_run_once_after_its_last_iteration(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"held and released", "a b", "a>b", "a: iter | iter",
            .expected = "+a | a: +a hold b | a#2: +a | a#3: free b +b | b: | = completed"},
        {"a goto at the end skips them", "a b t", "a>b", "a: iter | goto t", .start = "a",
            .expected = "+a | a: +a hold b | a#2: +t free b skip b | t: | = completed"},
        {"goto and iteration: both happen", "a b t", "a>b", "a: goto t, iter", .start = "a",
            .expected = "+a | a: +t +a skip b | t: | a#2: +b | b: | = completed"},
        {"goto and iteration in the middle keep what is held", "a b t", "a>b", "a: iter | iter, goto t",
            .start = "a",
            .expected = "+a | a: +a hold b | a#2: +a +t@0 | t: | a#3: free b +b | b: | = completed"},
        {"two chains of one task", "s a b", "s>a a>b", "s: next a; a: iter | iter", .start = "s",
            .expected = "+s | s: +a +a | a: +a hold b | a: +a hold b | a#2: free b +b | a#2: free b +b | b: "
                        "| b: | = completed"},
        {"an edge made meanwhile is not held", "a b c", "a>b", "a: iter | edge a c", .start = "a",
            .expected = "+a | a: +a hold b | a#2: edge a>c free b +b +c | b: | c: | = completed"},
        {"terminate leaves them held", "a b", "a>b", "a: iter | terminate ok",
            .expected = "+a | a: +a hold b | a#2: left held b | = terminated 'ok' a"},
    };
    PLAY_ROWS(rows);
}

static void max_cycles_limits_a_chain_and_fails_the_call(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"the call fails", "a:cycles=1", "", "a: iter | iter",
            .expected = "+a | a: +a | a#2: limit max_cycles error 'cycle limit: cycle limit: task 'a' has "
                        "used 1 of its 1 cycles' | = failed 'task 'a' failed: cycle limit: task 'a' has used "
                        "1 of its 1 cycles' a"},
        {"and can be caught", "a:cycles=0 b", "a>b", "a: try iter",
            .expected = "+a | a: limit max_cycles +b | b: | = completed"},
        {"a second call in one execution fails", "a b", "a>b", "a: iter, try iter",
            .expected = "+a | a: +a hold b | a#2: free b +b | b: | = completed"},
        {"a new chain starts from nothing", "a:cycles=1 b", "a>b b>a", "a: loop | loop | loop | loop",
            .start = "a", .max_steps = 5,
            .expected = "+a | a: +a hold b | a#2: free b +b | b: +a | a: +a hold b | a#2: free b +b limit "
                        "max_steps left b | = step limit '5 steps taken, 1 left in the queue'"},
    };
    PLAY_ROWS(rows);
}

static void terminate_is_a_success_and_cancel_is_not(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"terminate", "a b", "a>b", "a: terminate found", .expected = "+a | a: | = terminated 'found' a"},
        {"cancel", "a b", "a>b", "a: cancel bad", .expected = "+a | a: | = cancelled 'bad' a"},
        {"cancel beats terminate, later", "a b", "a>b", "a: terminate t, cancel c",
            .expected = "+a | a: | = cancelled 'c' a"},
        {"cancel beats terminate, earlier", "a b", "a>b", "a: cancel c, terminate t",
            .expected = "+a | a: | = cancelled 'c' a"},
        {"both beat what else was asked", "a b t", "a>b", "a: goto t, next b, terminate x", .start = "a",
            .expected = "+a | a: +t +b left t left b | = terminated 'x' a"},
        {"a failure beats both", "a", "", "a: cancel c, fail boom",
            .expected = "+a | a: error 'error: boom' | = failed 'task 'a' failed: boom' a"},
        {"the queue is abandoned", "s a b", "s>a s>b", "a: cancel c",
            .expected = "+s | s: +a +b | a: left b | = cancelled 'c' a"},
        {"by a failure, too", "s a b", "s>a s>b", "a: fail boom",
            .expected = "+s | s: +a +b | a: error 'error: boom' left b | = failed 'task 'a' failed: boom' a"},
        {"the body goes on after each call", "a b", "a>b", "a: terminate t, set k 1, cancel c, set k 2",
            .expected = "+a | a: k=1 k=2 | = cancelled 'c' a"},
    };
    PLAY_ROWS(rows);
}

static void retries_start_over_with_their_requests_forgotten(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"retried until it works", "a:retries=2 b", "a>b", "a: fail x | fail y",
            .expected = "+a | a: error 'error: x' retry 1 +a | a!2: error 'error: y' retry 2 +a | a!3: +b | "
                        "b: | = completed"},
        {"the budget runs out", "a:retries=1", "", "a: fail x | fail y",
            .expected = "+a | a: error 'error: x' retry 1 +a | a!2: error 'error: y' limit max_retries | = "
                        "failed 'task 'a' failed: y' a"},
        {"entries are withdrawn, graph and channel stay", "a:retries=1 b", "a>b",
            "a: next x, set k 1, goto b, fail f",
            .expected = "+a | a: new x by a +x k=1 +b@0 error 'error: f' -b -x retry 1 +a | a!2: +b | b: | = "
                        "completed"},
        {"a forgotten terminate", "a:retries=1 b", "a>b", "a: terminate t, fail f",
            .expected = "+a | a: error 'error: f' retry 1 +a | a!2: +b | b: | = completed"},
        {"it keeps the iteration and what is held", "a:retries=1 b", "a>b", "a: iter | fail f",
            .expected =
                "+a | a: +a hold b | a#2: error 'error: f' retry 1 +a | a#2!2: free b +b | b: | = completed"},
        {"the budget is each entry's", "s a:retries=1", "s>a", "s: next a; a: fail f | fail g",
            .expected = "+s | s: +a +a | a: error 'error: f' retry 1 +a | a: error 'error: g' retry 1 +a | "
                        "a!2: | a!2: | = completed"},
        {"a retry is no cycle", "a:retries=3,cycles=1", "", "a: fail f | fail f | iter",
            .expected = "+a | a: error 'error: f' retry 1 +a | a!2: error 'error: f' retry 2 +a | a!3: +a | "
                        "a#2: | = completed"},
    };
    PLAY_ROWS(rows);
}

static void a_step_limit_is_loud(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"work is left", "a b", "a>b b>a", "", .start = "a", .max_steps = 3,
            .expected = "+a | a: +b | b: +a | a: +b limit max_steps left b | = step limit '3 "
                        "steps taken, 1 left in the queue'"},
        {"retries are steps", "a:retries=5", "", "a: fail x | fail y | fail z", .max_steps = 2,
            .expected =
                "+a | a: error 'error: x' retry 1 +a | a!2: error 'error: y' retry 2 +a limit max_steps "
                "left a | = step limit '2 steps taken, 1 left in the queue'"},
        {"what is held is abandoned, too", "a b", "a>b", "a: iter", .max_steps = 1,
            .expected = "+a | a: +a hold b limit max_steps left a left held b | = step limit '1 "
                        "steps taken, 1 left in the queue'"},
        {"no work is left", "a b", "a>b", "", .max_steps = 2, .expected = "+a | a: +b | b: | = completed"},
    };
    PLAY_ROWS(rows);
}

static void joins_wait_for_one_arrival_along_each_edge(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"diamond", "a b c d:join", "a>b a>c b>d c>d", "",
            .expected = "+a | a: +b +c | b: d 1 from b | c: d 2 from c +d | d: | = completed"},
        {"a second arrival is absorbed", "a b c d:join", "a>b a>c b>d c>d", "a: next b", .start = "a",
            .expected =
                "+a | a: +b +b +c | b: d 1 from b | b: d again | c: d 2 from c +d | d: | = completed"},
        {"a goto delivers nothing: blocked", "a b c d:join t", "a>b a>c b>d c>d", "b: goto t", .start = "a",
            .expected =
                "+a | a: +b +c | b: +t@0 skip d | t: | c: d 1 from c blocked d by b: 'b' skipped 'd' when it "
                "last ran | = blocked 'join 'd' waits for 'b': 'b' skipped 'd' when it last ran'"},
        {"never ran: blocked", "a b d:join", "a>d b>d", "", .start = "a",
            .expected = "+a | a: d 1 from a blocked d by b: 'b' never ran | = blocked 'join 'd' waits for "
                        "'b': 'b' never ran'"},
        {"a held iteration delivers when it ends", "a b d:join", "a>b a>d b>d", "b: iter", .start = "a",
            .expected =
                "+a | a: +b d 1 from a | b: +b hold d | b#2: free d d 2 from b +d | d: | = completed"},
        {"goto bypasses the join and clears it", "a b c d:join", "a>b a>c b>d c>d", "c: goto d", .start = "a",
            .expected = "+a | a: +b +c | b: d 1 from b | c: +d skip d | d: | = completed"},
        {"next_task bypasses the join", "a b c d:join", "a>b a>c b>d c>d", "a: next d", .start = "a",
            .expected = "+a | a: +d +b +c | d: | b: d 1 from b | c: d 2 from c +d | d: | = completed"},
        {"so does the start", "a b d:join", "a>d b>d", "", .start = "d", .expected = "+d | d: | = completed"},
        {"what arrived before it started does not count after", "a b d:join", "a>d a>b b>d",
            "b: goto d; d: goto b", .start = "a",
            .expected =
                "+a | a: d 1 from a +b | b: +d skip d | d: +b | b: d 1 from b blocked d by a: 'a' has "
                "not completed again since 'd' last started | = blocked 'join 'd' waits for 'a': 'a' "
                "has not completed again since 'd' last started'"},
        {"each missing edge is named", "a b c d:join", "a>d b>d c>d", "", .start = "a",
            .expected = "+a | a: d 1 from a blocked d by b: 'b' never ran blocked d by c: 'c' never ran | = "
                        "blocked 'join 'd' waits for 'b': 'b' never ran'"},
        {"no arrivals at all: nothing to wait for", "a b d:join", "a>b b>d", "b: goto a | goto a",
            .start = "a", .max_steps = 3,
            .expected = "+a | a: +b | b: +a skip d | a: +b limit max_steps left b | = step limit '"
                        "3 steps taken, 1 left in the queue'"},
    };
    PLAY_ROWS(rows);
}

static void values_of_parameters_come_from_channel_result_or_predecessor(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"channel key", "a b:param", "a>b", "a: set p 7; b: arg",
            .expected = "+a | a: p=7 +b | b: | = completed"},
        {"result of the task of that name", "p b:param", "p>b", "p: return 3; b: arg",
            .expected = "+p | p: +b | b: | = completed"},
        {"the predecessor's result", "a b:param", "a>b", "a: return 5; b: arg",
            .expected = "+a | a: +b | b: | = completed"},
        {"also in the iterations that follow", "a b:param", "a>b", "a: return 5; b: iter | arg",
            .expected = "+a | a: +b | b: +b | b#2: | = completed"},
        {"none: an error with what to do", "b:param", "", "b: arg",
            .expected =
                "+b | b: error 'error: parameter 'p' of task 'b' has no value: bind it, set the channel key "
                "'p', or give it a default' | = failed 'task 'b' failed: parameter 'p' of task 'b' has no "
                "value: bind it, set the channel key 'p', or give it a default' b"},
    };
    PLAY_ROWS(rows);
}

static void the_result_is_the_latest_executions(void **state)
{
    (void)state;
    struct play play = {.shows_results = true};
    static const struct play_spec spec = {
        "results", "a b:param", "a>b", "a: return 1, iter 40 | return 2; b: arg"};
    play_start(&play, &spec);
    play_run(&play);
    assert_string_equal(str_text(&play.log), " +a | a: +a a.__result__=1 hold b | a#2: a.__result__=2 free b "
                                             "+b | b: b.__result__=2 | = completed");
    play_finish(&play);
}

static void only_a_completed_execution_stores_its_result(void **state)
{
    (void)state;
    static const struct play_spec rows[] = {
        {"failed", "a", "", "a: return 1, fail f",
            .expected = "+a | a: error 'error: f' | = failed 'task 'a' failed: f' a"},
        {"retried: the attempt that worked", "a:retries=1", "", "a: return 1, fail f | return 2",
            .expected = "+a | a: error 'error: f' retry 1 +a | a!2: a.__result__=2 | = completed"},
        {"cancelled", "a", "", "a: return 1, cancel c", .expected = "+a | a: | = cancelled 'c' a"},
        {"terminated", "a", "", "a: return 1, terminate t",
            .expected = "+a | a: a.__result__=1 | = terminated 't' a"},
        {"goto", "a b", "", "a: return 1, goto b", .start = "a",
            .expected = "+a | a: +b a.__result__=1 | b: b.__result__=null | = completed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play play = {.shows_results = true};
        play_start(&play, &rows[i]);
        play_run(&play);
        if (strcmp(str_text(&play.log) + 1, rows[i].expected) != 0)
            fail_msg(
                "%s:\n# expected %s\n# got      %s", rows[i].name, rows[i].expected, str_text(&play.log) + 1);
        play_finish(&play);
    }
}

/* A body that iterates while it may, so often that a limit nobody set ends it. */
static int iterate_while_allowed(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)user;
    *result = flow_int(flow_ctx_cycle_count(ctx));
    return flow_ctx_can_iterate(ctx) ? flow_ctx_next_iteration(ctx, flow_null()) : FLOW_OK;
}

static int do_nothing(struct flow_ctx *ctx, void *user, struct flow_value *result)
{
    (void)ctx, (void)user, (void)result;
    return FLOW_OK;
}

static void limits_have_defaults(void **state)
{
    (void)state;
    static const struct {
        flow_task_fn fn;
        enum flow_profile profile;
        bool is_ring;
        uint64_t steps;
        enum flow_outcome outcome;
    } rows[] = {
        {iterate_while_allowed, FLOW_PROFILE_DOCUMENTED, false, 101, FLOW_OUTCOME_COMPLETED},
        {iterate_while_allowed, FLOW_PROFILE_PACKAGE, false, 10, FLOW_OUTCOME_COMPLETED},
        {do_nothing, FLOW_PROFILE_DOCUMENTED, true, 10000, FLOW_OUTCOME_STEP_LIMIT},
        {do_nothing, FLOW_PROFILE_PACKAGE, true, 10000, FLOW_OUTCOME_STEP_LIMIT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_workflow *wf;
        struct flow_run *run;
        flow_task a;
        const struct flow_task_def def = {.size = sizeof def, .id = "a", .fn = rows[i].fn};
        const struct flow_run_options options = {.size = sizeof options, .profile = rows[i].profile};
        assert_int_equal(flow_workflow_create(&wf, "limits", NULL), FLOW_OK);
        assert_int_equal(flow_workflow_add_task(wf, &def, &a, NULL), FLOW_OK);
        if (rows[i].is_ring)
            assert_int_equal(flow_workflow_add_edge(wf, a, a, NULL), FLOW_OK);
        assert_int_equal(flow_run_create(&run, wf, &options, NULL), FLOW_OK);
        assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
        while (flow_run_step(run, NULL) == FLOW_OK)
            assert_true(flow_run_step_count(run) <= 10000);
        assert_int_equal(flow_run_step_count(run), rows[i].steps);
        assert_int_equal(flow_run_outcome(run), rows[i].outcome);
        flow_run_destroy(run);
        flow_workflow_destroy(wf);
    }
}

/* 'validate' has an edge from nowhere; 'lonely' none at all. */
static void starts_are_found_or_their_candidates_named(void **state)
{
    (void)state;
    static const struct {
        const char *tasks, *edges, *start, *error;
        enum flow_profile profile;
    } rows[] = {
        {"a b lonely", "a>b", NULL, NULL, FLOW_PROFILE_DOCUMENTED},
        {"a b lonely", "a>b", NULL,
            "where to start 'play'? Candidates are 'a', 'lonely'; name one as the start",
            FLOW_PROFILE_PACKAGE},
        {"a b c", "a>c b>c", NULL, "where to start 'play'? Candidates are 'a', 'b'; name one as the start",
            FLOW_PROFILE_DOCUMENTED},
        {"a b", "a>b b>a", NULL, "where to start 'play'? None of its 2 tasks is first; name one as the start",
            FLOW_PROFILE_DOCUMENTED},
        {"a", "a>a", NULL, NULL, FLOW_PROFILE_DOCUMENTED},
        {"a b", "a>b", "nope", "workflow 'play' has no task 'nope' to start with", FLOW_PROFILE_DOCUMENTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flow_error err = FLOW_ERROR_INIT;
        struct flow_run *run = NULL;
        struct play play = {0};
        struct play_spec spec = {
            "start", rows[i].tasks, rows[i].edges, "", .start = "a", .profile = rows[i].profile};
        play_start(&play, &spec);
        struct flow_run_options options = {
            .size = sizeof options, .profile = rows[i].profile, .start = rows[i].start};
        int status = flow_run_create(&run, play.wf, &options, &err);
        assert_int_equal(status, rows[i].error ? FLOW_EINVAL : FLOW_OK);
        if (rows[i].error)
            assert_string_equal(err.text, rows[i].error);
        flow_run_destroy(run);
        play_finish(&play);
    }
}

static void a_declared_start_is_taken_unless_another_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *started;
    } rows[] = {{NULL, "b"}, {"c", "c"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play play = {0};
        struct flow_run *run;
        struct flow_entry first;
        static const struct play_spec spec = {"declared", "a b c", "a>b", ""};
        const struct flow_run_options options = {.size = sizeof options, .start = rows[i].asked};
        play_start(&play, &spec);
        assert_int_equal(flow_workflow_set_start(play.wf, play_task(&play, "b"), NULL), FLOW_OK);
        assert_int_equal(flow_run_create(&run, play.wf, &options, NULL), FLOW_OK);
        assert_int_equal(flow_run_start(run, NULL), FLOW_OK);
        flow_run_queue_at(run, 0, &first);
        assert_int_equal(first.task, play_task(&play, rows[i].started));
        flow_run_destroy(run);
        play_finish(&play);
    }
}

static void package_rules_that_the_documentation_does_not_have(void **state)
{
    (void)state;
#define PACKAGE .profile = FLOW_PROFILE_PACKAGE, .start = "a"
    static const struct play_spec rows[] = {
        {"goto goes to the back", "a b c t", "a>b a>c", "b: goto t", PACKAGE,
            .expected = "+a | a: +b +c | b: +t | c: | t: | = completed"},
        {"next_task to a known task skips successors", "a b t", "a>b", "a: next t", PACKAGE,
            .expected = "+a | a: +t skip b | t: | = completed"},
        {"to a new one too, while the block is open", "a b", "a>b", "a: next x", PACKAGE,
            .expected = "+a | a: new x by a +x skip b | x: | = completed"},
        {"not when it is closed", "a b", "a>b", "a: next x", PACKAGE, .is_closed = true,
            .expected = "+a | a: new x by a +x +b | x: | b: | = completed"},
        {"an iteration is a new node; closed, successors run", "a b", "a>b", "a: iter", PACKAGE,
            .is_closed = true, .expected = "+a | a: new a#2 by a +a#2 +b | a#2: | b: | = completed"},
        {"two nodes of one number", "a", "", "a: iter, iter", PACKAGE,
            .expected = "+a | a: new a#2 by a +a#2 new a#2.2 by a +a#2.2 | a#2: | a#2.2: | = completed"},
        {"entries of a failed attempt stay", "a:retries=1 b", "", "a: next b, fail f", PACKAGE,
            .expected = "+a | a: +b error 'error: f' retry 1 +a | b: | a!2: | = completed"},
        {"the retry budget is the task's", "a:retries=1 b", "a>b b>a", "a: fail f | | fail g", PACKAGE,
            .expected = "+a | a: error 'error: f' retry 1 +a | a!2: +b | b: +a | a: error 'error: g' limit "
                        "max_retries | = failed 'task 'a' failed: g' a"},
        {"the step limit loses the entry it took", "a b", "a>b b>a", "", PACKAGE, .max_steps = 2,
            .expected = "+a | a: +b | b: +a limit max_steps | = step limit '2 steps taken, 1 "
                        "left in the queue'"},
        {"an execution after a retry is no cycle", "a:retries=1,cycles=2", "", "a: fail f | loop | loop",
            PACKAGE,
            .expected = "+a | a: error 'error: f' retry 1 +a | a!2: new a#2 by a +a#2 | a#2: | = completed"},
        {"failures do not count as steps", "a:retries=1 b", "a>b", "a: fail f", PACKAGE, .max_steps = 2,
            .expected = "+a | a: error 'error: f' retry 1 +a | a!2: +b | b: | = completed"},
    };
    PLAY_ROWS(rows);
}

static void package_stores_failures_as_results(void **state)
{
    (void)state;
    struct play play = {.shows_results = true};
    static const struct play_spec spec = {
        "failure", "a", "", "a: fail boom", .profile = FLOW_PROFILE_PACKAGE};
    play_start(&play, &spec);
    play_run(&play);
    assert_string_equal(str_text(&play.log),
        " +a | a: error 'error: boom' a.__result__=<error: boom> | = failed 'task 'a' failed: boom' a");
    play_finish(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(successors_are_enqueued_in_the_order_of_their_edges),
        cmocka_unit_test(next_task_enqueues_at_the_back_and_keeps_successors),
        cmocka_unit_test(goto_runs_its_target_next_even_with_other_entries_queued),
        cmocka_unit_test(successors_of_an_iterating_task_run_once_after_its_last_iteration),
        cmocka_unit_test(max_cycles_limits_a_chain_and_fails_the_call),
        cmocka_unit_test(terminate_is_a_success_and_cancel_is_not),
        cmocka_unit_test(retries_start_over_with_their_requests_forgotten),
        cmocka_unit_test(a_step_limit_is_loud),
        cmocka_unit_test(joins_wait_for_one_arrival_along_each_edge),
        cmocka_unit_test(values_of_parameters_come_from_channel_result_or_predecessor),
        cmocka_unit_test(the_result_is_the_latest_executions),
        cmocka_unit_test(only_a_completed_execution_stores_its_result),
        cmocka_unit_test(limits_have_defaults),
        cmocka_unit_test(a_declared_start_is_taken_unless_another_is_asked_for),
        cmocka_unit_test(starts_are_found_or_their_candidates_named),
        cmocka_unit_test(package_rules_that_the_documentation_does_not_have),
        cmocka_unit_test(package_stores_failures_as_results),
    };
    return RUN_TESTS(tests);
}

#include "tests/unit/test.h"

#include <string.h>

#include "debug/session.h"
#include "debug/stop_rules.h"

enum { A, B, C };

static void begin(struct stop_rules *rules, enum dbg_mode mode, uint64_t count, const char *until)
{
    static const char *const ids[] = {"alpha", "beta", "gamma"};
    memset(rules, 0, sizeof *rules);
    for (flow_task t = 0; t < 3; t++)
        assert_int_equal(stop_rules_add_task(rules, t, ids[t], strlen(ids[t])), FLOW_OK);
    assert_int_equal(stop_rules_resume(rules, mode, count, until), FLOW_OK);
}

/* A walk over boundaries: at each the first entry and the task that has just ended. */
struct walk {
    const char *name;
    enum dbg_mode mode;
    uint64_t count;
    const char *until;
    const char *pattern; /* of a breakpoint, or NULL */
    bool is_after;
    int stops_at; /* which of the boundaries, from 0; -1: none */
    enum dbg_stop why;
};
static const struct {
    flow_task first, ended;
} boundaries[] = {{A, FLOW_TASK_NONE}, {B, A}, {B, B}, {C, B}, {FLOW_TASK_NONE, C}};

static const struct walk walks[] = {
    {"next stops at the first boundary", DBG_MODE_NEXT, 1, NULL, NULL, false, 0, DBG_STOP_STEP},
    {"next 3 counts boundaries", DBG_MODE_NEXT, 3, NULL, NULL, false, 2, DBG_STOP_STEP},
    {"next 5 stops where the queue is empty", DBG_MODE_NEXT, 5, NULL, NULL, false, 4, DBG_STOP_STEP},
    {"finish is a boundary too", DBG_MODE_FINISH, 1, NULL, NULL, false, 0, DBG_STOP_FINISH},
    {"continue goes to the end", DBG_MODE_CONTINUE, 1, NULL, NULL, false, -1, DBG_STOP_NONE},
    {"continue stops before a task", DBG_MODE_CONTINUE, 1, NULL, "beta", false, 1, DBG_STOP_BREAKPOINT},
    {"continue 2 passes one breakpoint", DBG_MODE_CONTINUE, 2, NULL, "beta", false, 2, DBG_STOP_BREAKPOINT},
    {"continue 3 passes all of them", DBG_MODE_CONTINUE, 3, NULL, "beta", false, -1, DBG_STOP_NONE},
    {"break after stops when it has ended", DBG_MODE_CONTINUE, 1, NULL, "beta", true, 2, DBG_STOP_BREAKPOINT},
    {"break after the last task", DBG_MODE_CONTINUE, 1, NULL, "gamma", true, 4, DBG_STOP_BREAKPOINT},
    {"a pattern matches", DBG_MODE_CONTINUE, 1, NULL, "g*", false, 3, DBG_STOP_BREAKPOINT},
    {"a pattern that matches nothing", DBG_MODE_CONTINUE, 1, NULL, "x*", false, -1, DBG_STOP_NONE},
    {"until stops before the task", DBG_MODE_UNTIL, 1, "gamma", NULL, false, 3, DBG_STOP_UNTIL},
    {"until takes a pattern", DBG_MODE_UNTIL, 1, "?eta", NULL, false, 1, DBG_STOP_UNTIL},
    {"a breakpoint on the way stops until", DBG_MODE_UNTIL, 1, "gamma", "beta", false, 1,
        DBG_STOP_BREAKPOINT},
    {"a breakpoint explains a step's stop", DBG_MODE_NEXT, 1, NULL, "alpha", false, 0, DBG_STOP_BREAKPOINT},
    {"a breakpoint stops counted next", DBG_MODE_NEXT, 3, NULL, "beta", false, 1, DBG_STOP_BREAKPOINT},
    {"end passes breakpoints", DBG_MODE_END, 0, NULL, "*", false, -1, DBG_STOP_NONE},
    {"step does not stop at boundaries", DBG_MODE_STEP, 100, NULL, NULL, false, -1, DBG_STOP_NONE},
};

static void boundaries_stop_as_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        const struct walk *walk = &walks[i];
        struct stop_rules rules;
        struct stop_decision decision = {0};
        int at = -1;
        begin(&rules, walk->mode, walk->count, walk->until);
        if (walk->pattern)
            assert_int_equal(stop_rules_add_break(&rules, 7, walk->pattern, walk->is_after, false), FLOW_OK);
        for (int b = 0; b < 5 && at < 0; b++) {
            decision = stop_rules_at_boundary(&rules, boundaries[b].first, boundaries[b].ended);
            at = decision.stops ? b : -1;
        }
        if (at != walk->stops_at || (at >= 0 && decision.why != walk->why))
            fail_msg("%s: stopped at %d (%s), expected %d (%s)", walk->name, at, dbg_stop_name(decision.why),
                walk->stops_at, dbg_stop_name(walk->why));
        if (walk->why == DBG_STOP_BREAKPOINT)
            assert_int_equal(decision.breakpoint, 7);
        stop_rules_finish(&rules);
    }
}

static void step_counts_events_and_stops_once(void **state)
{
    struct stop_rules rules;
    (void)state;
    begin(&rules, DBG_MODE_STEP, 3, NULL);
    assert_false(stop_rules_is_last_event(&rules));
    assert_false(stop_rules_is_last_event(&rules));
    assert_true(stop_rules_is_last_event(&rules));
    assert_false(stop_rules_is_last_event(&rules));
    stop_rules_finish(&rules);
}

static void other_modes_do_not_count_events(void **state)
{
    struct stop_rules rules;
    (void)state;
    begin(&rules, DBG_MODE_NEXT, 1, NULL);
    assert_false(stop_rules_is_last_event(&rules));
    assert_int_equal(rules.count, 1);
    stop_rules_finish(&rules);
}

static void a_temporary_breakpoint_goes_when_it_is_hit(void **state)
{
    struct stop_rules rules;
    (void)state;
    begin(&rules, DBG_MODE_CONTINUE, 1, NULL);
    stop_rules_add_break(&rules, 1, "beta", false, true);
    assert_true(stop_rules_at_boundary(&rules, B, A).stops);
    assert_false(stop_rules_at_boundary(&rules, B, A).stops);
    assert_int_equal(rules.breaks.count, 0);
    stop_rules_finish(&rules);
}

static void all_breakpoints_that_match_are_hit(void **state)
{
    struct stop_rules rules;
    (void)state;
    begin(&rules, DBG_MODE_CONTINUE, 1, NULL);
    stop_rules_add_break(&rules, 3, "beta", false, false);
    stop_rules_add_break(&rules, 4, "gamma", false, true);
    stop_rules_add_break(&rules, 5, "alpha", true, true);
    assert_int_equal(stop_rules_at_boundary(&rules, B, A).breakpoint, 3);
    assert_int_equal(rules.hits.count, 2);
    assert_int_equal(rules.hits.at[0], 3);
    assert_int_equal(rules.hits.at[1], 5);
    assert_int_equal(rules.breaks.count, 2); /* the temporary one that was hit is gone, the other stays */
    stop_rules_finish(&rules);
}

static void tasks_that_join_later_are_matched(void **state)
{
    struct stop_rules rules;
    (void)state;
    begin(&rules, DBG_MODE_UNTIL, 1, "dyn*");
    stop_rules_add_break(&rules, 1, "dynamic_2", true, false);
    assert_int_equal(stop_rules_add_task(&rules, 9, "dynamic_2, cut off here", 9), FLOW_OK);
    assert_int_equal(stop_rules_at_boundary(&rules, 9, A).why, DBG_STOP_UNTIL);
    assert_int_equal(stop_rules_at_boundary(&rules, A, 9).why, DBG_STOP_BREAKPOINT);
    assert_false(stop_rules_at_boundary(&rules, 4, 5).stops); /* between the known ones */
    stop_rules_finish(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_stop_as_told),
        cmocka_unit_test(step_counts_events_and_stops_once),
        cmocka_unit_test(other_modes_do_not_count_events),
        cmocka_unit_test(a_temporary_breakpoint_goes_when_it_is_hit),
        cmocka_unit_test(all_breakpoints_that_match_are_hit),
        cmocka_unit_test(tasks_that_join_later_are_matched),
    };
    return RUN_TESTS(tests);
}

#include "debug/stop_rules.h"

#include "base/mem.h"
#include "base/str.h"
#include "debug/session.h"

void stop_rules_finish(struct stop_rules *rules)
{
    stop_rules_clear_breaks(rules);
    vec_finish(&rules->breaks);
    vec_foreach (struct stop_task, task, &rules->tasks)
        mem_free(task->id);
    vec_finish(&rules->tasks);
    vec_finish(&rules->hits);
    mem_free(rules->until);
    rules->until = NULL;
}

static void match_task(const struct stop_rules *rules, struct stop_task *task)
{
    task->is_until = rules->until && task->id && glob_matches(rules->until, task->id);
    task->has_break = false;
    vec_foreach (const struct stop_break, b, &rules->breaks)
        if (task->id && glob_matches(b->pattern, task->id))
            task->has_break = true;
}

static void match_all(struct stop_rules *rules)
{
    vec_foreach (struct stop_task, task, &rules->tasks)
        match_task(rules, task);
}

int stop_rules_add_task(struct stop_rules *rules, flow_task task, const char *id, size_t length)
{
    while (rules->tasks.count <= task) {
        if (vec_push(&rules->tasks, (struct stop_task){0}) < 0)
            return FLOW_ENOMEM;
    }
    struct stop_task *row = &rules->tasks.at[task];
    char *copy = mem_strndup(id, length);
    if (!copy)
        return FLOW_ENOMEM;
    mem_free(row->id);
    row->id = copy;
    match_task(rules, row);
    return FLOW_OK;
}

void stop_rules_clear_breaks(struct stop_rules *rules)
{
    vec_foreach (struct stop_break, b, &rules->breaks)
        mem_free(b->pattern);
    vec_clear(&rules->breaks);
    match_all(rules);
}

int stop_rules_add_break(
    struct stop_rules *rules, uint32_t number, const char *pattern, bool is_after, bool is_temporary)
{
    struct stop_break added = {number, mem_strdup(pattern), is_after, is_temporary};
    if (!added.pattern || vec_push(&rules->breaks, added) < 0) {
        mem_free(added.pattern);
        return FLOW_ENOMEM;
    }
    match_all(rules);
    return FLOW_OK;
}

int stop_rules_resume(struct stop_rules *rules, enum dbg_mode mode, uint64_t count, const char *until)
{
    char *pattern = until ? mem_strdup(until) : NULL;
    if (until && !pattern)
        return FLOW_ENOMEM;
    bool is_new = pattern || rules->until;
    mem_free(rules->until);
    rules->until = pattern;
    rules->mode = mode;
    rules->count = count;
    if (is_new)
        match_all(rules);
    return FLOW_OK;
}

/* Finds all breakpoints that match here; the number of the first, or 0. */
static uint32_t find_breaks(struct stop_rules *rules, flow_task first, flow_task ended)
{
    bool can_before = first < rules->tasks.count && rules->tasks.at[first].has_break;
    bool can_after = ended < rules->tasks.count && rules->tasks.at[ended].has_break;
    uint32_t found = 0;
    vec_clear(&rules->hits);
    if (!can_before && !can_after)
        return 0;
    vec_foreach (const struct stop_break, b, &rules->breaks) {
        bool is_possible = b->is_after ? can_after : can_before;
        if (!is_possible || !glob_matches(b->pattern, rules->tasks.at[b->is_after ? ended : first].id))
            continue;
        found = found ? found : b->number;
        vec_push(&rules->hits, b->number); /* without memory its hit is not counted */
    }
    return found;
}

static void remove_temporary(struct stop_rules *rules)
{
    bool is_changed = false;
    for (size_t i = rules->breaks.count; i-- > 0;) {
        bool is_hit = false;
        vec_foreach (const uint32_t, number, &rules->hits)
            is_hit = is_hit || *number == rules->breaks.at[i].number;
        if (!is_hit || !rules->breaks.at[i].is_temporary)
            continue;
        mem_free(rules->breaks.at[i].pattern);
        vec_remove(&rules->breaks, i);
        is_changed = true;
    }
    if (is_changed)
        match_all(rules);
}

struct stop_decision stop_rules_at_boundary(struct stop_rules *rules, flow_task first, flow_task ended)
{
    struct stop_decision none = {false, DBG_STOP_NONE, 0};
    if (rules->mode == DBG_MODE_END)
        return none;
    uint32_t found = find_breaks(rules, first, ended);
    if (found && rules->mode == DBG_MODE_CONTINUE && rules->count > 1) {
        rules->count--;
        found = 0;
    }
    if (found) {
        remove_temporary(rules);
        return (struct stop_decision){true, DBG_STOP_BREAKPOINT, found};
    }
    if (rules->mode == DBG_MODE_UNTIL && first < rules->tasks.count && rules->tasks.at[first].is_until)
        return (struct stop_decision){true, DBG_STOP_UNTIL, 0};
    bool counts = rules->mode == DBG_MODE_NEXT || rules->mode == DBG_MODE_FINISH;
    if (counts && rules->count > 0 && --rules->count == 0)
        return (struct stop_decision){
            true, rules->mode == DBG_MODE_FINISH ? DBG_STOP_FINISH : DBG_STOP_STEP, 0};
    return none;
}

#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "debug/command.h"
#include "flow/error.h"
#include "tui/app/keys.h"
#include "tui/app/state.h"

static void every_key_name_in_the_table_is_a_key(void **state)
{
    (void)state;
    size_t count;
    const struct key_binding *bindings = key_bindings(&count);
    for (size_t i = 0; i < count; i++) {
        char keys[64];
        snprintf(keys, sizeof keys, "%s", bindings[i].keys);
        for (char *name = strtok(keys, " "); name; name = strtok(NULL, " ")) {
            uint32_t key;
            unsigned mods;
            if (event_key_parse(name, &key, &mods) != FLOW_OK)
                fail_msg("'%s' (%s) is not a key name", name, bindings[i].command);
            struct event event = EVENT_KEY_INIT(key, mods);
            if (key_find(&event, bindings[i].view ? bindings[i].view : "no view") != &bindings[i])
                fail_msg("'%s' is bound twice: %s never runs", name, bindings[i].command);
        }
    }
}

static void every_key_runs_a_command_that_exists(void **state)
{
    (void)state;
    size_t count, own_count;
    const struct key_binding *bindings = key_bindings(&count);
    const struct app_command *own = app_commands(&own_count);
    for (size_t i = 0; i < count; i++) {
        const char *command = bindings[i].command + (bindings[i].command[0] == ':');
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(command, " "), command);
        bool is_known = false;
        for (size_t j = 0; j < own_count; j++)
            is_known |= strcmp(own[j].name, word) == 0;
        if (!is_known && word[0] && !dbg_command_find(word, NULL))
            fail_msg("key %s runs '%s', which is no command", bindings[i].keys, word);
    }
}

static void a_view_may_give_a_key_a_meaning_of_its_own(void **state)
{
    (void)state;
    struct event event = EVENT_KEY_INIT('e', 0);
    assert_string_equal(key_find(&event, "channels")->command, ":set %k %v");
    assert_string_equal(key_find(&event, "queue")->command, ":move %e ");
    assert_null(key_find(&event, "graph"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_name_in_the_table_is_a_key),
        cmocka_unit_test(every_key_runs_a_command_that_exists),
        cmocka_unit_test(a_view_may_give_a_key_a_meaning_of_its_own),
    };
    return RUN_TESTS(tests);
}

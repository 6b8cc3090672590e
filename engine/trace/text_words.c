#include "trace/text_words.h"

#include <string.h>

#define COUNT(array)  (sizeof(array) / sizeof *(array))
#define X(name, word) word,

static const char *const origins[] = {FLOW_ORIGINS(X)};
static const char *const reasons[] = {FLOW_REASONS(X)};
static const char *const outcomes[] = {FLOW_OUTCOMES(X)};
static const char *const step_outcomes[] = {FLOW_STEP_OUTCOMES(X)};
static const char *const requests[] = {FLOW_REQUESTS(X)};
static const char *const limits[] = {FLOW_LIMITS(X)};
static const char *const streams[] = {NULL, "stdout", "stderr"};
#undef X

struct word_list {
    unsigned kind;
    const char *const *words;
    size_t count;
};

static const struct word_list code_words[] = {
    {FLOW_EV_RUN_ENDED, outcomes, COUNT(outcomes)},
    {FLOW_EV_RETURNED, step_outcomes, COUNT(step_outcomes)},
    {FLOW_EV_STEP_ENDED, step_outcomes, COUNT(step_outcomes)},
    {FLOW_EV_SKIPPED, requests, COUNT(requests)},
    {FLOW_EV_REQUEST, requests, COUNT(requests)},
    {FLOW_EV_LIMIT, limits, COUNT(limits)},
    {FLOW_EV_OUTPUT, streams, COUNT(streams)},
};

static const struct word_list *words_of(unsigned kind)
{
    for (size_t i = 0; i < COUNT(code_words); i++)
        if (code_words[i].kind == kind)
            return &code_words[i];
    return NULL;
}

static bool is_word(const char *candidate, const char *word, size_t length)
{
    return candidate && strncmp(candidate, word, length) == 0 && candidate[length] == '\0';
}

static bool find(const char *const *words, size_t count, const char *word, size_t length, size_t *index)
{
    for (size_t i = 0; i < count; i++) {
        if (is_word(words[i], word, length)) {
            *index = i;
            return true;
        }
    }
    return false;
}

const char *text_code_word(unsigned kind, int32_t code)
{
    const struct word_list *list = words_of(kind);
    return list && code >= 0 && (size_t)code < list->count ? list->words[code] : NULL;
}

bool text_code_find(unsigned kind, const char *word, size_t length, int32_t *code)
{
    const struct word_list *list = words_of(kind);
    size_t index;
    if (!list || !find(list->words, list->count, word, length, &index))
        return false;
    *code = (int32_t)index;
    return true;
}

bool text_kind_find(const char *word, size_t length, uint16_t *kind)
{
    static const struct {
        const char *word;
        uint16_t kind;
    } kinds[] = {
#define X(number, name, word, fields, meaning) {word, number},
        FLOW_EVENTS(X)
#undef X
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (is_word(kinds[i].word, word, length)) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

bool text_origin_find(const char *word, size_t length, uint8_t *origin)
{
    size_t index;
    if (!find(origins, COUNT(origins), word, length, &index))
        return false;
    *origin = (uint8_t)index;
    return true;
}

bool text_reason_find(const char *word, size_t length, uint8_t *reason)
{
    size_t index;
    if (!find(reasons, COUNT(reasons), word, length, &index))
        return false;
    *reason = (uint8_t)index;
    return true;
}

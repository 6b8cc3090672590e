/* The words of the text twin: what numbers of the vocabulary are called in it. Writer and reader look them up
 * here, so that they agree. */
#ifndef TRACE_TEXT_WORDS_H
#define TRACE_TEXT_WORDS_H

#include <stdbool.h>

#include "flow/event.h"

#define TEXT_FORMAT  "flowdbg-trace"
#define TEXT_VERSION 1

/* The word for the code of an event of that kind, or NULL where it is a plain number. */
const char *text_code_word(unsigned kind, int32_t code);
/* The code that the word stands for. False: it is none of that kind's words. */
bool text_code_find(unsigned kind, const char *word, size_t length, int32_t *code);
bool text_kind_find(const char *word, size_t length, uint16_t *kind);
bool text_origin_find(const char *word, size_t length, uint8_t *origin);
bool text_reason_find(const char *word, size_t length, uint8_t *reason);

#endif

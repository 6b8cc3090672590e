/* Events for the tests of the trace: of every kind, with small, large and odd members. */
#ifndef TESTS_UNIT_TRACE_SAMPLES_H
#define TESTS_UNIT_TRACE_SAMPLES_H

#include "flow/event.h"
#include "tests/support/random_workflow.h"

/* One event with the values and texts it refers to. */
struct sample {
    struct flow_event event;
    struct flow_value value; /* owned */
    struct flow_value old;   /* owned */
    char text[300];
    char detail[40];
};

/* Draws an event of a kind. Number and step go on from *number and *step, mostly by one. */
void sample_draw(
    struct sample *sample, unsigned kind, struct random_source *random, uint64_t *number, uint64_t *step);
void sample_finish(struct sample *sample);
/* A kind that is in the vocabulary; it does not end the run and does not branch. */
unsigned sample_kind(struct random_source *random);
/* The i-th kind of the vocabulary, 0 behind the last. */
unsigned sample_kind_at(unsigned i);

/* Fails the test unless both are the same in all members that the kind uses. */
void assert_event_equal(const struct flow_event *actual, const struct flow_event *expected);

/* A simple event, for tests that count: key k0...k7 becomes `number`. The first eight name the keys. */
void sample_count(struct sample *sample, uint64_t number);
/* The run-ended event with that number. */
void sample_end(struct sample *sample, uint64_t number);
/* A temporary file without a name. */
int sample_file(void);

#endif

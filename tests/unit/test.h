/* What every unit test includes first: cmocka with the headers it needs, in the order it needs them. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Runs a group and gives main's return value: cmocka returns the number of failures, which wraps at 256. */
#define RUN_TESTS(tests) (!!cmocka_run_group_tests(tests, NULL, NULL))

#endif

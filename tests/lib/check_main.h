/* SPDX-License-Identifier: MIT */
/*
 * One Check suite per program, reported as TAP on standard output.
 */
#ifndef TESTS_LIB_CHECK_MAIN_H
#define TESTS_LIB_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/* Only a hang takes so long, be the machine as busy as it may; Check's own bound is 4 s. */
#define CHECK_SECONDS "300"

/* Runs a suite; what main() returns. */
static inline int check_main(Suite *(*make_suite)(void))
{
    SRunner *runner;
    int failed;

    setenv("CK_DEFAULT_TIMEOUT", CHECK_SECONDS, 0);
    runner = srunner_create(make_suite());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* In a test file: static Suite *suite(void); CHECK_MAIN(suite) */
#define CHECK_MAIN(make_suite)                                                                     \
    int main(void)                                                                                 \
    {                                                                                              \
        return check_main(make_suite);                                                             \
    }

#endif

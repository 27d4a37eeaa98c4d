/* SPDX-License-Identifier: MIT */
/*
 * One Check suite per program, reported as TAP on standard output.
 */
#ifndef TESTS_LIB_CHECK_MAIN_H
#define TESTS_LIB_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/* Runs a suite; what main() returns. */
static inline int check_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

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
        return check_main(make_suite());                                                           \
    }

#endif

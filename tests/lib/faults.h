/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out. A program that is linked with $(unit_faults) has each allocation of the
 * library's own code go through here; those of other libraries, some of which abort where they get
 * none, do not.
 */
#ifndef TESTS_LIB_FAULTS_H
#define TESTS_LIB_FAULTS_H

#include <stdbool.h>

/* From now on allocations are counted, and that of a number, from 1, fails; only that. */
void faults_arm(unsigned number);

/* No more fail. Whether one has. */
bool faults_disarm(void);

/* Between these two nothing is counted: what a test does for itself. */
void faults_pause(void);
void faults_resume(void);

/* The most that any test comes near. */
#define FAULTS_MAX 5000U

#endif

/* SPDX-License-Identifier: MIT */
/* What toymodule.c and its tests have in common. */
#ifndef TESTS_LIB_TOYMODULE_H
#define TESTS_LIB_TOYMODULE_H

#define TOY_PACKAGE      "Toy"
#define TOY_NAME         32
#define TOY_UPPER        0x70f1
#define TOY_CHECK        8
#define TOY_MAX_TOKEN    128
#define TOY_RPC_ID       4711
#define TOY_CAPABILITIES 0x00000003
#define TOY_EXPIRY       INT64_C(140000000000000000)

/* An attribute of its own: a name of TOY_NAME characters, in the form of the call. */
#define TOY_ATTR_LABEL 0x70f10001

#endif

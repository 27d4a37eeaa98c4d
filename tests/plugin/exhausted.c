/* SPDX-License-Identifier: MIT */
/*
 * A context that is to be exported where the plugin runs out of memory, at each place in turn: it
 * is where it was, and goes on. A sanitizer has the allocator to itself, and this is not about it.
 */
#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EXHAUSTS 0
#else
#define EXHAUSTS 1
#endif

/* The plugin's allocations until one fails; 0: none does. */
static unsigned left;
static bool failed;

#if EXHAUSTS
void *__libc_malloc(size_t size);

static bool fails(const void *caller)
{
    Dl_info place;

    if (left == 0 || dladdr(caller, &place) == 0 || strstr(place.dli_fname, "mech_sspi") == NULL ||
        --left != 0)
        return false;
    return failed = true;
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}
#endif

START_TEST(export_without_memory)
{
    struct gss_end initiator, acceptor, *moves = _i == 0 ? &initiator : &acceptor;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = GSS_S_FAILURE;
    unsigned number = 0;

    mech_init(&initiator, MECH_NEGOTIATE, false);
    mech_init(&acceptor, MECH_NEGOTIATE, true);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
    mech_establish(&initiator, &acceptor);
    for (failed = true; failed; number++) {
        failed = false;
        left = number + 1;
        major = gss_export_sec_context(&minor, &moves->ctx, &token);
        left = 0;
        if (!failed)
            break;
        ck_assert_uint_eq(major, GSS_S_FAILURE);
        ck_assert_ptr_null(token.value);
        ck_assert_ptr_nonnull(moves->ctx);
        mech_message(&initiator, &acceptor, "one way");
        mech_message(&acceptor, &initiator, "and the other");
    }
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert(number >= 2 || !EXHAUSTS);
    ck_assert_ptr_null(moves->ctx);
    major = gss_import_sec_context(&minor, &token, &moves->ctx);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    mech_message(&initiator, &acceptor, "there");
    mech_message(&acceptor, &initiator, "and back");
    gss_release_buffer(&minor, &token);
    mech_free(&initiator);
    mech_free(&acceptor);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin exhausted");

    mech_begin();
    suite_add(all, export_without_memory, 2);
    return all;
}

CHECK_MAIN(suite)

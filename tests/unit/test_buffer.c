/* SPDX-License-Identifier: MIT */
/* SecBufferDesc: shapes that are refused, types found behind attributes, tokens handed out. */
#include "core/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "lib/check_main.h"

START_TEST(test_check)
{
    SecBuffer buffers[BUFFER_COUNT_MAX + 1] = {{0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, buffers};

    ck_assert_int_eq(buffer_list_check(NULL), SEC_E_OK);
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_OK);
    list.pBuffers = NULL;
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_INVALID_TOKEN);
    list.cBuffers = 0;
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_OK);
    list.pBuffers = buffers;
    list.cBuffers = BUFFER_COUNT_MAX + 1;
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_INVALID_TOKEN);
    list.cBuffers = 0xffffffff;
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_INVALID_TOKEN);
    list.cBuffers = 2;
    buffers[1] = (SecBuffer){5, SECBUFFER_DATA, NULL};
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_INVALID_TOKEN);
    buffers[1].BufferType = SECBUFFER_DATA | SECBUFFER_READONLY;
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_INVALID_TOKEN);
    /* An output token may be allocated by the library: its length means nothing then. */
    buffers[1].BufferType = SECBUFFER_TOKEN;
    ck_assert_int_eq(buffer_list_check(&list), SEC_E_OK);
}
END_TEST

START_TEST(test_find_masks_attributes)
{
    SecBuffer buffers[] = {
        {0, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, NULL},
        {0, SECBUFFER_TOKEN | SECBUFFER_READONLY, NULL},
        {0, SECBUFFER_DATA, NULL},
    };
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};

    ck_assert_ptr_eq(buffer_find(&list, SECBUFFER_DATA), &buffers[0]);
    ck_assert_ptr_eq(buffer_find(&list, SECBUFFER_TOKEN), &buffers[1]);
    ck_assert_ptr_null(buffer_find(&list, SECBUFFER_PADDING));
    ck_assert_ptr_null(buffer_find(NULL, SECBUFFER_DATA));
    ck_assert_uint_eq(buffer_count(&list, SECBUFFER_DATA), 2);
    ck_assert_uint_eq(buffer_count(NULL, SECBUFFER_DATA), 0);
}
END_TEST

START_TEST(test_token_put)
{
    char space[8] = "........", extra[4] = "abcd";
    SecBuffer buffers[] = {{sizeof(extra), SECBUFFER_DATA, extra},
                           {sizeof(space), SECBUFFER_TOKEN, space}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};

    ck_assert_int_eq(buffer_token_put(&list, "token", 5, false, SEC_E_BUFFER_TOO_SMALL), SEC_E_OK);
    ck_assert_uint_eq(buffers[1].cbBuffer, 5);
    ck_assert_mem_eq(space, "token...", 8);
    /* What else is in the list is still there. */
    ck_assert_uint_eq(buffers[0].cbBuffer, sizeof(extra));
    ck_assert_mem_eq(extra, "abcd", 4);
    /* Too small: the size needed, and not an octet written. */
    ck_assert_int_eq(buffer_token_put(&list, "longer", 6, false, SEC_E_BUFFER_TOO_SMALL),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(buffers[1].cbBuffer, 6);
    ck_assert_mem_eq(space, "token...", 8);
    buffer_token_clear(&list);
    ck_assert_uint_eq(buffers[1].cbBuffer, 0);
    list.cBuffers = 1;
    ck_assert_int_eq(buffer_token_put(&list, "x", 1, false, SEC_E_BUFFER_TOO_SMALL),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(buffer_token_put(NULL, "x", 1, false, SEC_E_BUFFER_TOO_SMALL),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(buffer_token_put(NULL, NULL, 0, false, SEC_E_BUFFER_TOO_SMALL), SEC_E_OK);
}
END_TEST

START_TEST(test_token_put_allocates)
{
    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &buffer};

    ck_assert_int_eq(buffer_token_put(&list, "token", 5, true, SEC_E_BUFFER_TOO_SMALL), SEC_E_OK);
    ck_assert_uint_eq(buffer.cbBuffer, 5);
    ck_assert_mem_eq(buffer.pvBuffer, "token", 5);
    memory_wipe_free(buffer.pvBuffer);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("buffer");
    TCase *tc = tcase_create("list");

    tcase_add_test(tc, test_check);
    tcase_add_test(tc, test_find_masks_attributes);
    tcase_add_test(tc, test_token_put);
    tcase_add_test(tc, test_token_put_allocates);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)

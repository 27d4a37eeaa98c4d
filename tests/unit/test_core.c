/* SPDX-License-Identifier: MIT */
/* The small parts of the core: trace, native errors, memory, objects, tokens, time, packages. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <windows.h>

#include <secext.h>
#include <sspi_async.h>
#include <sspi_linux.h>

#include "core/flagname.h"
#include "core/native.h"
#include "core/object.h"
#include "core/package.h"
#include "core/packageinfo.h"
#include "core/secret.h"
#include "core/status.h"
#include "core/timestamp.h"
#include "core/token.h"
#include "core/trace.h"
#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

/* --- The trace: read once in a process, so each case is a process of its own (CK_FORK) ------ */

static char folder[] = "/tmp/sspi-unit.XXXXXX";
static char file[64], other[64];

static void folder_make(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof(file), "%s/trace", folder);
    snprintf(other, sizeof(other), "%s/other", folder);
}

static void folder_remove(void)
{
    unlink(file);
    unlink(other);
    rmdir(folder);
}

static char content[4096];

static const char *file_content(const char *path)
{
    int fd = open(path, O_RDONLY);
    ssize_t size = fd < 0 ? -1 : read(fd, content, sizeof(content) - 1);

    ck_assert_int_ge(size, 0);
    content[size] = '\0';
    close(fd);
    return content;
}

START_TEST(test_trace_file)
{
    struct stat status;

    folder_make();
    setenv("SSPI_TRACE", file, 1);
    umask(0);
    errno = EXDEV;
    trace("first %d", 1);
    ck_assert_int_eq(errno, EXDEV); /* a trace changes nothing */
    trace("second");
    ck_assert_int_eq(trace_result("call", SEC_E_INVALID_TOKEN), SEC_E_INVALID_TOKEN);
    native_error_set("line one\nline two");
    ck_assert_int_eq(stat(file, &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777, 0600);
    file_content(file);
    ck_assert_ptr_nonnull(strstr(content, "first 1\n"));
    ck_assert_ptr_nonnull(strstr(content, "second\n"));
    ck_assert_ptr_nonnull(strstr(content, "SEC_E_INVALID_TOKEN"));
    ck_assert_ptr_nonnull(strstr(content, "line one line two\n"));
    folder_remove();
}
END_TEST

START_TEST(test_trace_long_line)
{
    char text[4000];

    folder_make();
    setenv("SSPI_TRACE", file, 1);
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    trace("%s", text);
    trace("next");
    file_content(file);
    ck_assert_uint_lt(strlen(content), 1200);
    ck_assert_ptr_nonnull(strstr(content, "next\n"));
    ck_assert_int_eq(content[strlen(content) - 1], '\n');
    folder_remove();
}
END_TEST

START_TEST(test_trace_appends)
{
    int fd;

    folder_make();
    fd = open(file, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, "before\n", 7), 7);
    close(fd);
    setenv("SSPI_TRACE", file, 1);
    trace("after");
    file_content(file);
    ck_assert_int_eq(strncmp(content, "before\n", 7), 0);
    ck_assert_ptr_nonnull(strstr(content, "after\n"));
    folder_remove();
}
END_TEST

START_TEST(test_trace_follows_no_link)
{
    struct stat status;

    folder_make();
    ck_assert_int_eq(symlink(other, file), 0);
    setenv("SSPI_TRACE", file, 1);
    ck_assert(!trace_enabled());
    trace("never");
    ck_assert_int_ne(stat(other, &status), 0);
    folder_remove();
}
END_TEST

/* A FIFO that nobody reads does not hold the program up; one that somebody reads is refused too. */
START_TEST(test_trace_wants_a_file)
{
    int reader = -1;

    folder_make();
    ck_assert_int_eq(mkfifo(file, 0600), 0);
    if (_i == 1)
        reader = open(file, O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(reader >= 0, _i == 1);
    setenv("SSPI_TRACE", file, 1);
    ck_assert(!trace_enabled());
    if (reader >= 0)
        close(reader);
    folder_remove();
}
END_TEST

START_TEST(test_trace_off)
{
    static const char *const nowhere[] = {NULL, "", "/nonexistent/folder/trace"};
    static int evaluated;

    if (nowhere[_i] == NULL)
        unsetenv("SSPI_TRACE");
    else
        setenv("SSPI_TRACE", nowhere[_i], 1);
    trace("%d", ++evaluated);
    ck_assert(!trace_enabled());
    ck_assert_int_eq(evaluated, 0);
    trace_write("never");
    ck_assert_int_eq(trace_result("call", SEC_E_OK), SEC_E_OK);
}
END_TEST

/* Types and sizes are told, contents never. */
START_TEST(test_trace_buffers)
{
    static char secret[] = "secret";
    SecBuffer buffers[] = {{6, SECBUFFER_TOKEN, secret},
                           {6, SECBUFFER_DATA | SECBUFFER_READONLY, secret},
                           {0, SECBUFFER_EMPTY, NULL},
                           {6, 0x4711, secret}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    char text[200];

    trace_buffers(&list, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "TOKEN[6]"));
    ck_assert_ptr_nonnull(strstr(text, "DATA"));
    ck_assert_ptr_null(strstr(text, secret));
    for (size_t room = 1; room < sizeof(text); room++) {
        memset(text, 'x', sizeof(text));
        ck_assert_uint_lt(strlen(trace_buffers(&list, text, room)), room);
        if (room < sizeof(text) - 1)
            ck_assert_int_eq(text[room], 'x');
    }
    ck_assert_ptr_nonnull(trace_buffers(NULL, text, sizeof(text)));
}
END_TEST

START_TEST(test_native_error)
{
    char text[2 * NATIVE_ERROR_SIZE];

    native_error_clear();
    ck_assert_str_eq(native_error_get(), "");
    native_error_set("the first %s", "cause");
    native_error_set("what follows");
    ck_assert_str_eq(native_error_get(), "the first cause");
    native_error_clear();
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    native_error_set("%s", text);
    ck_assert_uint_eq(strlen(native_error_get()), NATIVE_ERROR_SIZE - 1);
    native_error_clear();
    native_error_set("%s", "a\x1b[1m\x7f \xc2\x9b"
                           "2J \xc2\xa0\xc3\xa9"); /* a peer's text steers no terminal */
    ck_assert_str_eq(native_error_get(), "a [1m    2J \xc2\xa0\xc3\xa9");
}
END_TEST

/* --- Names ---------------------------------------------------------------------------------- */

START_TEST(test_flag_text)
{
    bool inbound = _i != 0;
    char text[1024], one[64];

    for (unsigned bit = 0; bit < 32; bit++) {
        ULONG64 flag = (ULONG64)1 << bit;

        flag_names(flag, inbound, one, sizeof(one));
        ck_assert_uint_ne(strlen(one), 0);
        if (strncmp(one, "0x", 2) != 0)
            ck_assert_uint_eq(flag_from_name(one, inbound), flag);
    }
    flag_names(0xffffffff, inbound, text, sizeof(text));
    ck_assert_ptr_nonnull(strstr(text, "MUTUAL_AUTH"));
    for (size_t room = 1; room < sizeof(text); room++)
        ck_assert_uint_lt(strlen(flag_names(0xffffffff, inbound, text, room)), room);
    ck_assert_uint_eq(flag_from_name("mutual_auth", inbound), ISC_REQ_MUTUAL_AUTH);
    ck_assert_uint_eq(flag_from_name("NO_SUCH_FLAG", inbound), 0);
    ck_assert_uint_eq(flag_from_name("", inbound), 0);
}
END_TEST

START_TEST(test_status_text)
{
    ck_assert_str_eq(status_name(SEC_E_OK), "SEC_E_OK");
    ck_assert_str_eq(status_name(SEC_E_LOGON_DENIED), "SEC_E_LOGON_DENIED");
    ck_assert_str_eq(status_name(SEC_I_CONTINUE_NEEDED), "SEC_I_CONTINUE_NEEDED");
    ck_assert_str_eq(status_name((SECURITY_STATUS)0x80094711), "unknown status");
    ck_assert_ptr_null(status_text((SECURITY_STATUS)0x80094711));
    /* Each code of SSPI that has a name has a sentence, and the other way round. */
    for (ULONG code = 0x80090300; code < 0x80090380; code++) {
        bool named = strcmp(status_name((SECURITY_STATUS)code), "unknown status") != 0;

        ck_assert_int_eq(named, status_text((SECURITY_STATUS)code) != NULL);
    }
}
END_TEST

/* --- Memory and objects --------------------------------------------------------------------- */

START_TEST(test_secrets)
{
    struct blob blob = {memory_copy("secret", 6), 6};
    char *nothing = memory_copy(NULL, 0);

    ck_assert_mem_eq(blob.data, "secret", 6);
    ck_assert_ptr_nonnull(nothing);
    string_wipe_free(nothing);
    blob_wipe(&blob);
    ck_assert_ptr_null(blob.data);
    ck_assert_uint_eq(blob.size, 0);
    blob_wipe(&blob);
    memory_wipe_free(NULL);
    string_wipe_free(NULL);
}
END_TEST

static int destroyed;

static void thing_destroy(struct object *self)
{
    (void)self;
    destroyed++;
}

static const struct object_class thing_class = {"thing", thing_destroy};
static const struct object_class other_class = {"other", thing_destroy};

START_TEST(test_object)
{
    struct object object;

    object_init(&object, &thing_class);
    ck_assert(object_is(&object, &thing_class));
    ck_assert(!object_is(&object, &other_class));
    ck_assert(!object_is(NULL, &thing_class));
    object_ref(&object);
    object_unref(&object);
    ck_assert_int_eq(destroyed, 0);
    object_unref(&object);
    ck_assert_int_eq(destroyed, 1);
    object_unref(NULL);
}
END_TEST

static void *thread_without_token(void *token)
{
    void *result = token_current();

    /* A thread that ends as another drops what it holds. */
    ck_assert_int_eq(token_impersonate(token), SEC_E_OK);
    return result;
}

START_TEST(test_token)
{
    struct object delegated;
    struct token_sid sid = {12, {1, 1, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0}};
    struct token_init init = {"alice@REALM", &sid, false, &delegated};
    struct token *token, *current;
    pthread_t thread;
    void *seen;

    object_init(&delegated, &thing_class);
    token = token_new(&init);
    ck_assert_str_eq(token_user_name(token), "alice@REALM");
    ck_assert_ptr_ne(token_user_name(token), init.user_name);
    ck_assert_mem_eq(token_user_sid(token)->data, sid.data, 12);
    ck_assert(!token_identify_only(token));
    ck_assert_ptr_eq(token_delegated(token), &delegated);
    ck_assert_ptr_eq(token_from_object(token_object(token)), token);
    ck_assert_ptr_null(token_from_object(&delegated));
    ck_assert_ptr_null(token_from_object(NULL));

    ck_assert_ptr_null(token_current());
    ck_assert_int_eq(token_impersonate(token), SEC_E_OK);
    current = token_current();
    ck_assert_ptr_eq(current, token);
    token_unref(current);
    ck_assert_int_eq(token_impersonate(token), SEC_E_OK); /* twice the same */
    ck_assert_int_eq(pthread_create(&thread, NULL, thread_without_token, token), 0);
    pthread_join(thread, &seen);
    ck_assert_ptr_null(seen);
    token_unref(token); /* the thread's own is left */
    object_unref(&delegated);
    ck_assert_int_eq(destroyed, 0);
    ck_assert_int_eq(token_impersonate(NULL), SEC_E_OK);
    ck_assert_int_eq(destroyed, 1);
    ck_assert_ptr_null(token_current());
    token_unref(NULL);
}
END_TEST

/* --- Time: [MS-DTYP] 2.3.3; ptsExpiry is local ---------------------------------------------- */

static const struct {
    const char *zone;
    time_t when;
    int64_t offset; /* seconds east of UTC at that moment */
} moments[] = {
    {"UTC0", 0, 0},
    {"JST-9", 1700000000, 32400},
    {"NPT-5:45", 1700000000, 20700},
    {"CET-1CEST,M3.5.0,M10.5.0/3", 1700000000, 3600}, /* November */
    {"CET-1CEST,M3.5.0,M10.5.0/3", 1720000000, 7200}, /* July */
    {"EST5EDT,M3.2.0,M11.1.0", 1720000000, -14400},
    {"UTC0", INT64_C(4102444800), 0}, /* 2100 */
};

START_TEST(test_timestamps)
{
    char room[sizeof(TimeStamp) + 4];
    TimeStamp stamp, copy;

    setenv("TZ", moments[_i].zone, 1);
    tzset();
    ck_assert_int_eq(timestamp_units(moments[_i].when),
                     (moments[_i].when + INT64_C(11644473600)) * 10000000);
    timestamp_set_local(&stamp, moments[_i].when);
    ck_assert_int_eq(stamp.QuadPart, timestamp_units(moments[_i].when + moments[_i].offset));
    timestamp_copy((TimeStamp *)(void *)(room + 4), &stamp);
    timestamp_copy(&copy, (TimeStamp *)(void *)(room + 4));
    ck_assert_int_eq(copy.QuadPart, stamp.QuadPart);
    timestamp_set(&stamp, TIMESTAMP_NEVER);
    ck_assert_int_eq(stamp.QuadPart, INT64_C(0x7fffffffffffffff));
    timestamp_set(NULL, 1);
    timestamp_set_local(NULL, 1);
}
END_TEST

/* --- Packages ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ULONG capabilities;
    USHORT rpc_id;
    ULONG max_token;
} packages[] = {{"Negotiate", 0x83bb3, 9, 48256},
                {"Kerberos", 0xf3bbf, 16, 48000},
                {"NTLM", 0x82b37, 10, 2888}};

START_TEST(test_packages)
{
    const struct package *package = package_table[_i];
    PSecPkgInfoA info;
    PSecPkgInfoW wide;
    char upper[32];

    ck_assert_ptr_nonnull(package);
    ck_assert_str_eq(package->name, packages[_i].name);
    ck_assert_int_eq(package_info_a(package, &info), SEC_E_OK);
    ck_assert_uint_eq(info->fCapabilities, packages[_i].capabilities);
    ck_assert_uint_eq(info->wVersion, 1);
    ck_assert_uint_eq(info->wRPCID, packages[_i].rpc_id);
    ck_assert_uint_eq(info->cbMaxToken, packages[_i].max_token);
    ck_assert_str_eq(info->Name, packages[_i].name);
    ck_assert_str_eq(info->Comment, package->comment);
    ck_assert_int_eq(package_info_w(package, &wide), SEC_E_OK);
    ck_assert_uint_eq(wide->fCapabilities, packages[_i].capabilities);
    for (size_t i = 0; i <= strlen(package->name); i++) {
        ck_assert_uint_eq(wide->Name[i], (unsigned char)package->name[i]);
        upper[i] = (char)(package->name[i] >= 'a' && package->name[i] <= 'z' ? package->name[i] - 32
                                                                             : package->name[i]);
    }
    for (size_t i = 0; i <= strlen(package->comment); i++)
        ck_assert_uint_eq(wide->Comment[i], (unsigned char)package->comment[i]);
    free(info);
    free(wide);
    ck_assert_ptr_eq(package_find(upper), package);
    ck_assert_ptr_null(package_find("Negotiat"));
    ck_assert_ptr_null(package_find("Negotiate2"));
    ck_assert_ptr_null(package_find(""));
}
END_TEST

/* What programs call, of flags and statuses. */
START_TEST(test_names_for_programs)
{
    char text[64];

    ck_assert_str_eq(sspi_status_name(SEC_E_LOGON_DENIED), "SEC_E_LOGON_DENIED");
    ck_assert_ptr_nonnull(strstr(sspi_status_text(SEC_E_TARGET_UNKNOWN), "service"));
    ck_assert_str_eq(sspi_status_text((SECURITY_STATUS)0x80091234), ""); /* refused: unknown */
    ck_assert_str_eq(sspi_flag_names(ISC_RET_MUTUAL_AUTH, 0, text, sizeof(text)), "MUTUAL_AUTH");
    ck_assert_str_eq(sspi_flag_names(0, 0, text, sizeof(text)), "0");
    ck_assert_uint_eq(sspi_flag_value("mutual_auth", 0), ISC_REQ_MUTUAL_AUTH);
    ck_assert(!sspi_flag_value("mutual", 0));
}
END_TEST

START_TEST(test_queue_is_empty)
{
    sspi_async_queue *queue = sspi_async_queue_new();

    ck_assert_ptr_nonnull(queue);
    ck_assert_int_ge(sspi_async_queue_descriptor(queue), 0);
    ck_assert_ptr_null(sspi_async_queue_next(queue));
    sspi_async_queue_free(queue);
}
END_TEST

/* Whose process it is: DOMAIN\\user, and nothing where there is no room or no such form. */
START_TEST(test_user_name)
{
    char name[300];
    SEC_WCHAR wide[300];
    ULONG size = sizeof(name), wide_size = 300, none = 0;

    ck_assert(GetUserNameExA(NameSamCompatible, name, &size));
    ck_assert_uint_eq(size, strlen(name));
    ck_assert_ptr_nonnull(strchr(name, '\\'));
    ck_assert(GetUserNameExW(NameSamCompatible, wide, &wide_size));
    ck_assert_uint_eq(wide_size, size);
    ck_assert(!GetUserNameExA(NameSamCompatible, name, &none));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert(!GetUserNameExW(NameUniqueId, wide, &wide_size));
}
END_TEST

/* Calls without what they are about. */
START_TEST(test_calls_refuse)
{
    PSecPkgInfoA list;
    PSecPkgInfoW list_w;
    SEC_WCHAR unknown[] = u"Unknown";
    CtxtHandle none = {0, 0};
    SecBuffer buffer = {0, SECBUFFER_DATA, NULL};
    SecBufferDesc message = {SECBUFFER_VERSION, 1, &buffer};
    ULONG count;

    ck_assert_int_eq(EnumerateSecurityPackagesA(NULL, &list), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(EnumerateSecurityPackagesA(&count, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(EnumerateSecurityPackagesW(NULL, &list_w), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(EnumerateSecurityPackagesW(&count, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoW(unknown, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QuerySecurityPackageInfoW(unknown, &list_w), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(QuerySecurityPackageInfoW(NULL, &list_w), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(SaslGetProfilePackageW(unknown, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(RevertSecurityContext(&none), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(RevertSecurityContext(NULL), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(SealMessage(&none, 0, &message, 0), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(UnsealMessage(&none, &message, 0, NULL), SEC_E_INVALID_HANDLE);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("core");
    TCase *tc = tcase_create("trace");

    tcase_add_test(tc, test_trace_file);
    tcase_add_test(tc, test_trace_long_line);
    tcase_add_test(tc, test_trace_appends);
    tcase_add_test(tc, test_trace_follows_no_link);
    tcase_add_loop_test(tc, test_trace_wants_a_file, 0, 2);
    tcase_add_loop_test(tc, test_trace_off, 0, 3);
    tcase_add_test(tc, test_trace_buffers);
    tcase_add_test(tc, test_native_error);
    suite_add_tcase(s, tc);
    tc = tcase_create("names");
    tcase_add_loop_test(tc, test_flag_text, 0, 2);
    tcase_add_test(tc, test_status_text);
    suite_add_tcase(s, tc);
    tc = tcase_create("objects");
    tcase_add_test(tc, test_secrets);
    tcase_add_test(tc, test_object);
    tcase_add_test(tc, test_token);
    tcase_add_loop_test(tc, test_timestamps, 0, COUNT(moments));
    tcase_add_loop_test(tc, test_packages, 0, COUNT(packages));
    suite_add_tcase(s, tc);
    tc = tcase_create("calls");
    tcase_add_test(tc, test_names_for_programs);
    tcase_add_test(tc, test_queue_is_empty);
    tcase_add_test(tc, test_user_name);
    tcase_add_test(tc, test_calls_refuse);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)

/* SPDX-License-Identifier: MIT */
/*
 * ExportSecurityContext and ImportSecurityContext: a context goes on in another process. The other
 * process is this program again, with "importer" as its argument; it is asked over a pipe.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define MESSAGE_MAX 16384

extern char **environ;

static const struct way {
    const char *package, *list;
    bool ntlm;
} ways[] = {
    {"Kerberos", NULL, false},
    {"Negotiate", "!ntlm", false},
    {"NTLM", NULL, true},
    {"Negotiate", "!kerberos", true},
};

/* Each way, and which end moves: _i counts both. */
#define CASES      (2 * COUNT(ways))
#define WAY(i)     (&ways[(i) / 2])
#define INBOUND(i) ((i) % 2 != 0)

/* --- Octets that travel --------------------------------------------------------------------- */

struct note {
    int32_t what; /* an enum wish, or the status of what was wished */
    uint32_t size;
    unsigned char data[MESSAGE_MAX];
};

enum wish { IMPORT_A, IMPORT_W, SEAL, OPEN, DESCRIBE, INITIALIZE, ACCEPT, EXPORT };

static bool read_all(int fd, void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, (unsigned char *)to + done, size - done);

        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(fd, (const unsigned char *)from + done, size - done);

        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

static bool note_read(int fd, struct note *note)
{
    return read_all(fd, note, offsetof(struct note, data)) && note->size <= sizeof(note->data) &&
           read_all(fd, note->data, note->size);
}

static bool note_write(int fd, const struct note *note)
{
    return write_all(fd, note, offsetof(struct note, data) + note->size);
}

/* --- Messages and what a context says of itself --------------------------------------------- */

/* The text in the note becomes a message. */
static SECURITY_STATUS seal(CtxtHandle *context, struct note *note)
{
    unsigned char trailer[256], text[256], padding[64], *at = note->data;
    SecPkgContext_Sizes sizes = {0};
    SecBuffer parts[3];
    SecBufferDesc list = {SECBUFFER_VERSION, 3, parts};
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes);

    if (status != SEC_E_OK)
        return status;
    ck_assert_uint_le(note->size, sizeof(text));
    ck_assert_uint_le(sizes.cbSecurityTrailer, sizeof(trailer));
    ck_assert_uint_le(sizes.cbBlockSize, sizeof(padding));
    memcpy(text, note->data, note->size);
    parts[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, trailer};
    parts[1] = (SecBuffer){note->size, SECBUFFER_DATA, text};
    parts[2] = (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING, padding};
    status = EncryptMessage(context, 0, &list, 0);
    if (status != SEC_E_OK)
        return status;
    for (int i = 0; i < 3; i++) {
        memcpy(at, parts[i].pvBuffer, parts[i].cbBuffer);
        at += parts[i].cbBuffer;
    }
    note->size = (uint32_t)(at - note->data);
    return SEC_E_OK;
}

/* The message in the note becomes its text. */
static SECURITY_STATUS open_message(CtxtHandle *context, struct note *note)
{
    SecBuffer stream[2] = {{note->size, SECBUFFER_STREAM, note->data}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, stream};
    SECURITY_STATUS status = DecryptMessage(context, &list, 0, NULL);

    if (status == SEC_E_OK) {
        memmove(note->data, stream[1].pvBuffer, stream[1].cbBuffer);
        note->size = stream[1].cbBuffer;
    }
    return status;
}

/* Everything that a context is asked for usually, as text. */
static SECURITY_STATUS describe(CtxtHandle *context, struct note *note)
{
    SecPkgContext_NamesA names = {NULL};
    SecPkgContext_Flags flags;
    SecPkgContext_Sizes sizes;
    SecPkgContext_Lifespan life;
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names);

    if (status == SEC_E_OK)
        status = QueryContextAttributesA(context, SECPKG_ATTR_FLAGS, &flags);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes);
    if (status == SEC_E_OK)
        status = QueryContextAttributesA(context, SECPKG_ATTR_LIFESPAN, &life);
    if (status == SEC_E_OK)
        note->size =
            (uint32_t)snprintf((char *)note->data, sizeof(note->data),
                               "%s is %s, flags %#x, sizes %u %u %u %u, from %lld to %lld",
                               context_package(context), names.sUserName, (unsigned)flags.Flags,
                               (unsigned)sizes.cbMaxToken, (unsigned)sizes.cbMaxSignature,
                               (unsigned)sizes.cbBlockSize, (unsigned)sizes.cbSecurityTrailer,
                               (long long)life.tsStart.QuadPart, (long long)life.tsExpiry.QuadPart);
    FreeContextBuffer(names.sUserName);
    return status;
}

static SECURITY_STATUS import(struct note *note, bool wide, CtxtHandle *context)
{
    char *package = (char *)note->data;
    ULONG name = (ULONG)strnlen(package, note->size) + 1;
    SecBuffer blob = {note->size - name, SECBUFFER_EMPTY, note->data + name};
    SEC_WCHAR *wide_package;
    SECURITY_STATUS status;

    if (!wide)
        return ImportSecurityContextA(package, &blob, NULL, context);
    wide_package = wide_text(package, NULL);
    status = ImportSecurityContextW(wide_package, &blob, NULL, context);
    free(wide_package);
    return status;
}

/* One more leg of the handshake, which is over. */
static SECURITY_STATUS another_leg(CtxtHandle *context, const char *package, bool inbound)
{
    unsigned char octets[16] = {0x60, 0x0e}, out[512];
    SecBuffer given = {sizeof(octets), SECBUFFER_TOKEN, octets};
    SecBuffer taken = {sizeof(out), SECBUFFER_TOKEN, out};
    SecBufferDesc in = {SECBUFFER_VERSION, 1, &given}, answer = {SECBUFFER_VERSION, 1, &taken};
    CtxtHandle same = *context;
    SECURITY_STATUS status;
    struct pair pair;
    ULONG flags;

    pair_init(&pair);
    pair_acquire(&pair, package, NULL);
    status = inbound ? AcceptSecurityContext(&pair.server_cred, context, &in, PAIR_ASC,
                                             SECURITY_NATIVE_DREP, &same, &answer, &flags, NULL)
                     : InitializeSecurityContextA(&pair.client_cred, context, NULL, PAIR_ISC, 0,
                                                  SECURITY_NATIVE_DREP, &in, 0, &same, &answer,
                                                  &flags, NULL);
    pair_free(&pair);
    return status;
}

/* --- The other process ---------------------------------------------------------------------- */

static SECURITY_STATUS grant(struct note *note, CtxtHandle *context, char *package)
{
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    enum wish wish = (enum wish)note->what;
    SECURITY_STATUS status;

    switch (wish) {
    case IMPORT_A:
    case IMPORT_W:
        snprintf(package, 16, "%.15s", (const char *)note->data);
        return import(note, wish == IMPORT_W, context);
    case SEAL:
        return seal(context, note);
    case OPEN:
        return open_message(context, note);
    case DESCRIBE:
        return describe(context, note);
    case INITIALIZE:
    case ACCEPT:
        return another_leg(context, package, wish == ACCEPT);
    case EXPORT:
        status = ExportSecurityContext(context, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, NULL);
        if (status != SEC_E_OK)
            return status;
        ck_assert_uint_le(packed.cbBuffer, sizeof(note->data));
        memcpy(note->data, packed.pvBuffer, note->size = packed.cbBuffer);
        return FreeContextBuffer(packed.pvBuffer);
    }
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/* Grants wishes until the pipe is closed. A test, for what it asserts. */
START_TEST(importer)
{
    static struct note note;
    CtxtHandle context;
    char package[16] = "";
    SECURITY_STATUS status;

    SecInvalidateHandle(&context);
    while (note_read(STDIN_FILENO, &note)) {
        status = grant(&note, &context, package);
        note.what = status;
        if (status != SEC_E_OK)
            note.size = 0;
        ck_assert(note_write(STDOUT_FILENO, &note));
    }
    if (SecIsValidHandle(&context))
        DeleteSecurityContext(&context);
}
END_TEST

static int importer_main(void)
{
    Suite *suite = suite_create("importer");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add(suite, importer, 1);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

struct other {
    pid_t pid;
    int to, from;
    struct note note;
};

static void other_start(struct other *other)
{
    const char *const arguments[] = {"transfer", "importer", NULL};
    posix_spawn_file_actions_t actions;
    int in[2], out[2];

    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    ck_assert_int_eq(posix_spawn(&other->pid, "/proc/self/exe", &actions, NULL,
                                 (char *const *)(uintptr_t)arguments, environ),
                     0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    other->to = in[1];
    other->from = out[0];
}

/* It must have come to a good end, its leaks and all. */
static void other_stop(struct other *other)
{
    int status = -1;

    close(other->to);
    ck_assert_int_eq(waitpid(other->pid, &status, 0), other->pid);
    close(other->from);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EXIT_SUCCESS);
}

/* What is in the note goes along, and the answer is there afterwards. */
static SECURITY_STATUS ask(struct other *other, enum wish wish)
{
    other->note.what = wish;
    ck_assert(note_write(other->to, &other->note));
    ck_assert(note_read(other->from, &other->note));
    return other->note.what;
}

static void note_text(struct note *note, const char *text)
{
    note->size = (uint32_t)strlen(text);
    memcpy(note->data, text, note->size);
}

static void assert_text(const struct note *note, const char *text)
{
    ck_assert_uint_eq(note->size, strlen(text));
    ck_assert_mem_eq(note->data, text, note->size);
}

/* The other process receives what the buffer holds; frees it. */
static void hand_over(struct other *other, const char *package, SecBuffer *packed, bool wide)
{
    size_t name = strlen(package) + 1;

    ck_assert_uint_le(name + packed->cbBuffer, sizeof(other->note.data));
    memcpy(other->note.data, package, name);
    memcpy(other->note.data + name, packed->pvBuffer, packed->cbBuffer);
    other->note.size = (uint32_t)name + packed->cbBuffer;
    assert_status(FreeContextBuffer(packed->pvBuffer), SEC_E_OK);
    assert_status(ask(other, wide ? IMPORT_W : IMPORT_A), SEC_E_OK);
}

/* --- Tests ---------------------------------------------------------------------------------- */

static void open_way(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(way->list);

    pair_init(pair);
    pair_acquire(pair, way->package, way->list != NULL ? &list : NULL);
    pair_establish(pair);
    ck_assert_str_eq(context_package(&pair->client), way->ntlm ? "NTLM" : "Kerberos");
}

static void export(CtxtHandle *context, ULONG flags, SecBuffer *packed)
{
    void *token = packed;

    *packed = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    assert_status(ExportSecurityContext(context, flags, packed, &token), SEC_E_OK);
    ck_assert_ptr_nonnull(packed->pvBuffer);
    ck_assert_uint_gt(packed->cbBuffer, 0);
    ck_assert_ptr_null(token);
}

/* One end leaves this process; the buffer is all there is of it. */
static void export_away(struct pair *pair, bool inbound, SecBuffer *packed)
{
    export(inbound ? &pair->server : &pair->client, SECPKG_CONTEXT_EXPORT_DELETE_OLD, packed);
    *(inbound ? &pair->server_open : &pair->client_open) = false;
}

/* A message from one process to the other, and one back. */
static void converse(struct other *other, CtxtHandle *here)
{
    static struct note note;

    note_text(&other->note, "from there");
    assert_status(ask(other, SEAL), SEC_E_OK);
    assert_status(open_message(here, &other->note), SEC_E_OK);
    assert_text(&other->note, "from there");
    note_text(&note, "from here");
    assert_status(seal(here, &note), SEC_E_OK);
    memcpy(other->note.data, note.data, other->note.size = note.size);
    assert_status(ask(other, OPEN), SEC_E_OK);
    assert_text(&other->note, "from here");
}

/* Sequence numbers go on both ways, also for a message that is under way meanwhile; and one that
 * was opened before the move is still known. */
START_TEST(goes_on)
{
    static struct note old, under_way, copy;
    const struct way *way = WAY(_i);
    SECURITY_STATUS replayed = way->ntlm ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE;
    CtxtHandle *here, *moves;
    struct other other;
    SecBuffer packed;
    struct pair pair;

    for (int wide = 0; wide < 2; wide++) {
        open_way(&pair, way);
        here = INBOUND(_i) ? &pair.client : &pair.server;
        moves = INBOUND(_i) ? &pair.server : &pair.client;
        pair_message(here, moves, "one");
        pair_message(moves, here, "two");
        note_text(&old, "three");
        assert_status(seal(here, &old), SEC_E_OK);
        copy = old;
        assert_status(open_message(moves, &copy), SEC_E_OK);
        note_text(&under_way, "four");
        assert_status(seal(here, &under_way), SEC_E_OK);
        export_away(&pair, INBOUND(_i), &packed);
        other_start(&other);
        hand_over(&other, way->package, &packed, wide);
        memcpy(other.note.data, under_way.data, other.note.size = under_way.size);
        assert_status(ask(&other, OPEN), SEC_E_OK);
        assert_text(&other.note, "four");
        for (int i = 0; i < 3; i++)
            converse(&other, here);
        memcpy(other.note.data, old.data, other.note.size = old.size);
        assert_status(ask(&other, OPEN), replayed);
        other_stop(&other);
        pair_free(&pair);
    }
}
END_TEST

/* There and on to a third process. */
START_TEST(moves_twice)
{
    const struct way *way = WAY(_i);
    struct other second, third;
    CtxtHandle *here;
    SecBuffer packed;
    struct pair pair;

    open_way(&pair, way);
    here = INBOUND(_i) ? &pair.client : &pair.server;
    export_away(&pair, INBOUND(_i), &packed);
    other_start(&second);
    hand_over(&second, way->package, &packed, false);
    converse(&second, here);
    assert_status(ask(&second, EXPORT), SEC_E_OK);
    other_start(&third);
    memmove(third.note.data + strlen(way->package) + 1, second.note.data, second.note.size);
    memcpy(third.note.data, way->package, strlen(way->package) + 1);
    third.note.size = second.note.size + (uint32_t)strlen(way->package) + 1;
    assert_status(ask(&third, IMPORT_A), SEC_E_OK);
    note_text(&second.note, "gone");
    assert_status(ask(&second, SEAL), SEC_E_INVALID_HANDLE);
    converse(&third, here);
    other_stop(&third);
    other_stop(&second);
    pair_free(&pair);
}
END_TEST

/* Without DELETE_OLD the original goes on; both have the same numbers to give. */
START_TEST(original_stays)
{
    const struct way *way = WAY(_i);
    CtxtHandle *here, *stays;
    struct other other;
    SecBuffer packed;
    struct pair pair;

    open_way(&pair, way);
    here = INBOUND(_i) ? &pair.client : &pair.server;
    stays = INBOUND(_i) ? &pair.server : &pair.client;
    pair_message(stays, here, "one");
    export(stays, 0, &packed);
    other_start(&other);
    hand_over(&other, way->package, &packed, false);
    pair_message(stays, here, "two");
    pair_message(here, stays, "three");
    note_text(&other.note, "a second two");
    assert_status(ask(&other, SEAL), SEC_E_OK);
    assert_status(open_message(here, &other.note),
                  way->ntlm ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE);
    other_stop(&other);
    pair_free(&pair);
}
END_TEST

START_TEST(original_goes)
{
    CtxtHandle *moves;
    SecPkgContext_Sizes sizes;
    SecBuffer packed, again = {0, SECBUFFER_EMPTY, NULL};
    struct pair pair;

    open_way(&pair, WAY(_i));
    moves = INBOUND(_i) ? &pair.server : &pair.client;
    export_away(&pair, INBOUND(_i), &packed);
    assert_status(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    assert_status(QueryContextAttributesA(moves, SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
    assert_status(ExportSecurityContext(moves, 0, &again, NULL), SEC_E_INVALID_HANDLE);
    assert_status(DeleteSecurityContext(moves), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(again.pvBuffer);
    pair_free(&pair);
}
END_TEST

/* What is refused takes nothing away, and gives nothing. */
START_TEST(refused)
{
    static const ULONG flags[] = {
        SECPKG_CONTEXT_EXPORT_RESET_NEW,
        SECPKG_CONTEXT_EXPORT_TO_KERNEL,
        SECPKG_CONTEXT_EXPORT_RESET_NEW | SECPKG_CONTEXT_EXPORT_DELETE_OLD,
        0x80000000,
    };
    CtxtHandle *moves, none;
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    struct pair pair;

    open_way(&pair, WAY(_i));
    moves = INBOUND(_i) ? &pair.server : &pair.client;
    for (int i = 0; i < COUNT(flags); i++)
        assert_status(ExportSecurityContext(moves, flags[i], &packed, NULL),
                      SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(ExportSecurityContext(moves, 0, NULL, NULL), SEC_E_INVALID_PARAMETER);
    assert_status(ExportSecurityContext(NULL, 0, &packed, NULL), SEC_E_INVALID_HANDLE);
    SecInvalidateHandle(&none);
    assert_status(ExportSecurityContext(&none, 0, &packed, NULL), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(packed.pvBuffer);
    pair_message(&pair.client, &pair.server, "all is well");
    pair_message(&pair.server, &pair.client, "indeed");
    pair_close(&pair);
    /* Nor can a handshake move that is under way. */
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(ExportSecurityContext(&pair.client, 0, &packed, NULL), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(packed.pvBuffer);
    ck_assert(pair_finish(&pair));
    pair_message(&pair.client, &pair.server, "all is well");
    pair_free(&pair);
}
END_TEST

/* The same answers there as here. */
START_TEST(attributes)
{
    static struct note before;
    const struct way *way = WAY(_i);
    CtxtHandle *moves;
    struct other other;
    SecBuffer packed;
    struct pair pair;

    open_way(&pair, way);
    moves = INBOUND(_i) ? &pair.server : &pair.client;
    assert_status(describe(moves, &before), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr((const char *)before.data, "alice"));
    export_away(&pair, INBOUND(_i), &packed);
    other_start(&other);
    hand_over(&other, way->package, &packed, false);
    other.note.size = 0;
    assert_status(ask(&other, DESCRIBE), SEC_E_OK);
    before.data[before.size] = other.note.data[other.note.size] = '\0';
    ck_assert_str_eq((const char *)other.note.data, (const char *)before.data);
    other_stop(&other);
    pair_free(&pair);
}
END_TEST

/* Its handshake is over. */
START_TEST(no_more_legs)
{
    const struct way *way = WAY(_i);
    CtxtHandle *here;
    struct other other;
    SecBuffer packed;
    struct pair pair;

    open_way(&pair, way);
    here = INBOUND(_i) ? &pair.client : &pair.server;
    export_away(&pair, INBOUND(_i), &packed);
    other_start(&other);
    hand_over(&other, way->package, &packed, false);
    other.note.size = 0;
    assert_status(ask(&other, INBOUND(_i) ? ACCEPT : INITIALIZE), SEC_E_OUT_OF_SEQUENCE);
    other.note.size = 0;
    assert_status(ask(&other, INBOUND(_i) ? INITIALIZE : ACCEPT), SEC_E_INVALID_HANDLE);
    converse(&other, here);
    other_stop(&other);
    pair_free(&pair);
}
END_TEST

/* --- Bytes that are not what was exported --------------------------------------------------- */

#define HEAD 56 /* of ours, before the mechanism's token */

/* Which bits of the head make it something else than a packed context. */
static const struct field {
    size_t at, size;
} decisive[] = {
    {0, 4},  /* magic */
    {4, 4},  /* version */
    {8, 4},  /* mechanism */
    {12, 4}, /* which end */
    {48, 4}, /* length of the name */
    {52, 4}, /* length of the token */
};

static bool is_decisive(size_t octet)
{
    for (int i = 0; i < COUNT(decisive); i++)
        if (octet >= decisive[i].at && octet < decisive[i].at + decisive[i].size)
            return true;
    return false;
}

/* An exact copy in memory of its own, so that reading past its end is found. */
static SECURITY_STATUS import_copy(const char *package, const void *data, size_t size,
                                   CtxtHandle *context)
{
    void *copy = malloc(size == 0 ? 1 : size);
    SecBuffer blob = {(ULONG)size, SECBUFFER_EMPTY, copy};
    SECURITY_STATUS status;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, data, size);
    SecInvalidateHandle(context);
    status = ImportSecurityContextA((char *)(uintptr_t)package, &blob, NULL, context);
    free(copy);
    ck_assert_msg(status == SEC_E_OK || !SecIsValidHandle(context), "a handle with %s",
                  sspi_status_name(status));
    return status;
}

static void export_case(struct pair *pair, int i, SecBuffer *packed)
{
    open_way(pair, WAY(i));
    export(INBOUND(i) ? &pair->server : &pair->client, 0, packed);
}

START_TEST(truncated)
{
    CtxtHandle context;
    SecBuffer packed;
    struct pair pair;

    export_case(&pair, _i, &packed);
    for (ULONG size = 0; size < packed.cbBuffer; size++)
        assert_status(import_copy(WAY(_i)->package, packed.pvBuffer, size, &context),
                      SEC_E_INVALID_TOKEN);
    assert_status(import_copy(WAY(_i)->package, packed.pvBuffer, packed.cbBuffer, &context),
                  SEC_E_OK);
    assert_status(DeleteSecurityContext(&context), SEC_E_OK);
    assert_status(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/*
 * Of the mechanisms' tokens only the length is ours to check: MIT and gss-ntlmssp believe in what
 * they exported, down to indices into arrays. Who can forge that has the context's keys anyway. So
 * our part is altered, the head and the target's name.
 */
static size_t ours(const SecBuffer *packed)
{
    const unsigned char *at = (const unsigned char *)packed->pvBuffer + 48;

    return HEAD + at[0] + 256U * at[1];
}

/* What is not noticed must be usable without harm and go away in good order. */
START_TEST(flipped)
{
    static struct note note;
    const struct way *way = WAY(_i);
    CtxtHandle context;
    SecBuffer packed;
    struct pair pair;

    export_case(&pair, _i, &packed);
    for (size_t bit = 0; bit < 8 * ours(&packed); bit++) {
        unsigned char *octet = (unsigned char *)packed.pvBuffer + bit / 8;
        SECURITY_STATUS status;

        *octet ^= (unsigned char)(1U << bit % 8);
        status = import_copy(way->package, packed.pvBuffer, packed.cbBuffer, &context);
        *octet ^= (unsigned char)(1U << bit % 8);
        ck_assert_msg(status == SEC_E_INVALID_TOKEN ||
                          (status == SEC_E_OK && !is_decisive(bit / 8)),
                      "bit %zu: %s", bit, sspi_status_name(status));
        if (status != SEC_E_OK)
            continue;
        describe(&context, &note);
        note_text(&note, "text");
        seal(&context, &note);
        memset(note.data, 5, note.size = 100);
        ck_assert_int_ne(open_message(&context, &note), SEC_E_OK);
        assert_status(DeleteSecurityContext(&context), SEC_E_OK);
    }
    assert_status(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    pair_message(&pair.client, &pair.server, "all is well");
    pair_free(&pair);
}
END_TEST

/* A package imports what it exports. Negotiate exports what Kerberos and NTLM do. */
START_TEST(another_package)
{
    const struct way *way = WAY(_i);
    const char *wrong = way->ntlm ? "Kerberos" : "NTLM";
    CtxtHandle context;
    SecBuffer packed, empty = {0, SECBUFFER_EMPTY, NULL};
    struct pair pair;

    export_case(&pair, _i, &packed);
    assert_status(import_copy(wrong, packed.pvBuffer, packed.cbBuffer, &context),
                  SEC_E_INVALID_TOKEN);
    assert_status(import_copy("Nonesuch", packed.pvBuffer, packed.cbBuffer, &context),
                  SEC_E_SECPKG_NOT_FOUND);
    assert_status(ImportSecurityContextA((char *)(uintptr_t)way->package, &empty, NULL, &context),
                  SEC_E_INVALID_TOKEN);
    assert_status(ImportSecurityContextA((char *)(uintptr_t)way->package, NULL, NULL, &context),
                  SEC_E_INVALID_TOKEN);
    assert_status(ImportSecurityContextA(NULL, &packed, NULL, &context), SEC_E_SECPKG_NOT_FOUND);
    assert_status(ImportSecurityContextW(NULL, &packed, NULL, &context), SEC_E_SECPKG_NOT_FOUND);
    assert_status(ImportSecurityContextA((char *)(uintptr_t)way->package, &packed, NULL, NULL),
                  SEC_E_INVALID_HANDLE);
    assert_status(FreeContextBuffer(packed.pvBuffer), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("transfer");

    suite_add(suite, goes_on, CASES);
    suite_add(suite, moves_twice, CASES);
    suite_add(suite, original_stays, CASES);
    suite_add(suite, original_goes, CASES);
    suite_add(suite, refused, CASES);
    suite_add(suite, attributes, CASES);
    suite_add(suite, no_more_legs, CASES);
    suite_add(suite, truncated, CASES);
    suite_add(suite, flipped, CASES);
    suite_add(suite, another_package, CASES);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "importer") == 0)
        return importer_main();
    return check_main(suite);
}

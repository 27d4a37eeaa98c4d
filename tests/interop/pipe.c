/* SPDX-License-Identifier: MIT */
/*
 * pipe: joins an initiator and an acceptor, two peer programs as README.md describes them, and
 * reports in TAP what becomes of their context and their messages.
 *
 *     pipe [OPTION...] INITIATOR [WORD...] ++ ACCEPTOR [WORD...]
 *
 *     -i KEY=PATTERN   the initiator's information about KEY matches (a shell pattern; !PATTERN
 *     -a KEY=PATTERN   must not match); -a for the acceptor's
 *     -f SIDE[=PATTERN]  the context must fail on SIDE (init or accept) with a code that matches;
 *                      it must not be complete on both sides
 *     -x PATTERN       with -f accept: the initiator, given the acceptor's error token, fails with
 *                      a code that matches
 *     -e               an empty token is one too, as SASL has it
 *     -s               server first: the acceptor is asked for a token before the initiator
 *     -m FORMATS       exchange these formats only (comma separated, or none); all without -m,
 *                      and each named one must then be known to both sides
 *     -r               do not try replayed messages, even where a side says that it detects them
 *     -l LEGS          the number of tokens that pass
 *     -t SECONDS       the longest time for any one answer (60)
 *
 * The words role=init and role=accept are added.  A peer that stays silent is ended and reported.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "peer.h"

#include <errno.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LEGS_MAX   16
#define EXPECT_MAX 32

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct side {
    const char *name;
    char **command;
    pid_t pid;
    int to, from;
    bool done, dead;
    char *info;
    char error[2048];
};

struct reply {
    char type;
    struct peer_bytes payload;
};

static struct {
    const char *expect[2][EXPECT_MAX];
    size_t expect_count[2];
    const char *fail_side, *fail_code, *error_token_code, *formats;
    bool empty_tokens, server_first, no_replay;
    int timeout, legs;
} options = {.timeout = 60};

static struct side sides[2] = {{.name = "initiator"}, {.name = "acceptor"}};

/* ---- TAP ----------------------------------------------------------------------------------- */

static int tap_count, tap_failed;

static bool ok(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool ok(bool good, const char *format, ...)
{
    va_list arguments;

    printf("%s %d - ", good ? "ok" : "not ok", ++tap_count);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    tap_failed += !good;
    return good;
}

static void die(const char *what)
{
    printf("Bail out! pipe: %s: %s\n", what, strerror(errno));
    exit(99);
}

/* ---- the peers ----------------------------------------------------------------------------- */

static void start_side(struct side *side)
{
    int down[2], up[2];

    *side = (struct side){.name = side->name, .command = side->command};
    if (pipe(down) != 0 || pipe(up) != 0)
        die("pipe");
    side->pid = fork();
    if (side->pid < 0)
        die("fork");
    if (side->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_DFL);
        dup2(down[0], STDIN_FILENO);
        dup2(up[1], STDOUT_FILENO);
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        execvp(side->command[0], side->command);
        fprintf(stderr, "pipe: %s: %s\n", side->command[0], strerror(errno));
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    side->to = down[1];
    side->from = up[0];
}

/* The exit status; a peer that does not end by itself is killed. */
static int end_side(struct side *side)
{
    const struct timespec pause = {0, 10 * 1000 * 1000};
    int status = 0;

    if (!side->dead)
        peer_frame_write(side->to, 'Q', (struct peer_bytes){0});
    close(side->to);
    for (int i = 0; waitpid(side->pid, &status, WNOHANG) == 0; i++) {
        if (i >= options.timeout * 100)
            kill(side->pid, SIGKILL);
        nanosleep(&pause, NULL);
    }
    close(side->from);
    free(side->info);
    side->info = NULL;
    return status;
}

/* A peer that is silent for too long cannot be asked again: its answer would belong to nothing. */
static bool wait_side(struct side *side)
{
    struct pollfd poll_from = {side->from, POLLIN, 0};
    int ready;

    do
        ready = poll(&poll_from, 1, options.timeout * 1000);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        kill(side->pid, SIGKILL);
        snprintf(side->error, sizeof side->error, "silent no answer in %d s", options.timeout);
    }
    return ready == 1;
}

static struct reply lost(struct side *side)
{
    if (side->error[0] == '\0' || !side->dead)
        if (strncmp(side->error, "silent", 6) != 0)
            snprintf(side->error, sizeof side->error, "gone the peer has ended");
    side->dead = true;
    return (struct reply){.type = 'X'};
}

/* Asks; type 'X' when the peer is gone, and for 'E' the error is in side->error. */
static struct reply ask(struct side *side, char type, struct peer_bytes payload)
{
    struct reply reply;
    size_t length;

    if (side->dead || !peer_frame_write(side->to, type, payload) || !wait_side(side) ||
        !peer_frame_read(side->from, &reply.type, &reply.payload))
        return lost(side);
    if (reply.type == 'E') {
        snprintf(side->error, sizeof side->error, "%.*s", (int)reply.payload.length,
                 (char *)reply.payload.data);
        length = strnlen((char *)reply.payload.data, reply.payload.length);
        length += length < reply.payload.length;
        memmove(reply.payload.data, reply.payload.data + length, reply.payload.length - length);
        reply.payload.length -= length;
    }
    return reply;
}

static struct side *other(struct side *side)
{
    return side == &sides[0] ? &sides[1] : &sides[0];
}

/* ---- the context --------------------------------------------------------------------------- */

/* Passes tokens until both are done or one fails; `*failed` is that side, its token in the reply.
 */
static int run_context(struct side **failed, struct reply *last)
{
    struct side *side = &sides[options.server_first];
    struct peer_bytes token = {0};
    int legs = 0;

    *failed = NULL;
    for (int i = 0; i < LEGS_MAX; i++) {
        *last = ask(side, 'T', token);
        free(token.data);
        token = last->payload;
        if (last->type != 'C' && last->type != 'D') {
            *failed = side;
            return legs;
        }
        side->done = last->type == 'D';
        if (side->done && other(side)->done && token.length == 0)
            break;
        if (token.length == 0 && !options.empty_tokens && !(i == 0 && options.server_first)) {
            snprintf(side->error, sizeof side->error, "stuck no token and not complete");
            *failed = side;
            return legs;
        }
        legs += token.length > 0;
        side = other(side);
    }
    last->payload = token;
    return legs;
}

static bool complete(void)
{
    return sides[0].done && sides[1].done;
}

/* ---- information --------------------------------------------------------------------------- */

static bool ask_info(struct side *side)
{
    struct reply reply = ask(side, 'I', (struct peer_bytes){0});
    bool good = reply.type == 'K';

    if (good)
        side->info = strndup((char *)reply.payload.data, reply.payload.length);
    if (reply.type != 'X')
        free(reply.payload.data);
    if (!good)
        ok(false, "%s gives information: %s", side->name, side->error);
    return good;
}

/* The value of a key in static storage of `slot`, "" if it is not there. */
static const char *info(const struct side *side, const char *key, int slot)
{
    static char values[4][4096];
    size_t length = strlen(key);
    const char *line = side->info;

    values[slot][0] = '\0';
    for (; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            snprintf(values[slot], sizeof values[slot], "%.*s",
                     (int)strcspn(line + length + 1, "\n"), line + length + 1);
            break;
        } else if (strchr(line, '\n') == NULL)
            break;
    return values[slot];
}

static void diagnose_info(const struct side *side)
{
    static const char *const shown[] = {"mech", "source", "target", "flags", "sizes"};

    for (size_t i = 0; i < COUNT(shown); i++)
        if (info(side, shown[i], 0)[0] != '\0')
            printf("# %s %s=%s\n", side->name, shown[i], info(side, shown[i], 0));
}

static void check_expectations(int number)
{
    for (size_t i = 0; i < options.expect_count[number]; i++) {
        char key[64];
        const char *pattern = strchr(options.expect[number][i], '=') + 1, *value;
        bool negate = *pattern == '!', match;

        snprintf(key, sizeof key, "%.*s", (int)(pattern - 1 - options.expect[number][i]),
                 options.expect[number][i]);
        value = info(&sides[number], key, 0);
        match = fnmatch(pattern + negate, value, 0) == 0;
        if (!ok(match != negate, "%s: %s", sides[number].name, options.expect[number][i]))
            printf("# it is '%s'\n", value);
    }
}

/* Keys may be cut to 16 bytes by one side; what both have must be the same. */
static void check_keys(void)
{
    const char *one = info(&sides[0], "key", 0), *two = info(&sides[1], "key", 1);
    size_t length = strlen(one) < strlen(two) ? strlen(one) : strlen(two);

    if (length > 0)
        ok(length >= 32 && strncmp(one, two, length) == 0, "both have the same session key");
}

/* ---- messages ------------------------------------------------------------------------------ */

static const size_t message_sizes[] = {0, 1, 15, 16, 17, 100, 4096, 65536};

static struct peer_bytes named(const char *format, struct peer_bytes bytes)
{
    size_t length = strlen(format) + 1;
    struct peer_bytes payload = peer_bytes_new(length + bytes.length);

    memcpy(payload.data, format, length);
    if (bytes.length > 0)
        memcpy(payload.data + length, bytes.data, bytes.length);
    return payload;
}

static struct reply ask_named(struct side *side, char type, const char *format,
                              struct peer_bytes bytes)
{
    struct peer_bytes payload = named(format, bytes);
    struct reply reply = ask(side, type, payload);

    free(payload.data);
    return reply;
}

static struct peer_bytes make_text(size_t length)
{
    static uint8_t seed;
    struct peer_bytes text = peer_bytes_new(length);

    seed++;
    for (size_t i = 0; i < length; i++)
        text.data[i] = (uint8_t)(seed + i * 7 + i / 251);
    return text;
}

static bool is_kind(const char *format, const char *kind)
{
    return strncmp(format, kind, strlen(kind)) == 0 && format[strlen(kind)] == '/';
}

/* The parts of a message that travel in the clear by design make the search for text pointless. */
static bool leaks(const char *format, struct peer_bytes text, struct peer_bytes wire)
{
    return text.length >= 16 && (is_kind(format, "wrap") || is_kind(format, "split")) &&
           memmem(wire.data, wire.length, text.data, text.length) != NULL;
}

static bool same_text(struct reply reply, struct peer_bytes text)
{
    return reply.type == 'K' && reply.payload.length == text.length + 1 &&
           memcmp(reply.payload.data + 1, text.data, text.length) == 0;
}

static bool problem(const char *what, size_t size, const char *detail)
{
    printf("# %zu bytes: %s: %s\n", size, what, detail);
    return false;
}

/* One message from `writer` to the other side; what travelled is kept in *wire if wanted. */
static bool pass_message(struct side *writer, const char *written, const char *readby, size_t size,
                         struct peer_bytes *kept)
{
    struct side *reader = other(writer);
    struct peer_bytes text = make_text(size);
    struct reply wire = ask_named(writer, 'W', written, text), back = {.type = 'X'};
    bool sealed =
             is_kind(written, "wrap") || is_kind(written, "split") || is_kind(written, "header"),
         good = false;

    if (wire.type != 'K')
        problem("cannot be written", size, writer->error);
    else if (leaks(written, text, wire.payload))
        problem("is not sealed", size, "the text is in the message");
    else if ((back = ask_named(reader, 'R', readby, wire.payload)).type != 'K')
        problem("cannot be read", size, reader->error);
    else if (!same_text(back, text))
        problem("differs", size, "the text that was read is not what was written");
    else if (back.payload.data[0] != sealed)
        problem("wrong protection", size, sealed ? "read as clear" : "read as sealed");
    else
        good = true;

    free(text.data);
    if (back.type != 'X')
        free(back.payload.data);
    if (kept != NULL)
        *kept = wire.type == 'K' ? wire.payload : (struct peer_bytes){0};
    else if (wire.type != 'X')
        free(wire.payload.data);
    return good;
}

static size_t number_of(const char *key, size_t otherwise)
{
    size_t one = (size_t)atol(info(&sides[0], key, 0)), two = (size_t)atol(info(&sides[1], key, 0));

    one = one > two ? one : two;
    return one == 0 ? otherwise : one;
}

/* What neither side would have to send in parts. */
static bool in_one_piece(size_t size)
{
    for (int i = 0; i < 2; i++) {
        size_t max = (size_t)atol(info(&sides[i], "max", i));

        if (max != 0 && size > max)
            return false;
    }
    return true;
}

static bool usable_size(const char *format, size_t size)
{
    size_t clear = is_kind(format, "header") ? PEER_CLEAR_HEAD + PEER_CLEAR_TAIL : 0;

    return size >= number_of("min", 0) && in_one_piece(size) && size >= clear &&
           (size - clear) % number_of("block", 1) == 0;
}

static void exchange(struct side *writer, const char *written, const char *readby)
{
    size_t clear = is_kind(written, "header") ? PEER_CLEAR_HEAD + PEER_CLEAR_TAIL : 0;
    bool good = true;
    int count = 0;

    for (size_t i = 0; i < COUNT(message_sizes) && good; i++)
        if (usable_size(written, message_sizes[i] + clear)) {
            good = pass_message(writer, written, readby, message_sizes[i] + clear, NULL);
            count++;
        }
    ok(good && count > 0, "%s writes %s, %s reads %s", writer->name, written, other(writer)->name,
       readby);
}

static bool format_wanted(const char *format)
{
    char kind[32];

    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(format, "/"), format);
    return options.formats == NULL || peer_listed(options.formats, kind);
}

/* Calls `act` for every pair of variants of one format that `writer` writes and its peer reads. */
static int each_pair(struct side *writer, void (*act)(struct side *, const char *, const char *))
{
    char *writes = strdup(info(writer, "write", 0)),
         *reads = strdup(info(other(writer), "read", 0));
    char *save1, *save2;
    int pairs = 0;

    for (char *w = strtok_r(writes, " ", &save1); w != NULL; w = strtok_r(NULL, " ", &save1)) {
        char *again = strdup(reads);

        for (char *r = strtok_r(again, " ", &save2); r != NULL; r = strtok_r(NULL, " ", &save2))
            if (strcspn(w, "/") == strcspn(r, "/") && strncmp(w, r, strcspn(w, "/")) == 0 &&
                format_wanted(w)) {
                act(writer, w, r);
                pairs++;
            }
        free(again);
    }
    free(writes);
    free(reads);
    return pairs;
}

/* A format that was named must be there in both directions. */
static void check_formats_known(void)
{
    char *list = strdup(options.formats), *save;

    for (char *f = strtok_r(list, ",", &save); f != NULL; f = strtok_r(NULL, ",", &save))
        for (int s = 0; s < 2; s++) {
            char pattern[64];

            snprintf(pattern, sizeof pattern, "*%s/*", f);
            ok(fnmatch(pattern, info(&sides[s], "write", 0), 0) == 0 &&
                   fnmatch(pattern, info(&sides[!s], "read", 0), 0) == 0,
               "format %s goes from the %s to the other", f, sides[s].name);
        }
    free(list);
}

/* ---- attacks ------------------------------------------------------------------------------- */

static void end_sides(void)
{
    for (int s = 0; s < 2; s++)
        if (!ok(end_side(&sides[s]) == 0, "the %s ends well", sides[s].name))
            printf("# its last error: %s\n", sides[s].error);
}

/* Both programs anew, with another context like the first. */
static bool begin_again(void)
{
    struct side *failed;
    struct reply last;

    end_sides();
    for (int s = 0; s < 2; s++)
        start_side(&sides[s]);
    run_context(&failed, &last);
    if (last.type != 'X')
        free(last.payload.data);
    return ok(failed == NULL && complete(), "another context is complete") && ask_info(&sides[0]) &&
           ask_info(&sides[1]);
}

/* The first format that a side writes, in static storage. */
static const char *first_written(const struct side *side)
{
    static char name[64];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(info(side, "write", 1), " "),
             info(side, "write", 1));
    return name;
}

static bool refused(struct side *reader, const char *format, struct peer_bytes wire)
{
    struct reply reply = ask_named(reader, 'R', format, wire);

    if (reply.type != 'X')
        free(reply.payload.data);
    return reply.type == 'E';
}

/* Only who says that it detects replays is held to it; false if nothing was tried. */
static bool replay_once(struct side *writer, const char *written, const char *readby)
{
    struct peer_bytes wire = {0};
    bool sent;

    if (strstr(info(other(writer), "flags", 0), "replay") == NULL)
        return false;
    sent = pass_message(writer, written, readby, 64 + 32, &wire);

    ok(sent && refused(other(writer), readby, wire), "%s refuses a replayed %s",
       other(writer)->name, readby);
    free(wire.data);
    return true;
}

/* One flipped bit in the middle of what travels: the text of mic, the sealed data of the others. */
static bool alter_once(struct side *writer, const char *written, const char *readby)
{
    struct peer_bytes text = make_text(64 + 32);
    struct reply wire = ask_named(writer, 'W', written, text);
    bool good = wire.type == 'K';

    if (good) {
        wire.payload.data[wire.payload.length - 12] ^= 0x10;
        good = refused(other(writer), readby, wire.payload);
    }
    ok(good, "%s refuses an altered %s", other(writer)->name, readby);
    if (wire.type != 'X')
        free(wire.payload.data);
    free(text.data);
    return true;
}

typedef bool attack_function(struct side *writer, const char *written, const char *readby);

static attack_function *const attacks[] = {replay_once, alter_once};

/* What a side says of its end is held against it: it neither reads nor writes any more. */
static void check_dead(struct side *writer, const char *written, const char *readby)
{
    struct side *reader = other(writer);
    const char *code = info(reader, "dead", 0);
    struct peer_bytes text = make_text(64 + 32);
    struct reply wire = ask_named(writer, 'W', written, text);

    if (code[0] != '\0') {
        ok(wire.type == 'K' && refused(reader, readby, wire.payload) &&
               strncmp(reader->error, code, strlen(code)) == 0,
           "%s then reads nothing: %s", reader->name, code);
        free(wire.payload.data);
        wire = ask_named(reader, 'W', first_written(reader), text);
        ok(wire.type == 'E' && strncmp(reader->error, code, strlen(code)) == 0,
           "%s then writes nothing: %s", reader->name, code);
    }
    if (wire.type != 'X')
        free(wire.payload.data);
    free(text.data);
}

static struct {
    attack_function *how;
    bool single, done;
} attack;

static void attack_pair(struct side *writer, const char *written, const char *readby)
{
    if (attack.done)
        return;
    if (attack.how(writer, written, readby) && attack.single)
        check_dead(writer, written, readby);
    attack.done = attack.single;
}

static bool is_ntlm(void)
{
    return strcmp(info(&sides[0], "mech", 0), "ntlm") == 0 ||
           strcmp(info(&sides[1], "mech", 0), "ntlm") == 0;
}

/* An NTLM context does not survive a refused message, [MS-NLMP] 3.4.4.2: the key streams are apart.
 * So each attack has a context of its own. */
static void run_attacks(void)
{
    attack.single = is_ntlm();
    for (size_t i = options.no_replay; i < COUNT(attacks); i++)
        for (int s = 0; s < 2; s++) {
            attack.how = attacks[i];
            attack.done = false;
            if (attack.single && !begin_again())
                return;
            each_pair(&sides[s], attack_pair);
        }
}

static void run_messages(void)
{
    if (options.formats != NULL && strcmp(options.formats, "none") == 0)
        return;
    if (options.formats != NULL)
        check_formats_known();
    else
        ok(each_pair(&sides[0], exchange) + each_pair(&sides[1], exchange) > 0,
           "there is a format that both know");
    if (options.formats != NULL)
        for (int s = 0; s < 2; s++)
            each_pair(&sides[s], exchange);
    run_attacks();
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void judge_failure(struct side *failed, struct reply last)
{
    struct side *expected = &sides[strcmp(options.fail_side, "accept") == 0];
    char code[256];

    if (failed == NULL) {
        ok(false, "the %s refuses the context", expected->name);
        return;
    }
    snprintf(code, sizeof code, "%.*s", (int)strcspn(failed->error, " "), failed->error);
    ok(failed == expected && last.type == 'E' && !complete(), "the %s refuses the context",
       expected->name);
    if (options.fail_code != NULL)
        ok(fnmatch(options.fail_code, code, 0) == 0, "with %s", options.fail_code);
    printf("# %s: %s\n", failed->name, failed->error);
    if (options.error_token_code == NULL)
        return;
    if (ok(last.payload.length > 0, "there is a token that says why")) {
        last = ask(&sides[0], 'T', last.payload);
        snprintf(code, sizeof code, "%.*s", (int)strcspn(sides[0].error, " "), sides[0].error);
        ok(last.type == 'E' && fnmatch(options.error_token_code, code, 0) == 0,
           "the initiator makes of it %s", options.error_token_code);
        printf("# initiator: %s\n", sides[0].error);
        if (last.type != 'X')
            free(last.payload.data);
    }
}

static void judge_context(struct side *failed, int legs)
{
    if (!ok(failed == NULL && complete(), "the context is complete on both sides")) {
        if (failed != NULL)
            printf("# %s: %s\n", failed->name, failed->error);
        return;
    }
    if (options.legs > 0 && !ok(legs == options.legs, "after %d tokens", options.legs))
        printf("# there were %d\n", legs);
    if (!ask_info(&sides[0]) || !ask_info(&sides[1]))
        return;
    for (int s = 0; s < 2; s++) {
        diagnose_info(&sides[s]);
        check_expectations(s);
    }
    check_keys();
    run_messages();
}

static void parse(int argc, char **argv)
{
    int option;
    char *equals;

    while ((option = getopt(argc, argv, "+i:a:f:x:esm:rl:t:")) != -1) {
        size_t number = option == 'a';

        switch (option) {
        case 'i':
        case 'a':
            if (strchr(optarg, '=') == NULL || options.expect_count[number] == EXPECT_MAX)
                exit(99);
            options.expect[number][options.expect_count[number]++] = optarg;
            break;
        case 'f':
            options.fail_side = optarg;
            if ((equals = strchr(optarg, '=')) != NULL) {
                *equals = '\0';
                options.fail_code = equals + 1;
            }
            break;
        case 'x':
            options.error_token_code = optarg;
            break;
        case 'e':
            options.empty_tokens = true;
            break;
        case 's':
            options.server_first = true;
            break;
        case 'm':
            options.formats = optarg;
            break;
        case 'r':
            options.no_replay = true;
            break;
        case 'l':
            options.legs = atoi(optarg);
            break;
        case 't':
            options.timeout = atoi(optarg);
            break;
        default:
            exit(99);
        }
    }
}

/* Cuts the command lines apart at "++" and puts the role right behind each program's name. */
static void split_commands(char **argv)
{
    static char role_init[] = "role=init", role_accept[] = "role=accept";
    char *const roles[] = {role_init, role_accept};

    for (int s = 0; s < 2; s++) {
        size_t count = 0;
        char **command;

        while (argv[count] != NULL && strcmp(argv[count], "++") != 0)
            count++;
        if (count == 0 || (argv[count] == NULL) != (s == 1)) {
            printf("Bail out! usage: pipe [OPTION...] INITIATOR... ++ ACCEPTOR...\n");
            exit(99);
        }
        command = calloc(count + 2, sizeof *command);
        if (command == NULL)
            die("calloc");
        memcpy(command, argv, count * sizeof *command);
        command[count] = roles[s];
        sides[s].command = command;
        argv += count + (s == 0);
    }
}

int main(int argc, char **argv)
{
    struct side *failed;
    struct reply last;
    int legs;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    parse(argc, argv);
    split_commands(argv + optind);
    for (int s = 0; s < 2; s++)
        start_side(&sides[s]);

    legs = run_context(&failed, &last);
    if (options.fail_side != NULL)
        judge_failure(failed, last);
    else
        judge_context(failed, legs);
    if (last.type != 'X')
        free(last.payload.data);

    end_sides();
    for (int s = 0; s < 2; s++)
        free(sides[s].command);
    printf("1..%d\n", tap_count);
    return tap_failed > 0;
}

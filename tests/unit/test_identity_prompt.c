/* SPDX-License-Identifier: MIT */
/*
 * SspiPromptForCredentials on a terminal of its own, whose keys the test presses, and by a
 * program's callback; SspiIsPromptingNeeded.
 */
#include <errno.h>
#include <fcntl.h>
#include <ntstatus.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <windows.h>

#include <sspi.h>
#include <sspi_linux.h>
#include <wincred.h>

#include "core/identity.h"
#include "lib/check_main.h"
#include "lib/idforms.h"

#define W(text) (u##text)

/* --- A terminal ----------------------------------------------------------------------------- */

/* What the process on the terminal was told, when it still could say so. */
struct result {
    ULONG error;
    int save;
    char user[64], password[64];
};

static struct {
    int keyboard; /* the terminal's other end */
    int results;
    pid_t process;
    char screen[16384];
    size_t shown;
} it;

/* What is asked; set before the terminal is opened. */
static struct {
    const char *target;
    void *ui, *input;
    ULONG error, flags;
    int save;
} asked;

static void result_fill(struct result *result, OPAQUE id)
{
    struct identity *read;

    ck_assert_int_eq(identity_read(id, false, &read), SEC_E_OK);
    snprintf(result->user, sizeof(result->user), "%s%s%s", read->domain != NULL ? read->domain : "",
             read->domain != NULL ? "|" : "", read->user);
    snprintf(result->password, sizeof(result->password), "%s", read->password);
    identity_free(read);
}

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

static void child_run(const char *path, int results)
{
    struct result result = {.save = asked.save};
    OPAQUE id = NULL;

    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        signal(signals[i], SIG_DFL); /* Check's own handlers end the test */
    setsid();
    if (open(path, O_RDWR) < 0) /* the first that a session opens is its own */
        _exit(1);
    result.error = SspiPromptForCredentialsA(asked.target, asked.ui, asked.error, "Negotiate",
                                             asked.input, &id, &result.save, asked.flags);
    if (id != NULL)
        result_fill(&result, id);
    SspiFreeAuthIdentity(id);
    _exit(write(results, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

static void terminal_start(void)
{
    int results[2];
    const char *path;

    it.shown = 0;
    it.keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(it.keyboard, 0);
    ck_assert_int_eq(grantpt(it.keyboard) | unlockpt(it.keyboard) | pipe(results), 0);
    path = ptsname(it.keyboard);
    it.process = fork();
    if (it.process == 0)
        child_run(path, results[1]);
    close(results[1]);
    it.results = results[0];
}

/* Waits until a text is on the screen, behind what was waited for before. */
static void see(const char *text)
{
    static size_t from;
    char *found;

    if (it.shown == 0)
        from = 0;
    while ((found = memmem(it.screen + from, it.shown - from, text, strlen(text))) == NULL) {
        ssize_t n = read(it.keyboard, it.screen + it.shown, sizeof(it.screen) - 1 - it.shown);

        ck_assert_msg(n > 0 || errno == EINTR, "'%s' did not come: %.*s", text, (int)it.shown,
                      it.screen);
        it.shown += n > 0 ? (size_t)n : 0;
    }
    from = (size_t)(found - it.screen) + strlen(text);
}

static void type(const char *keys)
{
    ck_assert_int_eq(write(it.keyboard, keys, strlen(keys)), (int)strlen(keys));
}

static struct termios modes(void)
{
    struct termios now;

    ck_assert_int_eq(tcgetattr(it.keyboard, &now), 0);
    return now;
}

static bool echoes(void)
{
    return (modes().c_lflag & ECHO) != 0;
}

/* The end: nothing of the question is left in the terminal. */
static int terminal_end(struct result *result)
{
    struct termios now;
    int end;

    ck_assert_int_eq(waitpid(it.process, &end, 0), it.process);
    now = modes();
    ck_assert((now.c_lflag & (ECHO | ICANON | ISIG)) == (ECHO | ICANON | ISIG));
    ck_assert_uint_eq(now.c_cc[VEOL], 0);
    memset(result, 0, sizeof(*result));
    if (WIFEXITED(end)) {
        ck_assert_int_eq(WEXITSTATUS(end), 0);
        ck_assert_int_eq(read(it.results, result, sizeof(*result)), (int)sizeof(*result));
    }
    close(it.results);
    while (it.shown < sizeof(it.screen) - 1) { /* what was shown last */
        ssize_t n = read(it.keyboard, it.screen + it.shown, sizeof(it.screen) - 1 - it.shown);

        if (n <= 0)
            break;
        it.shown += (size_t)n;
    }
    it.screen[it.shown] = '\0';
    close(it.keyboard);
    return end;
}

static void setup(void)
{
    memset(&asked, 0, sizeof(asked));
    asked.target = "HTTP/www.example.com";
}

START_TEST(asks)
{
    CREDUI_INFOA ui = {.cbSize = sizeof(ui),
                       .pszCaptionText = "The caption",
                       .pszMessageText = "One line\nand another"};
    struct result result;

    asked.ui = &ui;
    asked.error = (ULONG)SEC_E_LOGON_DENIED;
    asked.save = 1;
    terminal_start();
    see("The caption\r\nOne line\r\nand another\r\n");
    see("Credentials for HTTP/www.example.com\r\nUser name: ");
    ck_assert(echoes());
    type("CORP\\alicf\x7f"
         "e\n");
    see("Password: ");
    ck_assert(!echoes());
    type("s\303\251cret\n");
    terminal_end(&result);
    ck_assert_uint_eq(result.error, ERROR_SUCCESS);
    ck_assert_str_eq(result.user, "CORP|alice");
    ck_assert_str_eq(result.password, "s\303\251cret");
    ck_assert_int_eq(result.save, 0); /* nothing is remembered here */
    ck_assert_ptr_null(strstr(it.screen, "cret"));
    ck_assert_ptr_nonnull(strstr(it.screen, sspi_status_text(SEC_E_LOGON_DENIED)));
}
END_TEST

/* The name that is there may stay; who remembers is the program, if it says so. */
START_TEST(suggests)
{
    struct result result;
    union any id;

    form_make(FORM_EXA, &id);
    asked.input = &id;
    asked.error = ERROR_LOGON_FAILURE;
    asked.flags = SSPIPFC_SAVE_CRED_BY_CALLER;
    asked.save = _i;
    terminal_start();
    see("User name [CORP\\alice]: ");
    type("\n");
    see("Password: ");
    type("\n");
    see(_i ? "[yes]: " : "[no]: ");
    type(_i ? "no\n" : "Yes\n");
    terminal_end(&result);
    ck_assert_uint_eq(result.error, ERROR_SUCCESS);
    ck_assert_str_eq(result.user, "CORP|alice");
    ck_assert_str_eq(result.password, "");
    ck_assert_int_eq(result.save, !_i);
}
END_TEST

static const struct {
    const char *user, *password; /* the second NULL: it ends with the first */
    ULONG error;
} keys[] = {
    {"\x03", NULL, ERROR_CANCELLED},
    {"ali\x03", NULL, ERROR_CANCELLED},
    {"alice\n", "sec\x03", ERROR_CANCELLED},
    {"alice\n", "\x1c", ERROR_CANCELLED},
    {"alice\n", "\x04", ERROR_CANCELLED},
    {"\x04", NULL, ERROR_CANCELLED},
    {"\n", NULL, ERROR_CANCELLED},
    {"alice\n", "\xff\xfe\n", ERROR_NO_UNICODE_TRANSLATION},
};

START_TEST(interrupted)
{
    struct result result;
    int end;

    asked.save = 1;
    terminal_start();
    see("User name: ");
    type(keys[_i].user);
    if (keys[_i].password != NULL) {
        see("Password: ");
        type(keys[_i].password);
    }
    end = terminal_end(&result);
    ck_assert(WIFEXITED(end));
    ck_assert_uint_eq(result.error, keys[_i].error);
    ck_assert_str_eq(result.user, "");
}
END_TEST

START_TEST(too_long)
{
    struct result result;
    char line[2050];

    memset(line, 'x', sizeof(line));
    line[2048] = '\n';
    line[2049] = '\0';
    terminal_start();
    see("User name: ");
    type(line);
    terminal_end(&result);
    ck_assert_uint_eq(result.error, ERROR_INSUFFICIENT_BUFFER);
}
END_TEST

/* A signal from elsewhere ends the process as it would, when the terminal is in order again. */
START_TEST(ended)
{
    struct result result;
    int end;

    terminal_start();
    see("User name: ");
    type("alice\n");
    see("Password: ");
    ck_assert_int_eq(kill(it.process, signals[_i]), 0);
    end = terminal_end(&result);
    ck_assert(WIFSIGNALED(end));
    ck_assert_int_eq(WTERMSIG(end), signals[_i]);
}
END_TEST

/* A name from the network does not command the terminal. */
START_TEST(commands)
{
    struct result result;

    asked.target = "a\033[2Jb\302\233c\x7f\302\251\nUser";
    terminal_start();
    see("Credentials for a?[2Jb");
    see("User name: ");
    type("\x03");
    terminal_end(&result);
    ck_assert_ptr_null(strchr(it.screen, '\033'));
    ck_assert_ptr_null(strstr(it.screen, "\302\233"));
    ck_assert_ptr_nonnull(strstr(it.screen, "\302\251"));
}
END_TEST

START_TEST(no_terminal)
{
    OPAQUE id = &id;

    setsid();
    ck_assert_uint_eq(SspiPromptForCredentialsA("target", NULL, 0, "Negotiate", NULL, &id, NULL, 0),
                      ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION);
    ck_assert_str_ne(sspi_native_error(), "");
    ck_assert_ptr_eq(id, &id);
}
END_TEST

/* --- A program's window --------------------------------------------------------------------- */

static struct {
    struct sspi_prompt prompt;
    char texts[6][64];
    ULONG answer;
    const char *user;
} window;

static const char *keep(int i, const char *text)
{
    snprintf(window.texts[i], sizeof(window.texts[i]), "%s", text == NULL ? "(none)" : text);
    return text;
}

static ULONG window_ask(const struct sspi_prompt *prompt, struct sspi_prompt_answer *answer,
                        void *argument)
{
    ck_assert_ptr_eq(argument, &window);
    window.prompt = *prompt;
    keep(0, prompt->target);
    keep(1, prompt->package);
    keep(2, prompt->caption);
    keep(3, prompt->message);
    keep(4, prompt->error);
    keep(5, prompt->user);
    strcpy(answer->user, window.user);
    strcpy(answer->password, "s\303\251cret");
    answer->save = 1;
    return window.answer;
}

static void window_setup(void)
{
    window.user = "alice";
    window.answer = ERROR_SUCCESS;
    sspi_prompt_callback_set(window_ask, &window);
}

START_TEST(window_wide)
{
    CREDUI_INFOW ui = {.cbSize = sizeof(ui),
                       .hwndParent = (HWND)&window,
                       .pszCaptionText = W("c\u00e4ption"),
                       .pszMessageText = W("message")};
    PCWSTR user, domain, password;
    int save = 0;
    union any input;
    OPAQUE id;

    form_make(FORM_W, &input);
    ck_assert_uint_eq(SspiPromptForCredentialsW(W("t\u00e4rget"), &ui, ERROR_LOGON_FAILURE,
                                                W("kerberos"), &input, &id, &save,
                                                SSPIPFC_SAVE_CRED_BY_CALLER),
                      ERROR_SUCCESS);
    ck_assert_str_eq(window.texts[0], "t\303\244rget");
    ck_assert_str_eq(window.texts[1], "kerberos");
    ck_assert_str_eq(window.texts[2], "c\303\244ption");
    ck_assert_str_eq(window.texts[3], "message");
    ck_assert_str_ne(window.texts[4], "(none)");
    ck_assert_str_eq(window.texts[5], "CORP\\alice");
    ck_assert_ptr_eq(window.prompt.parent, &window);
    ck_assert_int_eq(window.prompt.may_save, 1);
    ck_assert_int_eq(save, 1);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(id, &user, &domain, &password), SEC_E_OK);
    ck_assert(same_w(user, W("alice")));
    ck_assert_ptr_null(domain);
    ck_assert(same_w(password, W("s\u00e9cret")));
    SspiLocalFree(unconst(user));
    SspiLocalFree(unconst(password));
    SspiFreeAuthIdentity(id);
}
END_TEST

START_TEST(window_cancels)
{
    OPAQUE id = &id;
    int save = 1;

    window.answer = ERROR_CANCELLED;
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "Basic", NULL, &id, &save, 0),
                      ERROR_CANCELLED);
    ck_assert_int_eq(save, 0);
    ck_assert_str_eq(window.texts[4], "(none)");
    ck_assert_int_eq(window.prompt.may_save, 0);
    window.answer = ERROR_SUCCESS;
    window.user = "";
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "NTLM", NULL, &id, NULL, 0),
                      ERROR_CANCELLED);
    window.user = "al\xff";
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "NTLM", NULL, &id, NULL, 0),
                      ERROR_NO_UNICODE_TRANSLATION);
    ck_assert_ptr_eq(id, &id);
}
END_TEST

START_TEST(refused)
{
    CREDUI_INFOA ui = {.cbSize = 3};
    SEC_WINNT_AUTH_IDENTITY_A bad = plain_a("al\xff", NULL, NULL);
    OPAQUE id = &id;

    ck_assert_uint_eq(SspiPromptForCredentialsW(NULL, NULL, 0, W("basic"), NULL, &id, NULL, 0),
                      ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(SspiPromptForCredentialsW(W("t"), NULL, 0, NULL, NULL, &id, NULL, 0),
                      ERROR_NO_SUCH_PACKAGE);
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "nothing", NULL, &id, NULL, 0),
                      ERROR_NO_SUCH_PACKAGE);
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "NTLM", NULL, NULL, NULL, 0),
                      ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", &ui, 0, "NTLM", NULL, &id, NULL, 0),
                      ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "NTLM", &bad, &id, NULL, 0),
                      ERROR_INVALID_PARAMETER);
    ck_assert_uint_eq(SspiPromptForCredentialsA("t", NULL, 0, "NTLM", NULL, &id, NULL, 0x100),
                      ERROR_INVALID_FLAGS);
    ck_assert_ptr_eq(id, &id);
}
END_TEST

static const struct {
    ULONG error;
    BOOLEAN worth;
} failures[] = {
    {(ULONG)SEC_E_LOGON_DENIED, TRUE},
    {(ULONG)SEC_E_NO_CREDENTIALS, TRUE},
    {ERROR_LOGON_FAILURE, TRUE},
    {(ULONG)HRESULT_FROM_WIN32(ERROR_LOGON_FAILURE), TRUE},
    {(ULONG)STATUS_LOGON_FAILURE, TRUE},
    {(ULONG)HRESULT_FROM_NT(STATUS_LOGON_FAILURE), TRUE},
    {ERROR_PASSWORD_EXPIRED, TRUE},
    {(ULONG)STATUS_PASSWORD_MUST_CHANGE, TRUE},
    {SEC_E_OK, FALSE},
    {(ULONG)SEC_I_CONTINUE_NEEDED, FALSE},
    {(ULONG)SEC_E_TARGET_UNKNOWN, FALSE},
    {(ULONG)SEC_E_NO_AUTHENTICATING_AUTHORITY, FALSE},
    {(ULONG)STATUS_ACCOUNT_LOCKED_OUT, FALSE},
    {ERROR_ACCOUNT_DISABLED, FALSE},
};

START_TEST(worth_asking)
{
    ck_assert_int_eq(SspiIsPromptingNeeded(failures[_i].error), failures[_i].worth);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

static Suite *suite(void)
{
    Suite *s = suite_create("identity_prompt");
    TCase *terminal = tcase_create("terminal"), *callback = tcase_create("callback");

    tcase_add_checked_fixture(terminal, setup, NULL);
    tcase_add_test(terminal, asks);
    tcase_add_loop_test(terminal, suggests, 0, 2);
    tcase_add_loop_test(terminal, interrupted, 0, COUNT(keys));
    tcase_add_test(terminal, too_long);
    tcase_add_loop_test(terminal, ended, 0, 3);
    tcase_add_test(terminal, commands);
    tcase_add_test(terminal, no_terminal);
    suite_add_tcase(s, terminal);
    tcase_add_checked_fixture(callback, window_setup, NULL);
    tcase_add_test(callback, window_wide);
    tcase_add_test(callback, window_cancels);
    tcase_add_test(callback, refused);
    tcase_add_loop_test(callback, worth_asking, 0, COUNT(failures));
    suite_add_tcase(s, callback);
    return s;
}

CHECK_MAIN(suite)

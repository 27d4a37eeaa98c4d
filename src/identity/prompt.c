/* SPDX-License-Identifier: MIT */
/*
 * SspiPromptForCredentials: a question in the terminal, or by a function of the program's.
 * SspiIsPromptingNeeded: which failures are worth it.
 */
#include <ntstatus.h>
#include <pthread.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <wincred.h>
#include <winerror.h>

#include "api/api.h"
#include "core/native.h"
#include "core/status.h"
#include "core/text.h"
#include "core/trace.h"
#include "identity/identity.h"
#include "identity/terminal.h"
#include "win/win.h"

/* --- In the terminal ------------------------------------------------------------------------ */

static void lines_say(const struct terminal *terminal, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    terminal_say(terminal, text);
    terminal_say(terminal, "\n");
}

static void introduction(const struct terminal *terminal, const struct sspi_prompt *prompt)
{
    lines_say(terminal, prompt->caption);
    lines_say(terminal, prompt->message);
    lines_say(terminal, prompt->error);
    terminal_say(terminal, "Credentials for ");
    lines_say(terminal, prompt->target);
}

static void question(struct terminal *terminal, bool echo, const char *what, const char *suggested)
{
    terminal_listen(terminal, echo);
    terminal_say(terminal, what);
    if (*suggested != '\0') {
        terminal_say(terminal, " [");
        terminal_say(terminal, suggested);
        terminal_say(terminal, "]");
    }
    terminal_say(terminal, ": ");
}

static ULONG user_ask(struct terminal *terminal, const struct sspi_prompt *prompt,
                      struct sspi_prompt_answer *answer)
{
    ULONG error;

    question(terminal, true, "User name", prompt->user);
    error = terminal_line(terminal, answer->user, sizeof(answer->user));
    if (error == ERROR_SUCCESS && answer->user[0] == '\0')
        stpncpy(answer->user, prompt->user, sizeof(answer->user) - 1);
    return error == ERROR_SUCCESS && answer->user[0] == '\0' ? ERROR_CANCELLED : error;
}

static ULONG save_ask(struct terminal *terminal, const struct sspi_prompt *prompt,
                      struct sspi_prompt_answer *answer)
{
    char line[16] = "";
    ULONG error;

    if (!prompt->may_save)
        return ERROR_SUCCESS;
    question(terminal, true, "Remember them (yes or no)", prompt->save ? "yes" : "no");
    error = terminal_line(terminal, line, sizeof(line));
    if (error == ERROR_SUCCESS && line[0] != '\0')
        answer->save = line[0] == 'y' || line[0] == 'Y';
    return error;
}

/* Two threads do not ask at once. */
static pthread_mutex_t terminal_lock = PTHREAD_MUTEX_INITIALIZER;

static ULONG terminal_ask(const struct sspi_prompt *prompt, struct sspi_prompt_answer *answer,
                          void *argument)
{
    struct terminal terminal;
    ULONG error;

    (void)argument;
    pthread_mutex_lock(&terminal_lock);
    error = terminal_open(&terminal);
    if (error == ERROR_SUCCESS) {
        introduction(&terminal, prompt);
        error = user_ask(&terminal, prompt, answer);
        if (error == ERROR_SUCCESS) {
            question(&terminal, false, "Password", "");
            error = terminal_line(&terminal, answer->password, sizeof(answer->password));
        }
        if (error == ERROR_SUCCESS)
            error = save_ask(&terminal, prompt, answer);
        terminal_close(&terminal);
    }
    pthread_mutex_unlock(&terminal_lock);
    return error;
}

/* --- Who asks ------------------------------------------------------------------------------- */

struct asker {
    sspi_prompt_callback ask;
    void *argument;
};

static struct asker current = {terminal_ask, NULL};
static pthread_mutex_t current_lock = PTHREAD_MUTEX_INITIALIZER;

SSPI_API void sspi_prompt_callback_set(sspi_prompt_callback callback, void *argument)
{
    pthread_mutex_lock(&current_lock);
    current =
        callback == NULL ? (struct asker){terminal_ask, NULL} : (struct asker){callback, argument};
    pthread_mutex_unlock(&current_lock);
}

static struct asker asker_get(void)
{
    struct asker asker;

    pthread_mutex_lock(&current_lock);
    asker = current;
    pthread_mutex_unlock(&current_lock);
    return asker;
}

/* --- The call ------------------------------------------------------------------------------- */

/* The arguments in UTF-8. */
struct texts {
    char *target, *package, *caption, *message, *user;
};

static void texts_free(struct texts *texts)
{
    string_wipe_free(texts->target);
    string_wipe_free(texts->package);
    string_wipe_free(texts->caption);
    string_wipe_free(texts->message);
    string_wipe_free(texts->user);
}

static ULONG error_of(SECURITY_STATUS status)
{
    switch (status) {
    case SEC_E_OK:
        return ERROR_SUCCESS;
    case SEC_E_INSUFFICIENT_MEMORY:
        return ERROR_NOT_ENOUGH_MEMORY;
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

/* CREDUI_INFOA and CREDUI_INFOW have one layout. */
static SECURITY_STATUS ui_read(const void *ui, bool wide, struct texts *texts, void **parent)
{
    const CREDUI_INFOW *info = ui;
    SECURITY_STATUS status;

    if (info == NULL)
        return SEC_E_OK;
    if (info->cbSize != sizeof(*info))
        return SEC_E_INVALID_PARAMETER;
    *parent = info->hwndParent;
    status = text_from_caller(info->pszCaptionText, wide, &texts->caption);
    return status == SEC_E_OK ? text_from_caller(info->pszMessageText, wide, &texts->message)
                              : status;
}

/* The name to begin with. */
static SECURITY_STATUS user_read(const void *identity, char **user)
{
    struct authdata data;
    SECURITY_STATUS status;

    if (identity == NULL)
        return SEC_E_OK;
    status = block_read(identity, &data);
    return status == SEC_E_OK ? block_user_name(&data, user) : status;
}

/* Windows asks for HTTP's own schemes as well, which need no package. */
static bool package_is_known(const char *name)
{
    return name != NULL && (package_find(name) != NULL || text_equal_nocase(name, "Basic") ||
                            text_equal_nocase(name, "Digest"));
}

static const char *error_text(ULONG error)
{
    const char *text = error == 0 ? NULL : status_text((SECURITY_STATUS)error);

    if (error == 0 || text != NULL)
        return text;
    text = win_error_text(error);
    return text == NULL ? "The credentials were not accepted." : text;
}

/* What was answered as an identity. The name stays as it was written: a logon takes it apart. */
static ULONG identity_make(const struct sspi_prompt_answer *answer, void **identity)
{
    PWSTR user = NULL, password = NULL;
    SECURITY_STATUS status = given_wide(answer->user, &user);

    if (status == SEC_E_OK)
        status = given_wide(answer->password, &password);
    if (status == SEC_E_OK) {
        struct authdata data = {
            .form = AUTHDATA_EX,
            .wide = true,
            .flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
            .user = {user, given_size(user) - sizeof(*user)},
            .secret = {password, given_size(password) - sizeof(*password)},
        };

        status = block_make(&data, identity);
    }
    given_free(user);
    given_free(password);
    return status == SEC_E_INVALID_PARAMETER ? ERROR_NO_UNICODE_TRANSLATION : error_of(status);
}

static ULONG ask(const struct sspi_prompt *prompt, void **identity, int *save)
{
    struct asker asker = asker_get();
    struct sspi_prompt_answer *answer = calloc(1, sizeof(*answer));
    ULONG error;

    if (answer == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    answer->save = prompt->save;
    error = asker.ask(prompt, answer, asker.argument);
    answer->user[sizeof(answer->user) - 1] = '\0';
    answer->password[sizeof(answer->password) - 1] = '\0';
    if (error == ERROR_SUCCESS && answer->user[0] == '\0')
        error = ERROR_CANCELLED;
    if (error == ERROR_SUCCESS)
        error = identity_make(answer, identity);
    if (error == ERROR_SUCCESS && save != NULL)
        *save = prompt->may_save && answer->save != 0;
    memory_wipe_free(answer);
    return error;
}

struct arguments {
    const void *target, *ui, *package, *input;
    ULONG auth_error, flags;
    bool wide;
};

static SECURITY_STATUS arguments_read(const struct arguments *from, struct texts *texts,
                                      void **parent)
{
    SECURITY_STATUS status = text_from_caller(from->target, from->wide, &texts->target);

    if (status == SEC_E_OK)
        status = text_from_caller(from->package, from->wide, &texts->package);
    if (status == SEC_E_OK)
        status = ui_read(from->ui, from->wide, texts, parent);
    if (status == SEC_E_OK)
        status = user_read(from->input, &texts->user);
    return status;
}

/* There is no store: who is to remember them is the program, where it has said that it will. */
static ULONG prompt_run(const struct arguments *from, void **identity, int *save)
{
    struct texts texts = {.target = NULL};
    void *parent = NULL;
    ULONG error = error_of(arguments_read(from, &texts, &parent));
    struct sspi_prompt prompt = {
        .target = texts.target,
        .package = texts.package,
        .caption = texts.caption,
        .message = texts.message,
        .error = error_text(from->auth_error),
        .user = texts.user == NULL ? "" : texts.user,
        .parent = parent,
        .may_save = save != NULL && (from->flags & SSPIPFC_SAVE_CRED_BY_CALLER) != 0 &&
                    (from->flags & SSPIPFC_NO_CHECKBOX) == 0,
        .save = save != NULL && *save != 0,
    };

    if (error == ERROR_SUCCESS && (texts.target == NULL || identity == NULL))
        error = ERROR_INVALID_PARAMETER;
    if (error == ERROR_SUCCESS && (from->flags & ~(ULONG)SSPIPFC_VALID_FLAGS) != 0)
        error = ERROR_INVALID_FLAGS;
    if (error == ERROR_SUCCESS && !package_is_known(texts.package))
        error = ERROR_NO_SUCH_PACKAGE;
    if (error == ERROR_SUCCESS) {
        if (save != NULL)
            *save = FALSE;
        error = ask(&prompt, identity, save);
    }
    texts_free(&texts);
    trace("SspiPromptForCredentials -> %u", error);
    return error;
}

SSPI_API ULONG SEC_ENTRY SspiPromptForCredentialsA(
    PCSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError, PCSTR pszPackage,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity, int *pfSave, ULONG dwFlags)
{
    const struct arguments from = {pszTargetName, pUiInfo, pszPackage, pInputAuthIdentity,
                                   dwAuthError,   dwFlags, false};

    native_error_clear();
    return prompt_run(&from, ppAuthIdentity, pfSave);
}

SSPI_API ULONG SEC_ENTRY SspiPromptForCredentialsW(
    PCWSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError, PCWSTR pszPackage,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity, int *pfSave, ULONG dwFlags)
{
    const struct arguments from = {pszTargetName, pUiInfo, pszPackage, pInputAuthIdentity,
                                   dwAuthError,   dwFlags, true};

    native_error_clear();
    return prompt_run(&from, ppAuthIdentity, pfSave);
}

/* --- SspiIsPromptingNeeded ------------------------------------------------------------------ */

/* Failures that other credentials, or none but a new password, would mend. */
static const SECURITY_STATUS statuses[] = {
    SEC_E_LOGON_DENIED, SEC_E_NO_CREDENTIALS,     SEC_E_UNKNOWN_CREDENTIALS,
    SEC_E_NO_CONTEXT,   SEC_E_DOWNGRADE_DETECTED,
};

/* Each as itself and as an HRESULT. */
static const ULONG win32_errors[] = {
    ERROR_ACCESS_DENIED,    ERROR_INVALID_PASSWORD,     ERROR_NO_SUCH_LOGON_SESSION,
    ERROR_NO_SUCH_USER,     ERROR_WRONG_PASSWORD,       ERROR_LOGON_FAILURE,
    ERROR_PASSWORD_EXPIRED, ERROR_PASSWORD_MUST_CHANGE, ERROR_DOWNGRADE_DETECTED,
};

static const NTSTATUS nt_statuses[] = {
    STATUS_ACCESS_DENIED,        STATUS_NO_SUCH_LOGON_SESSION, STATUS_NO_SUCH_USER,
    STATUS_WRONG_PASSWORD,       STATUS_LOGON_FAILURE,         STATUS_PASSWORD_EXPIRED,
    STATUS_PASSWORD_MUST_CHANGE, STATUS_DOWNGRADE_DETECTED,
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

SSPI_API BOOLEAN SEC_ENTRY SspiIsPromptingNeeded(ULONG ErrorOrNtStatus)
{
    ULONG error = ErrorOrNtStatus;

    for (size_t i = 0; i < COUNT(statuses); i++)
        if (error == (ULONG)statuses[i])
            return TRUE;
    for (size_t i = 0; i < COUNT(win32_errors); i++)
        if (error == win32_errors[i] || error == (ULONG)HRESULT_FROM_WIN32(win32_errors[i]))
            return TRUE;
    for (size_t i = 0; i < COUNT(nt_statuses); i++)
        if (error == (ULONG)nt_statuses[i] || error == (ULONG)HRESULT_FROM_NT(nt_statuses[i]))
            return TRUE;
    return FALSE;
}

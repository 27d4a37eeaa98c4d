/* SPDX-License-Identifier: MIT */
/*
 * gss-sspi's own additions to SSPI, for programs that tell a person what happened. Not on Windows.
 */
#ifndef SSPI_SSPI_LINUX_H
#define SSPI_SSPI_LINUX_H

#include <sspi.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The native error behind the last failed SSPI call of this thread: what Kerberos, GSS-API or
 * another library below said, with its codes, or which argument of the call was wrong; "" when
 * there is none. The string belongs to the library and stands until this thread's next SSPI call.
 */
const char *sspi_native_error(void);

/* "SEC_E_LOGON_DENIED" for a status; "unknown status" for one that has no name. A static string. */
const char *sspi_status_name(SECURITY_STATUS status);

/* One sentence on a status, for a person; "" for one that has none. A static string. */
const char *sspi_status_text(SECURITY_STATUS status);

/*
 * Context flags by name: "MUTUAL_AUTH|INTEGRITY" for ISC_RET_* (or, inbound not 0, ASC_RET_*) bits.
 * Writes at most size octets with the terminator and returns text, or a static "0" for no flags.
 */
const char *sspi_flag_names(ULONG64 flags, int inbound, char *text, size_t size);

/* The ISC_REQ_* (inbound not 0: ASC_REQ_*) bit of a name such as "mutual_auth"; 0 for no such name.
 */
ULONG64 sspi_flag_value(const char *name, int inbound);

/*
 * Attribute of a CredSSP context: the version of [MS-CSSP] that the peer has said it speaks, and
 * the lower of that and ours, by which both go on. Told as soon as it is known, after a failure
 * too.
 */
#define SSPI_ATTR_CREDSSP_VERSION 0x4c580001

typedef struct _SspiContext_CredsspVersion {
    ULONG ulPeer;
    ULONG ulAgreed;
} SspiContext_CredsspVersion;

/*
 * For SetCredentialsAttributes() of Kerberos and Negotiate: copies the tickets that a credential
 * holds, such as a client's delegated one, into a credential cache.
 *
 * pszCache    UTF-8, as KRB5CCNAME has it; NULL is the default cache
 * fOverwrite  whether a cache that has an owner may be written over
 *
 * SEC_E_NO_CREDENTIALS: it holds none, since they are in the user's cache, or not there yet.
 * SEC_E_NOT_OWNER: the cache has an owner.
 */
#define SSPI_CRED_ATTR_KEEP_TICKETS 0x4c580003

typedef struct _SspiCredentials_KeepTickets {
    const char *pszCache;
    BOOL fOverwrite;
} SspiCredentials_KeepTickets;

/* --- Remote Credential Guard over CredSSP --------------------------------------------------- */

/* What a security package makes of a user's logon for another machine; Windows has no call for it,
 * there the packages make it themselves. */
struct sspi_guard_credential {
    const char *package; /* "Kerberos": UTF-8 */
    const void *data;    /* the package's own octets, such as a KERB_TICKET_LOGON */
    size_t size;
};

/* The logon's own is the first, the supplemental ones follow it. */
struct sspi_guard_credentials {
    size_t count;
    const struct sspi_guard_credential *list;
};

/*
 * Type of the CREDSSP_CRED in a CREDSSP_CRED_EX with CREDSSP_FLAG_REDIRECT: pSpnegoCred is a struct
 * sspi_guard_credentials, which is copied.
 */
#define SSPI_CREDSSP_REMOTE_GUARD ((CREDSPP_SUBMIT_TYPE)0x4c580001)

/*
 * A server's attribute: fills a struct sspi_guard_credentials with what the client handed over;
 * list is freed with FreeContextBuffer(), which wipes all of it. SEC_E_NO_CREDENTIALS: nothing was.
 */
#define SSPI_ATTR_GUARD_CREDENTIALS 0x4c580002

/* --- Accounts of a WDigest server ------------------------------------------------------------ */

/*
 * Finds H(user:realm:password) of an account by the algorithm, "MD5" or "SHA-256", and writes its
 * 16 or 32 octets. Called in AcceptSecurityContext(), VerifySignature() and CompleteAuthToken(), by
 * any thread; names are UTF-8. Returns SEC_E_OK, SEC_E_LOGON_DENIED where there is no such account,
 * or another error, which the caller of these gets.
 */
typedef SECURITY_STATUS (*sspi_digest_find_fn)(void *argument, const char *user, const char *realm,
                                               const char *algorithm, unsigned char *hash,
                                               size_t size);

/*
 * A credential's attribute, for SetCredentialsAttributes() on an inbound one of WDigest, once and
 * before its first context. Strings are UTF-8 and are copied; any of them may be NULL.
 */
#define SSPI_CRED_ATTR_DIGEST_SERVER 0x4c580004

struct sspi_digest_server {
    const char *algorithm;    /* of HTTP: MD5, MD5-sess, SHA-256 or SHA-256-sess; NULL: MD5 */
    const char *realm;        /* NULL: the name of this machine */
    const char *file;         /* of lines user:realm:H(A1); NULL: the one of SSPI_DIGEST_FILE */
    sspi_digest_find_fn find; /* asked in place of a file; or NULL */
    void *argument;           /* of find */
};

/* --- Asking a person for credentials --------------------------------------------------------- */

/*
 * What SspiPromptForCredentials() wants to be asked. Text is UTF-8; it lasts as long as the
 * callback runs, and may hold anything: show it as text.
 */
struct sspi_prompt {
    const char *target;  /* whom the credentials are for, such as "HTTP/www.example.com" */
    const char *package; /* "Negotiate", "Basic" ... */
    const char *caption; /* of the program's CREDUI_INFO; NULL when it has none */
    const char *message; /* the same */
    const char *error;   /* a sentence on what happened to the last ones; NULL for nothing */
    const char *user;    /* a name to begin with; "" for none */
    void *parent;        /* hwndParent of the CREDUI_INFO */
    int may_save;        /* whether to offer that they are remembered */
    int save;            /* what the answer to that is at first */
};

#define SSPI_PROMPT_USER_SIZE     2048
#define SSPI_PROMPT_PASSWORD_SIZE 1024

/* The answer: UTF-8 with terminator; wiped by the library. */
struct sspi_prompt_answer {
    char user[SSPI_PROMPT_USER_SIZE]; /* user, DOMAIN\user or user@domain; "" cancels */
    char password[SSPI_PROMPT_PASSWORD_SIZE];
    int save;
};

/* Returns ERROR_SUCCESS with an answer, ERROR_CANCELLED, or another Win32 error; that becomes the
 * value of SspiPromptForCredentials(). */
typedef ULONG (*sspi_prompt_callback)(const struct sspi_prompt *prompt,
                                      struct sspi_prompt_answer *answer, void *argument);

/*
 * Names the function that asks for this process from now on, on the thread that calls
 * SspiPromptForCredentials(), in place of the terminal; NULL gives the question back to that.
 */
void sspi_prompt_callback_set(sspi_prompt_callback callback, void *argument);

#ifdef __cplusplus
}
#endif

#endif

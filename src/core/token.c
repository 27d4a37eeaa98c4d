/* SPDX-License-Identifier: MIT */
/* Access tokens and the identity of a thread. */
#include "core/token.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

struct token {
    struct object object;
    char *user_name;
    struct token_sid sid;
    bool identify_only;
    struct object *delegated;
};

static void token_destroy(struct object *object)
{
    struct token *token = (struct token *)object;

    string_wipe_free(token->user_name);
    object_unref(token->delegated);
    memory_wipe_free(token);
}

static const struct object_class token_class = {"access token", token_destroy};

struct token *token_new(const struct token_init *init)
{
    struct token *token = calloc(1, sizeof(*token));

    if (token == NULL)
        return NULL;
    token->user_name = strdup(init->user_name);
    if (token->user_name == NULL) {
        free(token);
        return NULL;
    }
    object_init(&token->object, &token_class);
    if (init->sid != NULL)
        token->sid = *init->sid;
    token->identify_only = init->identify_only;
    token->delegated = init->delegated;
    if (token->delegated != NULL)
        object_ref(token->delegated);
    return token;
}

struct token *token_ref(struct token *token)
{
    object_ref(&token->object);
    return token;
}

void token_unref(struct token *token)
{
    if (token != NULL)
        object_unref(&token->object);
}

struct token *token_from_object(struct object *object)
{
    return object_is(object, &token_class) ? (struct token *)object : NULL;
}

struct object *token_object(struct token *token)
{
    return &token->object;
}

/* A thread that ends while it impersonates drops its token. */
static pthread_key_t thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static int thread_key_failed;

static void thread_end(void *token)
{
    token_unref(token);
}

static void thread_key_make(void)
{
    thread_key_failed = pthread_key_create(&thread_key, thread_end);
}

SECURITY_STATUS token_impersonate(struct token *token)
{
    struct token *before;

    pthread_once(&thread_once, thread_key_make);
    if (thread_key_failed)
        return SEC_E_NO_IMPERSONATION;
    before = pthread_getspecific(thread_key);
    if (pthread_setspecific(thread_key, token) != 0)
        return SEC_E_NO_IMPERSONATION;
    if (token != NULL)
        token_ref(token);
    token_unref(before);
    return SEC_E_OK;
}

struct token *token_current(void)
{
    struct token *token;

    pthread_once(&thread_once, thread_key_make);
    if (thread_key_failed)
        return NULL;
    token = pthread_getspecific(thread_key);
    return token == NULL ? NULL : token_ref(token);
}

const char *token_user_name(const struct token *token)
{
    return token->user_name;
}

const struct token_sid *token_user_sid(const struct token *token)
{
    return token->sid.size == 0 ? NULL : &token->sid;
}

bool token_identify_only(const struct token *token)
{
    return token->identify_only;
}

struct object *token_delegated(const struct token *token)
{
    return token->delegated;
}

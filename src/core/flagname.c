/* SPDX-License-Identifier: MIT */
/* Context flags by name. */
#include "core/flagname.h"

#include <stdio.h>

#include "core/text.h"

struct flag_name {
    ULONG64 bit;
    const char *name;
};

/* One name serves ISC_REQ_ and ISC_RET_: where both exist they have one meaning. */
static const struct flag_name outbound_names[] = {
    {ISC_REQ_DELEGATE, "DELEGATE"},
    {ISC_REQ_MUTUAL_AUTH, "MUTUAL_AUTH"},
    {ISC_REQ_REPLAY_DETECT, "REPLAY_DETECT"},
    {ISC_REQ_SEQUENCE_DETECT, "SEQUENCE_DETECT"},
    {ISC_REQ_CONFIDENTIALITY, "CONFIDENTIALITY"},
    {ISC_REQ_USE_SESSION_KEY, "USE_SESSION_KEY"},
    {ISC_REQ_PROMPT_FOR_CREDS, "PROMPT_FOR_CREDS"},
    {ISC_REQ_USE_SUPPLIED_CREDS, "USE_SUPPLIED_CREDS"},
    {ISC_REQ_ALLOCATE_MEMORY, "ALLOCATE_MEMORY"},
    {ISC_REQ_USE_DCE_STYLE, "USE_DCE_STYLE"},
    {ISC_REQ_DATAGRAM, "DATAGRAM"},
    {ISC_REQ_CONNECTION, "CONNECTION"},
    {ISC_REQ_CALL_LEVEL, "CALL_LEVEL"},
    {ISC_REQ_FRAGMENT_SUPPLIED, "FRAGMENT_SUPPLIED"},
    {ISC_REQ_EXTENDED_ERROR, "EXTENDED_ERROR"},
    {ISC_REQ_STREAM, "STREAM"},
    {ISC_REQ_INTEGRITY, "INTEGRITY"},
    {ISC_REQ_IDENTIFY, "IDENTIFY"},
    {ISC_REQ_NULL_SESSION, "NULL_SESSION"},
    {ISC_REQ_MANUAL_CRED_VALIDATION, "MANUAL_CRED_VALIDATION"},
    {ISC_REQ_FRAGMENT_TO_FIT, "FRAGMENT_TO_FIT"},
    {ISC_REQ_FORWARD_CREDENTIALS, "FORWARD_CREDENTIALS"},
    {ISC_REQ_NO_INTEGRITY, "NO_INTEGRITY"},
    {ISC_REQ_USE_HTTP_STYLE, "USE_HTTP_STYLE"},
    {ISC_REQ_UNVERIFIED_TARGET_NAME, "UNVERIFIED_TARGET_NAME"},
    {ISC_REQ_CONFIDENTIALITY_ONLY, "CONFIDENTIALITY_ONLY"},
};

static const struct flag_name inbound_names[] = {
    {ASC_REQ_DELEGATE, "DELEGATE"},
    {ASC_REQ_MUTUAL_AUTH, "MUTUAL_AUTH"},
    {ASC_REQ_REPLAY_DETECT, "REPLAY_DETECT"},
    {ASC_REQ_SEQUENCE_DETECT, "SEQUENCE_DETECT"},
    {ASC_REQ_CONFIDENTIALITY, "CONFIDENTIALITY"},
    {ASC_REQ_USE_SESSION_KEY, "USE_SESSION_KEY"},
    {ASC_REQ_SESSION_TICKET, "SESSION_TICKET"},
    {ASC_REQ_ALLOCATE_MEMORY, "ALLOCATE_MEMORY"},
    {ASC_REQ_USE_DCE_STYLE, "USE_DCE_STYLE"},
    {ASC_REQ_DATAGRAM, "DATAGRAM"},
    {ASC_REQ_CONNECTION, "CONNECTION"},
    {ASC_REQ_CALL_LEVEL, "CALL_LEVEL"},
    {ASC_REQ_FRAGMENT_SUPPLIED, "FRAGMENT_SUPPLIED"},
    {ASC_REQ_EXTENDED_ERROR, "EXTENDED_ERROR"},
    {ASC_REQ_STREAM, "STREAM"},
    {ASC_REQ_INTEGRITY, "INTEGRITY"},
    {ASC_REQ_LICENSING, "LICENSING"},
    {ASC_REQ_IDENTIFY, "IDENTIFY"},
    {ASC_REQ_ALLOW_NULL_SESSION, "ALLOW_NULL_SESSION"},
    {ASC_REQ_ALLOW_NON_USER_LOGONS, "ALLOW_NON_USER_LOGONS"},
    {ASC_REQ_ALLOW_CONTEXT_REPLAY, "ALLOW_CONTEXT_REPLAY"},
    {ASC_REQ_FRAGMENT_TO_FIT, "FRAGMENT_TO_FIT"},
    {ASC_REQ_NO_TOKEN, "NO_TOKEN"},
    {ASC_REQ_PROXY_BINDINGS, "PROXY_BINDINGS"},
    {ASC_REQ_ALLOW_MISSING_BINDINGS, "ALLOW_MISSING_BINDINGS"},
};

static const struct flag_name *names_for(bool inbound, size_t *count)
{
    *count = inbound ? sizeof(inbound_names) / sizeof(*inbound_names)
                     : sizeof(outbound_names) / sizeof(*outbound_names);
    return inbound ? inbound_names : outbound_names;
}

const char *flag_names(ULONG64 flags, bool inbound, char *text, size_t size)
{
    size_t count, used = 0;
    const struct flag_name *names = names_for(inbound, &count);

    if (flags == 0)
        return "0";
    *text = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        if (!(flags & names[i].bit))
            continue;
        flags &= ~names[i].bit;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "|" : "", names[i].name);
    }
    if (flags != 0 && used < size)
        snprintf(text + used, size - used, "%s0x%llx", used ? "|" : "", (unsigned long long)flags);
    return text;
}

ULONG64 flag_from_name(const char *name, bool inbound)
{
    size_t count;
    const struct flag_name *names = names_for(inbound, &count);

    for (size_t i = 0; i < count; i++)
        if (text_equal_nocase(names[i].name, name))
            return names[i].bit;
    return 0;
}

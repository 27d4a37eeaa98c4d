/* SPDX-License-Identifier: MIT */
/* The host that a target's name has in it: a service's principal name, a URL's authority, UNC. */
#include "core/targethost.h"

#include <stdbool.h>
#include <string.h>

size_t target_host(const char **target)
{
    const char *slash = strchr(*target, '/');
    bool colons;

    if (slash == NULL && strchr(*target, '@') != NULL)
        return 0; /* a principal that is no service of a host */
    *target = slash == NULL ? *target + strspn(*target, "\\") : slash + 1;
    if (**target == '[') {
        (*target)++;
        return strcspn(*target, "]");
    }
    colons = strchr(*target, ':') != strrchr(*target, ':');
    return strcspn(*target, colons ? "/@" : "/@:");
}

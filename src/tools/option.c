/* SPDX-License-Identifier: MIT */
/* Options: what all commands do with theirs, and those that every command has. */
#include "tools/report.h"
#include "tools/tools.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool option_keep(const struct option_slot *slots, int option, void *options)
{
    for (; slots->option != 0; slots++) {
        void *at = (char *)options + slots->offset;

        if (slots->option != option)
            continue;
        if (slots->kind == OPTION_FLAG)
            *(bool *)at = true;
        else
            *(const char **)at = optarg;
        return true;
    }
    return false;
}

static uint32_t name_find(const struct option_name *names, const char *name)
{
    while (names->name != NULL && strcasecmp(names->name, name) != 0)
        names++;
    return names->bits;
}

/* The last two serve as the example. */
static int names_wanted(const struct option_name *names, const char *what)
{
    while (names[2].name != NULL)
        names++;
    return complain_usage("--%s wants a list such as %s,%s", what, names[0].name, names[1].name);
}

int option_bits(char *list, const struct option_name *names, const char *what, uint32_t *bits)
{
    *bits = 0;
    for (char *name = strtok(list, ", "); name != NULL; name = strtok(NULL, ", ")) {
        uint32_t found = name_find(names, name);

        if (found == 0)
            return complain_usage("there is no %s %s", what, name);
        *bits |= found;
    }
    return *bits != 0 ? -1 : names_wanted(names, what);
}

/* getopt_long() tells a long option that there is not from one that was given a value by optopt. */
static int option_complain(const char *word)
{
    if (optopt == 0)
        return complain_usage("there is no option %s", word);
    if (strncmp(word, "--", 2) == 0 && strchr(word, '=') != NULL)
        return complain_usage("%.*s takes no value", (int)strcspn(word, "="), word);
    return complain_usage("there is no option -%c", optopt);
}

int option_common(int option, char **argv, const char *help, int *password_fd, bool *once)
{
    switch (option) {
    case OPTION_PASSWORD_FD:
        return password_fd_read(optarg, password_fd)
                   ? -1
                   : complain_usage("--password-fd wants the number of a descriptor");
    case OPTION_ONCE:
        *once = true;
        return -1;
    case OPTION_TRACE:
        return setenv("SSPI_TRACE", "stderr", 1) == 0 ? -1 : complain_usage("there is no memory");
    case 'h':
        fputs(help, stdout);
        return EXIT_OK;
    case ':':
        return complain_usage("%s wants a value", argv[optind - 1]);
    default:
        return option_complain(argv[optind - 1]);
    }
}

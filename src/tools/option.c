/* SPDX-License-Identifier: MIT */
/* The options that every command has. */
#include "tools/report.h"
#include "tools/tools.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

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
        return complain_usage("there is no option %s", argv[optind - 1]);
    }
}

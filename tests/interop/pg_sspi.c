/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL's login by SSPI as a module, for a server that was built without it: the server's own
 * auth.c, as Windows' build compiles it, and the hook by which it is called. Who comes over TCP and
 * is trusted by pg_hba.conf has to log in by it; options that such a line cannot have are settings.
 */
#include "auth.c"

#include "fmgr.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

static bool include_realm;
static bool compat_realm;
static char *realm;

/* Room for what the server has behind port->gss, which is longer: it finds zeros there. */
#define GSS_ROOM 512

static void login(Port *port, int status)
{
    HbaLine *line = port->hba;

    if (status != STATUS_OK || line->auth_method != uaTrust || line->conntype == ctLocal)
        return;
    line->auth_method = uaSSPI;
    line->include_realm = include_realm;
    line->compat_realm = compat_realm;
    line->krb_realm = realm;
    port->gss = MemoryContextAllocZero(TopMemoryContext, GSS_ROOM);
    sendAuthRequest(port, AUTH_REQ_SSPI, NULL, 0);
    status = pg_SSPI_recvauth(port);
    if (status != STATUS_OK)
        auth_failed(port, status, NULL);
}

void _PG_init(void)
{
    DefineCustomBoolVariable("sspi.include_realm", "As in pg_hba.conf.", NULL, &include_realm,
                             false, PGC_SIGHUP, 0, NULL, NULL, NULL);
    DefineCustomBoolVariable("sspi.compat_realm", "As in pg_hba.conf.", NULL, &compat_realm, true,
                             PGC_SIGHUP, 0, NULL, NULL, NULL);
    DefineCustomStringVariable("sspi.krb_realm", "As in pg_hba.conf.", NULL, &realm, "", PGC_SIGHUP,
                               0, NULL, NULL, NULL);
    ClientAuthentication_hook = login;
}

/* SPDX-License-Identifier: MIT */
/* The host that a target's name has in it. */
#ifndef SSPI_CORE_TARGETHOST_H
#define SSPI_CORE_TARGETHOST_H

#include <stddef.h>

/*
 * How long the host's name is; *target is moved to where it begins. 0: there is none. The forms are
 * svc/host, svc/host:port, svc/host/domain, svc/host@REALM, host, host:port and \\host. An address
 * of IPv6 has colons of its own, and brackets where a port follows, which are no part of it.
 */
size_t target_host(const char **target);

#endif

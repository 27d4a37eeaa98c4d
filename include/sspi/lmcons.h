/* SPDX-License-Identifier: MIT */
/* How long names may be on Windows' networks, in characters without the terminator. */
#ifndef GSS_SSPI_LMCONS_H
#define GSS_SSPI_LMCONS_H

#define CNLEN      15 /* a computer, by its NetBIOS name */
#define DNLEN      CNLEN
#define UNLEN      256 /* a user */
#define GNLEN      UNLEN
#define PWLEN      256
#define LM20_UNLEN 20
#define LM20_PWLEN 14

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Flags of trust checks that programs use beside chains. WinVerifyTrust() is not
 * part of this library.
 */
#ifndef GSS_SSPI_WINTRUST_H
#define GSS_SSPI_WINTRUST_H

#include "wincrypt.h"

#define WTD_UI_ALL             1
#define WTD_UI_NONE            2
#define WTD_UI_NOBAD           3
#define WTD_UI_NOGOOD          4
#define WTD_REVOKE_NONE        0x00000000
#define WTD_REVOKE_WHOLECHAIN  0x00000001
#define WTD_CHOICE_FILE        1
#define WTD_CHOICE_CATALOG     2
#define WTD_CHOICE_BLOB        3
#define WTD_CHOICE_SIGNER      4
#define WTD_CHOICE_CERT        5
#define WTD_STATEACTION_IGNORE 0x00000000
#define WTD_STATEACTION_VERIFY 0x00000001
#define WTD_STATEACTION_CLOSE  0x00000002

#endif

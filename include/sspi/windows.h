/* SPDX-License-Identifier: MIT */
/*
 * The part of Windows that SSPI programs use besides SSPI: types, constants and a few dozen
 * functions. It is small on purpose: a program that needs more of Windows needs more than this
 * library.
 *
 * With WIN32_LEAN_AND_MEAN it leaves wincrypt.h out, as on Windows.
 */
#ifndef GSS_SSPI_WINDOWS_H
#define GSS_SSPI_WINDOWS_H

#include "windef.h"
#include "winerror.h"
#include "winnt.h"
#include "winnls.h"
#include "winbase.h"
#include "sspi_string.h"
#ifndef WIN32_LEAN_AND_MEAN
#include "wincrypt.h"
#endif

#endif

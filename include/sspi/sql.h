/* SPDX-License-Identifier: MIT */
/*
 * unixODBC's. When Windows' types are there before it, it leaves out with them some of its own that
 * Windows does not have; those are here.
 */
#pragma GCC system_header /* #include_next is the compiler's own */
#if defined(GSS_SSPI_NEIGHBOURS_H) && !defined(ALREADY_HAVE_WINDOWS_TYPE)
#define ALREADY_HAVE_WINDOWS_TYPE
#define SQL_API
typedef signed char SCHAR, SQLSCHAR;
typedef int SDWORD, SLONG;
typedef unsigned int UDWORD;
typedef short SWORD, SSHORT, RETCODE;
typedef unsigned short UWORD;
typedef double SDOUBLE, LDOUBLE;
typedef float SFLOAT;
typedef void *PTR, *SQLHWND;
#endif
#include_next <sql.h>

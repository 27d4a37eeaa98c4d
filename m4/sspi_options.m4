dnl SPDX-License-Identifier: MIT
dnl What the --with-sanitizer, --enable-coverage, --enable-fuzzing and --disable-lto options mean.

dnl SSPI_SANITIZER: checks the list in $with_sanitizer, sets SAN_CFLAGS and SAN_LDFLAGS.
AC_DEFUN([SSPI_SANITIZER], [
  SAN_CFLAGS= SAN_LDFLAGS=
  AS_CASE([$with_sanitizer], [yes], [with_sanitizer=address,undefined])
  AS_VAR_IF([with_sanitizer], [no], [], [
    for san in $(echo "$with_sanitizer" | tr ',' ' '); do
      AS_CASE([$san],
        [address|undefined|thread], [],
        [AC_MSG_ERROR([--with-sanitizer: '$san' is not one of address, undefined, thread])])
    done
    SAN_CFLAGS="-fsanitize=$with_sanitizer -fno-omit-frame-pointer -fno-sanitize-recover=all"
    SAN_LDFLAGS="-fsanitize=$with_sanitizer"
  ])
  AM_CONDITIONAL([SANITIZING], [test "$with_sanitizer" != no])
  AM_CONDITIONAL([SANITIZING_THREAD],
    [AS_CASE([$with_sanitizer], [*thread*], [true], [false])])
  AC_SUBST([SAN_CFLAGS]) AC_SUBST([SAN_LDFLAGS])
])

dnl SSPI_COVERAGE: --coverage for every object; the report needs lcov.
AC_DEFUN([SSPI_COVERAGE], [
  COV_CFLAGS= COV_LDFLAGS=
  AS_VAR_IF([enable_coverage], [yes], [
    AC_PATH_PROG([LCOV], [lcov]) AC_PATH_PROG([GENHTML], [genhtml])
    AS_IF([test -z "$LCOV"], [AC_MSG_ERROR([--enable-coverage needs lcov])])
    COV_CFLAGS="--coverage -O0" COV_LDFLAGS="--coverage"
  ])
  AM_CONDITIONAL([COVERAGE], [test "$enable_coverage" = yes])
  AC_SUBST([COV_CFLAGS]) AC_SUBST([COV_LDFLAGS])
])

dnl SSPI_FUZZING: libFuzzer steers by instrumentation in every object, not only in the target.
AC_DEFUN([SSPI_FUZZING], [
  FUZZ_CFLAGS= FUZZ_LDFLAGS=
  AS_VAR_IF([enable_fuzzing], [yes], [
    AS_CASE([$CC], [*clang*], [],
      [AC_MSG_ERROR([--enable-fuzzing needs clang: ./configure CC=clang-14 --enable-fuzzing])])
    FUZZ_CFLAGS="-fsanitize=fuzzer-no-link" FUZZ_LDFLAGS="-fsanitize=fuzzer"
  ])
  AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
  AC_SUBST([FUZZ_CFLAGS]) AC_SUBST([FUZZ_LDFLAGS])
])

dnl SSPI_LTO: the library is optimised as a whole when it is linked. Its objects have ordinary code as well, for the
dnl tests, which link the archive as it is. What instruments code, and flags of the user's about it, have precedence.
AC_DEFUN([SSPI_LTO], [
  LTO_CFLAGS= LTO_LDFLAGS= NO_LTO_LDFLAGS=
  AS_IF([test "$with_sanitizer$enable_coverage$enable_fuzzing" != nonono], [enable_lto=no])
  AS_CASE([" $CFLAGS $LDFLAGS "], [*-flto* | *-fno-lto* | *" -O0 "*], [enable_lto=no])
  AS_VAR_IF([enable_lto], [no], [], [
    AX_CHECK_LINK_FLAG([-flto=auto -ffat-lto-objects], [
      LTO_CFLAGS="-flto=auto -ffat-lto-objects" LTO_LDFLAGS="-flto=auto" NO_LTO_LDFLAGS="-fno-lto"
      enable_lto=yes
    ], [
      AS_VAR_IF([enable_lto], [yes],
        [AC_MSG_ERROR([--enable-lto: $CC does not know -flto=auto with -ffat-lto-objects])])
      enable_lto=no
    ], [-Werror])
  ])
  AC_SUBST([LTO_CFLAGS]) AC_SUBST([LTO_LDFLAGS]) AC_SUBST([NO_LTO_LDFLAGS])
])

dnl SPDX-License-Identifier: GPL-3.0-or-later

dnl FW_TRY_FLAG(FLAG): adds FLAG to FW_CFLAGS where the compiler takes it.
AC_DEFUN([FW_TRY_FLAG], [
    AC_MSG_CHECKING([whether $CC takes $1])
    fw_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS -Werror $1"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()],
        [AC_MSG_RESULT([yes]); FW_CFLAGS="$FW_CFLAGS $1"],
        [AC_MSG_RESULT([no])])
    CFLAGS=$fw_saved_cflags
])

dnl Language, warnings, and floating point that gives the same bits everywhere: no
dnl contraction to fused multiply-add. errno and trap handling of square roots and
dnl comparisons are switched off; they change no value.
AC_DEFUN([FW_COMPILER_FLAGS], [
    FW_CFLAGS="-std=gnu17"
    m4_foreach_w([flag], [-ffp-contract=off -fno-math-errno -fno-trapping-math
        -fvisibility=hidden -Wall -Wextra -Wshadow -Wstrict-prototypes
        -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2],
        [FW_TRY_FLAG(flag)])
    AC_SUBST([FW_CFLAGS])
])

dnl Whether src/simd is compiled for x86-64-v3 and -v4 too, and the best of them taken at
dnl run time.
AC_DEFUN([FW_SIMD], [
    AC_MSG_CHECKING([whether $CC compiles for x86-64-v3 and x86-64-v4])
    fw_saved_cflags=$CFLAGS
    CFLAGS="$CFLAGS -Werror -march=x86-64-v4"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
@%:@if !defined __x86_64__ || !defined __AVX512F__
@%:@error
@%:@endif
        ]], [[return !__builtin_cpu_supports("avx512vl");]])],
        [fw_simd="x86-64-v4, x86-64-v3, baseline"], [fw_simd=baseline])
    CFLAGS=$fw_saved_cflags
    AC_MSG_RESULT([$fw_simd])
    AM_CONDITIONAL([SIMD_X86_64], [test "$fw_simd" != baseline])
    AS_IF([test "$fw_simd" != baseline],
        [AC_DEFINE([SIMD_X86_64], [1], [src/simd is compiled for x86-64-v3 and -v4])],
        [AC_DEFINE([SIMD_X86_64], [0])])
])

AC_DEFUN([FW_ENABLE_WERROR], [
    AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors])])
    AS_IF([test "$enable_werror" = yes], [FW_CFLAGS="$FW_CFLAGS -Werror"])
])

dnl --enable-sanitizer=address,undefined or =thread
AC_DEFUN([FW_ENABLE_SANITIZER], [
    AC_ARG_ENABLE([sanitizer], [AS_HELP_STRING([--enable-sanitizer=LIST],
        [build with -fsanitize=LIST (address,undefined or thread)])],
        [fw_sanitizer=$enable_sanitizer], [fw_sanitizer=no])
    AS_IF([test "$fw_sanitizer" != no], [
        FW_CFLAGS="$FW_CFLAGS -fsanitize=$fw_sanitizer -fno-sanitize-recover=all"
        dnl gcc 12 takes the checks for null pointers that it has put in itself for calls
        dnl with null pointers.
        FW_TRY_FLAG([-Wno-format-truncation])
        FW_CFLAGS="$FW_CFLAGS -fno-omit-frame-pointer"])
])

AC_DEFUN([FW_ENABLE_COVERAGE], [
    AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [build for gcov])])
    AS_IF([test "$enable_coverage" = yes], [FW_CFLAGS="$FW_CFLAGS --coverage -O0"])
])

dnl FW_MISSING(NAME, DEBIAN PACKAGE): remembers what FW_REQUIRE_DONE will complain about.
AC_DEFUN([FW_MISSING], [fw_missing="$fw_missing $2"])

dnl FW_REQUIRE(VARIABLE, PKG-CONFIG MODULE, DEBIAN PACKAGE)
AC_DEFUN([FW_REQUIRE], [PKG_CHECK_MODULES([$1], [$2], [], [FW_MISSING([$1], [$3])])])

AC_DEFUN([FW_REQUIRE_DONE], [
    AS_IF([test -n "$fw_missing"],
        [AC_MSG_ERROR([missing libraries; on Debian: apt-get install$fw_missing])])
])

dnl FW_OPTIONAL(VARIABLE, OPTION, PKG-CONFIG MODULE, DEBIAN PACKAGE): sets with_OPTION to
dnl yes or no, HAVE_VARIABLE in config.h and as a conditional, VARIABLE_CFLAGS and _LIBS.
AC_DEFUN([FW_OPTIONAL], [
    AC_ARG_WITH([$2], [AS_HELP_STRING([--with-$2], [use $1 (default: where it is found)])],
        [], [with_$2=auto])
    AS_IF([test "$with_$2" = no], [], [
        fw_wanted=$with_$2
        PKG_CHECK_MODULES([$1], [$3], [with_$2=yes], [with_$2=no])
        AS_IF([test "$fw_wanted" = yes && test "$with_$2" = no],
            [AC_MSG_ERROR([--with-$2: not found; on Debian: apt-get install $4])])
    ])
    AS_IF([test "$with_$2" = yes], [AC_DEFINE([HAVE_$1], [1], [Whether $1 is there.])])
    AM_CONDITIONAL([HAVE_$1], [test "$with_$2" = yes])
])

dnl FW_OPTIONAL_LIB(VARIABLE, OPTION, HEADER, LIBRARY, FUNCTION, DEBIAN PACKAGE): the same
dnl for a library that pkg-config does not know.
AC_DEFUN([FW_OPTIONAL_LIB], [
    AC_ARG_WITH([$2], [AS_HELP_STRING([--with-$2], [use $1 (default: where it is found)])],
        [], [with_$2=auto])
    AS_IF([test "$with_$2" = no], [], [
        fw_wanted=$with_$2
        AC_CHECK_HEADER([$3],
            [AC_CHECK_LIB([$4], [$5], [with_$2=yes], [with_$2=no])], [with_$2=no])
        AS_IF([test "$fw_wanted" = yes && test "$with_$2" = no],
            [AC_MSG_ERROR([--with-$2: not found; on Debian: apt-get install $6])])
    ])
    AS_IF([test "$with_$2" = yes],
        [AC_DEFINE([HAVE_$1], [1], [Whether $1 is there.]) $1_LIBS=-l$4])
    AC_SUBST([$1_LIBS])
    AM_CONDITIONAL([HAVE_$1], [test "$with_$2" = yes])
])

dnl FW_SONAME(VARIABLE, OPTION, HEADER, CALL, LIBRARY, DEBIAN PREFIX): a library that is
dnl loaded when it is first needed, not linked. VARIABLE_LIBRARY is the name of the library
dnl that the linker would take, VARIABLE_PACKAGE the Debian package that has it.
AC_DEFUN([FW_SONAME], [
    AS_IF([test "$with_$2" = yes], [
        AC_MSG_CHECKING([what the $1 library is called])
        fw_saved_cflags=$CFLAGS
        fw_saved_libs=$LIBS
        CFLAGS="$CFLAGS $$1_CFLAGS"
        LIBS="$$1_LIBS $LIBS"
        fw_soname=
        AC_LINK_IFELSE([AC_LANG_PROGRAM([[@%:@include <$3>]], [[return $4;]])], [
            fw_soname=`${OBJDUMP:-objdump} -p conftest$EXEEXT 2>/dev/null |
                sed -n 's/^ *NEEDED *\($5@<:@^ @:>@*\)$/\1/p' | sed 1q`])
        CFLAGS=$fw_saved_cflags
        LIBS=$fw_saved_libs
        AC_MSG_RESULT([${fw_soname:-not known}])
        AS_IF([test -n "$fw_soname"], [], [
            AC_MSG_ERROR([no $1 library that could be loaded; --without-$2 goes on without])])
        fw_package=$6`echo "$fw_soname" | sed 's/.*\.so\.//'`
        dnl Debian marks incompatible rebuilds; dpkg knows.
        fw_found=`dpkg-query -S "*/$fw_soname" 2>/dev/null | sed -n '1s/:.*//p'`
        AC_DEFINE_UNQUOTED([$1_LIBRARY], ["$fw_soname"], [The $1 library.])
        AC_DEFINE_UNQUOTED([$1_PACKAGE], ["${fw_found:-$fw_package}"],
            [The Debian package of the $1 library.])
    ])
])
])

/* SPDX-License-Identifier: MIT */
/* Counted strings of texts, as the LSA's calls take them: ntdll's functions. */
#include "win/win.h"

#include <string.h>
#include <winternl.h>

/* The lengths are of 16 bits: of a text that is longer Windows counts what they can say. */
#define LONGEST_A 0xfffeU
#define LONGEST_W 0xfffcU

WIN_API void NTAPI sspi_RtlInitString(PSTRING DestinationString, PCSZ SourceString)
{
    size_t length = SourceString == NULL ? 0 : strlen(SourceString);

    if (length > LONGEST_A)
        length = LONGEST_A;
    DestinationString->Buffer = (char *)(uintptr_t)SourceString;
    DestinationString->Length = (USHORT)length;
    DestinationString->MaximumLength = (USHORT)(SourceString == NULL ? 0 : length + 1);
}

WIN_API void NTAPI sspi_RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    size_t size = SourceString == NULL ? 0 : sspi_wcslen(SourceString) * sizeof(WCHAR);

    if (size > LONGEST_W)
        size = LONGEST_W;
    DestinationString->Buffer = (WCHAR *)(uintptr_t)SourceString;
    DestinationString->Length = (USHORT)size;
    DestinationString->MaximumLength = (USHORT)(SourceString == NULL ? 0 : size + sizeof(WCHAR));
}

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""sasl.py: the mechanisms that Cyrus SASL offers to a client, and one leg of each that stands on GSS-API."""
import ctypes
import re

library = ctypes.CDLL('libsasl2.so.2')
OK, CONTINUE, INTERACT = 0, 1, 2


def connection():
    made = ctypes.c_void_p()
    library.sasl_client_new(b'HTTP', b'localhost', None, None, None, 0, ctypes.byref(made))
    return made


def listed():
    text, made = ctypes.c_char_p(), connection()
    library.sasl_listmech(made, None, b'', b' ', b'', ctypes.byref(text), None, None)
    return sorted(text.value.decode().split())


def first_leg(mech):
    data, size, chosen = ctypes.c_char_p(), ctypes.c_uint(), ctypes.c_char_p()
    return library.sasl_client_start(connection(), mech.encode(), None, ctypes.byref(data), ctypes.byref(size),
                                     ctypes.byref(chosen))


print('started', library.sasl_client_init(None))
names = listed()
print('listed', *names)
for name in names:
    if re.match('G', name):
        print(name, first_leg(name))

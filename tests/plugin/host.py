#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""host.py LIBSSPI ORDER: a host whose libgssapi_krb5 nobody else sees, as Python loads its extensions, with libsspi in the
same process and the plugin loaded by the mechglue. ORDER is what comes first: gssapi, or sspi. TAP.

libsspi's own calls of gss_* must reach the mechglue, not what the plugin exports under these names.
"""
import ctypes
import sys

count = 0


def ok(truth, name):
    global count
    count += 1
    print('%s %d - %s' % ('ok' if truth else 'not ok', count, name), flush=True)


class Handle(ctypes.Structure):
    _fields_ = [('lower', ctypes.c_void_p), ('upper', ctypes.c_void_p)]


class Buffer(ctypes.Structure):
    _fields_ = [('size', ctypes.c_uint32), ('type', ctypes.c_uint32), ('data', ctypes.c_void_p)]


class Buffers(ctypes.Structure):
    _fields_ = [('version', ctypes.c_uint32), ('count', ctypes.c_uint32), ('list', ctypes.POINTER(Buffer))]


SECBUFFER_TOKEN, ALLOCATE_MEMORY, MUTUAL_AUTH = 2, 0x100, 0x2
CONTINUE_NEEDED = 0x90312
OUTBOUND, INBOUND = 2, 1


def token_of(data):
    held = ctypes.create_string_buffer(data, max(len(data), 1))
    one = Buffer(len(data), SECBUFFER_TOKEN, ctypes.cast(held, ctypes.c_void_p) if data else None)
    return Buffers(0, 1, ctypes.pointer(one)), one, held


class End:
    """One end of a context by SSPI."""

    def __init__(self, library, package, use):
        self.library, self.use = library, use
        self.cred, self.context, self.open = Handle(), Handle(), False
        self.status = library.AcquireCredentialsHandleA(
            None, package, use, None, None, None, None, ctypes.byref(self.cred), None) & 0xffffffff

    def leg(self, data=b''):
        into, flags = token_of(data), ctypes.c_uint32()
        out = token_of(b'')
        context = ctypes.byref(self.context) if self.open else None
        given = ctypes.byref(into[0]) if data else None
        tail = (ctypes.byref(self.context), ctypes.byref(out[0]), ctypes.byref(flags), None)
        if self.use == OUTBOUND:
            status = self.library.InitializeSecurityContextA(
                ctypes.byref(self.cred), context, b'HTTP/localhost', ALLOCATE_MEMORY | MUTUAL_AUTH, 0, 0x10, given, 0, *tail)
        else:
            status = self.library.AcceptSecurityContext(
                ctypes.byref(self.cred), context, given, ALLOCATE_MEMORY, 0x10, *tail)
        self.status = status & 0xffffffff
        self.open = self.open or not self.status & 0x80000000
        answer = out[0].list[0]
        token = ctypes.string_at(answer.data, answer.size) if answer.size else b''
        self.library.FreeContextBuffer(ctypes.c_void_p(answer.data))
        return token


def converse(library, package):
    client, server = End(library, package, OUTBOUND), End(library, package, INBOUND)
    ok((client.status, server.status) == (0, 0), '%s: credentials' % package.decode())
    token = client.leg()
    for _ in range(4):
        if server.status == 0 and server.open or not token:
            break
        token = server.leg(token)
        if client.status == CONTINUE_NEEDED:
            token = client.leg(token)
    ok((client.status, server.status) == (0, 0),
       '%s: a context (%#x, %#x)' % (package.decode(), client.status, server.status))


def plugin_loaded():
    import gssapi
    mechs = gssapi.raw.indicate_mechs()
    with open('/proc/self/maps') as maps:
        ok('mech_sspi.so' in maps.read(), 'the mechglue has loaded the plugin, %d mechanisms' % len(mechs))


path, order = sys.argv[1:]
if order == 'gssapi':
    plugin_loaded()
library = ctypes.CDLL(path, mode=ctypes.RTLD_LOCAL)
if order == 'sspi':
    converse(library, b'Kerberos')
    plugin_loaded()
for package in b'Kerberos', b'NTLM', b'Negotiate':
    converse(library, package)
print('1..%d' % count)

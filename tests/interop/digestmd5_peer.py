#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""digestmd5_peer: an interoperability peer on Cyrus SASL's library and its mechanism DIGEST-MD5; see README.md.

mech=digest only.  target=SERVICE@HOST is the service for both roles.  An initiator needs user= and password-file=, an acceptor has
its accounts in the sasldb that CYRUS_SASLDB names.  flags=integ: the integrity layer, without it none."""
import ctypes
import os
import struct
import sys

from peer import Failure, Words, flag_line, join, part, serve

OK, CONTINUE, FAIL = 0, 1, -1
CB_END, CB_GETOPT, CB_USER, CB_AUTHNAME, CB_PASS, CB_GETREALM = 0, 1, 0x4001, 0x4002, 0x4004, 0x4008
USERNAME, SEC_PROPS = 0, 101
SUCCESS_DATA = 4
SIGNATURE = 16
BUFFER_MAX = 65536
MESSAGE_MAX = BUFFER_MAX - 1024  # a longer one travels in several parts

text_p, uint, uint_p = ctypes.c_char_p, ctypes.c_uint, ctypes.POINTER(ctypes.c_uint)
GetOpt = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, text_p, text_p, ctypes.POINTER(text_p), ctypes.POINTER(ctypes.c_uint)
)
GetSimple = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(text_p), uint_p)
GetSecret = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p)
)
GetRealm = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(text_p), ctypes.POINTER(text_p)
)


class Callback(ctypes.Structure):
    _fields_ = [("id", ctypes.c_ulong), ("proc", ctypes.c_void_p), ("context", ctypes.c_void_p)]


class SecurityProperties(ctypes.Structure):
    _fields_ = [
        ("min_ssf", uint),
        ("max_ssf", uint),
        ("maxbufsize", uint),
        ("security_flags", uint),
        ("names", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
    ]


class DigestPeer:
    def __init__(self, words):
        if words.mech != "digest":
            sys.exit("digestmd5_peer: only mech=digest")
        self.words = words
        self.sasl = ctypes.CDLL("libsasl2.so.2")
        self.sasl.sasl_errdetail.restype = text_p
        self.connection = ctypes.c_void_p()
        self.started = self.done = False
        self.kept = []
        self.service, _, self.host = (words.target or "ldap@localhost").partition("@")
        self.begin()

    # ---- what the library asks for

    def set_text(self, value, result, length):
        value = value.encode()
        self.kept.append(value)
        result[0] = value
        if length:
            length[0] = len(value)
        return OK

    def option(self, _context, _plugin, option, result, length):
        options = {"auxprop_plugin": "sasldb", "sasldb_path": os.environ.get("CYRUS_SASLDB", "/none"), "mech_list": "DIGEST-MD5"}
        value = options.get(option.decode())
        return FAIL if value is None else self.set_text(value, result, length)

    def name(self, _context, _which, result, length):
        return self.set_text(self.words.user, result, length)

    def secret(self, _connection, _context, _which, result):
        password = self.words.password.encode()
        secret = ctypes.create_string_buffer(struct.pack("L", len(password)) + password + b"\0")
        self.kept.append(secret)
        result[0] = ctypes.addressof(secret)
        return OK

    def realm(self, _context, _which, available, result):
        result[0] = available[0] if self.words.domain is None else self.words.domain.encode()
        return OK

    def callbacks(self, functions):
        rows = (Callback * (len(functions) + 1))()
        for row, (number, function) in zip(rows, functions):
            row.id, row.proc = number, ctypes.cast(function, ctypes.c_void_p)
        self.kept += [rows, functions]
        return rows

    # ---- the context

    def check(self, call, status, wanted=(OK, CONTINUE)):
        if status not in wanted:
            raise Failure(status, f"{call}: {self.sasl.sasl_errdetail(self.connection).decode()}")
        return status

    def begin(self):
        initiator = self.words.initiator
        if initiator:
            functions = [
                (CB_USER, GetSimple(self.name)),
                (CB_AUTHNAME, GetSimple(self.name)),
                (CB_PASS, GetSecret(self.secret)),
                (CB_GETREALM, GetRealm(self.realm)),
            ]
            self.sasl.sasl_client_init(None)
        else:
            functions = [(CB_GETOPT, GetOpt(self.option))]
            self.sasl.sasl_server_init(self.callbacks(functions), b"digestmd5_peer")
        service, host = self.service.encode(), self.host.encode()
        rows, out = self.callbacks(functions), ctypes.byref(self.connection)
        if initiator:
            status = self.sasl.sasl_client_new(service, host, None, None, rows, SUCCESS_DATA, out)
        else:
            realm = (self.words.domain or self.host).encode()
            status = self.sasl.sasl_server_new(service, host, realm, None, None, rows, SUCCESS_DATA, out)
        self.check("sasl_new", status)
        ssf = 1 if "integ" in self.words.flags else 0
        properties = SecurityProperties(ssf, ssf, BUFFER_MAX, 0, None, None)
        self.check("sasl_setprop", self.sasl.sasl_setprop(self.connection, SEC_PROPS, ctypes.byref(properties)))

    def start(self, out, length):
        if self.words.initiator:
            chosen = text_p()
            return self.sasl.sasl_client_start(
                self.connection, b"DIGEST-MD5", None, ctypes.byref(out), ctypes.byref(length), ctypes.byref(chosen)
            )
        return self.sasl.sasl_server_start(
            self.connection, b"DIGEST-MD5", None, 0, ctypes.byref(out), ctypes.byref(length)
        )

    def go_on(self, token, out, length):
        if self.words.initiator:
            return self.sasl.sasl_client_step(
                self.connection, token, len(token), None, ctypes.byref(out), ctypes.byref(length)
            )
        return self.sasl.sasl_server_step(self.connection, token, len(token), ctypes.byref(out), ctypes.byref(length))

    def step(self, token):
        out, length = ctypes.c_void_p(), ctypes.c_uint()
        if self.started:
            status = self.go_on(token, out, length)
        else:
            status = self.start(out, length)
            self.started = True
            if token: # the server's, which came first
                status = self.go_on(token, out, length)
        self.check("sasl_step", status)
        self.done = status == OK
        return ctypes.string_at(out.value, length.value) if out.value else b"", self.done

    def info(self):
        user = ctypes.c_void_p()
        self.check("sasl_getprop", self.sasl.sasl_getprop(self.connection, USERNAME, ctypes.byref(user)))
        return ["mech=digest", "source=" + ctypes.string_at(user.value).decode(), flag_line(self.words.flags), "min=1", f"max={MESSAGE_MAX}"]

    # ---- messages: the length, the text, the signature

    def coded(self, call, octets):
        out, length = ctypes.c_void_p(), ctypes.c_uint()
        status = call(self.connection, octets, len(octets), ctypes.byref(out), ctypes.byref(length))
        self.check("sasl_encode or sasl_decode", status, (OK,))
        return ctypes.string_at(out.value, length.value) if out.value else b""

    def write(self, text):
        wire = self.coded(self.sasl.sasl_encode, text)[4:]
        return join(wire[-SIGNATURE:], wire[:-SIGNATURE])

    def read(self, wire):
        signature, text = part(wire)
        octets = text + signature
        return self.coded(self.sasl.sasl_decode, struct.pack(">I", len(octets)) + octets), False

    def formats(self):
        return {"mic/cyrus": (self.write, self.read)} if "integ" in self.words.flags else {}


if __name__ == "__main__":
    serve(DigestPeer(Words(sys.argv[1:])))

#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""ntlmauth_peer: an interoperability peer on python3-ntlm-auth, an NTLM client with MIC and channel bindings; see README.md.

Initiator only, mech=ntlm; needs user=, domain= and password-file=.  It always asks for signing and sealing."""
import sys

from ntlm_auth.gss_channel_bindings import GssChannelBindingsStruct
from ntlm_auth.ntlm import NtlmContext

from peer import Failure, Words, flag_line, join, part, serve

SIGNATURE = 16


class NtlmAuthPeer:
    def __init__(self, words):
        if not words.initiator or words.mech != "ntlm":
            sys.exit("ntlmauth_peer: only role=init mech=ntlm")
        bindings = None
        if words.bindings is not None:
            bindings = GssChannelBindingsStruct()
            bindings[bindings.APPLICATION_DATA] = words.bindings.encode()
        self.context = NtlmContext(
            words.user, words.password, domain=words.domain, workstation="CLI", cbt_data=bindings, ntlm_compatibility=3
        )

    def step(self, token):
        try:
            answer = self.context.step(token or None)
        except Exception as error:  # the library has no class of its own for a bad token
            raise Failure(type(error).__name__, error) from None
        return answer or b"", self.context.complete

    def info(self):
        # The library keeps the key to itself and has no call for a message of no length.
        return ["mech=ntlm", flag_line({"conf", "integ"}), "min=1"]

    def wrap(self, text):
        return self.context.wrap(text)

    def unwrap(self, wire):
        try:
            return self.context.unwrap(wire), True
        except Exception as error:
            raise Failure(type(error).__name__, error) from None

    def split(self, text):
        wire = self.context.wrap(text)
        return join(wire[:SIGNATURE], wire[SIGNATURE:])

    def unsplit(self, wire):
        signature, body = part(wire)
        return self.unwrap(signature + body)

    def formats(self):
        return {"wrap/ntlmauth": (self.wrap, self.unwrap), "split/ntlmauth": (self.split, self.unsplit)}


if __name__ == "__main__":
    serve(NtlmAuthPeer(Words(sys.argv[1:])))

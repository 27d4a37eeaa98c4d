#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""gensec_peer: an interoperability peer on Samba's GENSEC, which has NTLMSSP, SPNEGO and Kerberos of its own; see README.md.

As initiator it needs user=, domain= (for Kerberos: the realm) and password-file=.  GENSEC refuses Kerberos to "localhost".
As acceptor it needs GENSEC_SMB_CONF, the smb.conf of a domain controller that was provisioned (it need not run), and serves
the accounts of that domain.

options: `sasl` for SASL's GSSAPI."""
import os
import sys

from samba import NTSTATUSError, gensec, param
from samba.auth import AuthContext
from samba.credentials import AUTO_USE_KERBEROS, DONT_USE_KERBEROS, MUST_USE_KERBEROS, Credentials

from peer import Failure, Words, flag_line, join, part, serve

MECHS = {"krb5": "gssapi_krb5", "ntlm": "ntlmssp", "spnego": "spnego"}
FEATURES = {"conf": gensec.FEATURE_SEAL, "integ": gensec.FEATURE_SIGN, "dce": gensec.FEATURE_DCE_STYLE}


def load_parameters():
    """The configuration: the domain controller's, or a client's that stays in the world's folder."""
    lp = param.LoadParm()
    if os.environ.get("GENSEC_SMB_CONF"):
        lp.load(os.environ["GENSEC_SMB_CONF"])
        return lp
    folder = os.environ["WORLD"] + "/samba"
    os.makedirs(folder, exist_ok=True)
    lp.set("netbios name", "CLI")
    lp.set("realm", os.environ.get("REALM", "LOOPBACK.TEST"))
    lp.set("workgroup", os.environ.get("NETBIOS_DOMAIN_NAME", "LOOPBACK"))
    for name in ("private dir", "lock directory", "cache directory", "state directory"):
        lp.set(name, folder)
    return lp


def call(function, *arguments):
    try:
        return function(*arguments)
    except NTSTATUSError as error:
        raise Failure(f"{error.args[0] & 0xFFFFFFFF:08x}", error.args[1]) from None
    except RuntimeError as error:
        raise Failure("runtime", error) from None


class GensecPeer:
    def __init__(self, words):
        self.words = words
        self.lp = load_parameters()
        self.security = None
        self.complete = False

    def start_client(self):
        words = self.words
        credentials = Credentials()
        credentials.guess(self.lp)
        credentials.set_username(words.user)
        credentials.set_domain(words.domain)
        credentials.set_realm(words.domain)
        credentials.set_password(words.password)
        credentials.set_workstation("CLI")
        kerberos = "ntlm" not in (words.mech, words.neg)
        credentials.set_kerberos_state(MUST_USE_KERBEROS if kerberos else DONT_USE_KERBEROS)
        self.service, _, self.host = words.target.partition("@")  # kept: GENSEC points into these strings
        self.security = gensec.Security.start_client({"lp_ctx": self.lp, "target_hostname": self.host})
        self.security.set_credentials(credentials)
        self.security.set_target_hostname(self.host)
        self.security.set_target_service(self.service)

    def start_server(self):
        credentials = Credentials()
        credentials.guess(self.lp)
        credentials.set_machine_account(self.lp)
        credentials.set_kerberos_state(AUTO_USE_KERBEROS)
        accounts = AuthContext(lp_ctx=self.lp, methods=["sam"])
        self.host = "dc1"
        self.security = gensec.Security.start_server({"lp_ctx": self.lp, "target_hostname": self.host}, accounts)
        self.security.set_credentials(credentials)

    def start(self):
        if self.words.initiator:
            self.start_client()
        else:
            self.start_server()
        for flag, feature in FEATURES.items():
            if flag in self.words.flags:
                self.security.want_feature(feature)
        if "sasl" in self.words.options:
            call(self.security.start_mech_by_sasl_name, "GSSAPI")
        else:
            call(self.security.start_mech_by_name, MECHS[self.words.mech])

    def step(self, token):
        if self.security is None:
            self.start()
        self.complete, answer = call(self.security.update, token)
        return answer or b"", self.complete

    def info(self):
        # NTLMSSP claims to have DCE style in any case.
        flags = {flag for flag, feature in FEATURES.items() if self.security.have_feature(feature)}
        flags -= {"dce"} - self.words.flags
        lines = [flag_line(flags), f"block={16 if 'dce' in flags else 1}"]
        try:
            lines.append("key=" + self.security.session_key().hex())
        except NTSTATUSError:
            pass  # without signing there is no key to show
        if not self.words.initiator:
            lines.append("source=" + self.account())
        return lines

    def account(self):
        """The SID of the user, since the names are not handed to Python."""
        session = call(self.security.session_info)
        return str(session.security_token.sids[0])

    def sealing(self):
        return self.security.have_feature(gensec.FEATURE_SEAL)

    def wrap(self, text):
        return call(self.security.wrap, text)

    def unwrap(self, wire):
        # GENSEC does not say whether it was sealed; it refuses what is weaker than what was negotiated.
        return call(self.security.unwrap, wire), self.sealing()

    def sign(self, text):
        return join(call(self.security.sign_packet, text, text), text)

    def verify(self, wire):
        signature, text = part(wire)
        call(self.security.check_packet, text, text, signature)
        return text, False

    def formats(self):
        # What was negotiated counts: MIT's Kerberos seals even for who did not ask.
        if not self.security.have_feature(gensec.FEATURE_SIGN):
            return {}
        rows = {"mic/gensec": (self.sign, self.verify)}
        if "dce" not in self.words.flags:
            rows["wrap/gensec" if self.sealing() else "clear/gensec"] = (self.wrap, self.unwrap)
        return rows


if __name__ == "__main__":
    serve(GensecPeer(Words(sys.argv[1:])))

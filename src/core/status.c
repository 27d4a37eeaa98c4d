/* SPDX-License-Identifier: MIT */
/*
 * The table of status codes. The sentences are for the person in front of the program, so they name
 * the thing to look at; what a mechanism said in its own words is native_error_get()'s.
 */
#include "core/status.h"

#include <ntstatus.h>
#include <stddef.h>

struct status_row {
    SECURITY_STATUS status;
    const char *name;
    const char *text;
};

#define ROW(code, text)                                                                            \
    {                                                                                              \
        code, #code, text                                                                          \
    }

static const struct status_row status_rows[] = {
    /* Successes. */
    ROW(SEC_E_OK, "The call succeeded."),
    ROW(SEC_I_CONTINUE_NEEDED, "Send the token to the peer and call again with its answer."),
    ROW(SEC_I_COMPLETE_NEEDED, "Call CompleteAuthToken before sending the token."),
    ROW(SEC_I_COMPLETE_AND_CONTINUE,
        "Call CompleteAuthToken, send the token and call again with the peer's answer."),
    ROW(SEC_I_LOCAL_LOGON, "The logon was done on this machine, without a server."),
    ROW(SEC_I_GENERIC_EXTENSION_RECEIVED, "The peer sent a TLS extension that was subscribed to."),
    ROW(SEC_I_CONTEXT_EXPIRED, "The peer has closed the secure channel; no more data will come."),
    ROW(SEC_I_INCOMPLETE_CREDENTIALS,
        "The server wants a client certificate; give one or go on without."),
    ROW(SEC_I_RENEGOTIATE, "The peer wants another handshake; call for the next leg."),
    ROW(SEC_I_NO_LSA_CONTEXT, "The context lives in this process only."),
    ROW(SEC_I_SIGNATURE_NEEDED, "A signature must be made before the exchange can go on."),
    ROW(SEC_I_NO_RENEGOTIATION, "The peer declined another handshake; the connection goes on."),
    ROW(SEC_I_MESSAGE_FRAGMENT, "This is one part of a token; send it and call for the next part."),
    ROW(SEC_I_CONTINUE_NEEDED_MESSAGE_OK,
        "More legs are needed, and messages may already be protected."),
    ROW(SEC_I_ASYNC_CALL_PENDING, "The call goes on in the background; ask for its result later."),

    /* SSPI. */
    ROW(SEC_E_INSUFFICIENT_MEMORY,
        "There is not enough memory, or a buffer the caller gave is too small."),
    ROW(SEC_E_INVALID_HANDLE,
        "The handle is not valid: it was freed already, belongs to another kind of object, or the "
        "context is not ready for this call."),
    ROW(SEC_E_UNSUPPORTED_FUNCTION, "This package cannot do what was asked."),
    ROW(SEC_E_TARGET_UNKNOWN, "The server's name is not known to the authority; check the service "
                              "principal name and that "
                              "it is registered."),
    ROW(SEC_E_INTERNAL_ERROR,
        "The library or a library below it failed; set SSPI_TRACE to see where."),
    ROW(SEC_E_SECPKG_NOT_FOUND,
        "There is no such security package; `sspi packages` lists those there are."),
    ROW(SEC_E_NOT_OWNER, "The credentials belong to someone else."),
    ROW(SEC_E_CANNOT_INSTALL, "The security package could not be set up."),
    ROW(SEC_E_INVALID_TOKEN, "The token is malformed; make sure both ends use the same package and "
                             "that nothing was lost "
                             "on the way."),
    ROW(SEC_E_CANNOT_PACK, "The data could not be packed for the peer."),
    ROW(SEC_E_QOP_NOT_SUPPORTED, "The context does not offer this kind of protection."),
    ROW(SEC_E_NO_IMPERSONATION, "The context does not allow acting for the client: it is not a "
                                "server's, not finished, or the "
                                "client forbade it."),
    ROW(SEC_E_LOGON_DENIED,
        "The logon was refused; check the user name, the domain and the password."),
    ROW(SEC_E_UNKNOWN_CREDENTIALS, "The credentials given are malformed or not of a known kind."),
    ROW(SEC_E_NO_CREDENTIALS,
        "There are no credentials: give a user and a password, get a ticket with kinit, or provide "
        "a keytab; for TLS, a certificate with its key."),
    ROW(SEC_E_MESSAGE_ALTERED, "The message is not the one that was protected: it was changed."),
    ROW(SEC_E_OUT_OF_SEQUENCE, "The message or call came out of order, was lost or came twice."),
    ROW(SEC_E_NO_AUTHENTICATING_AUTHORITY, "No server could be reached that can vouch for the "
                                           "user; check the network, DNS and the KDC of "
                                           "the realm."),
    ROW(SEC_E_BAD_PKGID, "The package the peer asked for is not available here."),
    ROW(SEC_E_CONTEXT_EXPIRED,
        "The context is over: its lifetime ended or it was closed; start anew."),
    ROW(SEC_E_INCOMPLETE_MESSAGE, "The message is not whole yet; read more and call again."),
    ROW(SEC_E_INCOMPLETE_CREDENTIALS,
        "The credentials lack something the peer insists on, such as a certificate."),
    ROW(SEC_E_BUFFER_TOO_SMALL, "A buffer is too small; repeat the call with a larger one."),
    ROW(SEC_E_WRONG_PRINCIPAL,
        "The other end is not who was asked for; check the target name, and the server's key or "
        "certificate."),
    ROW(SEC_E_TIME_SKEW, "The clocks of the two ends differ too much; set them right."),
    ROW(SEC_E_UNTRUSTED_ROOT, "The certificate's issuer is not among the trusted authorities."),
    ROW(SEC_E_ILLEGAL_MESSAGE, "The peer sent a message that the protocol does not allow."),
    ROW(SEC_E_CERT_UNKNOWN, "Something is wrong with the certificate."),
    ROW(SEC_E_CERT_EXPIRED, "The certificate is past its end date or not valid yet."),
    ROW(SEC_E_ENCRYPT_FAILURE, "The message could not be sealed."),
    ROW(SEC_E_DECRYPT_FAILURE,
        "The message could not be opened: it is damaged or for another key."),
    ROW(SEC_E_ALGORITHM_MISMATCH, "The two ends have no algorithm or protocol version in common."),
    ROW(SEC_E_SECURITY_QOS_FAILED, "The context lacks a protection the caller requires."),
    ROW(SEC_E_UNFINISHED_CONTEXT_DELETED, "The context was deleted before it was established."),
    ROW(SEC_E_NO_TGT_REPLY,
        "The server did not send the ticket that user-to-user authentication needs."),
    ROW(SEC_E_NO_IP_ADDRESSES, "The ticket needs an address of this machine, and none is known."),
    ROW(SEC_E_WRONG_CREDENTIAL_HANDLE,
        "The credentials are not those the context was started with."),
    ROW(SEC_E_CRYPTO_SYSTEM_INVALID,
        "The system's cryptography refused an algorithm; it may be switched off by policy."),
    ROW(SEC_E_MAX_REFERRALS_EXCEEDED, "The realms referred the request on too many times."),
    ROW(SEC_E_MUST_BE_KDC, "Only a domain controller can do this."),
    ROW(SEC_E_STRONG_CRYPTO_NOT_SUPPORTED, "The strong cryptography asked for is not available."),
    ROW(SEC_E_TOO_MANY_PRINCIPALS, "The name stands for more than one principal."),
    ROW(SEC_E_NO_PA_DATA, "The KDC's answer lacks the pre-authentication data it should have."),
    ROW(SEC_E_PKINIT_NAME_MISMATCH, "The certificate is not for the user who logs on."),
    ROW(SEC_E_SMARTCARD_LOGON_REQUIRED, "This account must log on with a smart card."),
    ROW(SEC_E_SHUTDOWN_IN_PROGRESS, "The system is shutting down."),
    ROW(SEC_E_KDC_INVALID_REQUEST,
        "The KDC refused the request as invalid; its log says which rule was broken."),
    ROW(SEC_E_KDC_UNABLE_TO_REFER, "The KDC knows no way to the realm that was asked for."),
    ROW(SEC_E_KDC_UNKNOWN_ETYPE, "The KDC does not support the encryption type; compare "
                                 "permitted_enctypes with the keys of the "
                                 "account."),
    ROW(SEC_E_UNSUPPORTED_PREAUTH,
        "The KDC wants a kind of pre-authentication that is not available."),
    ROW(SEC_E_DELEGATION_REQUIRED, "This needs a delegated ticket, and there is none."),
    ROW(SEC_E_BAD_BINDINGS,
        "The client is bound to another channel than the server's, or to none: something may sit "
        "between the two."),
    ROW(SEC_E_MULTIPLE_ACCOUNTS, "The certificate belongs to more than one account."),
    ROW(SEC_E_NO_KERB_KEY,
        "There is no key for the service; check that the keytab has its principal, version and "
        "encryption type."),
    ROW(SEC_E_CERT_WRONG_USAGE, "The certificate is not meant for this use."),
    ROW(SEC_E_DOWNGRADE_DETECTED, "Someone may have tried to weaken the security that was agreed."),
    ROW(SEC_E_SMARTCARD_CERT_REVOKED, "The user's certificate was revoked."),
    ROW(SEC_E_ISSUING_CA_UNTRUSTED, "The issuer of the user's certificate is not trusted."),
    ROW(SEC_E_REVOCATION_OFFLINE_C,
        "Whether the user's certificate was revoked could not be found out."),
    ROW(SEC_E_PKINIT_CLIENT_FAILURE, "The user's certificate was refused by the KDC."),
    ROW(SEC_E_SMARTCARD_CERT_EXPIRED, "The user's certificate is past its end date."),
    ROW(SEC_E_NO_S4U_PROT_SUPPORT, "The KDC does not support acting for another user."),
    ROW(SEC_E_CROSSREALM_DELEGATION_FAILURE,
        "Acting for a user of another realm is not allowed here."),
    ROW(SEC_E_REVOCATION_OFFLINE_KDC,
        "Whether the KDC's certificate was revoked could not be found out."),
    ROW(SEC_E_ISSUING_CA_UNTRUSTED_KDC, "The issuer of the KDC's certificate is not trusted."),
    ROW(SEC_E_KDC_CERT_EXPIRED, "The KDC's certificate is past its end date."),
    ROW(SEC_E_KDC_CERT_REVOKED, "The KDC's certificate was revoked."),
    ROW(SEC_E_INVALID_PARAMETER, "An argument of the call is not valid."),
    ROW(SEC_E_DELEGATION_POLICY, "Policy forbids handing the user's credentials to this server."),
    ROW(SEC_E_POLICY_NLTM_ONLY,
        "Policy gives credentials to this server only where Kerberos or a certificate proves it."),
    ROW(SEC_E_NO_CONTEXT, "There is no context yet, or it was not established."),
    ROW(SEC_E_PKU2U_CERT_FAILURE, "The peer's certificate for user-to-user authentication failed."),
    ROW(SEC_E_MUTUAL_AUTH_FAILED, "The server did not prove who it is."),
    ROW(SEC_E_ONLY_HTTPS_ALLOWED, "This is allowed over HTTPS only."),
    ROW(SEC_E_APPLICATION_PROTOCOL_MISMATCH,
        "The two ends have no application protocol in common."),
    ROW(SEC_E_INVALID_UPN_NAME, "The user name is not of the form user@realm."),
    ROW(SEC_E_EXT_BUFFER_TOO_SMALL, "The buffer for a TLS extension is too small."),
    ROW(SEC_E_INSUFFICIENT_BUFFERS, "The call needs more buffers than it was given."),

    /* Certificates, stores and messages. */
    ROW(CRYPT_E_MSG_ERROR, "The cryptographic message could not be processed."),
    ROW(CRYPT_E_UNKNOWN_ALGO, "The algorithm is not known."),
    ROW(CRYPT_E_OID_FORMAT, "The object identifier is malformed."),
    ROW(CRYPT_E_INVALID_MSG_TYPE, "The cryptographic message is of the wrong type."),
    ROW(CRYPT_E_UNEXPECTED_ENCODING, "The message is not encoded as expected."),
    ROW(CRYPT_E_AUTH_ATTR_MISSING, "The message lacks an attribute that must be authenticated."),
    ROW(CRYPT_E_HASH_VALUE, "The hash does not match the data."),
    ROW(CRYPT_E_INVALID_INDEX, "The index is out of range."),
    ROW(CRYPT_E_ALREADY_DECRYPTED, "The message was opened before."),
    ROW(CRYPT_E_NOT_DECRYPTED, "The message was not opened yet."),
    ROW(CRYPT_E_RECIPIENT_NOT_FOUND, "The message is not meant for this recipient."),
    ROW(CRYPT_E_CONTROL_TYPE, "The control type is not valid."),
    ROW(CRYPT_E_ISSUER_SERIALNUMBER, "The issuer or the serial number is not valid."),
    ROW(CRYPT_E_SIGNER_NOT_FOUND, "The signer of the message was not found."),
    ROW(CRYPT_E_ATTRIBUTES_MISSING, "The message lacks attributes that were asked for."),
    ROW(CRYPT_E_STREAM_MSG_NOT_READY, "The streamed message is not ready yet."),
    ROW(CRYPT_E_STREAM_INSUFFICIENT_DATA, "The streamed message needs more data."),
    ROW(CRYPT_I_NEW_PROTECTION_REQUIRED, "The data should be protected again, in the newer way."),
    ROW(CRYPT_E_BAD_LEN, "The length of the output is wrong."),
    ROW(CRYPT_E_BAD_ENCODE, "The data could not be encoded or decoded."),
    ROW(CRYPT_E_FILE_ERROR, "The file could not be read or written."),
    ROW(CRYPT_E_NOT_FOUND, "The certificate, list or property was not found."),
    ROW(CRYPT_E_EXISTS, "The object is there already."),
    ROW(CRYPT_E_NO_PROVIDER, "No provider was named for the object."),
    ROW(CRYPT_E_SELF_SIGNED, "The certificate is signed by itself."),
    ROW(CRYPT_E_DELETED_PREV, "The object was deleted before."),
    ROW(CRYPT_E_NO_MATCH, "No object matches."),
    ROW(CRYPT_E_UNEXPECTED_MSG_TYPE, "The cryptographic message is not of the expected type."),
    ROW(CRYPT_E_NO_KEY_PROPERTY, "The certificate has no private key that could be used."),
    ROW(CRYPT_E_NO_DECRYPT_CERT, "There is no certificate here to open the message with."),
    ROW(CRYPT_E_BAD_MSG, "This is not a cryptographic message."),
    ROW(CRYPT_E_NO_SIGNER, "The message has no signer, or not that one."),
    ROW(CRYPT_E_PENDING_CLOSE, "The store closes when its last object is freed."),
    ROW(CRYPT_E_REVOKED, "The certificate was revoked by its issuer."),
    ROW(CRYPT_E_NO_REVOCATION_DLL, "There is nothing here to check revocation with."),
    ROW(CRYPT_E_NO_REVOCATION_CHECK,
        "The certificate names no place to check whether it was revoked."),
    ROW(CRYPT_E_REVOCATION_OFFLINE, "The server that knows of revocations could not be reached."),
    ROW(CRYPT_E_NOT_IN_REVOCATION_DATABASE,
        "The certificate is not known to the revocation server."),
    ROW(CRYPT_E_INVALID_NUMERIC_STRING, "The text holds something other than digits."),
    ROW(CRYPT_E_INVALID_PRINTABLE_STRING, "The text holds characters outside PrintableString."),
    ROW(CRYPT_E_INVALID_IA5_STRING, "The text holds characters outside ASCII."),
    ROW(CRYPT_E_INVALID_X500_STRING, "The distinguished name is malformed."),
    ROW(CRYPT_E_NOT_CHAR_STRING, "The value is not text."),
    ROW(CRYPT_E_FILERESIZED, "The file changed its size meanwhile."),
    ROW(CRYPT_E_SECURITY_SETTINGS, "The security settings forbid this."),
    ROW(CRYPT_E_NO_VERIFY_USAGE_DLL, "There is nothing here to check the certificate's use with."),
    ROW(CRYPT_E_NO_VERIFY_USAGE_CHECK, "The certificate's use could not be checked."),
    ROW(CRYPT_E_VERIFY_USAGE_OFFLINE,
        "The server that knows the certificate's use is out of reach."),
    ROW(CRYPT_E_NOT_IN_CTL, "The subject is not in the trust list."),
    ROW(CRYPT_E_NO_TRUSTED_SIGNER, "None of the signers is trusted."),
    ROW(CRYPT_E_MISSING_PUBKEY_PARA, "The public key lacks its parameters."),
    ROW(CRYPT_E_OSS_ERROR, "The ASN.1 data could not be processed."),
    ROW(CRYPT_E_ASN1_ERROR, "The ASN.1 data could not be processed."),
    ROW(CRYPT_E_ASN1_INTERNAL, "The ASN.1 encoder failed."),
    ROW(CRYPT_E_ASN1_EOD, "The ASN.1 data ends too early."),
    ROW(CRYPT_E_ASN1_CORRUPT, "The ASN.1 data is malformed."),
    ROW(CRYPT_E_ASN1_LARGE, "An ASN.1 value is too large."),
    ROW(CRYPT_E_ASN1_CONSTRAINT, "An ASN.1 value breaks a constraint of its type."),
    ROW(CRYPT_E_ASN1_MEMORY, "There is not enough memory for the ASN.1 data."),
    ROW(CRYPT_E_ASN1_OVERFLOW, "The buffer for the ASN.1 data is too small."),
    ROW(CRYPT_E_ASN1_BADPDU, "The ASN.1 type is not supported."),
    ROW(CRYPT_E_ASN1_BADARGS, "The arguments of the ASN.1 call are not valid."),
    ROW(CRYPT_E_ASN1_BADREAL, "The ASN.1 number is malformed."),
    ROW(CRYPT_E_ASN1_BADTAG, "The ASN.1 data has an unexpected tag."),
    ROW(CRYPT_E_ASN1_CHOICE, "The ASN.1 data has an unexpected choice."),
    ROW(CRYPT_E_ASN1_RULE, "The ASN.1 data breaks an encoding rule."),
    ROW(CRYPT_E_ASN1_UTF8, "The ASN.1 data holds text that is not UTF-8."),
    ROW(CRYPT_E_ASN1_PDU_TYPE, "The ASN.1 type is not a message's."),
    ROW(CRYPT_E_ASN1_NYI, "This form of ASN.1 is not supported."),
    ROW(CRYPT_E_ASN1_EXTENDED, "The ASN.1 data holds extensions that are not known."),
    ROW(CRYPT_E_ASN1_NOEOD, "More ASN.1 data was expected."),

    /* Trust in a certificate or signature. */
    ROW(TRUST_E_SYSTEM_ERROR, "Trust could not be checked because something in the system failed."),
    ROW(TRUST_E_NO_SIGNER_CERT, "The signer's certificate is missing."),
    ROW(TRUST_E_COUNTER_SIGNER, "A counter-signature is not valid."),
    ROW(TRUST_E_CERT_SIGNATURE, "The certificate's signature does not verify."),
    ROW(TRUST_E_TIME_STAMP, "The time stamp does not verify."),
    ROW(TRUST_E_BAD_DIGEST, "The signed data was changed."),
    ROW(TRUST_E_BASIC_CONSTRAINTS,
        "A certificate in the chain may not issue others; the chain is not valid."),
    ROW(TRUST_E_FINANCIAL_CRITERIA, "The certificate does not meet the financial criteria."),
    ROW(TRUST_E_PROVIDER_UNKNOWN, "The trust provider is not known."),
    ROW(TRUST_E_ACTION_UNKNOWN, "The trust provider does not support the action."),
    ROW(TRUST_E_SUBJECT_FORM_UNKNOWN, "The subject is not of a form that can be checked."),
    ROW(TRUST_E_SUBJECT_NOT_TRUSTED, "The subject is not trusted."),
    ROW(TRUST_E_NOSIGNATURE, "There is no signature."),
    ROW(CERT_E_EXPIRED, "The certificate is past its end date or not valid yet."),
    ROW(CERT_E_VALIDITYPERIODNESTING,
        "The validity of a certificate does not lie within its issuer's."),
    ROW(CERT_E_ROLE, "An end certificate is used as an authority's, or the other way round."),
    ROW(CERT_E_PATHLENCONST, "The chain is longer than an authority in it allows."),
    ROW(CERT_E_CRITICAL, "The certificate has a critical extension that is not understood."),
    ROW(CERT_E_PURPOSE, "The certificate is used for another purpose than its issuer meant."),
    ROW(CERT_E_ISSUERCHAINING, "The certificate was not issued by the authority it names."),
    ROW(CERT_E_MALFORMED, "The certificate is malformed or lacks an important field."),
    ROW(CERT_E_UNTRUSTEDROOT, "The chain ends in an authority that is not trusted."),
    ROW(CERT_E_CHAINING, "No chain leads from the certificate to a trusted authority."),
    ROW(TRUST_E_FAIL, "Trust could not be established."),
    ROW(CERT_E_REVOKED, "The certificate was revoked by its issuer."),
    ROW(CERT_E_UNTRUSTEDTESTROOT, "The chain ends in a test authority."),
    ROW(CERT_E_REVOCATION_FAILURE, "Whether the certificate was revoked could not be found out."),
    ROW(CERT_E_CN_NO_MATCH, "The certificate is for another name than the one connected to."),
    ROW(CERT_E_WRONG_USAGE, "The certificate is not meant for this use."),
    ROW(TRUST_E_EXPLICIT_DISTRUST, "The certificate is explicitly distrusted."),
    ROW(CERT_E_UNTRUSTEDCA, "An authority in the chain is not trusted for this."),
    ROW(CERT_E_INVALID_POLICY, "The certificate's policy is not valid for this."),
    ROW(CERT_E_INVALID_NAME,
        "The certificate's name is excluded or not permitted by an authority."),
    /* The one NTSTATUS that an SSPI call returns: ChangeAccountPassword. */
    ROW(STATUS_PASSWORD_RESTRICTION,
        "The new password breaks a rule of the domain; choose a longer or another one."),
};

static const struct status_row *status_find(SECURITY_STATUS status)
{
    for (size_t i = 0; i < sizeof status_rows / sizeof status_rows[0]; i++)
        if (status_rows[i].status == status)
            return &status_rows[i];
    return NULL;
}

const char *status_name(SECURITY_STATUS status)
{
    const struct status_row *row = status_find(status);

    return row == NULL ? "unknown status" : row->name;
}

const char *status_text(SECURITY_STATUS status)
{
    const struct status_row *row = status_find(status);

    return row == NULL ? NULL : row->text;
}

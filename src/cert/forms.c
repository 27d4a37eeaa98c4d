/* SPDX-License-Identifier: MIT */
/* The tables: Windows' structures member by member, and the names they are asked for by. */
#include <string.h>

#include "cert/form.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One member; FIELD_ON: one that is optional and has a BOOL to say so. */
#define FIELD(path, kind, flags, type, member)                                                     \
    {                                                                                              \
        path, kind, flags, offsetof(type, member), 0, NULL, NULL                                   \
    }
#define FIELD_ON(path, kind, type, member, present)                                                \
    {                                                                                              \
        path, kind, FORM_OPTIONAL, offsetof(type, member), 1 + offsetof(type, present), NULL, NULL \
    }
#define FIELD_OF(path, kind, flags, type, member, form)                                            \
    {                                                                                              \
        path, kind, flags, offsetof(type, member), 0, form, NULL                                   \
    }
#define FIELD_BY(path, flags, type, member, codec)                                                 \
    {                                                                                              \
        path, FORM_CALL, flags, offsetof(type, member), 0, NULL, codec                             \
    }
#define FIELD_END                                                                                  \
    {                                                                                              \
        NULL, FORM_END, 0, 0, 0, NULL, NULL                                                        \
    }

/* A structure of its fields; a list of structures; a single value. */
#define FORM(name, type, ...)                                                                      \
    static const struct form_field name##_fields[] = {__VA_ARGS__, FIELD_END};                     \
    static const struct form name##_form = {sizeof(type), name##_fields}
#define FORM_LIST_OF(name, type, element)                                                          \
    static const struct form_field name##_fields[] = {{"", FORM_LIST, 0, 0, 0, element, NULL},     \
                                                      FIELD_END};                                  \
    static const struct form name##_form = {sizeof(type), name##_fields}
#define FORM_VALUE(name, type, kind)                                                               \
    static const struct form_field name##_fields[] = {{"", kind, 0, 0, 0, NULL, NULL}, FIELD_END}; \
    static const struct form name##_form = {sizeof(type), name##_fields}

/* --- Single values -------------------------------------------------------------------------- */

FORM_VALUE(oid, LPSTR, FORM_OID);
FORM_VALUE(any, CRYPT_DATA_BLOB, FORM_ANY);
FORM_VALUE(octets, CRYPT_DATA_BLOB, FORM_OCTETS);
FORM_VALUE(integer, CRYPT_INTEGER_BLOB, FORM_INTEGER);
FORM_VALUE(unsigned, CRYPT_UINT_BLOB, FORM_UNSIGNED);
FORM_VALUE(signed, int, FORM_SIGNED);
FORM_VALUE(bits, CRYPT_BIT_BLOB, FORM_BITS);
FORM_VALUE(usage, CRYPT_BIT_BLOB, FORM_USAGE);
FORM_VALUE(time, FILETIME, FORM_TIME);
FORM_VALUE(utc_time, FILETIME, FORM_UTC_TIME);
FORM_LIST_OF(oids, CERT_ENHKEY_USAGE, &oid_form);
FORM_LIST_OF(anys, CRYPT_SEQUENCE_OF_ANY, &any_form);

FORM(algorithm, CRYPT_ALGORITHM_IDENTIFIER,
     FIELD("algorithm", FORM_OID, 0, CRYPT_ALGORITHM_IDENTIFIER, pszObjId),
     FIELD("parameters", FORM_ANY, FORM_OPTIONAL, CRYPT_ALGORITHM_IDENTIFIER, Parameters));

static bool algorithm_read(const struct form_place *place, void *out)
{
    return form_read(place->der, place->path, &algorithm_form, place->arena, out);
}

/* RFC 5758 3.2, RFC 8410 3, RFC 4055 3.1: these have none, or others; for none Windows writes NULL.
 */
static bool takes_null(const char *oid)
{
    return oid != NULL && strncmp(oid, "1.2.840.10045.", 14) != 0 &&
           strncmp(oid, "1.3.101.", 8) != 0 && strcmp(oid, szOID_RSA_SSA_PSS) != 0;
}

static bool algorithm_write(const struct form_place *place, const void *in)
{
    static BYTE null[] = {ASN1_TAG_NULL, 0};
    CRYPT_ALGORITHM_IDENTIFIER algorithm;

    memcpy(&algorithm, in, sizeof(algorithm));
    if (algorithm.Parameters.cbData == 0 && takes_null(algorithm.pszObjId))
        algorithm.Parameters = (CRYPT_OBJID_BLOB){sizeof(null), null};
    return form_write(place->der, place->path, &algorithm_form, &algorithm);
}

static const struct form_codec null_algorithm = {algorithm_read, algorithm_write};

/* --- Names ---------------------------------------------------------------------------------- */

/* The type and the value of an attribute lie as in a CERT_NAME_VALUE. */
_Static_assert(offsetof(CERT_RDN_ATTR, Value) - offsetof(CERT_RDN_ATTR, dwValueType) ==
                   offsetof(CERT_NAME_VALUE, Value),
               "a CERT_NAME_VALUE inside");

FORM(value, CERT_NAME_VALUE, FIELD_BY("", 0, CERT_NAME_VALUE, dwValueType, &form_value));
FORM(wide_value, CERT_NAME_VALUE, FIELD_BY("", 0, CERT_NAME_VALUE, dwValueType, &form_wide_value));

FORM(attribute, CERT_RDN_ATTR, FIELD("type", FORM_OID, 0, CERT_RDN_ATTR, pszObjId),
     FIELD_BY("value", 0, CERT_RDN_ATTR, dwValueType, &form_value));
FORM_LIST_OF(rdn, CERT_RDN, &attribute_form);
FORM_LIST_OF(name, CERT_NAME_INFO, &rdn_form);

FORM(wide_attribute, CERT_RDN_ATTR, FIELD("type", FORM_OID, 0, CERT_RDN_ATTR, pszObjId),
     FIELD_BY("value", 0, CERT_RDN_ATTR, dwValueType, &form_wide_value));
FORM_LIST_OF(wide_rdn, CERT_RDN, &wide_attribute_form);
FORM_LIST_OF(wide_name, CERT_NAME_INFO, &wide_rdn_form);

/* --- Certificates --------------------------------------------------------------------------- */

FORM(extension, CERT_EXTENSION, FIELD("extnID", FORM_OID, 0, CERT_EXTENSION, pszObjId),
     FIELD("critical", FORM_BOOLEAN, 0, CERT_EXTENSION, fCritical),
     FIELD("extnValue", FORM_OCTETS, 0, CERT_EXTENSION, Value));
FORM_LIST_OF(extensions, CERT_EXTENSIONS, &extension_form);

FORM(public_key, CERT_PUBLIC_KEY_INFO,
     FIELD_BY("algorithm", 0, CERT_PUBLIC_KEY_INFO, Algorithm, &null_algorithm),
     FIELD("subjectPublicKey", FORM_BITS, 0, CERT_PUBLIC_KEY_INFO, PublicKey));

FORM(cert, CERT_INFO,
     FIELD("version", FORM_NUMBER, FORM_OPTIONAL | FORM_EXPLICIT, CERT_INFO, dwVersion),
     FIELD("serialNumber", FORM_INTEGER, 0, CERT_INFO, SerialNumber),
     FIELD_BY("signature", 0, CERT_INFO, SignatureAlgorithm, &null_algorithm),
     FIELD("issuer", FORM_ANY, 0, CERT_INFO, Issuer),
     FIELD("validity.notBefore", FORM_TIME, 0, CERT_INFO, NotBefore),
     FIELD("validity.notAfter", FORM_TIME, 0, CERT_INFO, NotAfter),
     FIELD("subject", FORM_ANY, 0, CERT_INFO, Subject),
     FIELD_OF("subjectPublicKeyInfo", FORM_WITHIN, 0, CERT_INFO, SubjectPublicKeyInfo,
              &public_key_form),
     FIELD("issuerUniqueID", FORM_BITS, FORM_OPTIONAL, CERT_INFO, IssuerUniqueId),
     FIELD("subjectUniqueID", FORM_BITS, FORM_OPTIONAL, CERT_INFO, SubjectUniqueId),
     FIELD_OF("extensions", FORM_LIST, FORM_OPTIONAL, CERT_INFO, cExtension, &extension_form));

FORM(entry, CRL_ENTRY, FIELD("userCertificate", FORM_INTEGER, 0, CRL_ENTRY, SerialNumber),
     FIELD("revocationDate", FORM_TIME, 0, CRL_ENTRY, RevocationDate),
     FIELD_OF("crlEntryExtensions", FORM_LIST, FORM_OPTIONAL, CRL_ENTRY, cExtension,
              &extension_form));

FORM(crl, CRL_INFO, FIELD("version", FORM_NUMBER, FORM_OPTIONAL, CRL_INFO, dwVersion),
     FIELD_BY("signature", 0, CRL_INFO, SignatureAlgorithm, &null_algorithm),
     FIELD("issuer", FORM_ANY, 0, CRL_INFO, Issuer),
     FIELD("thisUpdate", FORM_TIME, 0, CRL_INFO, ThisUpdate),
     FIELD("nextUpdate", FORM_TIME, FORM_OPTIONAL, CRL_INFO, NextUpdate),
     FIELD_OF("revokedCertificates", FORM_LIST, FORM_OPTIONAL, CRL_INFO, cCRLEntry, &entry_form),
     FIELD_OF("crlExtensions", FORM_LIST, FORM_OPTIONAL, CRL_INFO, cExtension, &extension_form));

FORM(signed_content, CERT_SIGNED_CONTENT_INFO,
     FIELD("toBeSigned", FORM_ANY, 0, CERT_SIGNED_CONTENT_INFO, ToBeSigned),
     FIELD_BY("signatureAlgorithm", 0, CERT_SIGNED_CONTENT_INFO, SignatureAlgorithm,
              &null_algorithm),
     FIELD("signature", FORM_SIGNATURE, 0, CERT_SIGNED_CONTENT_INFO, Signature));

FORM(crypt_attribute, CRYPT_ATTRIBUTE, FIELD("type", FORM_OID, 0, CRYPT_ATTRIBUTE, pszObjId),
     FIELD_OF("values", FORM_LIST, 0, CRYPT_ATTRIBUTE, cValue, &any_form));
FORM_LIST_OF(crypt_attributes, CRYPT_ATTRIBUTES, &crypt_attribute_form);

FORM(request, CERT_REQUEST_INFO, FIELD("version", FORM_NUMBER, 0, CERT_REQUEST_INFO, dwVersion),
     FIELD("subject", FORM_ANY, 0, CERT_REQUEST_INFO, Subject),
     FIELD_OF("subjectPublicKeyInfo", FORM_WITHIN, 0, CERT_REQUEST_INFO, SubjectPublicKeyInfo,
              &public_key_form),
     FIELD_OF("attributes", FORM_LIST, 0, CERT_REQUEST_INFO, cAttribute, &crypt_attribute_form));

/* --- Extensions ----------------------------------------------------------------------------- */

FORM(constraints, CERT_BASIC_CONSTRAINTS2_INFO,
     FIELD("cA", FORM_BOOLEAN, 0, CERT_BASIC_CONSTRAINTS2_INFO, fCA),
     FIELD_ON("pathLenConstraint", FORM_NUMBER, CERT_BASIC_CONSTRAINTS2_INFO, dwPathLenConstraint,
              fPathLenConstraint));

FORM(key_id, CERT_AUTHORITY_KEY_ID_INFO,
     FIELD("keyIdentifier", FORM_OCTETS, FORM_OPTIONAL, CERT_AUTHORITY_KEY_ID_INFO, KeyId),
     FIELD("certIssuer", FORM_ANY, FORM_OPTIONAL | FORM_EXPLICIT, CERT_AUTHORITY_KEY_ID_INFO,
           CertIssuer),
     FIELD("certSerialNumber", FORM_INTEGER, FORM_OPTIONAL, CERT_AUTHORITY_KEY_ID_INFO,
           CertSerialNumber));

FORM(key_id2, CERT_AUTHORITY_KEY_ID2_INFO,
     FIELD("keyIdentifier", FORM_OCTETS, FORM_OPTIONAL, CERT_AUTHORITY_KEY_ID2_INFO, KeyId),
     FIELD_OF("authorityCertIssuer", FORM_WITHIN, FORM_OPTIONAL, CERT_AUTHORITY_KEY_ID2_INFO,
              AuthorityCertIssuer, &form_alt_names),
     FIELD("authorityCertSerialNumber", FORM_INTEGER, FORM_OPTIONAL, CERT_AUTHORITY_KEY_ID2_INFO,
           AuthorityCertSerialNumber));

FORM(access, CERT_ACCESS_DESCRIPTION,
     FIELD("accessMethod", FORM_OID, 0, CERT_ACCESS_DESCRIPTION, pszAccessMethod),
     FIELD_BY("accessLocation", 0, CERT_ACCESS_DESCRIPTION, AccessLocation, &form_alt_name));
FORM_LIST_OF(accesses, CERT_AUTHORITY_INFO_ACCESS, &access_form);

FORM(point, CRL_DIST_POINT,
     FIELD_BY("distributionPoint", FORM_OPTIONAL, CRL_DIST_POINT, DistPointName, &form_point_name),
     FIELD("reasons", FORM_USAGE, FORM_OPTIONAL, CRL_DIST_POINT, ReasonFlags),
     FIELD_OF("cRLIssuer", FORM_WITHIN, FORM_OPTIONAL, CRL_DIST_POINT, CRLIssuer, &form_alt_names));
FORM_LIST_OF(points, CRL_DIST_POINTS_INFO, &point_form);

FORM(issuing, CRL_ISSUING_DIST_POINT,
     FIELD_BY("distributionPoint", FORM_OPTIONAL, CRL_ISSUING_DIST_POINT, DistPointName,
              &form_point_name),
     FIELD("onlyContainsUserCerts", FORM_BOOLEAN, 0, CRL_ISSUING_DIST_POINT,
           fOnlyContainsUserCerts),
     FIELD("onlyContainsCACerts", FORM_BOOLEAN, 0, CRL_ISSUING_DIST_POINT, fOnlyContainsCACerts),
     FIELD("onlySomeReasons", FORM_USAGE, FORM_OPTIONAL, CRL_ISSUING_DIST_POINT,
           OnlySomeReasonFlags),
     FIELD("indirectCRL", FORM_BOOLEAN, 0, CRL_ISSUING_DIST_POINT, fIndirectCRL));

FORM(qualifier, CERT_POLICY_QUALIFIER_INFO,
     FIELD("policyQualifierId", FORM_OID, 0, CERT_POLICY_QUALIFIER_INFO, pszPolicyQualifierId),
     FIELD("qualifier", FORM_ANY, FORM_OPTIONAL, CERT_POLICY_QUALIFIER_INFO, Qualifier));
FORM(policy, CERT_POLICY_INFO,
     FIELD("policyIdentifier", FORM_OID, 0, CERT_POLICY_INFO, pszPolicyIdentifier),
     FIELD_OF("policyQualifiers", FORM_LIST, FORM_OPTIONAL, CERT_POLICY_INFO, cPolicyQualifier,
              &qualifier_form));
FORM_LIST_OF(policies, CERT_POLICIES_INFO, &policy_form);

FORM(mapping, CERT_POLICY_MAPPING,
     FIELD("issuerDomainPolicy", FORM_OID, 0, CERT_POLICY_MAPPING, pszIssuerDomainPolicy),
     FIELD("subjectDomainPolicy", FORM_OID, 0, CERT_POLICY_MAPPING, pszSubjectDomainPolicy));
FORM_LIST_OF(mappings, CERT_POLICY_MAPPINGS_INFO, &mapping_form);

FORM(policy_limits, CERT_POLICY_CONSTRAINTS_INFO,
     FIELD_ON("requireExplicitPolicy", FORM_NUMBER, CERT_POLICY_CONSTRAINTS_INFO,
              dwRequireExplicitPolicySkipCerts, fRequireExplicitPolicy),
     FIELD_ON("inhibitPolicyMapping", FORM_NUMBER, CERT_POLICY_CONSTRAINTS_INFO,
              dwInhibitPolicyMappingSkipCerts, fInhibitPolicyMapping));

FORM(subtree, CERT_GENERAL_SUBTREE, FIELD_BY("base", 0, CERT_GENERAL_SUBTREE, Base, &form_alt_name),
     FIELD("minimum", FORM_NUMBER, FORM_OPTIONAL, CERT_GENERAL_SUBTREE, dwMinimum),
     FIELD_ON("maximum", FORM_NUMBER, CERT_GENERAL_SUBTREE, dwMaximum, fMaximum));
FORM(name_limits, CERT_NAME_CONSTRAINTS_INFO,
     FIELD_OF("permittedSubtrees", FORM_LIST, FORM_OPTIONAL, CERT_NAME_CONSTRAINTS_INFO,
              cPermittedSubtree, &subtree_form),
     FIELD_OF("excludedSubtrees", FORM_LIST, FORM_OPTIONAL, CERT_NAME_CONSTRAINTS_INFO,
              cExcludedSubtree, &subtree_form));

FORM(template, CERT_TEMPLATE_EXT, FIELD("templateID", FORM_OID, 0, CERT_TEMPLATE_EXT, pszObjId),
     FIELD("templateMajorVersion", FORM_NUMBER, FORM_OPTIONAL, CERT_TEMPLATE_EXT, dwMajorVersion),
     FIELD_ON("templateMinorVersion", FORM_NUMBER, CERT_TEMPLATE_EXT, dwMinorVersion,
              fMinorVersion));

/* --- Keys ----------------------------------------------------------------------------------- */

FORM(private_key, CRYPT_PRIVATE_KEY_INFO,
     FIELD("version", FORM_NUMBER, 0, CRYPT_PRIVATE_KEY_INFO, Version),
     FIELD_OF("algorithm", FORM_WITHIN, 0, CRYPT_PRIVATE_KEY_INFO, Algorithm, &algorithm_form),
     FIELD("privateKey", FORM_OCTETS, 0, CRYPT_PRIVATE_KEY_INFO, PrivateKey),
     FIELD_OF("attributes", FORM_POINTER, FORM_OPTIONAL, CRYPT_PRIVATE_KEY_INFO, pAttributes,
              &crypt_attributes_form),
     {"publicKey", FORM_NONE, FORM_OPTIONAL, 0, 0, NULL, NULL});

FORM(sealed_key, CRYPT_ENCRYPTED_PRIVATE_KEY_INFO,
     FIELD_OF("algorithm", FORM_WITHIN, 0, CRYPT_ENCRYPTED_PRIVATE_KEY_INFO, EncryptionAlgorithm,
              &algorithm_form),
     FIELD("encryptedData", FORM_OCTETS, 0, CRYPT_ENCRYPTED_PRIVATE_KEY_INFO, EncryptedPrivateKey));

FORM(ecc_key, CRYPT_ECC_PRIVATE_KEY_INFO,
     FIELD("version", FORM_NUMBER, 0, CRYPT_ECC_PRIVATE_KEY_INFO, dwVersion),
     FIELD("privateKey", FORM_OCTETS, 0, CRYPT_ECC_PRIVATE_KEY_INFO, PrivateKey),
     FIELD("parameters", FORM_OID, FORM_OPTIONAL, CRYPT_ECC_PRIVATE_KEY_INFO, szCurveOid),
     FIELD("publicKey", FORM_BITS, FORM_OPTIONAL | FORM_EXPLICIT, CRYPT_ECC_PRIVATE_KEY_INFO,
           PublicKey));

FORM(ecc_signature, CERT_ECC_SIGNATURE, FIELD("r", FORM_UNSIGNED, 0, CERT_ECC_SIGNATURE, r),
     FIELD("s", FORM_UNSIGNED, 0, CERT_ECC_SIGNATURE, s));

/* --- RSASSA-PSS: RFC 4055 3.1 --------------------------------------------------------------- */

#define PSS_SALT 20

FORM(mask, CRYPT_MASK_GEN_ALGORITHM,
     FIELD("algorithm", FORM_OID, 0, CRYPT_MASK_GEN_ALGORITHM, pszObjId),
     FIELD_BY("parameters", 0, CRYPT_MASK_GEN_ALGORITHM, HashAlgorithm, &null_algorithm));

/* As it is encoded: what has its default is not there. A salt may be of no octets. */
struct pss_parts {
    CRYPT_RSA_SSA_PSS_PARAMETERS all;
    BOOL salted;
};

FORM(pss_parts, struct pss_parts,
     FIELD_BY("hashAlgorithm", FORM_OPTIONAL, struct pss_parts, all.HashAlgorithm, &null_algorithm),
     FIELD_OF("maskGenAlgorithm", FORM_WITHIN, FORM_OPTIONAL, struct pss_parts,
              all.MaskGenAlgorithm, &mask_form),
     {"saltLength", FORM_NUMBER, FORM_OPTIONAL | FORM_EXPLICIT,
      offsetof(struct pss_parts, all.dwSaltLength), 1 + offsetof(struct pss_parts, salted), NULL,
      NULL},
     FIELD("trailerField", FORM_NUMBER, FORM_OPTIONAL | FORM_EXPLICIT, struct pss_parts,
           all.dwTrailerField));

static bool oid_default(struct arena *arena, LPSTR *oid, const char *otherwise)
{
    if (*oid == NULL)
        *oid = arena_text(arena, otherwise);
    return *oid != NULL;
}

static bool pss_read(const struct form_place *place, void *out)
{
    struct pss_parts parts = {.salted = FALSE};
    CRYPT_RSA_SSA_PSS_PARAMETERS *all = &parts.all;

    if (!form_read(place->der, place->path, &pss_parts_form, place->arena, &parts) ||
        !oid_default(place->arena, &all->HashAlgorithm.pszObjId, szOID_OIWSEC_sha1) ||
        !oid_default(place->arena, &all->MaskGenAlgorithm.pszObjId, szOID_RSA_MGF1) ||
        !oid_default(place->arena, &all->MaskGenAlgorithm.HashAlgorithm.pszObjId,
                     szOID_OIWSEC_sha1))
        return false;
    if (!parts.salted)
        all->dwSaltLength = PSS_SALT;
    if (all->dwTrailerField == 0)
        all->dwTrailerField = PKCS_RSA_SSA_PSS_TRAILER_FIELD_BC;
    memcpy(out, all, sizeof(*all));
    return true;
}

static bool oid_is_default(LPCSTR oid, const char *otherwise)
{
    return oid == NULL || strcmp(oid, otherwise) == 0;
}

static bool pss_write(const struct form_place *place, const void *in)
{
    struct pss_parts parts;
    CRYPT_RSA_SSA_PSS_PARAMETERS *all = &parts.all;

    memcpy(all, in, sizeof(*all));
    parts.salted = all->dwSaltLength != PSS_SALT;
    if (oid_is_default(all->HashAlgorithm.pszObjId, szOID_OIWSEC_sha1))
        all->HashAlgorithm = (CRYPT_ALGORITHM_IDENTIFIER){.pszObjId = NULL};
    if (oid_is_default(all->MaskGenAlgorithm.pszObjId, szOID_RSA_MGF1) &&
        oid_is_default(all->MaskGenAlgorithm.HashAlgorithm.pszObjId, szOID_OIWSEC_sha1))
        all->MaskGenAlgorithm = (CRYPT_MASK_GEN_ALGORITHM){.pszObjId = NULL};
    if (all->dwTrailerField == PKCS_RSA_SSA_PSS_TRAILER_FIELD_BC)
        all->dwTrailerField = 0;
    return form_write(place->der, place->path, &pss_parts_form, &parts);
}

static const struct form_codec pss = {pss_read, pss_write};

FORM(pss, CRYPT_RSA_SSA_PSS_PARAMETERS,
     FIELD_BY("", 0, CRYPT_RSA_SSA_PSS_PARAMETERS, HashAlgorithm, &pss));

/* --- Messages ------------------------------------------------------------------------------- */

FORM(content, CRYPT_CONTENT_INFO, FIELD("contentType", FORM_OID, 0, CRYPT_CONTENT_INFO, pszObjId),
     FIELD("content", FORM_ANY, FORM_OPTIONAL | FORM_EXPLICIT, CRYPT_CONTENT_INFO, Content));

/* --- What callers name ---------------------------------------------------------------------- */

#define DER(number, type, form)                                                                    \
    {                                                                                              \
        number, "SSPI-PKIX." type, form, NULL, NULL, NULL, NULL                                    \
    }
#define DER_IN(number, type, form, outer, inside)                                                  \
    {                                                                                              \
        number, "SSPI-PKIX." type, form, "SSPI-PKIX." outer, inside, NULL, NULL                    \
    }
#define BLOB(number, read, write)                                                                  \
    {                                                                                              \
        number, NULL, NULL, NULL, NULL, read, write                                                \
    }

static const struct form_entry entries[] = {
    DER(X509_CERT, "Signed", &signed_content_form),
    DER_IN(X509_CERT_TO_BE_SIGNED, "TBSCertificate", &cert_form, "Certificate", "tbsCertificate"),
    DER_IN(X509_CERT_CRL_TO_BE_SIGNED, "TBSCertList", &crl_form, "CertificateList", "tbsCertList"),
    DER_IN(X509_CERT_REQUEST_TO_BE_SIGNED, "CertificationRequestInfo", &request_form,
           "CertificationRequest", "certificationRequestInfo"),
    DER(X509_EXTENSIONS, "Extensions", &extensions_form),
    DER(X509_NAME_VALUE, "Any", &value_form),
    DER(X509_NAME, "Name", &name_form),
    DER(X509_PUBLIC_KEY_INFO, "SubjectPublicKeyInfo", &public_key_form),
    DER(X509_AUTHORITY_KEY_ID, "OldAuthorityKeyIdentifier", &key_id_form),
    DER(X509_ALTERNATE_NAME, "GeneralNames", &form_alt_names),
    DER(X509_KEY_USAGE, "Bits", &usage_form),
    DER(X509_BASIC_CONSTRAINTS2, "BasicConstraints", &constraints_form),
    DER(X509_CERT_POLICIES, "CertificatePolicies", &policies_form),
    DER(PKCS_UTC_TIME, "UtcTime", &utc_time_form),
    BLOB(RSA_CSP_PUBLICKEYBLOB, form_rsa_public_read, form_rsa_public_write),
    DER(X509_UNICODE_NAME, "Name", &wide_name_form),
    DER(PKCS_ATTRIBUTE, "Attribute", &crypt_attribute_form),
    DER(X509_UNICODE_NAME_VALUE, "Any", &wide_value_form),
    DER(X509_OCTET_STRING, "Octets", &octets_form),
    DER(X509_BITS, "Bits", &bits_form),
    DER(X509_INTEGER, "Integer", &signed_form),
    DER(X509_MULTI_BYTE_INTEGER, "Integer", &integer_form),
    DER(X509_ENUMERATED, "Enumerated", &signed_form),
    DER(X509_CHOICE_OF_TIME, "Time", &time_form),
    DER(X509_AUTHORITY_KEY_ID2, "AuthorityKeyIdentifier", &key_id2_form),
    DER(X509_AUTHORITY_INFO_ACCESS, "AccessDescriptions", &accesses_form),
    DER(PKCS_CONTENT_INFO, "ContentInfo", &content_form),
    DER(X509_SEQUENCE_OF_ANY, "Anys", &anys_form),
    DER(X509_CRL_DIST_POINTS, "DistributionPoints", &points_form),
    DER(X509_ENHANCED_KEY_USAGE, "KeyPurposes", &oids_form),
    DER(X509_MULTI_BYTE_UINT, "Integer", &unsigned_form),
    BLOB(PKCS_RSA_PRIVATE_KEY, form_rsa_secret_read, form_rsa_secret_write),
    DER(PKCS_PRIVATE_KEY_INFO, "PrivateKeyInfo", &private_key_form),
    DER(PKCS_ENCRYPTED_PRIVATE_KEY_INFO, "EncryptedPrivateKeyInfo", &sealed_key_form),
    DER(X509_ECC_SIGNATURE, "Signature", &ecc_signature_form),
    DER(PKCS_ATTRIBUTES, "Attributes", &crypt_attributes_form),
    DER(X509_BITS_WITHOUT_TRAILING_ZEROES, "Bits", &usage_form),
    DER(X509_ISSUING_DIST_POINT, "IssuingDistributionPoint", &issuing_form),
    DER(X509_NAME_CONSTRAINTS, "NameConstraints", &name_limits_form),
    DER(X509_POLICY_MAPPINGS, "PolicyMappings", &mappings_form),
    DER(X509_POLICY_CONSTRAINTS, "PolicyConstraints", &policy_limits_form),
    DER(X509_CERTIFICATE_TEMPLATE, "CertificateTemplate", &template_form),
    BLOB(CNG_RSA_PUBLIC_KEY_BLOB, form_rsa_cng_read, form_rsa_cng_write),
    DER(X509_OBJECT_IDENTIFIER, "ObjectIdentifier", &oid_form),
    DER(X509_ALGORITHM_IDENTIFIER, "AlgorithmIdentifier", &algorithm_form),
    DER(PKCS_RSA_SSA_PSS_PARAMETERS, "PssParameters", &pss_form),
    DER(X509_ECC_PRIVATE_KEY, "ECPrivateKey", &ecc_key_form),
};

/* Extensions and attributes of these forms. */
static const struct {
    const char *oid;
    LPCSTR number;
} named[] = {
    {szOID_AUTHORITY_KEY_IDENTIFIER, X509_AUTHORITY_KEY_ID},
    {szOID_AUTHORITY_KEY_IDENTIFIER2, X509_AUTHORITY_KEY_ID2},
    {szOID_SUBJECT_KEY_IDENTIFIER, X509_OCTET_STRING},
    {szOID_SUBJECT_ALT_NAME, X509_ALTERNATE_NAME},
    {szOID_SUBJECT_ALT_NAME2, X509_ALTERNATE_NAME},
    {szOID_ISSUER_ALT_NAME, X509_ALTERNATE_NAME},
    {szOID_ISSUER_ALT_NAME2, X509_ALTERNATE_NAME},
    {szOID_KEY_USAGE, X509_KEY_USAGE},
    {szOID_ENHANCED_KEY_USAGE, X509_ENHANCED_KEY_USAGE},
    {szOID_BASIC_CONSTRAINTS2, X509_BASIC_CONSTRAINTS2},
    {szOID_CERT_POLICIES, X509_CERT_POLICIES},
    {szOID_POLICY_MAPPINGS, X509_POLICY_MAPPINGS},
    {szOID_POLICY_CONSTRAINTS, X509_POLICY_CONSTRAINTS},
    {szOID_NAME_CONSTRAINTS, X509_NAME_CONSTRAINTS},
    {szOID_CRL_DIST_POINTS, X509_CRL_DIST_POINTS},
    {szOID_FRESHEST_CRL, X509_CRL_DIST_POINTS},
    {szOID_ISSUING_DIST_POINT, X509_ISSUING_DIST_POINT},
    {szOID_DELTA_CRL_INDICATOR, X509_INTEGER},
    {szOID_CRL_NUMBER, X509_INTEGER},
    {szOID_CRL_REASON_CODE, X509_ENUMERATED},
    {szOID_AUTHORITY_INFO_ACCESS, X509_AUTHORITY_INFO_ACCESS},
    {szOID_SUBJECT_INFO_ACCESS, X509_AUTHORITY_INFO_ACCESS},
    {szOID_CERTIFICATE_TEMPLATE, X509_CERTIFICATE_TEMPLATE},
    {szOID_CERT_EXTENSIONS, X509_EXTENSIONS},
    {szOID_RSA_certExtensions, X509_EXTENSIONS},
    {szOID_RSA_signingTime, X509_CHOICE_OF_TIME},
    {szOID_RSA_SSA_PSS, PKCS_RSA_SSA_PSS_PARAMETERS},
};

static LPCSTR number_of(LPCSTR name)
{
    if ((uintptr_t)name <= 0xffff)
        return name;
    for (size_t i = 0; i < COUNT(named); i++)
        if (strcmp(named[i].oid, name) == 0)
            return named[i].number;
    return NULL;
}

const struct form_entry *form_find(LPCSTR name)
{
    LPCSTR number = number_of(name);

    for (size_t i = 0; number != NULL && i < COUNT(entries); i++)
        if (entries[i].number == number)
            return &entries[i];
    return NULL;
}

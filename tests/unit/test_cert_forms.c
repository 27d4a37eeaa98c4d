/* SPDX-License-Identifier: MIT */
/*
 * CryptDecodeObjectEx() and CryptEncodeObjectEx() over their tables. The DER is openssl's: of
 * openssl req, pkcs8, ec, dgst and asn1parse -genstr.
 */
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <bcrypt.h>
#include <wincrypt.h>

#include "lib/certs.h"
#include "lib/check_main.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DER_MAX      4096

static const struct sample {
    LPCSTR type;
    const char *hex;
} samples[] = {
    {X509_AUTHORITY_INFO_ACCESS,
     "3033301506082B060105050730018609687474703A2F2F6F2F301A06082B06010505073002A40E300C310A300806"
     "035504"
     "0A0C016F"},
    {szOID_CRL_DIST_POINTS,
     "30303013A00DA00B8609687474703A2F2F782F810205603019A005A003820171A210A40E300C310A300806035504"
     "0A0C01"
     "6F"},
    {szOID_CERT_POLICIES,
     "3027300506032A0304301E06032B05083017301506082B060105050702011609687474703A2F2F632F"},
    {szOID_NAME_CONSTRAINTS, "3017A00730058203612E62A10C300A87080A000000FF000000"},
    {szOID_POLICY_MAPPINGS, "300A300806022A0306022A04"},
    {szOID_POLICY_CONSTRAINTS, "3006800103810100"},
    {szOID_ISSUING_DIST_POINT, "3016A00DA00B8609687474703A2F2F692F830206408401FF"},
    {szOID_AUTHORITY_KEY_IDENTIFIER2,
     "303E8014F576ED8114CFC10A0EAA470ABAB39C2F255E3CA8A110A40E300C310A300806035504030C016182143CE3"
     "01CF4BDFAB689FD902D25E9E2F2CBF9C4848"},
    {X509_AUTHORITY_KEY_ID, "301480020102A10B3009310730050603550403820101"},
    {X509_ECC_PRIVATE_KEY,
     "30770201010420bf9488be329e44cda1b3ec7967bbc900eefc6fc25339649c56fbcf91a34d44d1a00a06082a8648"
     "ce3d030107a144034200041c9145ecc6f271ea86dda33ba4a96cef5839cb86e8e34d78957352fcde785f0d3095f2"
     "810d8d87a3a39ff674d8ec624721f7517acb37db22345aa5f139abacf0"},
    {PKCS_PRIVATE_KEY_INFO,
     "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420bf9488be329e44cda1b3"
     "ec7967bbc900eefc6fc25339649c56fbcf91a34d44d1a144034200041c9145ecc6f271ea86dda33ba4a96cef5839"
     "cb86e8e34d78957352fcde785f0d3095f2810d8d87a3a39ff674d8ec624721f7517acb37db22345aa5f139abacf"
     "0"},
    {PKCS_PRIVATE_KEY_INFO, "301b0201003006060428010203040161a00b300906022a033103020105"},
    {PKCS_ENCRYPTED_PRIVATE_KEY_INFO, "300a300406022a030402abcd"},
    {RSA_CSP_PUBLICKEYBLOB,
     "3048024100e80a2ef12030224ea19d86875d7fe314ea7d6e687dace32e4b69a2a068305fc71e0d6f8a5af8fb3650"
     "d78867efac24e044b0a66b256913b672dbb9e36a354dcf0203010001"},
    {CNG_RSA_PUBLIC_KEY_BLOB,
     "3048024100e80a2ef12030224ea19d86875d7fe314ea7d6e687dace32e4b69a2a068305fc71e0d6f8a5af8fb3650"
     "d78867efac24e044b0a66b256913b672dbb9e36a354dcf0203010001"},
    {X509_ECC_SIGNATURE,
     "30450220702eba07b029213be9f22e95406ea8444f29a0dd82bd0342493c50712ff3bc1b022100b30d241acd1db5"
     "67f7a68bd20591e0c3714c4b15b0f834f7502958b8e09d56fb"},
    {X509_CERT,
     "3081e530818c020100300c310a300806035504030c01623059301306072a8648ce3d020106082a8648ce3d030107"
     "034200041c9145ecc6f271ea86dda33ba4a96cef5839cb86e8e34d78957352fcde785f0d3095f2810d8d87a3a39f"
     "f674d8ec624721f7517acb37db22345aa5f139abacf0a01e301c06092a864886f70d01090e310f300d300b060355"
     "1d0f040403020780300a06082a8648ce3d04030203480030450220762d8a88461411ed146356bf2493e15efd4d81"
     "8234a1a204a0dad6fb9fb0627d0221009c20d070d05d1df6f44f0194fd173987394caa8ab50d498bdc46e213ab39"
     "8a26"},
    {X509_NAME_VALUE, "1e06004100c300a9"},
    {X509_NAME_VALUE, "1c0400000041"},
    {X509_NAME_VALUE, "0c0341c3a9"},
    {X509_UNICODE_NAME_VALUE, "1e06004100c300a9"},
    {X509_UNICODE_NAME_VALUE, "1c040001d11e"},
    {X509_UNICODE_NAME_VALUE, "0c0341c3a9"},
    {X509_UNICODE_NAME_VALUE, "140141"},
    {X509_UNICODE_NAME_VALUE, "04020102"},
    {X509_UNICODE_NAME, "300c310a300806035504030c016f"},
    {X509_NAME, "300f310d300b06035504031e0400410042"},
    {X509_CHOICE_OF_TIME, "170d3236303130323033303430355a"},
    {X509_CHOICE_OF_TIME, "180f32303531303130323033303430355a"},
    {PKCS_UTC_TIME, "170d3236303130323033303430355a"},
    {X509_EXTENSIONS, "300f300d0603551d0f0101ff0403030100"},
    {PKCS_ATTRIBUTE, "300906022a033103020105"},
    {PKCS_ATTRIBUTES, "310b300906022a033103020105"},
    {PKCS_CONTENT_INFO, "301106092a864886f70d010701a0040402abcd"},
    {PKCS_CONTENT_INFO, "300b06092a864886f70d010701"},
    {X509_SEQUENCE_OF_ANY, "30060201010c0161"},
    {X509_MULTI_BYTE_UINT, "020300ff01"},
    {X509_MULTI_BYTE_UINT, "020300fffe"}, /* where ff is no sign */
    {X509_ECC_SIGNATURE, "300a020300ff80020300ffff"},
    {X509_BITS_WITHOUT_TRAILING_ZEROES, "030205a0"},
    {X509_OBJECT_IDENTIFIER, "06082a8648ce3d030107"},
    {X509_ALGORITHM_IDENTIFIER, "301306072a8648ce3d020106082a8648ce3d030107"},
    {X509_CERTIFICATE_TEMPLATE, "300a06022a03020164020100"},
    {PKCS_RSA_SSA_PSS_PARAMETERS, "3000"},
    {PKCS_RSA_SSA_PSS_PARAMETERS, "3005a203020100"},
    {szOID_RSA_SSA_PSS, "3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06"
                        "0960864801650304020205"
                        "00a203020130"},
    {szOID_CRL_NUMBER, "020107"},
    {szOID_RSA_signingTime, "170d3236303130323033303430355a"},
};

static DWORD octets_of(const char *hex, BYTE *der)
{
    DWORD size = DER_MAX;

    ck_assert(CryptStringToBinaryA(hex, 0, CRYPT_STRING_HEXRAW, der, &size, NULL, NULL));
    return size;
}

static void *decoded(LPCSTR type, const BYTE *der, DWORD size, DWORD flags)
{
    BYTE *copy = malloc(size == 0 ? 1 : size);
    void *info = NULL;
    DWORD room = 0;

    memcpy(copy, der, size);
    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, type, copy, size, flags | CRYPT_DECODE_ALLOC_FLAG,
                             NULL, &info, &room)) {
        ck_assert_uint_ne(GetLastError(), 0);
        info = NULL;
    }
    free(copy); /* nothing points there */
    return info;
}

static void *decoded_hex(LPCSTR type, const char *hex)
{
    BYTE der[DER_MAX];
    DWORD size = octets_of(hex, der);
    void *info = decoded(type, der, size, 0);

    ck_assert_ptr_nonnull(info);
    return info;
}

/* There is one DER of a value. */
START_TEST(sample_goes_round)
{
    const struct sample *sample = &samples[_i];
    BYTE der[DER_MAX], back[DER_MAX];
    DWORD size = octets_of(sample->hex, der), room = sizeof(back);
    void *info = decoded(sample->type, der, size, 0);

    ck_assert_ptr_nonnull(info);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, sample->type, info, back, &room));
    ck_assert_uint_eq(room, size);
    ck_assert_mem_eq(back, der, size);
    LocalFree(info);
}
END_TEST

START_TEST(cut_sample_is_refused)
{
    const struct sample *sample = &samples[_i];
    BYTE der[DER_MAX];
    DWORD size = octets_of(sample->hex, der);

    for (DWORD cut = 0; cut < size; cut++)
        ck_assert_ptr_null(decoded(sample->type, der, cut, 0));
}
END_TEST

/* What an altered one decodes to can be encoded, or is refused; nothing is read outside. */
START_TEST(altered_sample_does_no_harm)
{
    const struct sample *sample = &samples[_i];
    BYTE der[DER_MAX], back[DER_MAX];
    DWORD size = octets_of(sample->hex, der), refused = 0;

    for (DWORD bit = 0; bit < size * 8; bit++) {
        DWORD room = sizeof(back);
        void *info;

        der[bit / 8] ^= (BYTE)(1U << bit % 8);
        info = decoded(sample->type, der, size, 0);
        refused += info == NULL;
        if (info != NULL && !CryptEncodeObject(X509_ASN_ENCODING, sample->type, info, back, &room))
            ck_assert_uint_ne(GetLastError(), 0);
        LocalFree(info);
        der[bit / 8] ^= (BYTE)(1U << bit % 8);
    }
    ck_assert_uint_gt(refused, 0);
}
END_TEST

/* --- Members -------------------------------------------------------------------------------- */

static void wide_is(LPCWSTR wide, const char *text)
{
    size_t i = 0;

    for (; text[i] != '\0'; i++)
        ck_assert_uint_eq(wide[i], (unsigned char)text[i]);
    ck_assert_uint_eq(wide[i], 0);
}

START_TEST(extensions_have_their_members)
{
    CERT_AUTHORITY_INFO_ACCESS *access = decoded_hex(samples[0].type, samples[0].hex);
    CRL_DIST_POINTS_INFO *points = decoded_hex(samples[1].type, samples[1].hex);
    CERT_POLICIES_INFO *policies = decoded_hex(samples[2].type, samples[2].hex);
    CERT_NAME_CONSTRAINTS_INFO *names = decoded_hex(samples[3].type, samples[3].hex);
    CERT_POLICY_CONSTRAINTS_INFO *limits = decoded_hex(samples[5].type, samples[5].hex);
    CRL_ISSUING_DIST_POINT *issuing = decoded_hex(samples[6].type, samples[6].hex);
    CERT_AUTHORITY_KEY_ID2_INFO *key = decoded_hex(samples[7].type, samples[7].hex);

    ck_assert_uint_eq(access->cAccDescr, 2);
    ck_assert_str_eq(access->rgAccDescr[0].pszAccessMethod, szOID_PKIX_OCSP);
    wide_is(access->rgAccDescr[0].AccessLocation.pwszURL, "http://o/");
    ck_assert_uint_eq(access->rgAccDescr[1].AccessLocation.dwAltNameChoice,
                      CERT_ALT_NAME_DIRECTORY_NAME);
    ck_assert_uint_eq(points->cDistPoint, 2);
    ck_assert_uint_eq(points->rgDistPoint[0].DistPointName.dwDistPointNameChoice,
                      CRL_DIST_POINT_FULL_NAME);
    wide_is(points->rgDistPoint[0].DistPointName.FullName.rgAltEntry[0].pwszURL, "http://x/");
    ck_assert_uint_eq(points->rgDistPoint[0].ReasonFlags.pbData[0],
                      CRL_REASON_KEY_COMPROMISE_FLAG | CRL_REASON_CA_COMPROMISE_FLAG);
    ck_assert_uint_eq(points->rgDistPoint[0].CRLIssuer.cAltEntry, 0);
    ck_assert_uint_eq(points->rgDistPoint[1].CRLIssuer.cAltEntry, 1);
    ck_assert_uint_eq(policies->cPolicyInfo, 2);
    ck_assert_uint_eq(policies->rgPolicyInfo[0].cPolicyQualifier, 0);
    ck_assert_str_eq(policies->rgPolicyInfo[1].pszPolicyIdentifier, "1.3.5.8");
    ck_assert_str_eq(policies->rgPolicyInfo[1].rgPolicyQualifier[0].pszPolicyQualifierId,
                     szOID_PKIX_POLICY_QUALIFIER_CPS);
    ck_assert_uint_eq(policies->rgPolicyInfo[1].rgPolicyQualifier[0].Qualifier.cbData, 11);
    ck_assert_uint_eq(names->cPermittedSubtree, 1);
    wide_is(names->rgPermittedSubtree[0].Base.pwszDNSName, "a.b");
    ck_assert_uint_eq(names->rgExcludedSubtree[0].Base.IPAddress.cbData, 8);
    ck_assert(!names->rgExcludedSubtree[0].fMaximum);
    ck_assert(limits->fRequireExplicitPolicy && limits->fInhibitPolicyMapping);
    ck_assert_uint_eq(limits->dwRequireExplicitPolicySkipCerts, 3);
    ck_assert_uint_eq(limits->dwInhibitPolicyMappingSkipCerts, 0);
    ck_assert(issuing->fIndirectCRL && !issuing->fOnlyContainsCACerts);
    ck_assert_uint_eq(key->KeyId.cbData, 20);
    ck_assert_uint_eq(key->KeyId.pbData[0], 0xf5);
    ck_assert_uint_eq(key->AuthorityCertIssuer.cAltEntry, 1);
    ck_assert_uint_eq(key->AuthorityCertSerialNumber.pbData[0], 0x48); /* little-endian */
    LocalFree(access);
    LocalFree(points);
    LocalFree(policies);
    LocalFree(names);
    LocalFree(limits);
    LocalFree(issuing);
    LocalFree(key);
}
END_TEST

/* RFC 4055 3.1: what is not there has its default. */
START_TEST(pss_parameters_have_their_defaults)
{
    CRYPT_RSA_SSA_PSS_PARAMETERS *none = decoded_hex(PKCS_RSA_SSA_PSS_PARAMETERS, "3000");
    CRYPT_RSA_SSA_PSS_PARAMETERS *salt = decoded_hex(PKCS_RSA_SSA_PSS_PARAMETERS, "3005a203020100");
    CRYPT_RSA_SSA_PSS_PARAMETERS nothing = {.dwSaltLength = 20};
    BYTE der[DER_MAX];
    DWORD size = sizeof(der);

    ck_assert_str_eq(none->HashAlgorithm.pszObjId, szOID_OIWSEC_sha1);
    ck_assert_str_eq(none->MaskGenAlgorithm.pszObjId, szOID_RSA_MGF1);
    ck_assert_str_eq(none->MaskGenAlgorithm.HashAlgorithm.pszObjId, szOID_OIWSEC_sha1);
    ck_assert_uint_eq(none->dwSaltLength, 20);
    ck_assert_uint_eq(none->dwTrailerField, PKCS_RSA_SSA_PSS_TRAILER_FIELD_BC);
    ck_assert_uint_eq(salt->dwSaltLength, 0);
    ck_assert(
        CryptEncodeObject(X509_ASN_ENCODING, PKCS_RSA_SSA_PSS_PARAMETERS, &nothing, der, &size));
    ck_assert_uint_eq(size, 2);
    LocalFree(none);
    LocalFree(salt);
}
END_TEST

START_TEST(keys_have_their_members)
{
    CRYPT_ECC_PRIVATE_KEY_INFO *ecc = decoded_hex(samples[9].type, samples[9].hex);
    CRYPT_PRIVATE_KEY_INFO *key = decoded_hex(samples[10].type, samples[10].hex);
    CRYPT_PRIVATE_KEY_INFO *with = decoded_hex(samples[11].type, samples[11].hex);
    PUBLICKEYSTRUC *capi = decoded_hex(samples[13].type, samples[13].hex);
    BCRYPT_RSAKEY_BLOB *cng = decoded_hex(samples[14].type, samples[14].hex);
    CERT_ECC_SIGNATURE *signature = decoded_hex(samples[15].type, samples[15].hex);
    const RSAPUBKEY *rsa = (const RSAPUBKEY *)(const void *)(capi + 1);

    ck_assert_uint_eq(ecc->dwVersion, 1);
    ck_assert_uint_eq(ecc->PrivateKey.cbData, 32);
    ck_assert_str_eq(ecc->szCurveOid, szOID_ECC_CURVE_P256);
    ck_assert_uint_eq(ecc->PublicKey.cbData, 65);
    ck_assert_str_eq(key->Algorithm.pszObjId, szOID_ECC_PUBLIC_KEY);
    ck_assert_uint_eq(key->PrivateKey.cbData, 109);
    ck_assert_ptr_null(key->pAttributes);
    ck_assert_uint_eq(with->pAttributes->cAttr, 1);
    ck_assert_uint_eq(with->pAttributes->rgAttr[0].rgValue[0].cbData, 3);
    ck_assert_uint_eq(capi->bType, PUBLICKEYBLOB);
    ck_assert_uint_eq(capi->aiKeyAlg, CALG_RSA_KEYX);
    ck_assert_uint_eq(rsa->bitlen, 512);
    ck_assert_uint_eq(rsa->pubexp, 65537);
    ck_assert_uint_eq(((const BYTE *)(rsa + 1))[0], 0xcf);
    ck_assert_uint_eq(cng->Magic, BCRYPT_RSAPUBLIC_MAGIC);
    ck_assert_uint_eq(cng->cbModulus, 64);
    ck_assert_uint_eq(signature->r.cbData, 32);
    ck_assert_uint_eq(signature->s.cbData, 32); /* 33 in DER, for the sign */
    ck_assert_uint_eq(signature->s.pbData[31], 0xb3);
    LocalFree(ecc);
    LocalFree(key);
    LocalFree(with);
    LocalFree(capi);
    LocalFree(cng);
    LocalFree(signature);
}
END_TEST

START_TEST(rsa_secret_goes_round)
{
    gnutls_datum_t der;
    BYTE back[DER_MAX], *blob, *again;
    DWORD size = sizeof(back);

    ck_assert_int_eq(
        gnutls_x509_privkey_export2(certs_key(CERTS_RSA_1024), GNUTLS_X509_FMT_DER, &der), 0);
    blob = decoded(PKCS_RSA_PRIVATE_KEY, der.data, der.size, 0);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, blob, back, &size));
    again = decoded(PKCS_RSA_PRIVATE_KEY, back, size, 0);
    ck_assert_ptr_nonnull(again);
    /* But for the private exponent, of which a key has more than one. */
    ck_assert_mem_eq(again, blob, 20 + 128 + 5 * 64);
    LocalFree(again);
    blob[12] ^= 1; /* an odd number of bits */
    ck_assert(!CryptEncodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, blob, back, &size));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_BADARGS);
    LocalFree(blob);
    gnutls_free(der.data);
    certs_end();
}
END_TEST

/* --- Text ----------------------------------------------------------------------------------- */

static const struct wide_case {
    DWORD type;
    WCHAR units[4];
    const char *hex; /* NULL: refused */
    DWORD error;
} wides[] = {
    {CERT_RDN_ANY_TYPE, {'A', 'b'}, "13024162", 0},
    {CERT_RDN_ANY_TYPE, {'A', 0xe9}, "0c0341c3a9", 0},
    {CERT_RDN_UTF8_STRING, {'A'}, "0c0141", 0},
    {CERT_RDN_PRINTABLE_STRING, {'A'}, "130141", 0},
    {CERT_RDN_PRINTABLE_STRING, {'@'}, NULL, CRYPT_E_INVALID_PRINTABLE_STRING},
    {CERT_RDN_IA5_STRING, {'@'}, "160140", 0},
    {CERT_RDN_IA5_STRING, {0xe9}, NULL, CRYPT_E_INVALID_IA5_STRING},
    {CERT_RDN_NUMERIC_STRING, {'1', ' '}, "12023120", 0},
    {CERT_RDN_NUMERIC_STRING, {'x'}, NULL, CRYPT_E_INVALID_NUMERIC_STRING},
    {CERT_RDN_T61_STRING, {0xe9}, "1401e9", 0},
    {CERT_RDN_T61_STRING, {0x20ac}, NULL, CRYPT_E_ASN1_BADARGS},
    {CERT_RDN_BMP_STRING, {'A', 0x20ac}, "1e04004120ac", 0},
    {CERT_RDN_UNIVERSAL_STRING, {0xd834, 0xdd1e}, "1c040001d11e", 0},
    {CERT_RDN_UTF8_STRING, {0xd834}, NULL, CRYPT_E_ASN1_BADARGS},
    {99, {'A'}, NULL, CRYPT_E_ASN1_BADARGS},
};

/* A value of size 0 ends with its NUL. */
START_TEST(wide_text_is_encoded)
{
    const struct wide_case *one = &wides[_i];
    WCHAR units[4];
    BYTE der[64], want[DER_MAX];

    memcpy(units, one->units, sizeof(units));
    for (DWORD counted = 0; counted < 2; counted++) {
        CERT_NAME_VALUE value = {one->type, {0, (BYTE *)units}};
        DWORD size = sizeof(der);

        for (DWORD i = 0; counted && units[i] != 0; i++)
            value.Value.cbData += sizeof(WCHAR);
        if (one->hex == NULL) {
            ck_assert(
                !CryptEncodeObject(X509_ASN_ENCODING, X509_UNICODE_ANY_STRING, &value, der, &size));
            ck_assert_uint_eq(GetLastError(), one->error);
            continue;
        }
        ck_assert(
            CryptEncodeObject(X509_ASN_ENCODING, X509_UNICODE_ANY_STRING, &value, der, &size));
        ck_assert_uint_eq(size, octets_of(one->hex, want));
        ck_assert_mem_eq(der, want, size);
    }
}
END_TEST

START_TEST(wide_text_is_decoded)
{
    CERT_NAME_VALUE *value = decoded_hex(X509_UNICODE_ANY_STRING, "1c040001d11e");
    const WCHAR *units = (const WCHAR *)(const void *)value->Value.pbData;

    ck_assert_uint_eq(value->dwValueType, CERT_RDN_UNIVERSAL_STRING);
    ck_assert_uint_eq(value->Value.cbData, 4);
    ck_assert_uint_eq(units[0], 0xd834);
    ck_assert_uint_eq(units[1], 0xdd1e);
    ck_assert_uint_eq(units[2], 0);
    LocalFree(value);
    value = decoded_hex(X509_ANY_STRING, "1e06004100c300a9");
    units = (const WCHAR *)(const void *)value->Value.pbData;
    ck_assert_uint_eq(units[0], 'A'); /* the machine's order */
    ck_assert_uint_eq(units[2], 0xa9);
    LocalFree(value);
}
END_TEST

/* --- What is signed ------------------------------------------------------------------------- */

START_TEST(certificate_is_taken_apart)
{
    struct certs_form form = {.name = "CN=x", .alt = "dns:a.example", .authority = 1};
    gnutls_x509_crt_t crt = certs_make(&form, 0, NULL, 0);
    gnutls_datum_t der = certs_der(crt);
    CERT_SIGNED_CONTENT_INFO *turned = decoded(X509_CERT, der.data, der.size, 0);
    CERT_SIGNED_CONTENT_INFO *plain =
        decoded(X509_CERT, der.data, der.size, CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG);
    CERT_INFO *info = decoded(X509_CERT_TO_BE_SIGNED, der.data, der.size, 0);
    CERT_INFO *part;
    BYTE back[DER_MAX];
    DWORD size = sizeof(back), last;

    ck_assert_ptr_nonnull(turned);
    ck_assert_ptr_nonnull(plain);
    last = plain->Signature.cbData - 1;
    ck_assert_mem_eq(plain->Signature.pbData, der.data + der.size - last - 1, last + 1);
    for (DWORD i = 0; i <= last; i++)
        ck_assert_uint_eq(turned->Signature.pbData[i], plain->Signature.pbData[last - i]);
    ck_assert(CryptEncodeObjectEx(X509_ASN_ENCODING, X509_CERT, plain,
                                  CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG, NULL, back, &size));
    ck_assert_uint_eq(size, der.size);
    ck_assert_mem_eq(back, der.data, size);
    size = sizeof(back);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_CERT_TO_BE_SIGNED, info, back, &size));
    ck_assert_uint_eq(size, plain->ToBeSigned.cbData);
    ck_assert_mem_eq(back, plain->ToBeSigned.pbData, size);
    ck_assert_ptr_null(decoded(X509_CERT_TO_BE_SIGNED, back, size, 0));
    part = decoded(X509_CERT_TO_BE_SIGNED, back, size, CRYPT_DECODE_TO_BE_SIGNED_FLAG);
    ck_assert_ptr_nonnull(part);
    ck_assert_uint_eq(part->cExtension, info->cExtension);
    ck_assert_uint_eq(part->dwVersion, CERT_V3);
    LocalFree(part);
    LocalFree(info);
    LocalFree(plain);
    LocalFree(turned);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    certs_end();
}
END_TEST

START_TEST(crl_is_encoded_again)
{
    static const char hex[] =
        "3081c7306f020101300a06082a8648ce3d040302300c310a300806035504030c0161170d32363131"
        "32313134323334325a170d3236313132343134323334325a3022302002014d170d32363131323030"
        "30303030305a300c300a0603551d1504030a0101a00e300c300a0603551d140403020102300a0608"
        "2a8648ce3d04030203480030450220417fffee579bde625b03d7844e34006e23e2f15fdaee5d754a"
        "906c9207e2be32022100c9d4ff2890f99e2cac7ff040a18c13c31f324009029adf5c4234a7dbf979"
        "c1e0";
    CERT_SIGNED_CONTENT_INFO *whole = decoded_hex(X509_CERT, hex);
    CRL_INFO *info = decoded_hex(X509_CERT_CRL_TO_BE_SIGNED, hex);
    BYTE back[DER_MAX];
    DWORD size = sizeof(back);

    ck_assert_uint_eq(info->cCRLEntry, 1);
    ck_assert_uint_eq(info->rgCRLEntry[0].SerialNumber.pbData[0], 77);
    ck_assert_str_eq(info->rgCRLEntry[0].rgExtension[0].pszObjId, szOID_CRL_REASON_CODE);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_CERT_CRL_TO_BE_SIGNED, info, back, &size));
    ck_assert_uint_eq(size, whole->ToBeSigned.cbData);
    ck_assert_mem_eq(back, whole->ToBeSigned.pbData, size);
    LocalFree(info);
    LocalFree(whole);
}
END_TEST

START_TEST(request_has_its_members)
{
    CERT_REQUEST_INFO *info = NULL;

    for (size_t i = 0; i < COUNT(samples); i++)
        if (samples[i].type == X509_CERT)
            info = decoded_hex(X509_CERT_REQUEST_TO_BE_SIGNED, samples[i].hex);
    ck_assert_ptr_nonnull(info);
    ck_assert_uint_eq(info->Subject.cbData, 14);
    ck_assert_str_eq(info->SubjectPublicKeyInfo.Algorithm.pszObjId, szOID_ECC_PUBLIC_KEY);
    ck_assert_uint_eq(info->cAttribute, 1);
    ck_assert_str_eq(info->rgAttribute[0].pszObjId, szOID_RSA_certExtensions);
    LocalFree(info);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("forms");
    TCase *tc = tcase_create("round");

    tcase_add_loop_test(tc, sample_goes_round, 0, COUNT(samples));
    tcase_add_loop_test(tc, cut_sample_is_refused, 0, COUNT(samples));
    tcase_add_loop_test(tc, altered_sample_does_no_harm, 0, COUNT(samples));
    suite_add_tcase(s, tc);
    tc = tcase_create("members");
    tcase_add_test(tc, extensions_have_their_members);
    tcase_add_test(tc, pss_parameters_have_their_defaults);
    tcase_add_test(tc, keys_have_their_members);
    tcase_add_test(tc, rsa_secret_goes_round);
    tcase_add_loop_test(tc, wide_text_is_encoded, 0, COUNT(wides));
    tcase_add_test(tc, wide_text_is_decoded);
    tcase_add_test(tc, certificate_is_taken_apart);
    tcase_add_test(tc, crl_is_encoded_again);
    tcase_add_test(tc, request_has_its_members);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# certs.sh: certificates and keys of OpenSSL's and GnuTLS' commands, as wincrypt.h sees them: signatures by RSASSA-PSS with
# each kind of key and parameters, and ours as those commands see them; the containers of keys from PEM and PKCS #12; the
# usages that certificates have in common.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
world_need certtool gnutls-bin
world_need openssl openssl
world_begin
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
interop_tool cert_tools
work=$WORLD/certs.tools
mkdir -p "$work"
cd "$work" || exit 1
export XDG_DATA_HOME=$work/home

# is EXPECTED NAME WORD...: what cert_tools says, with $ENVIRONMENT
ENVIRONMENT=()
is() {
    local expected=$1 name=$2
    shift 2
    tap_is "$(timeout 60 env "${ENVIRONMENT[@]}" "$TOOL" "$@" 2>&1)" "$expected" "$name"
}

must() {
    "$@" &>"$work/log" || world_die "$*: $(<"$work/log")"
}

# ---- RSASSA-PSS --------------------------------------------------------------------------------------------------------

# Keys: for anything; for PSS alone; for PSS with SHA-256 and a salt of at least 32 octets.
must openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out any.key
must openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.key
must openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
    -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32 -out bound.key

# by_openssl NAME KEY HASH SALT [MASK-HASH]
by_openssl() {
    must openssl req -x509 -new -key "$2.key" -subj "/CN=$1" -days 3 "-$3" -sigopt rsa_padding_mode:pss \
        -sigopt "rsa_pss_saltlen:$4" ${5:+-sigopt "rsa_mgf1_md:$5"} -out "$1.pem"
}

# What was signed, hashed: the certificate's first part
tbs_hash() {
    openssl asn1parse -in "$1" -strparse 4 -noout -out "$work/tbs" && openssl dgst "-$2" -r "$work/tbs" | cut -d' ' -f1
}

while read -r key hash salt; do
    name=$key-$hash-$salt
    by_openssl "$name" "$key" "$hash" "$salt"
    is good "OpenSSL's, $key key, $hash, salt $salt: signed by its issuer" verify "$name.pem" "$name.pem"
    is 0x00000000 "... and a chain to it holds" chain "$name.pem" "$name.pem"
    is "2048 bits, RSASSA-PSS, $(tbs_hash "$name.pem" "$hash")" "... with the hash of what was signed" describe "$name.pem"
done <<'END'
any sha256 32
any sha384 48
any sha512 64
any sha256 0
any sha256 20
any sha256 222
pss sha256 32
pss sha512 64
pss sha256 20
bound sha256 32
bound sha256 40
END

# Another's key, of each kind.
is 'bad 0x80090006' 'another key did not sign it' verify any-sha256-32.pem pss-sha256-32.pem
is 'bad 0x80090006' '... nor one that may sign with SHA-256 alone' verify any-sha512-64.pem bound-sha256-32.pem

# What GnuTLS does not do is not called a bad signature.
by_openssl mask any sha256 32 sha1
is 'bad 0x80090008' 'a mask by another hash is an algorithm that is not known' verify mask.pem mask.pem
by_openssl sha1 any sha1 20
is 'bad 0x80090008' '... and so is SHA-1' verify sha1.pem sha1.pem

# An intermediate: the end is signed with the longest salt there is, as OpenSSL before 3.0 did unasked.
printf '%s\n' 'basicConstraints=critical,CA:TRUE' 'keyUsage=keyCertSign' >ca.ext
must openssl req -x509 -new -key any.key -subj /CN=root -days 3 -out root.pem
must openssl req -new -key pss.key -subj /CN=end -out end.csr
must openssl x509 -req -in end.csr -CA root.pem -CAkey any.key -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max \
    -days 3 -out end.pem
is 0x00000000 'a chain over a salt of any length holds' chain end.pem root.pem
must openssl x509 -in end.pem -outform DER -out end.der
printf '\x00' | dd of=end.der bs=1 seek=$(($(stat -c %s end.der) - 7)) conv=notrunc status=none
printf '\x01' | dd of=end.der bs=1 seek=$(($(stat -c %s end.der) - 8)) conv=notrunc status=none
is 0x00000008 '... and does not when the signature is altered' chain end.der root.pem

# GnuTLS' own.
printf '%s\n' 'cn = "gnutls"' ca 'expiration_days = 3' >template
must certtool --generate-privkey --key-type rsa-pss --bits 2048 --hash sha384 --salt-size 48 --outfile gnutls.key
must certtool --generate-self-signed --load-privkey gnutls.key --template template --hash sha384 --outfile gnutls.pem
must certtool --generate-self-signed --load-privkey any.key --template template --hash sha512 --sign-params rsa-pss --outfile gnutls512.pem
for name in gnutls gnutls512; do
    is good "certtool's, $name: signed by its issuer" verify "$name.pem" "$name.pem"
    is 0x00000000 '... and a chain to it holds' chain "$name.pem" "$name.pem"
done

# Ours, which OpenSSL judges.
while read -r oid salt; do
    is signed "a certificate of our own with a salt of $salt" sign ours.der "$oid" "$salt"
    must openssl x509 -inform DER -in ours.der -out ours.pem
    tap_run 'OpenSSL takes it' openssl verify -CAfile ours.pem -check_ss_sig ours.pem
    is good '... and so do we' verify ours.pem ours.pem
done <<'END'
2.16.840.1.101.3.4.2.1 32
2.16.840.1.101.3.4.2.2 48
2.16.840.1.101.3.4.2.3 64
2.16.840.1.101.3.4.2.1 40
END
is 'not signed 0x80090029' 'a salt shorter than the hash is refused' sign ours.der 2.16.840.1.101.3.4.2.1 20

# ---- containers --------------------------------------------------------------------------------------------------------

must openssl req -x509 -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=rsa -days 3 -out rsa.pem
must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ec.key -subj /CN=ec -days 3 -out ec.pem
capi='Microsoft Enhanced Cryptographic Provider v1.0, 1, 1'
cng='Microsoft Software Key Storage Provider, 0, 0'
for kind in rsa ec; do
    must openssl pkcs12 -export -in $kind.pem -inkey $kind.key -passout pass:secret -out $kind.pfx
    must certtool --to-p12 --p12-name "$kind" --password secret --load-certificate $kind.pem --load-privkey $kind.key --outder \
        --outfile $kind.gnutls.pfx
    cat $kind.pem $kind.key >$kind.both
    must openssl pkey -in $kind.key -traditional -out $kind.old
    cat $kind.pem $kind.old >$kind.old.both
    [ $kind = rsa ] && expected=$capi || expected=$cng
    is "$expected" "OpenSSL's PKCS #12 of an $kind key names a container that opens" pfx $kind.pfx secret 0
    is "$expected" "... and so does certtool's" pfx $kind.gnutls.pfx secret 0
    is "$expected" '... and PEM' pem $kind.both
    is "$expected" '... and PEM of the older form' pem $kind.old.both
    is 'no name 0x80092004' '... but none under PKCS12_NO_PERSIST_KEY' pfx $kind.pfx secret 0x8000
done
tap_run 'nothing was written' test ! -e "$XDG_DATA_HOME"

# ---- usages ------------------------------------------------------------------------------------------------------------

for usage in serverAuth,clientAuth serverAuth emailProtection ''; do
    must openssl req -x509 -new -key any.key -subj /CN=usage -days 3 ${usage:+-addext "extendedKeyUsage=$usage"} \
        -out "use-${usage:-any}.pem"
done
server=1.3.6.1.5.5.7.3.1 client=1.3.6.1.5.5.7.3.2
is "1 $server" 'what two certificates are both for' usages use-serverAuth,clientAuth.pem use-serverAuth.pem
is "2 $server $client" '... one of them for anything' usages use-any.pem use-serverAuth,clientAuth.pem
is -1 '... both of them' usages use-any.pem use-any.pem
is 0 '... and nothing in common' usages use-serverAuth.pem use-emailProtection.pem

# ---- locales -----------------------------------------------------------------------------------------------------------

# In Turkish "I" is not the capital of "i": names of hosts and of attributes are ASCII all the same.
must openssl req -x509 -new -key any.key -subj /CN=host -addext subjectAltName=DNS:info.example,DNS:*.iris.example -days 3 -out host.pem
mkdir locales
if localedef -c -i tr_TR -f UTF-8 locales/tr_TR.UTF-8 &>"$work/log" && [ -e locales/tr_TR.UTF-8/LC_CTYPE ]; then
    ENVIRONMENT=("LOCPATH=$work/locales" LC_ALL=tr_TR.UTF-8)
    is 0x00000000 'a host by its name in capitals, in Turkish' host host.pem INFO.EXAMPLE
    is 0x00000000 '... and by a wildcard' host host.pem WWW.IRIS.EXAMPLE
    is 0x800b010f '... and not by another' host host.pem INF0.EXAMPLE
    is 'a name' 'an attribute by its key in small letters' name 'title=a, initials=b'
else
    tap_skip 'names in Turkish' 'the locale cannot be made (package locales)'
fi
tap_done

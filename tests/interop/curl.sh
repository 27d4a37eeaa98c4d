#!/bin/bash
# SPDX-License-Identifier: MIT
#
# curl.sh: a program written for Windows. curl from Debian's source package, with its Schannel and SSPI code as it is, is built
# against our headers and library (curl_win32.h is the one forced include). It fetches from nginx by TLS, and logs in to Apache
# and to our HTTP servers, by Negotiate, NTLM and Digest. What each call must come to is what curl's source makes of the status that Windows documents.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -n "${KDC_PID:-}" ] || exec "$here/../world/with-realm" "$0" "$@"
# shellcheck source=tests/world/lib.sh
. "$here/../world/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/curl_build.sh
. "$here/curl_build.sh"

world_need nginx nginx-light
world_need openssl openssl
world_join

# ---- certificates --------------------------------------------------------------------------------------------------------

PKI=$WORLD/pki

# authority NAME: a root, its key and its folder of the openssl command ca
authority() {
    mkdir -p "$PKI/$1.d"
    : >"$PKI/$1.d/index"
    key "$1"
    openssl req -x509 -new -key "$PKI/$1.key" -days 3 -subj "/O=gss-sspi test/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out "$PKI/$1.pem"
}

# key NAME [ALGORITHM]: rsa or ec
key() {
    if [ "${2:-ec}" = rsa ]; then
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$PKI/$1.key"
    else
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$PKI/$1.key"
    fi
}

# leaf NAME CA USAGE SUBJECT-ALT-NAME [ALGORITHM [START END]]
leaf() {
    local from=(-days 2)
    [ -z "${6:-}" ] || from=(-startdate "$6" -enddate "$7")
    key "$1" "${5:-ec}"
    printf '%s\n' "basicConstraints=CA:FALSE" "keyUsage=digitalSignature" "extendedKeyUsage=$3" "subjectAltName=$4" \
        >"$PKI/$1.ext"
    printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$PKI/$2.d/index" "new_certs_dir=$PKI/$2.d" 'default_md=sha256' \
        'rand_serial=yes' 'unique_subject=no' 'policy=p' 'default_crl_days=2' '[p]' 'commonName=supplied' >"$PKI/$2.d/conf"
    openssl req -new -key "$PKI/$1.key" -subj "/CN=$1" -out "$PKI/$1.csr"
    openssl ca -batch -notext -config "$PKI/$2.d/conf" -cert "$PKI/$2.pem" -keyfile "$PKI/$2.key" "${from[@]}" \
        -extfile "$PKI/$1.ext" -in "$PKI/$1.csr" -out "$PKI/$1.pem"
}

# subordinate NAME CA: an authority that another one vouches for
subordinate() {
    authority "$1" || return
    openssl req -new -key "$PKI/$1.key" -subj "/O=gss-sspi test/CN=$1" -out "$PKI/$1.csr" &&
        openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/$2.pem" -CAkey "$PKI/$2.key" -CAcreateserial -days 2 \
            -extfile <(printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign) -out "$PKI/$1.pem"
}

# staple NAME CA: an OCSP response about NAME, as the CA knows it now
staple() {
    openssl ocsp -issuer "$PKI/$2.pem" -cert "$PKI/$1.pem" -reqout "$PKI/$1.ask" -no_nonce
    openssl ocsp -index "$PKI/$2.d/index" -rsigner "$PKI/$2.pem" -rkey "$PKI/$2.key" -CA "$PKI/$2.pem" -ndays 2 \
        -reqin "$PKI/$1.ask" -respout "$PKI/$1.ocsp"
}

make_pki() {
    local local_names=DNS:localhost,IP:127.0.0.1
    mkdir -p "$PKI"
    authority root && authority stranger || return
    leaf ecdsa root serverAuth "$local_names" || return
    leaf rsa root serverAuth "$local_names" rsa || return
    leaf misnamed root serverAuth DNS:other.test || return
    leaf wildcard root serverAuth DNS:*.loopback.test || return
    leaf expired root serverAuth "$local_names" ec 20200101000000Z 20210101000000Z || return
    leaf early root serverAuth "$local_names" ec 20900101000000Z 20910101000000Z || return
    leaf misused root clientAuth "$local_names" || return
    leaf unknown stranger serverAuth "$local_names" || return
    leaf revoked root serverAuth "$local_names" || return
    leaf client root clientAuth DNS:client.test rsa || return
    subordinate between root && leaf below between serverAuth "$local_names" || return
    cp "$PKI/below.pem" "$PKI/chain.pem" && cp "$PKI/below.key" "$PKI/chain.key" && cat "$PKI/between.pem" >>"$PKI/chain.pem"
    openssl ca -config "$PKI/root.d/conf" -cert "$PKI/root.pem" -keyfile "$PKI/root.key" -revoke "$PKI/revoked.pem" || return
    staple ecdsa root && staple revoked root || return
    # A password that the caller may know: what it guards is gone when the test ends.
    openssl pkcs12 -export -inkey "$PKI/client.key" -in "$PKI/client.pem" -passout pass:loopback -out "$PKI/client.p12"
}

# ---- nginx ---------------------------------------------------------------------------------------------------------------

NGINX_USES=(plain tls12 tls13 rsa both misnamed wildcard expired early misused unknown revoked stapled client wants chain below)
declare -A AT=()

# server USE CERTIFICATE DIRECTIVE...
server() {
    echo "server { listen 127.0.0.1:${AT[$1]} ssl; server_name _; ssl_certificate $PKI/$2.pem; ssl_certificate_key $PKI/$2.key;"
    printf '%s\n' "${@:3}" 'include locations; }'
}

nginx_configuration() {
    local name
    cat <<END
daemon off; master_process off; worker_processes 1; pid $WEB/pid; error_log $WEB/errors info;
events { worker_connections 64; }
http {
    access_log $WEB/access;
    client_body_temp_path $WEB/tmp; proxy_temp_path $WEB/tmp; fastcgi_temp_path $WEB/tmp; uwsgi_temp_path $WEB/tmp;
    scgi_temp_path $WEB/tmp;
    default_type text/plain; client_max_body_size 16m; ssl_session_cache shared:s:1m; ssl_protocols TLSv1.2 TLSv1.3;
END
    server plain ecdsa
    server tls12 ecdsa 'ssl_protocols TLSv1.2;'
    server tls13 ecdsa 'ssl_protocols TLSv1.3;'
    server rsa rsa
    server both rsa "ssl_certificate $PKI/ecdsa.pem; ssl_certificate_key $PKI/ecdsa.key;"
    for name in misnamed wildcard expired early misused unknown chain below; do server "$name" "$name"; done
    server revoked revoked 'ssl_stapling on;' "ssl_stapling_file $PKI/revoked.ocsp;"
    server stapled ecdsa 'ssl_stapling on;' "ssl_stapling_file $PKI/ecdsa.ocsp;"
    server client ecdsa 'ssl_verify_client on;' "ssl_client_certificate $PKI/root.pem;"
    server wants ecdsa 'ssl_verify_client optional;' "ssl_client_certificate $PKI/root.pem;"
    echo '}'
}

start_nginx() {
    local i
    WEB=$WORLD/web
    mkdir -p "$WEB/tmp" "$WEB/www"
    head -c 3000000 /dev/urandom >"$WEB/www/big"
    cat >"$WEB/locations" <<END
location = /big { root $WEB/www; }
location = /sent { root $WEB/www; dav_methods PUT; }
location = /again { keepalive_timeout 0; return 200 "\$ssl_session_reused "; }
location / { return 200 "\$ssl_protocol \$ssl_alpn_protocol \$ssl_server_name \$ssl_client_s_dn"; }
END
    world_claim "${#NGINX_USES[@]}" 0
    for i in "${!NGINX_USES[@]}"; do AT[${NGINX_USES[i]}]=${PORTS[i]}; done
    nginx_configuration >"$WEB/conf"
    world_start nginx nginx -p "$WEB" -e "$WEB/errors" -c "$WEB/conf"
    world_wait nginx 127.0.0.1 "${AT[wants]}" && return
    tap_diag_file "$WEB/errors"
    return 1
}

# ---- asking it -----------------------------------------------------------------------------------------------------------

# fetch ARGUMENT...: curl's exit status and what it printed, in STATUS and SAID
fetch() {
    SAID=$(timeout 60 "$CURL" --silent --show-error --verbose "$@" 2>"$WORLD/tmp/curl.err")
    STATUS=$?
}

# gets NAME PAGE ARGUMENT...: the page matches
gets() {
    fetch "${@:3}"
    tap_like "$STATUS $SAID" "^0 $2\$" "$1" || tap_diag_file "$WORLD/tmp/curl.err"
}

# fails NAME STATUS TEXT ARGUMENT...: curl's exit status, and a pattern of what it or its Schannel code says about it
fails() {
    fetch "${@:4}"
    tap_is "$STATUS" "$2" "$1" || tap_diag_file "$WORLD/tmp/curl.err"
    tap_like "$(grep -E '^(curl: \(|\* schannel: )' "$WORLD/tmp/curl.err")" "$3" "$1: the reason"
}

# ---- TLS -----------------------------------------------------------------------------------------------------------------

url() {
    echo "https://localhost:${AT[$1]}/${2:-}"
}

# Windows asks for the revocation of every certificate unless it is told not to; these servers' have no list and no staple.
TRUST=(--cacert "$PKI/root.pem" --ssl-no-revoke)
# The same, judged by Schannel itself against the system's roots.
SYSTEM=(--ssl-no-revoke)

with_versions() {
    gets 'TLS 1.3 where both can it' 'TLSv1.3 http/1.1 localhost ' "${TRUST[@]}" "$(url plain)"
    gets 'TLS 1.2 where the server has no other' 'TLSv1.2 http/1.1 localhost ' "${TRUST[@]}" "$(url tls12)"
    gets 'TLS 1.3 where the server has no other' 'TLSv1.3 http/1.1 localhost ' "${TRUST[@]}" "$(url tls13)"
    gets 'TLS 1.2 where curl wants no other' 'TLSv1.2 http/1.1 localhost ' --tls-max 1.2 "${TRUST[@]}" "$(url plain)"
    gets 'TLS 1.3 where curl wants no other' 'TLSv1.3 http/1.1 localhost ' --tlsv1.3 "${TRUST[@]}" "$(url plain)"
    fails 'no common version, the client is too old' 35 'InitializeSecurityContext failed' --tls-max 1.2 "${TRUST[@]}" "$(url tls13)"
    fails 'no common version, the server is too old' 35 'InitializeSecurityContext failed' --tlsv1.3 "${TRUST[@]}" "$(url tls12)"
    gets 'RSA' 'TLSv1.3 .*' "${TRUST[@]}" "$(url rsa)"
    gets 'RSA in TLS 1.2' 'TLSv1.2 .*' --tls-max 1.2 "${TRUST[@]}" "$(url rsa)"
    gets 'RSA and ECDSA' 'TLSv1.3 .*' "${TRUST[@]}" "$(url both)"
    gets 'no ALPN' 'TLSv1.3  localhost ' --no-alpn "${TRUST[@]}" "$(url plain)"
    gets 'an address has no server name' 'TLSv1.3 http/1.1  ' -k "https://127.0.0.1:${AT[plain]}/"
}

with_messages() {
    local version
    for version in 1.2 1.3; do
        fetch --tls-max "$version" "${TRUST[@]}" --output "$WORLD/tmp/big" "$(url plain big)"
        cmp -s "$WEB/www/big" "$WORLD/tmp/big"
        tap_ok $? "3 MB come over TLS $version" || tap_diag_file "$WORLD/tmp/curl.err"
        rm -f "$WEB/www/sent"
        fetch --tls-max "$version" "${TRUST[@]}" --upload-file "$WEB/www/big" --header Expect: "$(url plain sent)"
        cmp -s "$WEB/www/big" "$WEB/www/sent"
        tap_ok $? "3 MB go over TLS $version" || tap_diag_file "$WORLD/tmp/curl.err"
        gets "three connections, the later ones resumed, by TLS $version" '\. r r ' --tls-max "$version" "${TRUST[@]}" \
            "$(url plain again)" "$(url plain again)" "$(url plain again)"
    done
}

# The same faults, judged by curl with the chain functions (--cacert) and by Schannel itself (the system's roots).
with_faults() {
    local trust='CertGetCertificateChain trust error CERT_TRUST_'
    fails 'by curl: the certificate names another' 60 'connection hostname \(localhost\) did not match' "${TRUST[@]}" "$(url misnamed)"
    fails 'by curl: expired' 60 "${trust}IS_NOT_TIME_VALID" "${TRUST[@]}" "$(url expired)"
    fails 'by curl: not yet valid' 60 "${trust}IS_NOT_TIME_VALID" "${TRUST[@]}" "$(url early)"
    fails 'by curl: from a stranger' 60 "${trust}IS_(PARTIAL_CHAIN|UNTRUSTED_ROOT)" "${TRUST[@]}" "$(url unknown)"
    fails 'by curl: a certificate is missing between' 60 "${trust}IS_PARTIAL_CHAIN" "${TRUST[@]}" "$(url below)"
    fails 'by curl: no word about revocation' 60 "${trust}REVOCATION_STATUS_UNKNOWN" --cacert "$PKI/root.pem" "$(url plain)"
    gets 'by curl: no word about revocation, at best effort' '.*' --cacert "$PKI/root.pem" --ssl-revoke-best-effort "$(url plain)"
    fails 'by curl: no such file of roots' 77 'failed to open CA file' --cacert "$WORLD/none" "$(url plain)"
    fails 'Schannel: the certificate names another' 60 'SEC_E_WRONG_PRINCIPAL' "${SYSTEM[@]}" "$(url misnamed)"
    fails 'Schannel: expired' 35 'SEC_E_CERT_EXPIRED' "${SYSTEM[@]}" "$(url expired)"
    fails 'Schannel: not yet valid' 35 'SEC_E_CERT_EXPIRED' "${SYSTEM[@]}" "$(url early)"
    fails 'Schannel: from a stranger' 60 'SEC_E_UNTRUSTED_ROOT' "${SYSTEM[@]}" "$(url unknown)"
    fails 'Schannel: a certificate is missing between' 60 'SEC_E_UNTRUSTED_ROOT' "${SYSTEM[@]}" "$(url below)"
    fails 'Schannel: not for a server' 35 'SEC_E_CERT_WRONG_USAGE' "${SYSTEM[@]}" "$(url misused)"
    fails 'Schannel: no word about revocation' 35 '0x8009201[23]' "$(url plain)"
    fails 'Schannel: revoked, says the staple' 35 'CRYPT_E_REVOKED' "$(url revoked)"
    gets 'Schannel: good, says the staple' 'TLSv1.3 .*' "$(url stapled)"
    gets 'by curl: a chain of three' 'TLSv1.3 .*' "${TRUST[@]}" "$(url chain)"
    gets 'Schannel: a chain of three' 'TLSv1.3 .*' "${SYSTEM[@]}" "$(url chain)"
    gets 'Schannel: trusted' 'TLSv1.3 .*' "${SYSTEM[@]}" "$(url plain)"
    gets 'Schannel: trusted, at best effort' 'TLSv1.3 .*' --ssl-revoke-best-effort "$(url plain)"
    gets 'Schannel: a wildcard' 'TLSv1.3 .*' "${SYSTEM[@]}" --resolve "www.loopback.test:${AT[wildcard]}:127.0.0.1" \
        "https://www.loopback.test:${AT[wildcard]}/"
    gets 'by curl: a wildcard' 'TLSv1.3 .*' "${TRUST[@]}" --resolve "www.loopback.test:${AT[wildcard]}:127.0.0.1" \
        "https://www.loopback.test:${AT[wildcard]}/"
}

without_verification() {
    local use
    for use in misnamed expired early misused unknown revoked; do
        gets "unverified: $use" 'TLSv1.3 .*' --insecure "$(url "$use")"
    done
}

with_client_certificate() {
    local version thumbprint identity=(--cert "$PKI/client.p12:loopback" --cert-type P12)
    for version in 1.2 1.3; do
        gets "a client certificate in TLS $version" "TLSv$version .* CN=client" --tls-max "$version" "${identity[@]}" \
            "${TRUST[@]}" "$(url client)"
        gets "no client certificate where it is welcome in TLS $version" "TLSv$version http/1.1 localhost " \
            --tls-max "$version" "${TRUST[@]}" "$(url wants)"
        gets "no client certificate where it is needed in TLS $version" '.*No required SSL certificate was sent.*' \
            --tls-max "$version" "${TRUST[@]}" "$(url client)"
    done
    # As Windows says it: store and thumbprint. The user's store here is in $HOME.
    fails 'a client certificate that the store has not' 58 'Failed to (open cert store|get certificate)|certificate' \
        --cert 'CurrentUser\MY\0000000000000000000000000000000000000000' "${TRUST[@]}" "$(url client)"
    thumbprint=$(openssl x509 -in "$PKI/client.pem" -outform DER | openssl dgst -sha1 -r)
    thumbprint=${thumbprint%% *}
    mkdir -p "$HOME/.local/share/sspi/my"
    (umask 077 && cat "$PKI/client.pem" "$PKI/client.key" >"$HOME/.local/share/sspi/my/$thumbprint.pem")
    gets 'a client certificate of the store' '.* CN=client' --cert "CurrentUser\\MY\\$thumbprint" "${TRUST[@]}" "$(url client)"
    fails 'a client certificate with a wrong password' 58 'password is bad' --cert "$PKI/client.p12:other" "${TRUST[@]}" \
        "$(url client)"
    fails 'a client certificate that is not there' 58 'Failed to get certificate location or file' --cert "$PKI/none.p12" \
        "${TRUST[@]}" "$(url client)"
}

# What curl reads of the server's certificates by itself.
with_details() {
    local pin
    pin=$(openssl pkey -in "$PKI/ecdsa.key" -pubout -outform DER | openssl dgst -sha256 -binary | base64)
    gets 'the right key is pinned' 'TLSv1.3 .*' "${TRUST[@]}" --pinnedpubkey "sha256//$pin" "$(url plain)"
    fails 'another key is pinned' 90 'public key does not match pinned public key' "${TRUST[@]}" --pinnedpubkey "sha256//$pin" \
        "$(url rsa)"
    gets 'as many certificates as were sent' '2' "${TRUST[@]}" --output /dev/null --write-out '%{num_certs}' "$(url chain)"
    gets 'what is in them' '.*Subject:CN=below.*' "${TRUST[@]}" --output /dev/null --write-out '%{certs}' "$(url chain)"
}

# A body that ends with the stream, and a stream that ends with close_notify or without.
with_ends() {
    local how
    for how in closed cut; do
        world_claim 1 0
        # shellcheck disable=SC2016 # the words are Python's
        world_start "$how" python3 -c "$ONE_ANSWER" "$how" "${PORTS[0]}" "$PKI/ecdsa.pem" "$PKI/ecdsa.key"
        world_wait "$how" 127.0.0.1 "${PORTS[0]}"
        if [ "$how" = closed ]; then
            gets 'a stream that ends with close_notify' 'all of it' "${TRUST[@]}" "https://localhost:${PORTS[0]}/"
        else
            fails 'a stream that is cut' 56 'server closed abruptly \(missing close_notify\)' "${TRUST[@]}" \
                "https://localhost:${PORTS[0]}/"
        fi
        world_stop "$how"
    done
}

# Connections that say nothing (world_wait makes one) are passed over.
ONE_ANSWER='
import socket, ssl, sys
how, port, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
listener = socket.create_server(("127.0.0.1", int(port)))
while True:
    plain, _ = listener.accept()
    plain.settimeout(60)
    try:
        peer = context.wrap_socket(plain, server_side=True)
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        if how == "closed": # and does not wait for the answer
            peer.setblocking(False)
            peer.unwrap()
    except ssl.SSLWantReadError:
        peer.close()
    except OSError:
        plain.close()
    else:
        peer.close()
'

with_nginx() {
    gets 'features' '.*Schannel.* NTLM .*SPNEGO SSL SSPI.*' --version
    export SSPI_CERT_ROOT=$PKI/root.pem
    with_versions
    with_messages
    with_faults
    without_verification
    with_client_certificate
    with_details
    with_ends
    SSPI_CERT_ROOT=$PKI/stranger.pem
    fails 'Schannel: not among the roots of the system' 60 'SEC_E_UNTRUSTED_ROOT' "${SYSTEM[@]}" "$(url plain)"
    unset SSPI_CERT_ROOT
}

# ---- logging in ----------------------------------------------------------------------------------------------------------

apache_location() {
    printf '%s\n' "<Location /$1>" 'AuthType GSSAPI' "AuthName $1" "${@:2}" 'Require valid-user' '</Location>'
}

# Digest's accounts for Apache and for our server, as htdigest writes them.
DIGEST_REALM='a realm of Digest'

digest_accounts() {
    local user a1
    for user in alice bob; do
        a1=$user:$DIGEST_REALM:$(<"$WORLD/password/$user")
        echo "$user:$DIGEST_REALM:$(printf %s "$a1" | md5sum | cut -d ' ' -f 1)"
        echo "$user:$DIGEST_REALM:$(printf %s "$a1" | sha256sum | cut -d ' ' -f 1)"
    done
}

digest_location() {
    printf '%s\n' '<Location /digest>' 'AuthType Digest' "AuthName \"$DIGEST_REALM\"" 'AuthDigestDomain /digest/' \
        'AuthDigestProvider file' "AuthUserFile $SITE/digest" 'Require valid-user' '</Location>'
}

apache_configuration() {
    local module
    for module in mpm_prefork authz_core authz_user authn_core authn_file auth_digest auth_gssapi dir log_config unixd ssl headers; do
        [ ! -e "$MODULES/mod_$module.so" ] || echo "LoadModule ${module}_module $MODULES/mod_$module.so"
    done
    cat <<END
ServerRoot $SITE
ServerName localhost
PidFile $SITE/pid
DefaultRuntimeDir $SITE
Mutex file:$SITE default
Listen 127.0.0.1:${PORTS[0]}
Listen 127.0.0.1:${PORTS[1]}
User $ACCOUNT
Group $GROUP
DocumentRoot $SITE/www
StartServers 1
MinSpareServers 1
MaxSpareServers 1
MaxRequestWorkers 4
KeepAlive On
ErrorLog $SITE/errors
Header set X-User expr=%{REMOTE_USER}
<VirtualHost 127.0.0.1:${PORTS[1]}>
SSLEngine on
SSLCertificateFile $PKI/ecdsa.pem
SSLCertificateKeyFile $PKI/ecdsa.key
</VirtualHost>
$(apache_location krb5 'GssapiAllowedMech krb5')
$(apache_location ntlm 'GssapiAllowedMech ntlmssp' 'GssapiConnectionBound On')
$(digest_location)
END
}

# root must leave the server an account of its own and what it has to read.
start_apache() {
    SITE=$WORLD/site ACCOUNT=$(id -un) GROUP=$(id -gn)
    [ "$ACCOUNT" != root ] || { ACCOUNT=www-data GROUP=www-data; }
    mkdir -p "$SITE/www"/{krb5,ntlm,digest}
    digest_accounts >"$SITE/digest"
    for place in krb5 ntlm digest; do echo "this is $place" >"$SITE/www/$place/index.html"; done
    cp "$WORLD/service.keytab" "$SITE/keytab" && cp "$WORLD/ntlm.users" "$SITE/accounts"
    chown -R "$ACCOUNT" "$SITE"
    world_claim 2 0
    apache_configuration >"$SITE/conf"
    world_start apache env -u LD_LIBRARY_PATH KRB5_KTNAME="FILE:$SITE/keytab" NTLM_USER_FILE="$SITE/accounts" \
        apache2 -f "$SITE/conf" -DFOREGROUND
    world_wait apache 127.0.0.1 "${PORTS[0]}" && return
    tap_diag_file "$SITE/errors"
    return 1
}

# user_is NAME USER ARGUMENT...: the server answers 200, and to this user
user_is() {
    fetch --output /dev/null --write-out '%{http_code} %header{x-user}' "${@:3}"
    tap_is "$STATUS $SAID" "0 200 $2" "$1" || tap_diag_file "$WORLD/tmp/curl.err"
}

refused() {
    fetch --output /dev/null --write-out '%{http_code}' "${@:2}"
    tap_is "$STATUS $SAID" '0 401' "$1" || tap_diag_file "$WORLD/tmp/curl.err"
}

# Passwords go to curl by a file of its own.
curl_user() {
    printf 'user = "%s:%s"\n' "${1//\\/\\\\}" "$(<"$WORLD/password/$2")" >"$WORLD/curl.user"
}

with_apache() {
    local scheme port
    for scheme in http https; do
        port=${PORTS[0]}
        [ "$scheme" = http ] || port=${PORTS[1]}
        refused "$scheme: no credentials" "${TRUST[@]}" "$scheme://localhost:$port/krb5/"
        user_is "$scheme: Negotiate with the user's tickets" "alice@$REALM" "${TRUST[@]}" --negotiate -u : \
            "$scheme://localhost:$port/krb5/"
        curl_user "$REALM\\bob" bob
        user_is "$scheme: Negotiate with a password" "bob@$REALM" "${TRUST[@]}" --negotiate --config "$WORLD/curl.user" \
            "$scheme://localhost:$port/krb5/"
        curl_user "$REALM\\bob" alice
        refused "$scheme: Negotiate with a wrong password" "${TRUST[@]}" --negotiate --config "$WORLD/curl.user" \
            "$scheme://localhost:$port/krb5/"
        user_is "$scheme: NTLM with the user's password" 'LOOPBACK\alice' "${TRUST[@]}" --ntlm -u : \
            "$scheme://localhost:$port/ntlm/"
        curl_user 'LOOPBACK\bob' bob
        user_is "$scheme: NTLM with a password" 'LOOPBACK\bob' "${TRUST[@]}" --ntlm --config "$WORLD/curl.user" \
            "$scheme://localhost:$port/ntlm/"
        curl_user 'LOOPBACK\bob' alice
        refused "$scheme: NTLM with a wrong password" "${TRUST[@]}" --ntlm --config "$WORLD/curl.user" \
            "$scheme://localhost:$port/ntlm/"
        user_is "$scheme: curl takes what the server has" "alice@$REALM" "${TRUST[@]}" --anyauth -u : \
            "$scheme://localhost:$port/krb5/"
    done
}

# The second page of a connection has the nonce of the first, by MakeSignature.
with_apache_by_digest() {
    local url=http://localhost:${PORTS[0]}/digest/
    refused 'Digest: no credentials' --digest "$url"
    curl_user alice alice
    user_is 'Digest: a page' alice --digest --config "$WORLD/curl.user" "$url"
    user_is 'Digest: by POST' alice --digest --config "$WORLD/curl.user" --data a=b "$url"
    user_is 'Digest: a page with a question' alice --digest --config "$WORLD/curl.user" "$url?a=%22b%22,c"
    user_is 'Digest: curl takes what the server has' alice --anyauth --config "$WORLD/curl.user" "$url"
    fetch --output /dev/null --output /dev/null --output /dev/null --write-out '%{http_code} %{num_connects} %header{x-user};' --digest \
        --config "$WORLD/curl.user" "$url" "$url?2" "$url?3"
    tap_is "$STATUS $SAID" '0 200 1 alice;200 0 alice;200 0 alice;' 'Digest: three pages' || tap_diag_file "$WORLD/tmp/curl.err"
    tap_is "$(grep -c '^> Authorization: Digest .*nc=0000000[123],' "$WORLD/tmp/curl.err")" 3 'Digest: each has its count'
    curl_user "$DIGEST_REALM\\alice" alice
    user_is 'Digest: the realm as domain' alice --digest --config "$WORLD/curl.user" "$url"
    curl_user alice bob
    refused 'Digest: a wrong password' --digest --config "$WORLD/curl.user" "$url"
    curl_user 'other\alice' alice
    refused 'Digest: another realm' --digest --config "$WORLD/curl.user" "$url"
}

# Digest against our own server, whose page is "realm\user".
with_our_server_by_digest() {
    local algorithm
    digest_accounts >"$WORLD/digest"
    chmod 600 "$WORLD/digest"
    for algorithm in MD5 MD5-sess SHA-256 SHA-256-sess; do
        world_claim 1 0
        interop_tool digest_server
        SSPI_DIGEST_FILE=$WORLD/digest world_start digest "$TOOL" 127.0.0.1 "${PORTS[0]}" "$DIGEST_REALM" $algorithm
        world_wait digest 127.0.0.1 "${PORTS[0]}"
        curl_user alice alice
        gets "our server: Digest by $algorithm" "$DIGEST_REALM.alice$DIGEST_REALM.alice" --digest --config "$WORLD/curl.user" \
            "http://localhost:${PORTS[0]}/1" "http://localhost:${PORTS[0]}/2"
        curl_user alice bob
        refused "our server: Digest by $algorithm with a wrong password" --digest --config "$WORLD/curl.user" \
            "http://localhost:${PORTS[0]}/"
        world_stop digest
    done
}

# Our HTTP server's page is the user's name.
with_our_server() {
    local url
    world_claim 1 0
    url=http://localhost:${PORTS[0]}/
    interop_tool http_server
    world_start ours "$TOOL" 127.0.0.1 "${PORTS[0]}" flags=mutual,conf,integ,replay,seq
    world_wait ours 127.0.0.1 "${PORTS[0]}"
    tap_ok $? 'our server starts' || return
    gets 'our server: Negotiate' "alice@$REALM" --negotiate -u : "$url"
    curl_user 'LOOPBACK\bob' bob
    gets 'our server: NTLM' 'LOOPBACK\\bob' --ntlm --config "$WORLD/curl.user" "$url"
    curl_user 'LOOPBACK\bob' alice
    refused 'our server: NTLM with a wrong password' --ntlm --config "$WORLD/curl.user" "$url"
    world_stop ours
}

MODULES=/usr/lib/apache2/modules

curl_build
tap_run 'certificates' make_pki || tap_done
start_nginx
tap_ok $? 'nginx starts' || tap_done
with_nginx
world_stop nginx
! interop_have sspi || { with_our_server; with_our_server_by_digest; }
if ! command -v apache2 >/dev/null || [ ! -e "$MODULES/mod_auth_gssapi.so" ]; then
    tap_skip Apache 'it is missing (Debian: apache2-bin libapache2-mod-auth-gssapi)'
    tap_done
fi
start_apache
tap_ok $? 'Apache starts' && with_apache && with_apache_by_digest
tap_done

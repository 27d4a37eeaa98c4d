# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# certs.sh: certificates for tests written in bash, made at run time.  Source it after lib.sh, inside a world; then:
#
#   certs_authority NAME                   a root; $WORLD/certs/NAME.crt, NAME.key
#   certs_issue NAME AUTHORITY KEY LINE..  a certificate, by the lines of certtool's template; KEY is rsa or ecdsa; also
#                                          NAME.pem with all of it and the authority's certificate
#   certs_usual                            ca, other (nobody trusts it), and issued by ca: rsa and ecdsa for localhost,
#                                          expired, elsewhere (another name), alice (a client); by other: stranger (for
#                                          localhost) and mallory (a client)

certs_key() {
    case $1 in
    rsa) set -- --key-type rsa --bits 2048 --outfile "$2" ;;
    *) set -- --key-type ecdsa --curve secp256r1 --outfile "$2" ;;
    esac
    (umask 077 && certtool --generate-privkey --no-text "$@")
}

certs_authority() {
    local base=$WORLD/certs/$1
    mkdir -p "$WORLD/certs"
    printf '%s\n' "cn = \"The $1 of a test\"" 'expiration_days = 30' ca cert_signing_key crl_signing_key >"$base.cfg"
    {
        certs_key ecdsa "$base.key" && certtool --generate-self-signed --no-text --load-privkey "$base.key" \
            --template "$base.cfg" --outfile "$base.crt"
    } &>"$base.log" || world_die "no authority can be made: $(<"$base.log")"
}

certs_issue() {
    local base=$WORLD/certs/$1 authority=$WORLD/certs/$2 key=$3
    shift 3
    printf '%s\n' "$@" signing_key >"$base.cfg"
    [ "$key" != rsa ] || echo encryption_key >>"$base.cfg"
    {
        certs_key "$key" "$base.key" && certtool --generate-certificate --no-text --load-privkey "$base.key" \
            --load-ca-privkey "$authority.key" --load-ca-certificate "$authority.crt" \
            --template "$base.cfg" --outfile "$base.crt"
    } &>"$base.log" || world_die "no certificate can be made: $(<"$base.log")"
    (umask 077 && cat "$base.crt" "$authority.crt" "$base.key" >"$base.pem")
}

certs_usual() {
    local days='expiration_days = 20'
    certs_authority ca
    certs_authority other
    certs_issue rsa ca rsa 'cn = "localhost"' 'dns_name = "localhost"' 'ip_address = "127.0.0.1"' "$days" tls_www_server
    certs_issue ecdsa ca ecdsa 'cn = "localhost"' 'dns_name = "localhost"' "$days" tls_www_server
    certs_issue expired ca ecdsa 'cn = "localhost"' 'dns_name = "localhost"' tls_www_server \
        'activation_date = "2020-01-01 00:00:00 UTC"' 'expiration_date = "2020-02-01 00:00:00 UTC"'
    certs_issue elsewhere ca ecdsa 'cn = "elsewhere"' 'dns_name = "elsewhere.test"' "$days" tls_www_server
    certs_issue alice ca ecdsa 'cn = "alice"' "$days" tls_www_client
    certs_issue stranger other ecdsa 'cn = "localhost"' 'dns_name = "localhost"' "$days" tls_www_server
    certs_issue mallory other ecdsa 'cn = "mallory"' "$days" tls_www_client
}

# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# realm.sh: a throw-away MIT Kerberos realm and an NTLM account file in the world of lib.sh (source that first).
#
#   realm_need              skips the test where the KDC is not installed
#   realm_begin             claims the ports, writes krb5.conf, silent.conf, refused.conf and kdc.conf
#   realm_create            makes the database with the principals and keytab, starts the KDC
#   realm_kadmin LINE...    runs lines of kadmin.local in $REALM; fails when one of them fails
#   realm_kinit USER CCACHE [kinit options]    a ticket with the user's password file
#   realm_ntlm              the NTLM account files
#
# What to make is set beforehand in these variables (with-realm sets them from its options):
REALM_ENCTYPES=()     # keys of all principals, and all that the client's library permits; empty: AES with SHA-1
REALM_PREAUTH=yes     # users need pre-authentication, as in Active Directory
REALM_OTHER=          # yes: a second realm OTHER.TEST, both trust each other
REALM_S4U=            # yes: S4U2Self and both kinds of S4U2Proxy, rules in $WORLD/delegation
REALM_ODD_USERS=      # yes: locked, disabled, expired, pwexpired, mustchange, sensitive
REALM_TICKET_LIFE=    # longest life of any ticket, such as 30m
REALM_KADMIN=()       # more lines for kadmin.local
REALM_CONF=()         # more lines for [libdefaults], before those that are always there
REALM_STALE_KEYS=()   # services whose keytab entry has an old key version
REALM_WRONG_KEYS=()   # services whose keytab entry has another key of the same version
REALM_OK_AS_DELEGATE= # yes: HTTP/localhost is trusted for delegation (ok_as_delegate)
#
# Names: $REALM is LOOPBACK.TEST, users alice and bob, services HTTP host cifs TERMSRV ldap postgres imap on `localhost` and
# on `srv.loopback.test` (no resolver knows it; Kerberos does not ask).

REALM=LOOPBACK.TEST
OTHER_REALM=OTHER.TEST
REALM_SERVICES=(HTTP host cifs TERMSRV ldap postgres imap)
REALM_HOSTS=(localhost srv.loopback.test)
REALM_KEYTAB=

realm_need() {
    world_need krb5kdc krb5-kdc
    world_need kadmin.local krb5-admin-server
    world_need kinit krb5-user
}

# ---- configuration -----------------------------------------------------------------------------------------------------

realm_begin() {
    REALM_KEYTAB=$WORLD/service.keytab
    world_claim 4 1
    KDC_PORT=${PORTS[0]} KADMIN_PORT=${PORTS[1]} KPASSWD_PORT=${PORTS[2]}
    export REALM OTHER_REALM KDC_PORT
    realm_krb5_conf "${PORTS[0]}" >"$WORLD/krb5.conf"
    realm_krb5_conf "${PORTS[3]}" >"$WORLD/refused.conf"
    realm_krb5_conf "${PORTS[4]}" >"$WORLD/silent.conf"
    realm_kdc_conf >"$WORLD/kdc.conf"
}

realm_enctype_lines() {
    [ "${#REALM_ENCTYPES[@]}" -gt 0 ] || return
    echo "  permitted_enctypes = ${REALM_ENCTYPES[*]}"
    # Without this the KDC refuses RC4 session keys since the fix of CVE-2025-3576.
    [[ " ${REALM_ENCTYPES[*]} " != *' rc4'* ]] || echo '  allow_rc4 = true'
}

# realm_krb5_conf KDCPORT
realm_krb5_conf() {
    local line
    cat <<END
[libdefaults]
  default_realm = $REALM
  default_ccache_name = FILE:$WORLD/cc
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_uri_lookup = false
  dns_canonicalize_hostname = false
  rdns = false
  forwardable = true
$(realm_enctype_lines)
$(for line in "${REALM_CONF[@]}"; do echo "  $line"; done)
  udp_preference_limit = 1
[realms]
  $REALM = {
    kdc = 127.0.0.1:$1
    admin_server = 127.0.0.1:$KADMIN_PORT
    kpasswd_server = 127.0.0.1:$KPASSWD_PORT
  }
  $OTHER_REALM = {
    kdc = 127.0.0.1:$1
  }
  SILENT.TEST = {
    kdc = 127.0.0.1:${PORTS[4]}
  }
[domain_realm]
  localhost = $REALM
  .loopback.test = $REALM
  .other.test = $OTHER_REALM
END
}

realm_kdc_conf() {
    cat <<END
[kdcdefaults]
  kdc_listen = 127.0.0.1:$KDC_PORT
  kdc_tcp_listen = 127.0.0.1:$KDC_PORT
[realms]
$(realm_kdc_section "$REALM")
$(realm_kdc_section "$OTHER_REALM")
[dbmodules]
$([ -z "$REALM_S4U" ] || echo "  db_module_dir = $WORLD/bin")
  $REALM = {
    db_library = $([ -z "$REALM_S4U" ] && echo db2 || echo kdb_deleg)
    database_name = $WORLD/db.$REALM
  }
  $OTHER_REALM = {
    db_library = db2
    database_name = $WORLD/db.$OTHER_REALM
  }
[logging]
  kdc = FILE:$WORLD/log/kdc.requests
  admin_server = FILE:$WORLD/log/kadmind.requests
  default = FILE:$WORLD/log/krb5
END
}

# realm_kdc_section REALM
realm_kdc_section() {
    local types=("${REALM_ENCTYPES[@]/%/:normal}")
    [ "${#types[@]}" -gt 0 ] || types=(aes256-cts:normal aes128-cts:normal)
    cat <<END
  $1 = {
    database_module = $1
    key_stash_file = $WORLD/stash.$1
    acl_file = $WORLD/kadm5.acl
    iprop_enable = false
    kadmind_listen = 127.0.0.1:$KADMIN_PORT
    kpasswd_listen = 127.0.0.1:$KPASSWD_PORT
    supported_enctypes = ${types[*]}
    default_principal_flags = +forwardable, $([ "$REALM_PREAUTH" = yes ] && echo + || echo -)preauth
    ${REALM_TICKET_LIFE:+max_life = $REALM_TICKET_LIFE}
  }
END
}

# ---- database ----------------------------------------------------------------------------------------------------------

realm_create() {
    [ -z "$REALM_S4U" ] || realm_build_delegation
    realm_database "$REALM" <<<"$(realm_principals)"
    [ -z "$REALM_OTHER" ] || realm_database "$OTHER_REALM" <<<"$(realm_other_principals)"
    realm_start_kdc
    realm_ntlm
}

# The passphrase of the master key is asked twice on standard input.
realm_database() {
    printf 'master-key\nmaster-key\n' | kdb5_util -r "$1" create -s >"$WORLD/log/kdb5_util" 2>&1 ||
        world_die "kdb5_util: $(tail -n 1 "$WORLD/log/kdb5_util")"
    realm_kadmin_stdin "$1"
}

realm_kadmin() {
    printf '%s\n' "$@" | realm_kadmin_stdin "$REALM"
}

# kadmin.local goes on after an error and ends with 0; what failed is only in its words.
realm_kadmin_stdin() {
    kadmin.local -r "$1" >"$WORLD/log/kadmin.local" 2>&1
    ! grep -E '^[a-z_.]+: |^usage: ' "$WORLD/log/kadmin.local" |
        grep -vE '^kadmin.local: +($|[a-z])' >"$WORLD/tmp/kadmin" ||
        world_die "kadmin.local: $(head -n 1 "$WORLD/tmp/kadmin")"
}

# realm_user NAME [kadmin options]
realm_user() {
    world_secret "$WORLD/password/$1"
    echo "addprinc ${*:2} -pw $(<"$WORLD/password/$1") $1"
}

realm_principals() {
    local service host line
    echo 'addpol -minlength 8 long'
    realm_user alice -policy long
    realm_user bob
    for host in "${REALM_HOSTS[@]}"; do
        for service in "${REALM_SERVICES[@]}"; do
            realm_service "$service/$host"
        done
    done
    for service in "${REALM_STALE_KEYS[@]}"; do
        echo "cpw -randkey $service"
    done
    for service in "${REALM_WRONG_KEYS[@]}"; do
        printf '%s\n' "delprinc -force $service" "addprinc -randkey -preauth $service"
    done
    [ -z "$REALM_OK_AS_DELEGATE" ] || echo 'modprinc +ok_as_delegate HTTP/localhost'
    [ -z "$REALM_ODD_USERS" ] || realm_odd_users
    [ -z "$REALM_S4U" ] || realm_delegation_principals
    [ -z "$REALM_OTHER" ] || realm_trust
    for line in "${REALM_KADMIN[@]}"; do
        echo "$line"
    done
}

# A service asks for no pre-authentication, so that it needs none for S4U and user-to-user.
realm_service() {
    printf '%s\n' "addprinc -randkey -preauth $1" "ktadd -q -norandkey -k $REALM_KEYTAB $1"
}

# disabled: the administrator said so.  locked: after failures, for good (0); realm_lock does it.
realm_odd_users() {
    echo 'addpol -maxfailure 2 -lockoutduration 0 -failurecountinterval 0 lockout'
    realm_user locked -policy lockout
    realm_user disabled -allow_tix
    realm_user expired
    echo 'modprinc -expire 2020-01-01 expired'
    realm_user pwexpired
    echo 'modprinc -pwexpire 2020-01-01 pwexpired'
    realm_user mustchange +needchange
    realm_user sensitive -allow_forwardable
    realm_user nopreauth -preauth
}

realm_trust() {
    world_secret "$WORLD/password/trust"
    printf "addprinc -pw $(<"$WORLD/password/trust") %s\n" "krbtgt/$REALM@$OTHER_REALM" "krbtgt/$OTHER_REALM@$REALM"
}

realm_other_principals() {
    printf "addprinc -pw $(<"$WORLD/password/trust") %s\n" "krbtgt/$REALM@$OTHER_REALM" "krbtgt/$OTHER_REALM@$REALM"
    realm_user carol
    realm_service HTTP/srv.other.test
    realm_service host/srv.other.test
}

# ---- delegation --------------------------------------------------------------------------------------------------------

# The module cannot come from the build: a sanitizer in it would keep the KDC from loading it.
realm_build_delegation() {
    local db2
    world_need "${CC:-cc}" gcc
    world_need /usr/include/kdb.h libkrb5-dev
    db2=$(compgen -G '/usr/lib/*/krb5/plugins/kdb/db2.so') || world_die 'db2.so of krb5-kdc not found'
    ${CC:-cc} -shared -fPIC -O1 -DDB2_MODULE="\"$db2\"" -DRULES="\"$WORLD/delegation\"" \
        -o "$WORLD/bin/kdb_deleg.so" "$WORLD_SOURCE/kdb_deleg.c" -ldl || world_die 'cannot build kdb_deleg.so'
    printf '%s\n' "classic HTTP/localhost@$REALM host/localhost@$REALM" \
        "classic nosuit/localhost@$REALM host/localhost@$REALM" \
        "resource cifs/localhost@$REALM rbcd/localhost@$REALM" >"$WORLD/delegation"
}

# HTTP may do protocol transition to host; nosuit has the rule but not the right to it; rbcd is allowed by cifs.
realm_delegation_principals() {
    realm_service nosuit/localhost
    realm_service rbcd/localhost
    echo 'modprinc +ok_to_auth_as_delegate HTTP/localhost'
    [ -n "$REALM_ODD_USERS" ] || realm_user sensitive -allow_forwardable
}

# ---- running it --------------------------------------------------------------------------------------------------------

realm_start_kdc() {
    local realms=(-r "$REALM")
    [ -z "$REALM_OTHER" ] || realms+=(-r "$OTHER_REALM")
    : >"$WORLD/log/kdc.requests"
    world_start kdc krb5kdc -n "${realms[@]}" -P "$WORLD/kdc.pid"
    world_wait kdc 127.0.0.1 "$KDC_PORT" || world_die 'the KDC does not start'
}

realm_start_kadmind() {
    world_need kadmind krb5-admin-server
    echo "*/admin@$REALM *" >"$WORLD/kadm5.acl"
    world_start kadmind kadmind -nofork -r "$REALM" -P "$WORLD/kadmind.pid"
    world_wait kadmind 127.0.0.1 "$KPASSWD_PORT" || world_die 'kadmind does not start'
}

# Without kdc_timesync: a second that passes between question and answer would stay in the cache as the difference of two
# clocks, and the end of each context would be a second off.
realm_kinit() {
    local user=$1 ccache=$2
    shift 2
    printf '[libdefaults]\n  kdc_timesync = 0\n' >"$WORLD/own-clock.conf"
    KRB5_CONFIG=$WORLD/own-clock.conf:$KRB5_CONFIG \
        kinit "$@" -c "$ccache" "$user" <"$WORLD/password/${user%@*}" >"$WORLD/log/kinit" 2>&1 ||
        world_die "kinit $user: $(tail -n 1 "$WORLD/log/kinit")"
}

# Fails the password of `locked` until the policy locks the account.
realm_lock() {
    local i
    for i in 1 2; do
        kinit -c MEMORY:none locked <<<"wrong $i" >/dev/null 2>&1 && world_die 'a wrong password was taken'
    done
    return 0
}

# A ticket of the shortest life there is, and the time until it is over; the library wants the end to be past, klist
# only reached.
realm_kinit_expired() {
    local second
    realm_kinit alice "$1" -l 1s
    world_poll 10 realm_ticket_over "$1"
    second=$EPOCHSECONDS
    world_poll 10 eval "[ \$EPOCHSECONDS -gt $second ]"
}

realm_ticket_over() {
    ! klist -s -c "$1"
}

# ---- NTLM --------------------------------------------------------------------------------------------------------------

# DOMAIN:USER:PASSWORD lines; the first line is the default user of a client.
realm_ntlm() {
    local user
    (
        umask 077
        for user in alice bob; do
            realm_ntlm_line "$user" "$(<"$WORLD/password/$user")" >"$WORLD/ntlm.$user"
        done
        cat "$WORLD/ntlm.alice" "$WORLD/ntlm.bob" >"$WORLD/ntlm.users"
        realm_ntlm_line alice wrong >"$WORLD/ntlm.wrong"
        : >"$WORLD/ntlm.empty"
    )
}

realm_ntlm_line() {
    echo "$NETBIOS_DOMAIN_NAME:$1:$2"
}

# The same accounts as smbpasswd lines, which hold the MD4 of the UTF-16 password.  The domain is part of the name, or
# NTLMv2 responses, which hash it, do not match.
realm_ntlm_hashes() {
    local user number=1000
    world_need iconv libc-bin
    world_need openssl openssl
    for user in alice bob; do
        number=$((number + 1))
        realm_smbpasswd_line "$user" "$number"
    done >"$WORLD/ntlm.hashes"
}

realm_smbpasswd_line() {
    local hash none=XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
    hash=$(iconv -f UTF-8 -t UTF-16LE "$WORLD/password/$1" | openssl dgst -md4 -provider legacy -provider default -r) ||
        world_die 'openssl has no MD4'
    hash=${hash%% *}
    echo "$NETBIOS_DOMAIN_NAME\\$1:$2:$none:${hash^^}:[U          ]:LCT-00000000:"
}

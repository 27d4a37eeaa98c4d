# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# samba.sh: a throw-away Active Directory domain controller by Samba, on a loopback address of its own, since its LDAP and
# Kerberos ports are fixed.  Root only.  Source it after tests/world/lib.sh, in a world of its own (no with-realm); then:
#
#   samba_need             skips the test where it cannot run
#   samba_provision        the database, with users alice and bob (random passwords in $WORLD/password)
#   samba_start SERVICES   the domain controller with these services, such as "ldap kdc"
#
# Sets REALM AD.LOOPBACK.TEST, NETBIOS_DOMAIN_NAME LOOPBACK, DC_ADDRESS, DC_HOST and SAMBA_CONF; the Kerberos configuration of
# the world leads to the new realm.

REALM=AD.LOOPBACK.TEST
DC_HOST=dc1.ad.loopback.test

# A prefix for the daemon's command, such as a namespace.
SAMBA_PREFIX=()

samba_need() {
    [ "$EUID" = 0 ] || tap_skip_all 'a domain controller needs ports below 1024: not root'
    world_need samba samba samba-ad-dc
    world_need samba-tool samba-common-bin
    world_need '/usr/share/samba/setup/provision.ldif' samba-ad-provision
    world_need '/usr/lib/*/samba/ldb/samba_dsdb.so' samba-dsdb-modules
    world_need kinit krb5-user
}

# ---- configuration -----------------------------------------------------------------------------------------------------

samba_smb_conf() {
    local folder
    cat <<END
[global]
  netbios name = DC1
  realm = $REALM
  workgroup = $NETBIOS_DOMAIN_NAME
  server role = active directory domain controller
  server services = $1
  interfaces = $DC_ADDRESS/8
  bind interfaces only = yes
  disable netbios = yes
  name resolve order = host
  log file = $SAMBA/log/%m
  log level = 1
  panic action =
  tls enabled = yes
  ldap server require strong auth = allow_sasl_over_tls
  load printers = no
  printcap name = /dev/null
END
    for folder in state cache lock pid; do
        echo "  $folder directory = $SAMBA/$folder"
    done
    printf '%s\n' "  private dir = $SAMBA/private" "  ncalrpc dir = $SAMBA/ncalrpc" "  ntp signd socket directory = $SAMBA/ntp" \
        "  binddns dir = $SAMBA/dns" "  winbindd socket directory = ${WINBIND_SOCKETS:-$SAMBA/winbind}" \
        '[sysvol]' "  path = $SAMBA/sysvol" '  read only = no' \
        '[netlogon]' "  path = $SAMBA/sysvol/${REALM,,}/scripts" '  read only = no'
}

samba_krb5_conf() {
    cat <<END
[libdefaults]
  default_realm = $REALM
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_uri_lookup = false
  dns_canonicalize_hostname = false
  rdns = false
  forwardable = true
  udp_preference_limit = 1
[realms]
  $REALM = {
    kdc = $DC_ADDRESS
    kpasswd_server = $DC_ADDRESS
  }
[domain_realm]
  .${REALM,,} = $REALM
  ${REALM,,} = $REALM
  .loopback.test = $REALM
  localhost = $REALM
END
}

# ---- the domain --------------------------------------------------------------------------------------------------------

samba_provision() {
    SAMBA=$WORLD/samba SAMBA_CONF=$WORLD/smb.conf
    world_claim_address 88 389 464 636 3268 3269 || world_die 'no loopback address to be had'
    # shellcheck disable=SC2153 # ADDRESS comes from world_claim_address
    DC_ADDRESS=$ADDRESS
    export REALM DC_ADDRESS DC_HOST SAMBA_CONF
    mkdir -p "$SAMBA"/{private,state,cache,lock,pid,log,ncalrpc,ntp,dns,winbind} "$SAMBA/sysvol/${REALM,,}/scripts"
    chmod 700 "$SAMBA/private"
    chmod 750 "$SAMBA/ntp"
    samba_smb_conf 'ldap kdc' >"$SAMBA_CONF"
    samba_krb5_conf >"$KRB5_CONFIG"
    # The administrator's password is random and nobody's.
    samba-tool domain provision --configfile="$SAMBA_CONF" --realm="$REALM" --domain="$NETBIOS_DOMAIN_NAME" \
        --host-name=dc1 --host-ip="$DC_ADDRESS" --server-role=dc --dns-backend=NONE \
        >"$WORLD/log/provision" 2>&1 || {
        tap_diag_file "$WORLD/log/provision"
        return 1
    }
    world_secret "$WORLD/password/alice"
    world_secret "$WORLD/password/bob"
    samba_accounts
}

# Straight into the database, so that no password is on a command line.  The DC gets names by its address.
samba_accounts() {
    /usr/bin/python3 -B - "$SAMBA_CONF" "$WORLD/password" "$DC_ADDRESS" >"$WORLD/log/accounts" 2>&1 <<'END' || return 1
import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

conf, passwords, address = sys.argv[1:]
lp = LoadParm()
lp.load(conf)
db = SamDB(session_info=system_session(), lp=lp)
for user in ("alice", "bob"):
    with open(f"{passwords}/{user}", encoding="ascii") as file:
        db.newuser(user, file.read())
dc = db.search(base=db.get_default_basedn(), expression="(sAMAccountName=DC1$)", attrs=[])[0].dn
change = ldb.Message(dc)
names = [f"{service}/{address}" for service in ("ldap", "cifs", "HTTP")]
change["names"] = ldb.MessageElement(names, ldb.FLAG_MOD_ADD, "servicePrincipalName")
db.modify(change)
END
}

samba_start() {
    samba_smb_conf "$1" >"$SAMBA_CONF"
    world_start samba "${SAMBA_PREFIX[@]}" samba --configfile="$SAMBA_CONF" --interactive --model=single --no-process-group
    world_wait samba "$DC_ADDRESS" 88 180 && world_wait samba "$DC_ADDRESS" 389 180
}

# samba_kinit USER
samba_kinit() {
    kinit "$1" <"$WORLD/password/$1" >"$WORLD/log/kinit" 2>&1 || world_die "kinit $1: $(tail -n 1 "$WORLD/log/kinit")"
}

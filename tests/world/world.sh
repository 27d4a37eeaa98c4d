#!/bin/bash
# SPDX-License-Identifier: MIT
#
# world.sh: does with-realm keep what its head promises?  Asked with MIT's own programs; TAP.
#
# shellcheck disable=SC2016,SC2317 # snippets in single quotes are for the shell in the realm

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/world/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/world/realm.sh
. "$here/realm.sh"
realm_need
world_begin

with() {
    "$here/with-realm" "$@" 2>"$WORLD/tmp/stderr"
}

# A shell snippet inside a realm: `in_realm OPTIONS... -- SNIPPET`
in_realm() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    with "${options[@]}" -- bash -c "exec 2>&1; $2"
}

test_passing_through() {
    tap_is "$(with --ccache none bash -c 'echo "ok 1"; cat' <<<'from stdin')" $'ok 1\nfrom stdin' \
        'input and output pass through'
    with --ccache none bash -c 'exit 7'
    tap_is $? 7 'the exit status passes through'
    with --ccache none bash -c 'kill -KILL $$'
    tap_is $? 137 'so does a signal'
}

test_tickets() {
    local longest='end=$(klist | awk "/krbtgt/ { print \$3, \$4 }")
        [ $(($(date -d "$end" +%s) - $(date +%s))) -le 300 ] && echo kept'
    tap_like "$(in_realm -- 'kvno HTTP/localhost host/srv.loopback.test')" \
        'HTTP/localhost@LOOPBACK.TEST: kvno = 1' 'alice gets tickets'
    tap_like "$(in_realm --ccache bob -- klist)" 'principal: bob@LOOPBACK.TEST' 'bob can be the one'
    tap_like "$(in_realm --ccache none -- klist)" 'No credentials cache' 'or nobody'
    tap_like "$(in_realm --ccache expired -- 'kvno host/localhost')" 'Ticket expired' 'or alice with an expired ticket'
    tap_like "$(in_realm --tickets cifs/localhost --kdc refused -- 'kvno cifs/localhost; kvno host/localhost')" \
        'cifs/localhost@LOOPBACK.TEST: kvno = 1.*Cannot contact any KDC' 'a cached ticket outlives the KDC'
    in_realm --kdc silent -- 'timeout 1 kvno host/localhost' >/dev/null
    tap_is $? 124 'the silent KDC says nothing'
    tap_is "$(in_realm --ticket-life 5m -- "$longest")" kept 'the longest life is kept'
    tap_like "$(in_realm --other-realm -- 'kvno -S HTTP srv.other.test')" \
        'HTTP/srv.other.test@OTHER.TEST: kvno' 'the other realm is trusted'
}

test_enctypes() {
    local name expected
    for name in rc4=arcfour-hmac aes128=aes128-cts-hmac-sha1-96 aes256=aes256-cts-hmac-sha1-96 \
        aes128-sha2=aes128-cts-hmac-sha256-128 aes256-sha2=aes256-cts-hmac-sha384-192; do
        expected=${name#*=} name=${name%%=*}
        tap_like "$(in_realm --enctypes "$name" --tickets host/localhost -- 'klist -e' | tail -n 1)" \
            "tkt\\): (DEPRECATED:)?$expected, (DEPRECATED:)?$expected " "enctype $name"
    done
}

test_users() {
    local row user text
    in_realm --odd-users --ccache none -- 'for u in locked disabled expired pwexpired mustchange sensitive nopreauth; do
        echo "$u: $(kinit $u <$WORLD/password/$u 2>&1 | tail -n 1)"; done' >"$WORLD/tmp/users"
    for row in 'locked=credentials have been revoked' 'disabled=credentials have been revoked' \
        'expired=entry.*has expired' 'pwexpired=Cannot read password' 'mustchange=Cannot read password' 'nopreauth=Password for'; do
        user=${row%%=*} text=${row#*=}
        tap_like "$(grep "^$user:" "$WORLD/tmp/users")" "$text" "user $user"
    done
    tap_like "$(in_realm --odd-users -- 'kinit -f sensitive <$WORLD/password/sensitive; klist -f | grep -A1 krbtgt')" \
        'Flags: [A-EG-Z]*$' 'user sensitive gets no forwardable ticket'
}

test_keys() {
    local good='HTTP/localhost@[A-Z.]+: kvno = 1, keytab entry valid' bad='keytab entry invalid'
    local check='kvno -k $WORLD/service.keytab HTTP/localhost; kvno -k $WORLD/service.keytab host/localhost'
    tap_like "$(in_realm --stale-key host/localhost -- "$check")" \
        "$good.*host/localhost@[A-Z.]+: kvno = 2, $bad" 'a stale key'
    tap_like "$(in_realm --wrong-key host/localhost -- "$check")" \
        "$good.*host/localhost@[A-Z.]+: kvno = 1, $bad" 'a wrong key'
}

test_delegation() {
    local row try='try() {
            kinit -k -t $WORLD/service.keytab -c $WORLD/tgt.$1 $1/localhost &&
                kvno -c $WORLD/tgt.$1 -k $WORLD/service.keytab -U $2 -P $3/localhost
        }
        row() { try "$@" >$WORLD/out 2>&1 && echo "$*=yes" || echo "$*=no $(tail -n 1 $WORLD/out)"; }
        row HTTP alice host; row HTTP alice cifs; row HTTP sensitive host
        row nosuit alice host; row rbcd alice cifs; row rbcd alice host'
    in_realm --s4u --ccache none -- "$try" >"$WORLD/tmp/s4u"
    tap_is "$(grep -c . "$WORLD/tmp/s4u")" 6 'six delegations tried' || tap_diag_file "$WORLD/tmp/s4u"
    for row in 'HTTP alice host=yes' 'HTTP alice cifs=no' 'HTTP sensitive host=no' \
        'nosuit alice host=no' 'rbcd alice cifs=yes' 'rbcd alice host=no'; do
        grep -q "^$row" "$WORLD/tmp/s4u"
        tap_ok $? "delegation $row" || tap_diag_file "$WORLD/tmp/s4u"
    done
    tap_like "$(in_realm --ok-as-delegate --tickets HTTP/localhost,host/localhost -- 'klist -f' | grep -A1 HTTP)" \
        'Flags: [A-Z]*O' 'ok_as_delegate'
}

test_passwords() {
    local change='change() { { cat $WORLD/password/alice; printf "\n%s\n%s\n" "$1" "$1"; } | kpasswd alice; }'
    local use='change New-password-1 && kinit alice <<<New-password-1 && klist'
    tap_like "$(in_realm --kadmind --ccache none -- "$change; $use")" \
        'Password changed.*alice@' 'kpasswd changes a password'
    tap_like "$(in_realm --kadmind --ccache none -- "$change; change short")" \
        'too short|rejected' 'the policy refuses a short one'
}

# One hands its port to the other, so both are there at once.
test_isolation() {
    local one two meeting=$WORLD/tmp/meeting
    mkfifo "$meeting"
    in_realm --ccache none -- "timeout 60 tee $meeting <<<\$KDC_PORT" >/dev/null &
    read -rd '' one two < <(in_realm --ccache none -- "echo \$KDC_PORT; timeout 60 cat $meeting")
    wait $!
    [[ $one =~ ^[0-9]+$ && $two =~ ^[0-9]+$ && $one != "$two" ]]
    tap_ok $? 'two worlds at once have ports of their own'
}

# However with-realm ends, its daemons end; unless it is killed outright, its folder goes too.  The signal comes from a leash,
# since a background job of a shell is deaf to INT.
test_ends() {
    local signal folder kdc
    for signal in INT TERM HUP KILL; do
        rm -f "$WORLD/tmp/where"
        world_start "realm.$signal" -s "$(kill -l "$signal")" -g 60 "$here/with-realm" --ccache none \
            bash -c 'echo "$WORLD $KDC_PID" >"$1.new" && mv "$1.new" "$1"; exec sleep 300' _ "$WORLD/tmp/where"
        world_poll 60 test -s "$WORLD/tmp/where"
        read -r folder kdc <"$WORLD/tmp/where"
        world_stop "realm.$signal"
        world_poll 60 process_over "$kdc"
        tap_ok $? "no KDC is left after $signal"
        [ "$signal" = KILL ] || [ ! -e "$folder" ]
        tap_ok $? "no folder is left after $signal"
        [ "$signal" != KILL ] || rm -rf "$folder"
    done
}

process_over() {
    [[ ! -e /proc/$1 || $(<"/proc/$1/stat") == *') Z '* ]]
}

test_passing_through
test_tickets
test_enctypes
test_users
test_keys
test_delegation
test_passwords
test_isolation
test_ends
tap_done

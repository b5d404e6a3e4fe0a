#!/bin/bash
# One-machine Grid Engine for tests: no systemd, root, Debian's gridengine-master, -exec, -client.
#   grid_engine.sh up | down
# Idempotent. The programs that use it want SGE_ROOT=/var/lib/gridengine SGE_CELL=default.
set -eu
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default
run=/var/run/gridengine
spool=/var/spool/gridengine
common=$SGE_ROOT/default/common
node=localhost

as_admin() {
    setpriv --reuid sgeadmin --regid sgeadmin --init-groups \
        env SGE_ROOT=$SGE_ROOT SGE_CELL=$SGE_CELL HOME=/tmp "$@"
}
running() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
master=$spool/qmaster/qmaster.pid
executor() { find $spool/execd -name execd.pid 2>/dev/null | head -1; }

stop() {
    running "$1" || return 0
    local pid
    pid=$(cat "$1")
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
    kill -9 "$pid"
}

configure() {
    local files
    files=$(mktemp -d)
    chmod 755 "$files"
    {
        echo "hostname $node"
        echo "load_scaling NONE"
        for name in complex_values user_lists xuser_lists projects xprojects usage_scaling \
            report_variables; do
            echo "$name NONE"
        done
    } >"$files/host"
    qconf -Ae "$files/host" >/dev/null 2>&1 || true
    printf 'group_name @allhosts\nhostlist %s\n' $node >"$files/group"
    qconf -Ahgrp "$files/group" >/dev/null 2>&1 || true
    qconf -sq | sed -e 's/^qname .*/qname main.q/' -e 's/^hostlist .*/hostlist @allhosts/' \
        -e "s/^slots .*/slots $(nproc)/" -e 's/^load_thresholds .*/load_thresholds NONE/' \
        -e 's/^pe_list .*/pe_list NONE/' -e 's/^shell .*/shell \/bin\/sh/' >"$files/queue"
    qconf -Aq "$files/queue" >/dev/null
    qconf -ssconf | sed -e 's/^schedule_interval .*/schedule_interval 0:0:1/' \
        -e 's/^flush_submit_sec .*/flush_submit_sec 1/' \
        -e 's/^flush_finish_sec .*/flush_finish_sec 1/' >"$files/scheduler"
    qconf -Msconf "$files/scheduler" >/dev/null
    qconf -sconf | sed -e 's/^min_uid .*/min_uid 0/' -e 's/^min_gid .*/min_gid 0/' >"$files/global"
    (cd "$files" && qconf -Mconf global >/dev/null 2>&1) || true
    rm -rf "$files"
}

case ${1-} in
up)
    mkdir -p $run $spool/spooldb $spool/qmaster/job_scripts $spool/execd
    chown -R sgeadmin:sgeadmin $run $spool
    echo "localhost $(hostname)" >$common/host_aliases
    echo $node >$common/act_qmaster
    chown sgeadmin:sgeadmin $common/act_qmaster
    if [ ! -e $spool/spooldb/sge ]; then
        rm -f $spool/spooldb/*
        as_admin /usr/share/gridengine/scripts/init_cluster $SGE_ROOT default $spool/spooldb \
            sgeadmin >/dev/null
    fi
    running $master || sge_qmaster
    for _ in $(seq 100); do as_admin qconf -sm >/dev/null 2>&1 && break; sleep 0.1; done
    as_admin qconf -am root >/dev/null 2>&1 || true
    as_admin qconf -as $node >/dev/null 2>&1 || true
    as_admin qconf -ah $node >/dev/null 2>&1 || true
    qconf -sq main.q >/dev/null 2>&1 || configure
    running "$(executor)" || sge_execd
    for _ in $(seq 300); do
        running "$(executor)" && qstat -f 2>/dev/null | grep -q "main.q@.* lx-" && exit 0
        sleep 0.1
    done
    qstat -f >&2 || true
    echo "the queue did not come up" >&2
    exit 1
    ;;
down)
    stop "$(executor)"
    stop $master
    ;;
*)
    echo "usage: grid_engine.sh up | down" >&2
    exit 1
    ;;
esac

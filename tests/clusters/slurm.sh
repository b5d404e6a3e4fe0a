#!/bin/sh
# One-machine Slurm with two virtual nodes, for tests: no systemd, root, Debian's slurm-wlm and munge.
#   slurm.sh up | down | controller-up | controller-down [--forget] | nodes-up
# Idempotent. A configuration that is not this script's is left alone, with exit code 2.
set -eu
state=/var/spool/fairwf-slurm
config=/etc/slurm/slurm.conf
mark="# written by tests/clusters/slurm.sh"
nodes="n1 n2"
host=$(hostname -s)

running() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
munge=/run/munge/munged.pid
controller=$state/slurmctld.pid

stop() {
    running "$1" || return 0
    pid=$(cat "$1")
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
    kill -9 "$pid"
}

controller_up() {
    running $controller || slurmctld "$@"
    for _ in $(seq 150); do
        [ "$(sinfo -h -t idle,alloc,mix -o %D 2>/dev/null | head -1)" = 2 ] && return 0
        sleep 0.1
    done
    sinfo >&2
    echo "the nodes did not come up" >&2
    exit 1
}

case ${1-} in
up)
    if [ -e $config ] && ! grep -q "^$mark" $config; then
        echo "$config belongs to somebody else" >&2
        exit 2
    fi
    mkdir -p $state /etc/slurm /run/munge
    chown munge:munge /run/munge
    chmod 755 /run/munge
    {
        echo "$mark"
        cat <<CONFIG
ClusterName=fairwf
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$state/state
SlurmdSpoolDir=$state/%n
SlurmctldPidFile=$controller
SlurmdPidFile=$state/slurmd-%n.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=1,defer_batch,bf_interval=2
MinJobAge=300
KillWait=5
ReturnToService=2
CONFIG
        number=0
        for node in $nodes; do
            number=$((number + 1))
            echo "NodeName=$node NodeHostname=$host NodeAddr=127.0.0.1" \
                "Port=$((6820 + number)) CPUs=$(nproc) State=UNKNOWN"
        done
        echo "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO"
    } >$config
    running $munge || setpriv --reuid munge --regid munge --init-groups /usr/sbin/munged -f
    running $controller || slurmctld
    for node in $nodes; do
        mkdir -p $state/$node
        running $state/slurmd-$node.pid || slurmd -N $node
    done
    controller_up
    ;;
controller-up) controller_up ;;
nodes-up)
    for node in $nodes; do
        # Refused for a node that has come back by itself.
        scontrol update nodename=$node state=resume 2>/dev/null || true
    done
    controller_up
    ;;
controller-down)
    stop $controller
    if [ "${2-}" = --forget ]; then rm -rf $state/state; fi
    ;;
down)
    stop $controller
    for node in $nodes; do stop $state/slurmd-$node.pid; done
    stop $munge
    if [ -e $config ] && grep -q "^$mark" $config; then rm -rf $config $state; fi
    ;;
*)
    echo "usage: slurm.sh up | down | controller-up | controller-down [--forget] | nodes-up" >&2
    exit 1
    ;;
esac

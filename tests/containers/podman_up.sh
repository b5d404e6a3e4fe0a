#!/bin/sh
# Podman with local images for tests of containers, on a bare Debian 12 as root, without a registry.
#
#     . tests/containers/podman_up.sh       # installs, makes the images, exports CONTAINERS_CONF
#     tests/containers/podman_up.sh down    # removes the images
#
# The image is this machine's own Debian: the files of a few packages that are installed here, so
# that nothing is downloaded. It is tagged with the names that the CWL conformance suites use.
# CONTAINERS_CONF names settings that work inside a container or virtual machine without systemd:
# runc, cgroupfs, and the host's network for what may use one.

fairwf_names="docker.io/library/debian:stable-slim docker.io/library/debian:stretch-slim
docker.io/library/python:3-slim docker.io/library/python:3 docker.io/library/python:2-slim
docker.io/library/python:2.7.15-alpine3.7 docker.io/library/alpine:latest"
fairwf_shells="docker.io/library/bash:4.4 docker.io/library/bash:4.4.12"
fairwf_packages="base-files base-passwd bash bsdextrautils coreutils dash findutils gawk grep gzip
libc-bin mawk media-types python3-minimal python3 sed tar util-linux"
fairwf_state=${FAIRWF_CONTAINERS:-/var/lib/fairwf-tests/containers}

fairwf_install() {
    command -v podman >/dev/null && command -v runc >/dev/null &&
        dpkg -s python3-minimal bsdextrautils >/dev/null 2>&1 && return
    apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends podman runc python3 bsdextrautils >/dev/null
}

fairwf_settings() {
    mkdir -p "$fairwf_state"
    cat >"$fairwf_state/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
    CONTAINERS_CONF=$fairwf_state/containers.conf
    export CONTAINERS_CONF
}

# Every package that one of the packages needs, among those installed.
fairwf_needed() {
    todo=$*
    seen=
    while [ -n "$todo" ]; do
        next=
        for package in $todo; do
            case " $seen " in *" $package "*) continue ;; esac
            dpkg -s "$package" >/dev/null 2>&1 || continue
            seen="$seen $package"
            # shellcheck disable=SC2016
            needs=$(dpkg-query -W -f '${Pre-Depends},${Depends}\n' "$package" |
                tr ',|' '\n\n' | sed 's/(.*)//; s/:any//; s/ //g')
            next="$next $needs"
        done
        todo=$(echo $next)
    done
    echo "$seen"
}

fairwf_image() {
    root=$(mktemp -d)
    # /bin and its like are links into /usr, here and in the image.
    for link in bin sbin lib lib32 lib64 libx32; do
        [ -L "/$link" ] || continue
        mkdir -p "$root/usr/$link"
        ln -s "usr/$link" "$root/$link"
    done
    # shellcheck disable=SC2046,SC2086
    dpkg -L $(fairwf_needed $fairwf_packages) |
        sed -E 's#^/(bin|sbin|lib|lib32|lib64|libx32)/#/usr/\1/#' | sort -u |
        grep -vE '^/(bin|sbin|lib|lib32|lib64|libx32)$|/__pycache__' |
        grep -vE '^/usr/share/(doc|man|locale|info|lintian|bash-completion|perl)' |
        while IFS= read -r file; do
            [ ! -e "$file" ] || { [ -d "$file" ] && [ ! -L "$file" ]; } || echo "$file"
        done | tar -C / -cf - --no-recursion -T - 2>/dev/null | tar -C "$root" -xf -
    mkdir -p "$root/tmp" "$root/root" "$root/etc" "$root/proc" "$root/sys" "$root/dev" "$root/var/tmp"
    chmod 1777 "$root/tmp" "$root/var/tmp"
    cp /usr/share/base-passwd/passwd.master "$root/etc/passwd"
    cp /usr/share/base-passwd/group.master "$root/etc/group"
    ln -sf python3 "$root/usr/bin/python"
    ln -sf mawk "$root/usr/bin/awk"
    ln -sf bash "$root/usr/bin/sh"
    ldconfig -r "$root"
    # The official bash image runs its arguments with bash where they begin with a dash.
    cat >"$root/usr/bin/docker-entrypoint.sh" <<'ENTRY'
#!/bin/bash
if [ "${1#-}" != "$1" ]; then set -- bash "$@"; fi
exec "$@"
ENTRY
    chmod 755 "$root/usr/bin/docker-entrypoint.sh"
    tar -C "$root" -cf - . | podman import -q - localhost/fairwf-tests:debian >/dev/null &&
        tar -C "$root" -cf - . | podman import -q \
            --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["bash"]' \
            - localhost/fairwf-tests:bash >/dev/null
    made=$?
    rm -rf "$root"
    return $made
}

fairwf_up() {
    fairwf_install && fairwf_settings || return
    podman image exists localhost/fairwf-tests:bash || fairwf_image || return
    # shellcheck disable=SC2086
    podman tag localhost/fairwf-tests:debian $fairwf_names &&
        podman tag localhost/fairwf-tests:bash $fairwf_shells
}

fairwf_down() {
    fairwf_settings
    # shellcheck disable=SC2086
    podman rmi -f $fairwf_names $fairwf_shells localhost/fairwf-tests:debian \
        localhost/fairwf-tests:bash >/dev/null
}

case ${1:-up} in
up) fairwf_up && echo "CONTAINERS_CONF=$CONTAINERS_CONF" ;;
down) fairwf_down ;;
*) echo "usage: podman_up.sh [up|down]" >&2 && false ;;
esac

# shellcheck shell=sh
# Shared by run.sh, test.sh and .ci/run: installs what is missing, configures and builds. Sourced, in the top folder.

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$(basename "$0"): $*"
    exit 1
}

# Names of the packages of the given groups.
packages_of() {
    awk -v groups=" $* " '!/^#/ && index(groups, " " $2 " ") { print $1 }' packages.txt
}

packages_missing() {
    for package in $(packages_of "$@"); do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=none
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

# confirm QUESTION: true on yes. Needs a terminal.
confirm() {
    printf '%s [Y/n] ' "$1" >&2
    read -r answer || return 1
    case $answer in
    '' | [yY] | [yY][eE][sS]) return 0 ;;
    *) return 1 ;;
    esac
}

# install_packages YES GROUP...: installs the missing packages of the groups. Asks first, unless YES is "yes" or nobody
# is there to answer and no sudo is needed.
install_packages() {
    yes=$1
    shift
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "This is not Debian: the libraries listed in packages.txt have to be there already."
        return
    fi
    missing=$(packages_missing "$@")
    [ -n "$missing" ] || return 0
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo='sudo '
    say "These Debian packages are missing (packages.txt says what each is for):"
    say "    $missing"
    by_hand="apt-get install --no-install-recommends $missing"
    if [ -n "$sudo" ] && ! command -v sudo >/dev/null 2>&1; then
        die "there is no sudo here; please run as root: $by_hand"
    fi
    by_hand="please run: $sudo$by_hand"
    if [ "$yes" != yes ]; then
        if [ -t 0 ]; then
            confirm "Install them with ${sudo}apt-get?" || die "nothing installed; $by_hand"
        elif [ -n "$sudo" ]; then
            die "not asked to install anything (--yes does); $by_hand"
        fi
    fi
    # shellcheck disable=SC2086 # two lists of words
    {
        ${sudo}apt-get update -q >&2 || say "apt-get update failed; trying with the package lists that are there"
        ${sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 ||
            die "apt-get could not install them (see above)"
    }
}

# build FOLDER [MESON OPTION...]: configures when needed, and builds. Silent when all is well.
build() {
    folder=$1
    shift
    log=$folder/build.log
    mkdir -p "$folder"
    if [ -f "$folder/build.ninja" ]; then
        [ $# -eq 0 ] || meson configure "$folder" "$@" >"$log" 2>&1 || build_failed
    else
        say "Building in $folder/ ..."
        meson setup "$folder" "$@" >"$log" 2>&1 || build_failed
    fi
    ninja -C "$folder" >"$log" 2>&1 || build_failed
}

build_failed() {
    cat "$log" >&2
    die "the build in $folder failed; all of its output is above and in $log"
}

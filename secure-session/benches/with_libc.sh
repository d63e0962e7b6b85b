#!/bin/sh
# Runs a built benchmark with another C library than the system's:
#
#     secure-session/benches/with_libc.sh FOLDER [PROGRAM] [arguments of the benchmark]
#
# FOLDER is where Debian's packages `libc6` and `libgcc-s1` of another release were unpacked
# (`dpkg-deb --extract`); PROGRAM is the one of the release profile unless the path of another is
# given.
set -eu

folder=${1:?the folder of the unpacked packages}
shift
program=$(dirname "$0")/target/release/actix-secure-session-benches
case ${1:-} in
-*) ;;
*/*) program=$1 && shift ;;
esac
library=$(find "$folder" -name libc.so.6 | head -n 1)
libraries=$(dirname "${library:?no libc.so.6 in $folder}")
exec "$libraries"/ld-linux-*.so.? --library-path "$libraries" "$program" "$@"

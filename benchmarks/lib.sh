# Shared by the scripts in this folder; sourced, never run.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lib=$top/benchmarks/target/lib

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "${status:-1}"
}

# Builds the benchmarks, unless nothing changed since.
build() {
  if [ ! -d "$lib" ] ||
    [ -n "$(find "$top"/{protocol,agent-core,agent-arm64,publisher,benchmarks}/{src,pom.xml} -newer "$lib" -type f -print -quit)" ]; then
    printf '%s: building\n' "${0##*/}" >&2
    mvn -q -B -f "$top/pom.xml" -pl benchmarks -am -DskipTests -Dmaven.antrun.skip package >&2 || die "the build failed"
    touch "$lib"
  fi
}

# run_java CLASS ARGUMENT...: in place of this script.
run_java() {
  exec java -Dsuture.agent.files="$top/agent-arm64/src/dist/usr/lib/suture" -cp "$top/benchmarks/target/classes:$lib/*" \
    "dev.suture.benchmarks.$1" "${@:2}"
}

#!/usr/bin/env bash
# Installs the Debian packages that some tests need, when run as root; otherwise those tests are skipped and say why.
set -u
packages=()
command -v chromium >/dev/null 2>&1 || packages+=(chromium)
[ -d /usr/lib/postgresql ] || packages+=(postgresql)
[ ${#packages[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "==> some tests will be skipped; to run them: apt-get install -y ${packages[*]}"
  exit 0
fi
echo "==> installing for the tests: ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
  echo "==> could not install ${packages[*]}; the tests that need them are skipped"
exit 0

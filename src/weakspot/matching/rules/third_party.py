"""Packages that a distribution's package manager installed but the distribution did not build.

Its advisories say nothing about them. Told by, in this order: the repository that the package came from, the vendor in
its header, a mark in its version. A list as data: a new repository is a line here and a case in the tests.
"""

from __future__ import annotations

import functools
import re

from weakspot.vocabulary import ecosystems

REPOSITORY_VENDOR = "repository:"
"""Beginning of ``vendor`` where an inventory names the repository instead of the builder."""

# Repositories by the beginning of their id, as package managers name them.
REPOSITORIES: tuple[str, ...] = (
    "epel", "remi", "elrepo", "rpmfusion", "ius", "copr:", "docker-ce", "pgdg", "mysql", "mariadb", "percona",
    "nodesource", "nginx", "google-", "chrome", "vscode", "microsoft", "packages-microsoft", "hashicorp",
    "kubernetes", "grafana", "elastic", "logstash", "kibana", "zabbix", "gitlab", "jenkins", "influxdata",
    "datadog", "newrelic", "puppet", "salt", "mongodb", "rabbitmq", "cuda", "nvidia", "virtualbox", "brave",
    "teamviewer", "anydesk", "slack", "zoom", "ppa", "lp-ppa", "download.docker.com", "deb.nodesource.com",
    "apt.postgresql.org", "packages.sury.org", "cloudlinux", "wazuh", "tailscale", "cloudflare", "sublime", "yarn",
    "gh-cli", "winehq", "spotify", "signal", "proxmox", "opsi", "openresty",
)  # fmt: skip

_EXACT_REPOSITORIES = frozenset({"code"})  # "codeready-builder…" is the distribution's own

# Maintainers of Debian and Ubuntu write from anywhere; these words in the field make it theirs in any case.
_DISTRIBUTION_WORDS = ("debian", "ubuntu", "canonical", "alpine", "alioth")

# Builders by a part of the vendor field or maintainer address.
VENDORS: tuple[str, ...] = (
    "nodesource", "@docker.com", "docker inc", "@google.com", "google llc", "google, inc", "chromium.org>",
    "@microsoft.com", "microsoft corporation", "hashicorp", "grafana.com", "grafana labs", "elastic.co",
    "elasticsearch", "@zabbix.com", "zabbix sia", "gitlab.com", "gitlab, inc", "jenkins", "influxdata", "datadoghq",
    "datadog", "@newrelic.com", "puppetlabs", "puppet.com", "mongodb", "rabbitmq.com", "nvidia", "@oracle.com",
    "virtualbox.org", "brave software", "@brave.com", "teamviewer", "anydesk", "slack technologies", "zoom.us",
    "zoom video", "mysql release engineering", "mysql build team", "@mariadb.org", "mariadb corporation", "percona",
    "nginx packaging", "@nginx.com", "@f5.com", "remi collet", "rpm fusion", "elrepo", "fedora copr", "copr",
    "postgresql global development group", "launchpad ppa", "cloudlinux", "wazuh", "tailscale", "cloudflare",
    "sublime hq", "yarnpkg", "github cli", "winehq", "spotify", "signal.org", "proxmox", "kubernetes", "openresty",
    "vivaldi", "opera software", "1password", "agilebits", "dropbox", "skype", "jfrog", "sonatype", "splunk",
    "crowdstrike", "sentinelone", "tenable", "qualys", "rapid7", "sophos",
)  # fmt: skip

# Marks that builders put into their versions.
VERSION_MARK = re.compile(
    r"nodesource|\.pgdg|PGDG|sury\.org|~ppa|(?<![a-z])ppa\d|\.ppa\b|docker|\+cloudlinux|percona|mariadb\.org|\+maria~|nginx\.org|\.ngx$"
    r"|\.remi(?:\.|$)|\.elrepo|\.rpmfusion|~(?:bionic|focal|jammy|noble|bullseye|bookworm)$|\.gitlab|mysql\.com|\.nux\b"
    r"|~(?:ubuntu|debian)\.\d+~[a-z]+$|-\d+~(?:ubuntu|debian)\.\d+",
    re.IGNORECASE,
)

# The builder as each rpm distribution names itself; another builder's package is not its own. CentOS and its
# rebuilds carry each other's packages where they only repackage.
_OWN_VENDORS: dict[str, tuple[str, ...]] = {
    "AlmaLinux": ("almalinux", "cloudlinux software", "centos", "koji"),
    "Rocky Linux": ("rocky", "centos", "koji"),
    "Red Hat": ("red hat",),
    "CentOS": ("centos", "red hat"),
    "Oracle Linux": ("oracle america", "oracle corporation", "oracle"),
    "Fedora": ("fedora project", "fedora"),
    "Amazon Linux": ("amazon",),
    "openSUSE": ("opensuse", "suse"),
    "SUSE": ("suse",),
}


@functools.lru_cache(maxsize=65_536)
def is_third_party(platform: str, version: str, vendor: str) -> bool:
    """Whether a distribution package was built by somebody else than the distribution.

    platform: ``Debian:12``; vendor: the package's maintainer or vendor, or ``repository:<id>``; empty: not known.
    """
    lowered = vendor.lower()
    if lowered.startswith(REPOSITORY_VENDOR):
        repository = lowered.removeprefix(REPOSITORY_VENDOR)
        is_known = repository.startswith(REPOSITORIES) or repository in _EXACT_REPOSITORIES
        return is_known or _is_marked(version)
    own = _OWN_VENDORS.get(ecosystems.base(platform))
    if own is not None and lowered:
        return not any(name in lowered for name in own)
    if _is_marked(version):
        return True
    return not any(word in lowered for word in _DISTRIBUTION_WORDS) and any(name in lowered for name in VENDORS)


def _is_marked(version: str) -> bool:
    return VERSION_MARK.search(version) is not None

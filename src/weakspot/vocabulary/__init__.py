"""Pure words: ids, versions, severity, CVSS, package names. No database, no network, no clock."""

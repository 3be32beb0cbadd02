"""Products that the catalogue does not hold, by their own and their publisher's name: carefully, or not at all.

The whole bare name must be a product's name, and the publisher must be its vendor, both as CPE names write them. What
comes out are identities to look up; one that no source names is no product code. Without a publisher, no guess.
"""

from __future__ import annotations

import re

from weakspot.vocabulary.program_names import bare, clean

CONFIDENCE = 60
METHOD = "name_index"
MAX_GUESSES = 6

_LEGAL = frozenset(
    {
        "inc", "incorporated", "corp", "corporation", "ltd", "limited", "llc", "gmbh", "ag", "sa", "sas", "srl",
        "bv", "co", "company", "kg", "oy", "ab", "as", "plc", "pty", "the", "and", "foundation", "systems",
        "technologies", "technology", "software", "group", "project", "community", "team", "developer", "developers",
        "development",
    }
)  # fmt: skip
_OTHER_THINGS = frozenset(
    {
        "for", "plugin", "plug-in", "plugins", "add-in", "addin", "addon", "add-on", "extension", "language",
        "languagepack", "pack", "driver", "drivers", "sdk", "toolkit", "redistributable", "update", "updater",
        "helper", "setup", "installer", "uninstaller", "documentation", "help", "samples", "demo", "trial",
        "theme", "templates", "resources", "runtime", "launcher", "service", "agent", "viewer", "module",
        "component", "components", "checks", "manager", "tools", "kit",
    }
)  # fmt: skip
"""Words that make a name that of something beside the product."""
_WORD = re.compile(r"[a-z0-9][a-z0-9.+_-]*")


def guesses(name: str, publisher: str, version: str) -> list[str]:
    """CPE identities (``vendor:product``) that a program may have, likeliest first; empty when nothing is safe."""
    vendor_words = [word.strip(".") for word in _WORD.findall(clean(publisher)) if word.strip(".") not in _LEGAL]
    text = bare(name, version).text
    name_words = _WORD.findall(text)
    if not vendor_words or not name_words or len(text) < 3 or not version.strip():
        return []
    if not text.isascii() or _OTHER_THINGS.intersection(name_words) or " ".join(name_words) != text:
        return []
    vendors = dict.fromkeys((vendor_words[0], "_".join(vendor_words[:4])))
    if name_words[0] in vendor_words:
        vendors[name_words[0]] = None
    products = dict.fromkeys(("_".join(name_words),))
    if name_words[0] == vendor_words[0] and len(name_words) > 1:
        products = dict.fromkeys(("_".join(name_words[1:]), "_".join(name_words)))
    found = [f"{vendor}:{product}" for vendor in vendors for product in products if len(product) > 2]
    return found[:MAX_GUESSES]

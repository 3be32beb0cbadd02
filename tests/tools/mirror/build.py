"""Lay out a mirror from the shared real data: ``python -m tests.tools.mirror DATA OUT`` (``make mirror``).

Files that are as their publisher shapes them are linked. Some are subsets that were written in another shape; those
are written back in the publisher's, so that the package learns only that one.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def links(data: Path) -> Iterator[tuple[Path, str]]:
    """(file, place in the mirror) of what is upstream-shaped already."""
    for path in sorted((data / "osv").rglob("*.zip")):
        yield path, path.relative_to(data).as_posix()
    for pattern, folder in (
        ("kev/known_exploited_vulnerabilities-*.json.gz", "kev"),
        ("epss/epss_scores-*.csv.gz", "epss"),
        ("nvd/nvd*.json.gz", "nvd"),
        ("nvd/anchore-nvd-overrides.jsonl.gz", "nvd_overrides"),
        ("cve5/*", "cve5"),
        ("msrc/wesng-definitions-*.zip", "wesng"),
        ("msrc/msrc-cvrf-*.xml.gz", "msrc"),
        ("distro/alpine-secdb-*.zip", "alpine"),
        ("vendor/mozilla-mfsa-*.zip", "mozilla"),
        ("vendor/openssl-*.zip", "openssl"),
        ("exploits/poc-counts.csv.gz", "poc"),
        ("attack/kev-attack-*.json.gz", "attack"),
    ):
        for path in sorted(data.glob(pattern)):
            yield path, f"{folder}/{path.name}"


def read_json(path: Path) -> Any:
    """A gzip JSON document."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def write_json(path: Path, document: Any) -> None:
    """A gzip JSON document, the same bytes for the same content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        file.write(json.dumps(document, ensure_ascii=False).encode())


# --- Microsoft: lower-case words back into the update guide's JSON

_STATUS = {"Known Affected": 3, "Known Not Affected": 2, "Fixed": 4, "First Affected": 0}
_THREAT = {"Impact": 0, "Exploit Status": 1, "Target Set": 2, "Severity": 3}
_REMEDY = {
    "Workaround": 0, "Mitigation": 1, "Vendor Fix": 2, "None Available": 3, "Will Not Fix": 4, "Known Issue": 5,
    "Release Notes": 6,
}  # fmt: skip


def as_list(value: Any) -> list[Any]:
    """A list, whether there were none, one or many."""
    return [] if value in (None, "", {}) else value if isinstance(value, list) else [value]


def msrc(data: Path, out: Path) -> None:
    """Monthly documents."""
    for path in sorted((data / "msrc/cvrf-json").glob("*.json.gz")):
        source = read_json(path)
        products = [{"ProductID": key, "Value": item["name"]} for key, item in source["product_tree"].items()]
        document = {
            "DocumentTitle": {"Value": source["document_title"]},
            "DocumentTracking": {"Identification": {"ID": {"Value": source["document_id"]}}},
            "ProductTree": {"FullProductName": products},
            "Vulnerability": [_msrc_vulnerability(item) for item in source["vulnerabilities"]],
        }
        write_json(out / "msrc" / path.name, document)


def _msrc_vulnerability(item: Row) -> Row:
    def inner(outer: str, name: str) -> list[Row]:
        return as_list((item.get(outer) or {}).get(name))

    revisions = inner("revisionhistory", "revision") or inner("revision_history", "revision")
    return {
        "Title": {"Value": item.get("title", "")},
        "CVE": item.get("cve", ""),
        "Notes": [
            {"Title": n.get("title"), "Type": 2 if n.get("type") == "Description" else 7, "Value": n.get("text", "")}
            for n in inner("notes", "note")
        ],
        "CWE": [{"ID": cwe.get("id"), "Value": cwe.get("text")} for cwe in as_list(item.get("cwe"))],
        "ProductStatuses": [
            {"Type": _STATUS.get(s.get("type"), 3), "ProductID": as_list(s.get("product_id"))}
            for s in inner("productstatuses", "status")
        ],
        "Threats": [
            {
                "Type": _THREAT.get(t.get("type"), 0),
                "Description": {"Value": t.get("description", "")},
                "ProductID": as_list(t.get("product_id")),
            }
            for t in inner("threats", "threat")
        ],
        "CVSSScoreSets": [
            {"BaseScore": s.get("base_score"), "Vector": s.get("vector"), "ProductID": as_list(s.get("product_id"))}
            for s in inner("cvssscoresets", "scoreset")
        ],
        "Remediations": [
            {
                "Type": _REMEDY.get(r.get("type"), 5),
                "Description": {"Value": r.get("description", "")},
                "URL": r.get("url", ""),
                "Supercedence": r.get("supercedence", ""),
                "FixedBuild": r.get("fixed_build", ""),
                "SubType": r.get("sub_type", ""),
                "RestartRequired": {"Value": r.get("restart_required", "")},
                "ProductID": as_list(r.get("product_id")),
            }
            for r in inner("remediations", "remediation")
        ],
        "RevisionHistory": [{"Number": r.get("number"), "Date": r.get("date")} for r in revisions],
    }


# --- Ubuntu: JSON lines back into the tracker's text files


def ubuntu(data: Path, out: Path) -> None:
    """One text file a CVE, in a zip."""
    place = out / "ubuntu/tracker.zip"
    place.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(data.glob("distro/ubuntu-cve-tracker-*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    record = json.loads(line)
                    info = zipfile.ZipInfo(f"active/{record['candidate']}", (2024, 8, 9, 0, 0, 0))
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, _ubuntu_text(record))


def _ubuntu_text(record: Row) -> str:
    lines = [f"Candidate: {record['candidate']}", f"PublicDate: {record.get('public_date', '')}"]
    lines += [f"Priority: {record.get('priority', '')}", ""]
    for release, packages in record["packages"].items():
        for package, told in packages.items():
            note = f" ({told['note']})" if told.get("note") else ""
            lines.append(f"{release}_{package}: {told['status']}{note}")
    return "\n".join(lines) + "\n"


# --- exploits


def exploitdb(data: Path, out: Path) -> None:
    """CVE -> exploit pairs back into the index, a row an exploit."""
    rows: dict[str, Row] = {}
    codes: defaultdict[str, list[str]] = defaultdict(list)
    with gzip.open(data / "exploits/exploitdb-cve-map.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["edb_id"], row)
            codes[row["edb_id"]].append(row["cve"])
    text = io.StringIO()
    columns = ["id", "description", "date_published", "type", "platform", "verified", "codes"]
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    for number, row in rows.items():
        writer.writerow({**row, "id": number, "codes": ";".join(codes[number])})
    place = out / "exploitdb/files_exploits.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text.getvalue(), "utf-8")


def metasploit(data: Path, out: Path) -> None:
    """CVE -> modules back into modules with references. Type and path are in the link; ranks are not in the data."""
    modules: dict[str, Row] = {}
    for cve, found in read_json(data / "exploits/metasploit-cve-modules.json.gz").items():
        for module in found:
            link = next(iter(module.get("References") or ()), module["Name"])
            path = link.partition("/modules/")[2].removesuffix(".rb") or module["Name"]
            kind = path.partition("/")[0].rstrip("s") if "/" in path else "exploit"
            fullname = f"{kind}/{path.partition('/')[2] or path}"
            entry = modules.setdefault(
                f"{kind}_{path}", {"fullname": fullname, "type": kind, "rank": 0, "references": []}
            )
            if cve not in entry["references"]:
                entry["references"].append(cve)
    write_json(out / "metasploit/modules_metadata_base.json.gz", modules)


# --- support dates


def endoflife(data: Path, out: Path) -> None:
    """Product pages' front matter back into the API's document."""
    products = read_json(data / "eol/endoflife-products.json.gz")
    result = [_product(name, page) for name, page in products.items()]
    write_json(out / "endoflife/products.json.gz", {"schema_version": "1.2.0", "result": result})


def _product(name: str, page: Row) -> Row:
    identifiers = [
        {"type": kind, "id": value} for item in page.get("identifiers") or () for kind, value in item.items()
    ]
    releases = [_release(item) for item in page["releases"]]
    return {
        "name": name,
        "label": page.get("title", ""),
        "category": page.get("category", ""),
        "identifiers": identifiers,
        "releases": releases,
    }


def _release(item: Row) -> Row:
    latest = item.get("latest")
    return {
        "name": str(item["releaseCycle"]),
        "label": str(item.get("releaseLabel") or item["releaseCycle"]),
        "releaseDate": item.get("releaseDate"),
        "isEol": item.get("eol") is True,
        "eolFrom": item["eol"] if isinstance(item.get("eol"), str) else None,
        "eoasFrom": item["eoas"] if isinstance(item.get("eoas"), str) else None,
        "latest": {"name": str(latest)} if latest is not None else None,
    }


CONVERTERS: tuple[Callable[[Path, Path], None], ...] = (msrc, ubuntu, exploitdb, metasploit, endoflife)


def build(data: Path, out: Path) -> None:
    """Make the mirror anew."""
    shutil.rmtree(out, ignore_errors=True)
    for path, place in links(data):
        target = out / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path.resolve())
    for convert in CONVERTERS:
        print(f"writing {convert.__name__}", flush=True)
        convert(data, out)

"""Programs of Windows devices that exist: as the system lists them, and as the CPE dictionary names them.

Their fixed versions come from the loaded knowledge, so that real advisories match what simulated devices have.
"""

from __future__ import annotations

import msgspec

ECOSYSTEM = "cpe"


class Program(msgspec.Struct, frozen=True):
    """``name``: as the list of installed programs shows it, ``{version}`` where it holds that; ``cpe``: vendor and
    product.
    """

    name: str
    publisher: str
    cpe: str


PROGRAMS = (
    Program("Microsoft Edge", "Microsoft Corporation", "microsoft:edge_chromium"),
    Program("Google Chrome", "Google LLC", "google:chrome"),
    Program("Adobe Acrobat Reader DC", "Adobe Systems Incorporated", "adobe:acrobat_reader_dc"),
    Program("Zoom", "Zoom Video Communications, Inc.", "zoom:zoom"),
    Program("7-Zip {version} (x64)", "Igor Pavlov", "7-zip:7-zip"),
    Program("Mozilla Firefox (x64 en-US)", "Mozilla", "mozilla:firefox"),
    Program("VLC media player", "VideoLAN", "videolan:vlc_media_player"),
    Program("Notepad++ (64-bit x64)", "Notepad++ Team", "notepad-plus-plus:notepad++"),
    Program("Git", "The Git Development Community", "git-scm:git"),
    Program("Mozilla Thunderbird (x64 en-US)", "Mozilla", "mozilla:thunderbird"),
    Program("PuTTY release {version} (64-bit)", "Simon Tatham", "putty:putty"),
    Program("Python {version} (64-bit)", "Python Software Foundation", "python:python"),
    Program("WinRAR {version} (64-bit)", "win.rar GmbH", "rarlab:winrar"),
    Program("Node.js", "Node.js Foundation", "nodejs:node.js"),
    Program("KeePass Password Safe {version}", "Dominik Reichl", "keepass:keepass"),
    Program("LibreOffice {version}", "The Document Foundation", "libreoffice:libreoffice"),
    Program("Wireshark {version} 64-bit", "The Wireshark developer community", "wireshark:wireshark"),
    Program("OpenVPN {version} amd64", "OpenVPN, Inc.", "openvpn:openvpn"),
    Program("Foxit PDF Reader", "Foxit Software Inc.", "foxit:pdf_reader"),
    Program("Docker Desktop", "Docker Inc.", "docker:desktop"),
    Program("Oracle VM VirtualBox {version}", "Oracle Corporation", "oracle:vm_virtualbox"),
    Program("GIMP {version}", "The GIMP Team", "gimp:gimp"),
    Program("iTunes", "Apple Inc.", "apple:itunes"),
    Program("Opera Stable {version}", "Opera Software", "opera:opera_browser"),
    Program("Go Programming Language amd64 go{version}", "https://go.dev", "golang:go"),
)
"""The most common ones first."""

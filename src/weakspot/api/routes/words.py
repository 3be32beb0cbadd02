"""What the filters of the lists mean, in one sentence each; every list that has one uses the same."""

from __future__ import annotations

FILTERS = {
    "assessed": "Only software that some source covers, or only other.",
    "correlated": "Only detections that hang on something of their device, or only those that do not.",
    "confidence": "Only matches that count (the default), or also weak ones, which no score and no count includes.",
    "detection": "Only what an active detection hangs on, or only what none does.",
    "device": "Only of these devices (ids).",
    "criticality": "Levels of criticality to show; None is those without one.",
    "device_tag": "Only devices with one of these tags; a tag may hold commas, so give the parameter once for each.",
    "excluded": "Only devices that are, or only those that are not, excluded.",
    "exploit": "Levels of exploit to show; 'any' is every level but none.",
    "exposed": "Only weaknesses that some device has (the default), that none has, or all that are known.",
    "fix": "Only with, or only without, a fixed version.",
    "health": "Health of the sensor.",
    "internet_facing": "Whether devices can be reached from the internet.",
    "level": "Exposure levels to show.",
    "onboarding": "Whether something on the device speaks for it.",
    "os": "Operating systems to show (platform or distribution).",
    "placed": "Only detections whose device is known, or only those whose device is not.",
    "remediation": "Kinds of remediation to show.",
    "severity": "Severities to show.",
    "software": "Only weaknesses of this software (id).",
    "status": "Only active ones, or only those under an exception for all, or for some devices.",
    "state": "Findings that hold now (the default), or that are over.",
    "tag": "Only recommendations with one of these tags.",
    "threat": "Only with a public exploit, or only with a weakness that is known to be exploited.",
    "type": "Kinds of software to show: dpkg, rpm, apk, pypi, npm and the like.",
    "weakness": "Only those about these weaknesses (names).",
    "value": "Device values to show.",
    "weak": "Only software with weaknesses, or only without.",
}

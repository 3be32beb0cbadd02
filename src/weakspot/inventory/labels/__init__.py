"""Labels: named sets of devices. Groups, tags, device value, criticality, internet-facing, business context.

A label is one row with a bitmap of devices, so that marking 100,000 devices writes one row, and a rule over labels is a
set operation. What people chose and what sensors and rules found are kept apart; what is in force is both together.
"""

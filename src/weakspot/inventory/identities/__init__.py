"""Device identity: recognising a device again, merging and keeping apart, and the end of devices.

Nothing is merged or taken over without the old key or somebody's decision; every decision is kept and can be undone.
"""

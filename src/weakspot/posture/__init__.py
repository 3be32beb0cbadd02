"""Configuration posture: recommended settings as data, and what the settings of devices amount to."""

"""What each report changed: the change feed of one device and of the fleet."""

"""One story through the whole product, told by a running server: from a detection to a closed ticket."""

"""All SQL of the intelligence: ``reading`` (what is in force), ``staging`` (writing the next version), ``merging``
(names, groups and links of the next version), ``publishing`` (making it current).
"""

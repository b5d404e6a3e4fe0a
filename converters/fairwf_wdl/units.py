"""Units of storage (specification 1.2, "Units of Storage")."""

UNITS = {
    "B": 1,
    **{
        spelled: base**power
        for power, letter in enumerate("KMGT", start=1)
        for spelled, base in (
            (letter, 1000),
            (letter + "B", 1000),
            (letter + "i", 1024),
            (letter + "iB", 1024),
        )
    },
}
"""Bytes by unit."""

MIB = 1024 * 1024

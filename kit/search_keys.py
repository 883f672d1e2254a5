"""What people are looked for by: a name, what it is without the family name, a phone and its last four digits."""

from kit.phones import read_phone

END_DIGITS = 4


def list_search_keys(name: str | None, phone: str | None) -> str:
    """A key a line, to be hashed (kit/encrypted.py, Digests); empty when neither is known."""
    keys = [name, name[0], name[1:]] if name else []
    keys += [phone, phone[-END_DIGITS:]] if phone else []
    return "\n".join(dict.fromkeys(filter(None, keys)))


def read_search(words: str) -> str:
    """What somebody looks for as it would stand among the keys."""
    return read_phone(words) or words.strip()

"""What people are looked for by: a name, its first two characters, what it is without the family name, a phone, its
last four digits, an identity number."""

from kit.identity_numbers import is_identity_number
from kit.phones import read_phone

END_DIGITS = 4


def list_search_keys(name: str | None, phone: str | None, identity: str | None = None) -> str:
    """A key a line, to be hashed (kit/encrypted.py, Digests); empty when nothing is known."""
    keys = [name, name[0], name[1:], name[:2]] if name else []
    keys += [phone, phone[-END_DIGITS:]] if phone else []
    keys += [identity.upper()] if identity else []
    return "\n".join(dict.fromkeys(filter(None, keys)))


def read_search(words: str) -> str:
    """What somebody looks for as it would stand among the keys."""
    said = words.strip()
    return read_phone(words) or (said.upper() if is_identity_number(said) else said)

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.vault import PREFIX, CipherName, Vault, VaultError, make_aes, make_sm4, name_key

CIPHERS: list[CipherName] = ["aes-256-gcm", "sm4-gcm"]
OLD, NEW, HASH_KEY = "an older secret", "a newer secret", "the key to hash by"


def make_vault(*secrets: str, cipher: CipherName = "aes-256-gcm") -> Vault:
    return Vault(secrets or (NEW,), HASH_KEY, cipher)


@pytest.mark.parametrize("cipher", CIPHERS)
@given(text=st.text())
def test_what_is_encrypted_can_be_read_again(cipher: CipherName, text: str) -> None:
    vault = make_vault(cipher=cipher)
    encrypted = vault.encrypt(text, "messages.text")
    assert encrypted.startswith(PREFIX)
    assert not text.strip() or text not in encrypted.removeprefix(vault.prefix) or len(text) < 3
    assert vault.decrypt(encrypted, "messages.text") == text


def test_the_same_text_never_looks_the_same() -> None:
    vault = make_vault()
    assert vault.encrypt("王秀英", "name") != vault.encrypt("王秀英", "name")


@pytest.mark.parametrize("cipher", CIPHERS)
def test_a_value_is_of_use_in_its_own_context_only(cipher: CipherName) -> None:
    vault = make_vault(cipher=cipher)
    with pytest.raises(VaultError):
        vault.decrypt(vault.encrypt("13812345678", "applications.phone"), "messages.text")


@pytest.mark.parametrize("cipher", CIPHERS)
def test_any_changed_letter_is_noticed(cipher: CipherName) -> None:
    vault = make_vault(cipher=cipher)
    encrypted = vault.encrypt("王秀英", "name")
    start = len(vault.prefix)
    for place in range(start, len(encrypted.rstrip("="))):
        letter = "A" if encrypted[place] != "A" else "B"
        changed = encrypted[:place] + letter + encrypted[place + 1 :]
        if base64.urlsafe_b64decode(changed[start:]) != base64.urlsafe_b64decode(encrypted[start:]):
            with pytest.raises(VaultError):
                vault.decrypt(changed, "name")


@pytest.mark.parametrize("value", ["", "王秀英", PREFIX, f"{PREFIX}00000000:AAAA", f"{PREFIX}x", "encrypted:äö:ü"])
def test_what_was_never_encrypted_is_refused(value: str) -> None:
    with pytest.raises(VaultError):
        make_vault().decrypt(value, "name")


@pytest.mark.parametrize("before", CIPHERS)
@pytest.mark.parametrize("after", CIPHERS)
def test_after_the_key_changed_earlier_values_can_be_read_but_only_with_the_old_one(
    before: CipherName, after: CipherName
) -> None:
    encrypted = make_vault(OLD, cipher=before).encrypt("王秀英", "name")
    both = make_vault(NEW, OLD, cipher=after)
    assert both.decrypt(encrypted, "name") == "王秀英"
    assert not encrypted.startswith(both.prefix)
    assert both.encrypt("王秀英", "name").startswith(both.prefix)
    with pytest.raises(VaultError, match="XIAOHE_VAULT_KEYS"):
        make_vault(NEW, cipher=after).decrypt(encrypted, "name")


def test_hashes_are_equal_for_equal_values_and_need_the_key() -> None:
    assert make_vault(OLD).digest("13812345678") == make_vault(NEW).digest("13812345678")
    assert make_vault().digest("13812345678") != make_vault().digest("13812345679")
    assert Vault([NEW], "another key").digest("13812345678") != make_vault().digest("13812345678")


@pytest.mark.parametrize(("secrets", "hash_key"), [([], "key"), ([""], "key"), ([NEW, ""], "key"), ([NEW], "")])
def test_no_vault_without_keys(secrets: list[str], hash_key: str) -> None:
    with pytest.raises(ValueError, match="XIAOHE_VAULT_KEYS"):
        Vault(secrets, hash_key)


def test_the_name_of_a_key_does_not_say_more_than_which_one() -> None:
    assert name_key(NEW, "aes-256-gcm") != name_key(NEW, "sm4-gcm") != name_key(OLD, "sm4-gcm")


def test_sm4_gcm_gives_the_answer_of_rfc_8998() -> None:
    """Appendix A.1."""
    cipher = make_sm4(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    nonce = bytes.fromhex("00001234567800000000ABCD")
    context = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    expected = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert cipher.encrypt(nonce, plain, context) == expected
    assert cipher.decrypt(nonce, expected, context) == plain


def test_aes_gcm_gives_the_answer_of_its_specification() -> None:
    """McGrew and Viega, The Galois/Counter Mode of Operation, test case 16."""
    cipher = make_aes(bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    context = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
        "b16aedf5aa0de657ba637b39"
    )
    expected = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
        "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert cipher.encrypt(nonce, plain, context) == expected
    assert cipher.decrypt(nonce, expected, context) == plain


@pytest.mark.parametrize("cipher", CIPHERS)
@given(content=st.binary())
def test_bytes_are_encrypted_as_bytes(cipher: CipherName, content: bytes) -> None:
    vault = make_vault(cipher=cipher)
    encrypted = vault.encrypt_bytes(content, "documents.content")
    assert encrypted.startswith(vault.prefix.encode())
    assert vault.decrypt_bytes(encrypted, "documents.content") == content
    changed, own = encrypted[:-1] + bytes([encrypted[-1] ^ 1]), "documents.content"
    for wrong, context in ((changed, own), (encrypted, "messages.text"), (content, own)):
        with pytest.raises(VaultError):
            vault.decrypt_bytes(wrong, context)

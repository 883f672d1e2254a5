"""The vault of all tests, and of the processes that they start."""

from kit.vault import Vault

ENVIRONMENT = {
    "XIAOHE_VAULT_KEYS": "what tests encrypt personal data by",
    "XIAOHE_VAULT_HASH_KEY": "what tests hash personal data by",
}
VAULT = Vault([ENVIRONMENT["XIAOHE_VAULT_KEYS"]], ENVIRONMENT["XIAOHE_VAULT_HASH_KEY"])

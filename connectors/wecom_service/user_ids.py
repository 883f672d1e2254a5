"""A customer's id on the channel: the service account they write to, and who they are there.

One person who writes to two accounts has two talks in WeChat, so they are two conversations.
"""

import re

ID = re.compile(r"[A-Za-z0-9_-]{1,63}")  # of a service account, and of a customer


def write_user_id(open_kfid: str, external_userid: str) -> str:
    """The id; ValueError for what WeCom gives nobody."""
    if not (ID.fullmatch(open_kfid) and ID.fullmatch(external_userid)):
        raise ValueError("no id of WeCom")
    return f"{open_kfid}/{external_userid}"


def split_user_id(user_id: str) -> tuple[str, str]:
    """The account's open_kfid and the customer's external_userid."""
    open_kfid, _, external_userid = user_id.partition("/")
    return open_kfid, external_userid

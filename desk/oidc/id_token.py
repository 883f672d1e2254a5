"""Checks ID tokens: whose signature, who issued them, for whom, until when, and for which sign-in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

# Signed with a key that only the provider has. HS256 would be signed with our secret, `none` by nobody.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS = 60


def read_id_token(
    id_token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    algorithms: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """The claims. joserfc's InvalidKeyIdError for a key that is not among these, another JoseError for what is wrong.

    `algorithms`: those the provider says it signs with; of these only safe ones are taken.
    """
    allowed = [name for name in ALGORITHMS if name in algorithms]
    token = jwt.decode(id_token, keys, registry=JWSRegistry(algorithms=allowed, strict_check_header=False))
    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client_id},
        "sub": {"essential": True},
    }
    # authlib compares nonce, azp and at_hash with these.
    params = {"client_id": client_id, "nonce": nonce, "access_token": access_token}
    claims = CodeIDToken(token.claims, token.header, options, params)
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    return dict(claims)

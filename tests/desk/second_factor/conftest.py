"""Second factors of an office, and the authenticator app on somebody's phone."""

from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest

from desk.accounts import Accounts
from desk.challenges import UnansweredChallenge
from desk.schemas import StaffView
from desk.second_factor.service import SecondFactors
from kit.database import Database
from kit.vault import Vault
from tests.desk.office import PASSWORD
from tests.fakes import FixedClock
from tests.vaults import VAULT


@dataclass
class Phone:
    """Shows the code of the moment."""

    secret: str
    clock: FixedClock

    def read(self, *, steps: int = 0) -> str:
        """The code, or that of some steps later."""
        return pyotp.TOTP(self.secret).at(self.clock() + timedelta(seconds=30 * steps))

    def read_wrong(self) -> str:
        """Six digits that are no code now."""
        shown = {self.read(steps=steps) for steps in range(-2, 3)}
        return next(code for code in ("123456", "234567", "345678", "456789", "567890", "678901") if code not in shown)


@pytest.fixture
def vault() -> Vault:
    return VAULT


@pytest.fixture
def factors(database: Database, clock: FixedClock, vault: Vault) -> SecondFactors:
    return SecondFactors(database, vault, clock)


@pytest.fixture
async def zhang(accounts: Accounts) -> StaffView:
    return await accounts.add_staff("zhang", "张敏", "supervisor", PASSWORD)


async def enrol(factors: SecondFactors, staff: StaffView, clock: FixedClock) -> tuple[Phone, list[str]]:
    """Adds a second factor; the phone, and the recovery codes. The code it took is used up: half a minute passes."""
    phone = Phone(await factors.begin(staff.id), clock)
    codes = await factors.confirm(staff, phone.read(), token="the-browser")
    clock.move(seconds=30)
    return phone, codes


async def pass_password(accounts: Accounts, login: str = "zhang", address: str = "") -> str:
    """The token of the challenge that follows the right password."""
    with pytest.raises(UnansweredChallenge) as caught:
        await accounts.sign_in(login, PASSWORD, address, next_path="/talks")
    return caught.value.token

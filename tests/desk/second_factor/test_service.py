"""The second factor: what counts, what works once, what slows a guesser down, and who may take it away."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.accounts import Accounts
from desk.notifications.service import Notifications
from desk.schemas import StaffView
from desk.second_factor.service import SecondFactors, reset
from desk.tables import RecoveryCode, SecondFactor, SignInChallenge
from kit.database import Database
from kit.errors import RequestError
from kit.vault import Vault
from tests.desk.office import PASSWORD
from tests.desk.second_factor.conftest import Phone, enrol, pass_password
from tests.desk.test_accounts import list_audit
from tests.fakes import FixedClock
from tests.vaults import ENVIRONMENT

ELSEWHERE = "192.0.2.66"
KEY, HASH_KEY = ENVIRONMENT["XIAOHE_VAULT_KEYS"], ENVIRONMENT["XIAOHE_VAULT_HASH_KEY"]
OTHER_KEY = "a key that came later"


async def refuse(factors: SecondFactors, challenge: str, code: str, address: str = "") -> int:
    """The status with which a code is refused."""
    with pytest.raises(RequestError) as refused:
        await factors.sign_in(challenge, code, address)
    return refused.value.status


async def test_it_counts_once_a_code_confirmed_it(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone = Phone(await factors.begin(zhang.id), clock)
    assert await factors.begin(zhang.id) == phone.secret  # the page was reloaded
    assert await accounts.sign_in("zhang", PASSWORD), "a secret that was only shown keeps nobody out"
    with pytest.raises(RequestError, match="验证码不对"):
        await factors.confirm(zhang, phone.read_wrong(), token="")
    codes = await factors.confirm(zhang, phone.read(), token="")
    view = await factors.read(zhang.id)
    assert (view.since, view.codes_left, len(set(codes))) == (clock(), 10, 10)
    assert await factors.list_owners() == {zhang.id}
    for again in (factors.begin(zhang.id), factors.confirm(zhang, phone.read(), token="")):
        with pytest.raises(RequestError) as refused:
            await again
        assert refused.value.status == 409


async def test_a_secret_that_was_not_confirmed_is_made_anew(
    factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    old = Phone(await factors.begin(zhang.id), clock)
    clock.move(hours=1)
    assert await factors.begin(zhang.id) != old.secret
    with pytest.raises(RequestError):
        await factors.confirm(zhang, old.read(), token="")


async def test_other_sessions_end_when_it_is_added(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    here, elsewhere = await accounts.sign_in("zhang", PASSWORD), await accounts.sign_in("zhang", PASSWORD)
    phone = Phone(await factors.begin(zhang.id), clock)
    await factors.confirm(zhang, phone.read(), token=here)
    assert await accounts.sessions.find(here)
    assert await accounts.sessions.find(elsewhere) is None


async def test_signing_in_takes_password_and_code(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts)
    assert await accounts.sessions.find(challenge) is None, "half signed in is not signed in"
    token, next_path, method = await factors.sign_in(challenge, phone.read(), "192.0.2.1")
    assert (next_path, method) == ("/talks", "totp")
    staff = await accounts.sessions.find(token)
    assert staff
    assert staff.id == zhang.id
    assert (await list_audit(database))[-1] == ("sign_in", "", {"address": "192.0.2.1", "method": "totp"})


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
async def test_a_clock_may_be_off_by_half_a_minute(
    steps: int, accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    clock.move(minutes=5)
    challenge, code = await pass_password(accounts), phone.read(steps=steps)
    if abs(steps) <= 1:
        assert await factors.sign_in(challenge, code)
    else:
        assert await refuse(factors, challenge, code) == 422


async def test_a_code_works_once(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    earlier, code = phone.read(steps=-1), phone.read()
    await factors.sign_in(await pass_password(accounts), code)
    for replayed in (code, earlier):
        assert await refuse(factors, await pass_password(accounts), replayed) == 422


async def test_one_code_at_the_same_time_signs_in_once(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, (recovery, *_) = await enrol(factors, zhang, clock)
    for code in (phone.read(), recovery):
        challenges = [await pass_password(accounts) for _ in range(4)]
        tries = (factors.sign_in(challenge, code) for challenge in challenges)
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert len([each for each in outcomes if not isinstance(each, Exception)]) == 1
        clock.move(minutes=1)  # the others count as wrong codes


async def test_a_challenge_is_answered_once_and_in_time(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    answered = await pass_password(accounts)
    await factors.sign_in(answered, phone.read())
    late = await pass_password(accounts)
    clock.move(minutes=5)
    for challenge in (answered, late, "", "made-up"):
        assert not await factors.has_challenge(challenge)
        assert await refuse(factors, challenge, phone.read()) == 410
    await pass_password(accounts)
    async with database.reading() as session:
        assert len((await session.scalars(select(SignInChallenge))).all()) == 1, "old ones are forgotten"


async def test_one_challenge_is_not_answered_twice_at_the_same_time(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, codes = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts)
    tries = (factors.sign_in(challenge, code) for code in (phone.read(), *codes[:3]))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert len([each for each in outcomes if not isinstance(each, Exception)]) == 1
    used = 1 if any(each[2] == "recovery" for each in outcomes if not isinstance(each, BaseException)) else 0
    assert (await factors.read(zhang.id)).codes_left == 10 - used, "the others were not used up"


async def test_a_new_password_or_a_closed_account_ends_what_is_under_way(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts)
    await accounts.set_password(zhang.id, "青石乡的山-2026")
    assert await refuse(factors, challenge, phone.read()) == 410
    await accounts.set_password(zhang.id, PASSWORD)
    challenge = await pass_password(accounts)
    await accounts.update_staff(zhang.id, is_active=False)
    assert await refuse(factors, challenge, phone.read()) == 410


async def test_recovery_codes_work_once_each(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    _, (code, *_) = await enrol(factors, zhang, clock)
    _, _, method = await factors.sign_in(await pass_password(accounts), f" {code.upper().replace('-', ' ')} ")
    assert (method, (await factors.read(zhang.id)).codes_left) == ("recovery", 9)
    assert await refuse(factors, await pass_password(accounts), code) == 422


async def test_recovery_codes_of_others_do_not_work(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    _, codes = await enrol(factors, li, clock)
    await enrol(factors, zhang, clock)
    assert await refuse(factors, await pass_password(accounts), codes[0]) == 422


async def test_new_recovery_codes_take_the_place_of_the_old(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, old = await enrol(factors, zhang, clock)
    with pytest.raises(RequestError):
        await factors.make_recovery_codes(zhang, phone.read_wrong(), "")
    new = await factors.make_recovery_codes(zhang, phone.read(), "")
    assert not set(new) & set(old)
    assert await refuse(factors, await pass_password(accounts), old[0]) == 422
    assert await factors.sign_in(await pass_password(accounts), new[0])


async def test_wrong_codes_slow_down_like_wrong_passwords(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts, address=ELSEWHERE)
    assert [await refuse(factors, challenge, phone.read_wrong(), ELSEWHERE) for _ in range(6)] == [422] * 5 + [429]
    assert await refuse(factors, challenge, phone.read(), ELSEWHERE) == 429
    with pytest.raises(RequestError, match="试错太多"):  # the password is no way around the pause
        await accounts.sign_in("zhang", PASSWORD, ELSEWHERE)
    assert await factors.sign_in(await pass_password(accounts), phone.read()), "the owner is not kept out"


async def test_the_right_password_does_not_wipe_out_wrong_codes(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    for _ in range(5):
        assert (
            await refuse(factors, await pass_password(accounts, address=ELSEWHERE), phone.read_wrong(), ELSEWHERE)
            == 422
        )
    with pytest.raises(RequestError, match="试错太多"):
        await accounts.sign_in("zhang", PASSWORD, ELSEWHERE)


async def test_codes_are_not_guessed_from_many_addresses(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts)
    statuses = [await refuse(factors, challenge, phone.read_wrong(), f"192.0.2.{n}") for n in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    clock.move(seconds=31)
    assert await factors.sign_in(challenge, phone.read())


async def test_parallel_guesses_are_all_counted(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts)
    statuses = await asyncio.gather(*(refuse(factors, challenge, phone.read_wrong()) for _ in range(12)))
    assert sorted(statuses) == [422] * 5 + [429] * 7


async def test_nothing_at_rest_signs_anybody_in(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    phone, codes = await enrol(factors, zhang, clock)
    challenge = await pass_password(accounts)
    async with database.reading() as session:
        tables = (SecondFactor.__table__, RecoveryCode.__table__, SignInChallenge.__table__)
        rows = [tuple(row) for table in tables for row in await session.execute(select(table))]
    stored = str(rows)
    assert phone.secret not in stored
    assert challenge not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


async def test_a_secret_moved_to_another_account_opens_nothing(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    phone, _ = await enrol(factors, li, clock)
    await enrol(factors, zhang, clock)
    async with database.transaction() as session:  # somebody with the database puts their own app in her place
        theirs, hers = await session.get(SecondFactor, li.id), await session.get(SecondFactor, zhang.id)
        assert theirs
        assert hers
        hers.secret = theirs.secret
    assert await refuse(factors, await pass_password(accounts), phone.read()) == 503


async def test_without_its_key_a_secret_cannot_be_used(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    phone, (recovery, *_) = await enrol(factors, zhang, clock)
    lost = SecondFactors(database, Vault([OTHER_KEY], HASH_KEY), clock)
    assert await refuse(lost, await pass_password(accounts), phone.read()) == 503
    assert await lost.sign_in(await pass_password(accounts), recovery)
    rotated = SecondFactors(database, Vault([OTHER_KEY, KEY], HASH_KEY), clock)
    assert [await rotated.encrypt_anew(), await rotated.encrypt_anew()] == [1, 0]
    assert await lost.sign_in(await pass_password(accounts), phone.read())


async def test_it_is_removed_with_a_code_only(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    with pytest.raises(RequestError):
        await factors.remove(zhang, phone.read_wrong(), "")
    await factors.remove(zhang, phone.read(), "")
    assert (await factors.read(zhang.id)).since is None
    assert await accounts.sign_in("zhang", PASSWORD)
    actions = [action for action, _, _ in await list_audit(database)]
    assert actions == ["staff_added", "second_factor_added", "second_factor_failed", "second_factor_removed", "sign_in"]


async def test_a_colleague_resets_it(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    phone, (code, *_) = await enrol(factors, li, clock)
    token, _, _ = await factors.sign_in(await pass_password(accounts, "li"), phone.read())
    challenge = await pass_password(accounts, "li")
    await reset(database, li, clock, by=zhang)
    assert await accounts.sessions.find(token) is None
    assert await refuse(factors, challenge, code) == 410
    assert (await list_audit(database))[-1] == ("second_factor_reset", "li", {})
    assert await accounts.sign_in("li", PASSWORD)
    with pytest.raises(RequestError, match="没有启用二次验证"):
        await reset(database, li, clock, by=None)


async def test_nobody_resets_their_own_and_agents_nobodys(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    li = await accounts.add_staff("li", "李强", "agent", PASSWORD)
    await enrol(factors, zhang, clock)
    for by in (zhang, li):
        with pytest.raises(RequestError) as refused:
            await reset(database, zhang, clock, by=by)
        assert refused.value.status == 403
    assert (await factors.read(zhang.id)).since


async def test_an_admins_is_reset_on_the_machine_only(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    """Or a supervisor who knows the password would become an admin; what the caller read of them may be old."""
    lin, wu = [await accounts.add_staff(login, login, "admin", PASSWORD) for login in ("lin", "wu")]
    await enrol(factors, lin, clock)
    for by in (zhang, wu):
        with pytest.raises(RequestError, match="python -m desk reset-second-factor lin"):
            await reset(database, lin.model_copy(update={"role": "agent"}), clock, by=by)
    assert (await factors.read(lin.id)).since
    await reset(database, lin, clock, by=None)
    assert (await factors.read(lin.id)).since is None


async def test_a_reset_is_told_to_the_owner_and_to_the_other_admins(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock, database: Database
) -> None:
    li = await accounts.add_staff("li", "李强", "approver", PASSWORD)
    lin, wu, left = [await accounts.add_staff(login, login, "admin", PASSWORD) for login in ("lin", "wu", "left")]
    await accounts.update_staff(left.id, is_active=False)
    await enrol(factors, li, clock)
    notifications = Notifications(database, clock)
    for what, work in (
        ("二次验证", reset(database, li, clock, by=lin)),
        ("密码", accounts.set_password(li.id, "另一座桥-1988-柳河", by=lin.id)),
    ):
        await work
        told = {each.id: await notifications.list_recent(each.id, 1) for each in (li, lin, wu, left, zhang)}
        assert [len(each) for each in told.values()] == [1, 0, 1, 0, 0]
        assert told[li.id][0].text.startswith(f"您的{what}被重设了\nlin操作")
        assert told[wu.id][0].text == f"有账号的{what}被重设\nlin操作，账号li"


async def test_who_must_have_one_is_told_so(
    database: Database, factors: SecondFactors, zhang: StaffView, clock: FixedClock, cheap_hashes: None
) -> None:
    strict = Accounts(database, clock, second_factor_roles={"supervisor"})
    li = await strict.add_staff("li", "李强", "agent", PASSWORD)
    for login, must_enrol in (("zhang", True), (li.login, False)):
        staff = await strict.sessions.find(await strict.sign_in(login, PASSWORD))
        assert staff
        assert staff.must_enrol is must_enrol
    phone, _ = await enrol(factors, zhang, clock)
    token, _, _ = await factors.sign_in(await pass_password(strict), phone.read())
    staff = await strict.sessions.find(token)
    assert staff
    assert not staff.must_enrol
    by_provider = await strict.sessions.find(await strict.sign_in_by_provider("zhang"))
    assert by_provider
    assert not by_provider.must_enrol
    assert not by_provider.must_change_password


async def test_time_does_not_stand_still_for_old_sessions(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    phone, _ = await enrol(factors, zhang, clock)
    token, _, _ = await factors.sign_in(await pass_password(accounts), phone.read())
    clock.now += timedelta(hours=13)
    assert await accounts.sessions.find(token) is None


async def test_changing_the_password_does_not_wipe_out_wrong_codes(
    accounts: Accounts, factors: SecondFactors, zhang: StaffView, clock: FixedClock
) -> None:
    """Who has her open page and knows her password guesses no faster."""
    phone, _ = await enrol(factors, zhang, clock)
    for number in range(5):
        old, new = (f"青石乡的山-202{year}" if year else PASSWORD for year in (number, number + 1))
        await accounts.change_password(zhang.id, old, new, ELSEWHERE)
        with pytest.raises(RequestError, match="验证码不对"):
            await factors.remove(zhang, phone.read_wrong(), ELSEWHERE)
    with pytest.raises(RequestError, match="试错太多"):
        await factors.remove(zhang, phone.read_wrong(), ELSEWHERE)

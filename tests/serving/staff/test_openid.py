"""Signing in by an OpenID provider, which here is a real one on another port."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from serving.staff.provider import configured_provider
from tests.serving.staff.desk_client import LOCAL, Browser, Desk, StartDesk
from tests.serving.staff.openid_provider import CLIENT, SECRET, OpenIdProvider, path_of
from triage.errors import InvalidConfiguration
from triage.settings import Settings

BEGIN, BACK = "/review/sign-in/provider", "/review/sign-in/provider/back"
ROLES = {"desk": "agent", "desk-heads": "supervisor", "it": "administrator"}


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with OpenIdProvider().running() as running:
        running.claims["roles"] = ["desk"]
        yield running


@pytest.fixture
def desk(start: StartDesk, provider: OpenIdProvider) -> Desk:
    return start(**settings_for(provider))


def settings_for(provider: OpenIdProvider, **chosen: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": provider.base,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_roles": ROLES,
    } | chosen


def come_back(browser: Browser, provider: OpenIdProvider, begin: str = BEGIN) -> httpx.Response:
    """Go to the provider and come back."""
    sent = browser.get(begin)
    assert sent.status_code == 303, sent.text
    return browser.get(path_of(provider.agree(sent.headers["location"])))


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/review").status_code == 200


def test_a_person_with_a_role_signs_in_without_an_account_made_before(desk: Desk, provider: OpenIdProvider) -> None:
    browser = desk.browser()
    form = browser.get("/review/sign-in?next=/review/suspects")
    assert f'href="{BEGIN}?next=/review/suspects"' in form.text
    answer = come_back(browser, provider, f"{BEGIN}?next=/review/suspects")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/suspects")
    assert "J. Petit" in browser.get("/review").text
    assert not any("provider" in name for name in browser.cookies)
    assert desk.audited() == [("j.petit", "account_made", "j.petit"), ("j.petit", "signed_in", "j.petit")]


def test_the_provider_is_asked_with_state_nonce_and_pkce(desk: Desk, provider: OpenIdProvider) -> None:
    for _ in range(2):
        come_back(desk.browser(), provider)
    first, second = provider.asked
    assert first["redirect_uri"] == f"{LOCAL}{BACK}"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 20 and first[name] != second[name]
    assert SECRET not in str(provider.asked)


def test_the_role_follows_the_provider_at_each_sign_in(desk: Desk, provider: OpenIdProvider) -> None:
    roles: dict[str, str] = {}
    for values, role in ((["desk"], "agent"), (["desk", "it", "other"], "administrator"), ("desk-heads", "supervisor")):
        provider.claims["roles"] = values
        browser = desk.browser()
        assert come_back(browser, provider).status_code == 303
        with desk.store() as store:
            account = store.account("j.petit")
        assert account is not None and account.role == role
        roles[role] = account.name
    assert len(desk.audited("role_changed")) == 2


@pytest.mark.parametrize("values", [None, [], ["guests"], "guests", 7, {"desk": True}, [["desk"]]])
def test_a_person_without_a_role_stays_outside(desk: Desk, provider: OpenIdProvider, values: Any) -> None:
    provider.claims["roles"] = values
    browser = desk.browser()
    answer = come_back(browser, provider)
    assert answer.status_code == 403
    assert "aucun rôle" in answer.text
    assert not is_signed_in(browser)
    with desk.store() as store:
        assert store.staff() == ()


def test_roles_may_lie_inside_objects_or_be_told_on_demand(start: StartDesk, provider: OpenIdProvider) -> None:
    provider.claims |= {"roles": None, "realm_access": {"roles": ["desk"]}}
    inside = start(**settings_for(provider, oidc_role_claim="realm_access.roles"))
    assert come_back(inside.browser(), provider).status_code == 303
    provider.claims["realm_access"] = None
    provider.userinfo = {"sub": "248289", "roles": ["it"], "preferred_username": "somebody.else"}
    told = start(**settings_for(provider))
    assert come_back(told.browser(), provider).status_code == 303
    with told.store() as store:
        assert [(account.name, account.role) for account in store.staff()] == [("j.petit", "administrator")]
    provider.userinfo["sub"] = "another"
    assert come_back(told.browser(), provider).status_code == 403


# What proves nothing


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["another-client", "third"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"nonce": "stale"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"aud": None},
        {"at_hash": "wrong"},
    ],
)
def test_a_token_for_something_else_opens_nothing(desk: Desk, provider: OpenIdProvider, spoil: dict[str, Any]) -> None:
    provider.spoil = spoil
    browser = desk.browser()
    assert come_back(browser, provider).status_code == 403
    assert not is_signed_in(browser)


@pytest.mark.parametrize("sign", ["none", "symmetric", "stranger"])
def test_a_token_that_the_provider_did_not_sign_opens_nothing(desk: Desk, provider: OpenIdProvider, sign: str) -> None:
    provider.sign = sign
    browser = desk.browser()
    assert come_back(browser, provider).status_code == 403
    assert not is_signed_in(browser)


def test_a_new_key_of_the_provider_is_found(desk: Desk, provider: OpenIdProvider) -> None:
    assert come_back(desk.browser(), provider).status_code == 303
    provider.renew_key()
    assert come_back(desk.browser(), provider).status_code == 303


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_another_is_not_used(
    desk: Desk, provider: OpenIdProvider, described: dict[str, Any]
) -> None:
    provider.described = described
    answer = desk.browser().get(BEGIN)
    assert answer.status_code == 503
    assert "evil" not in answer.text


def test_a_provider_that_is_away_is_a_page_that_says_so(start: StartDesk, provider: OpenIdProvider) -> None:
    desk = start(**settings_for(provider, oidc_issuer="http://127.0.0.1:1"))
    answer = desk.browser().get(BEGIN)
    assert answer.status_code == 503
    assert "n’a pas abouti" in answer.text


# What others do in the middle


def test_an_answer_that_another_browser_asked_for_opens_nothing(desk: Desk, provider: OpenIdProvider) -> None:
    attacker, victim = desk.browser(), desk.browser()
    mine = path_of(provider.agree(attacker.get(BEGIN).headers["location"]))
    assert victim.get(mine).status_code == 403  # one who was not on the way to the provider
    victim.get(BEGIN)
    assert victim.get(mine).status_code == 403  # one who was
    assert not is_signed_in(victim)
    assert attacker.get(mine).status_code == 303


def test_an_answer_counts_once(desk: Desk, provider: OpenIdProvider) -> None:
    browser = desk.browser()
    back = path_of(provider.agree(browser.get(BEGIN).headers["location"]))
    jar = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    thief = desk.browser()
    for name, value in jar.items():
        thief.cookies.set(name, value, "127.0.0.1")
    assert thief.get(back).status_code == 403
    assert not is_signed_in(thief)


@pytest.mark.parametrize(
    "query", ["", "?error=access_denied", "?code=x", "?state=x", "?code=x&state=", "?code=%00&state=é"]
)
def test_an_answer_made_up_opens_nothing(desk: Desk, query: str) -> None:
    browser = desk.browser()
    assert browser.get(f"{BACK}{query}").status_code == 403
    browser.get(BEGIN)
    assert browser.get(f"{BACK}{query}").status_code == 403
    assert not is_signed_in(browser)


def test_a_code_of_another_address_is_worthless(desk: Desk, provider: OpenIdProvider) -> None:
    browser = desk.browser()
    location = browser.get(BEGIN).headers["location"]
    state = parse_qs(urlsplit(location).query)["state"][0]
    assert browser.get(f"{BACK}?code=stolen&state={state}").status_code == 403
    assert provider.asked == []


def test_a_provider_cannot_lead_away(desk: Desk, provider: OpenIdProvider) -> None:
    answer = come_back(desk.browser(), provider, f"{BEGIN}?next=https://evil.example")
    assert answer.headers["location"] == "/review"


def test_a_name_that_is_somebody_elses_is_not_taken_over(desk: Desk, provider: OpenIdProvider) -> None:
    desk.account("j.petit")
    browser = desk.browser()
    answer = come_back(browser, provider)
    assert answer.status_code == 403
    assert "Une autre personne" in answer.text
    assert not is_signed_in(browser)
    provider.claims |= {"sub": "other", "preferred_username": "J.Petit "}
    assert come_back(browser, provider).status_code == 403


def test_a_disabled_person_stays_outside(desk: Desk, provider: OpenIdProvider) -> None:
    come_back(desk.browser(), provider)
    with desk.store() as store:
        store.disable_account("j.petit")
    browser = desk.browser()
    assert come_back(browser, provider).status_code == 403
    assert not is_signed_in(browser)
    assert desk.audited()[-1] == ("-", "sign_in_failed", "j.petit")


def test_an_account_of_the_provider_has_no_password(desk: Desk, provider: OpenIdProvider) -> None:
    come_back(desk.browser(), provider)
    for password in ("", "None", "un cheval vert 12"):
        assert desk.browser().sign_in("j.petit", password).status_code == 401


@pytest.mark.parametrize(
    ("given", "name"),
    [("Émilie Vérité", "emilie-verite"), ("<b>x</b>", "b-x-b"), ("a\r\nb", "a-b"), ("用户", None), (None, "248289")],
)
def test_names_are_brought_into_shape(
    desk: Desk, provider: OpenIdProvider, given: str | None, name: str | None
) -> None:
    provider.claims |= {"preferred_username": given, "name": f"{given}\x00 <script>"}
    browser = desk.browser()
    answer = come_back(browser, provider)
    assert answer.status_code == (403 if name is None else 303)
    if name is not None:
        with desk.store() as store:
            assert [account.name for account in store.staff()] == [name]
        assert "&lt;script&gt;" in browser.get("/review").text


def test_without_a_provider_there_is_no_such_page(start: StartDesk) -> None:
    desk = start()
    desk.account()
    assert desk.browser().get(BEGIN).status_code == 404
    assert desk.browser().get(BACK).status_code == 404
    assert "provider" not in desk.browser().get("/review/sign-in").text


def test_settings_that_are_not_whole_are_refused(provider: OpenIdProvider) -> None:
    whole = settings_for(provider)
    for missing in ({"oidc_client_id": ""}, {"oidc_roles": {}}, {"oidc_scopes": "profile"}):
        with pytest.raises(InvalidConfiguration, match="TRIAGE_OIDC_ISSUER needs"):
            configured_provider(Settings(**(whole | missing)))
    assert SECRET not in repr(Settings(**whole))

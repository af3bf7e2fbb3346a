"""Where nothing is ever sent: private, loopback, link-local and metadata addresses, however they are written."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest

from serving.outbound.addresses import AddressRefused, checked_url, is_listed, refuse_private, resolve
from serving.outbound.guarded import guarded_client
from tests.faults.receivers import receiver

PRIVATE = (
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1"),
    *("::1", "fc00::1", "fd12:3456::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1"),
    *("2002:a00:1::", "2002:7f00:1::1"),
)
NOBODY = (
    *("169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"),
    *("0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1", "240.0.0.1"),  # noqa: S104
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_unless_its_host_is_listed(address: str) -> None:
    with pytest.raises(AddressRefused, match="TRIAGE_WEBHOOK_HOSTS"):
        refuse_private([address], listed=False)
    assert refuse_private([address], listed=True) == [address]


@pytest.mark.parametrize("address", NOBODY)
def test_an_address_that_can_be_no_receiver_is_refused_whatever_the_settings_say(address: str) -> None:
    for listed in (False, True):
        with pytest.raises(AddressRefused):
            refuse_private([address], listed=listed)


def test_public_addresses_pass_and_one_private_among_them_spoils_all() -> None:
    assert refuse_private(PUBLIC, listed=False) == PUBLIC
    with pytest.raises(AddressRefused):
        refuse_private([*PUBLIC, "10.0.0.1"], listed=False)
    with pytest.raises(AddressRefused):
        refuse_private([], listed=True)


@pytest.mark.parametrize(
    "url",
    [
        *("http://receiver.example/h", "ftp://receiver.example/h", "receiver.example/h", "https:///h", "https://"),
        *("https://u:p@receiver.example/", "https://receiver.example/#x", "https://receiver.example:99999/"),
        *("https://receiver.example:0/", "https://rece iver.example/", "https://réception.example/", "https://[::1/"),
        "https://receiver.example/" + "a" * 2_000,
    ],
)
def test_a_url_that_is_none_or_says_too_much_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_url(url, ())


def test_https_is_needed_unless_the_host_is_listed() -> None:
    assert checked_url("https://receiver.example:8443/h?x=1", ()).port == 8443
    assert checked_url("http://inside:8080/h", {"inside:8080"}).hostname == "inside"
    assert is_listed("inside", 80, {"inside"})
    assert not is_listed("inside", 81, {"inside:80"})
    with pytest.raises(AddressRefused, match="not https"):
        checked_url("http://inside:8081/h", {"inside:8080"})


def test_this_machine_resolves_itself_and_no_host_that_is_not_there() -> None:
    assert set(asyncio.run(resolve("localhost", 80))) <= {"127.0.0.1", "::1"}
    with pytest.raises(AddressRefused, match="no address"):
        asyncio.run(resolve("nowhere.invalid", 80))


def ask(url: str, allowed: set[str], addresses: Sequence[str]) -> int:
    """The status of a request whose host has these addresses."""
    asked: list[str] = []

    async def known(host: str, port: int) -> Sequence[str]:  # noqa: ARG001
        asked.append(host)
        return addresses

    async def story() -> int:
        async with guarded_client(allowed, resolver=known) as client:
            return (await client.post(url, content=b"{}")).status_code

    status = asyncio.run(story())
    assert len(asked) == 1  # who answers another address the second time is not asked a second time
    return status


def test_the_connection_goes_to_the_address_that_was_checked_and_names_the_host() -> None:
    with receiver() as hook:
        host = f"receiver.example:{hook.port}"
        assert ask(f"http://{host}/h", {host}, ["127.0.0.1"]) == 200
        assert hook.got[0].headers["Host"] == host


def test_the_next_address_is_tried_where_nobody_answers_at_the_first() -> None:
    with receiver() as hook:
        host = f"receiver.example:{hook.port}"
        assert ask(f"http://{host}/h", {host}, ["127.0.0.2", "127.0.0.1"]) == 200


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]])
def test_no_connection_is_made_to_a_private_address(addresses: list[str]) -> None:
    with receiver() as hook:
        with pytest.raises(httpx.UnsupportedProtocol, match="private"):
            ask(f"https://receiver.example:{hook.port}/h", set(), addresses)
        assert hook.got == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]"])
def test_no_way_of_writing_loopback_leads_there(host: str) -> None:
    async def story() -> None:
        async with guarded_client(set()) as client:
            await client.post(f"https://{host}/h", content=b"{}")

    with pytest.raises((httpx.UnsupportedProtocol, httpx.InvalidURL)):
        asyncio.run(story())

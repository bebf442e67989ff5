from __future__ import annotations

from pathlib import Path

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.answers import Statement, Status, check_complete, fallback_url, is_broker, is_loopback, recognise
from ibjournal.flex.client import BASE_URL

MIRROR = "https://gdcdyn.interactivebrokers.com/AccountManagement/FlexWebService/GetStatement"


def test_a_reference_is_read() -> None:
    body = (
        b"<FlexStatementResponse timestamp='26 August, 2023 12:36 PM EDT'>\n<Status>Success</Status>"
        b"<ReferenceCode> 9324443625 </ReferenceCode><Url>\n" + MIRROR.encode() + b"\n</Url></FlexStatementResponse>"
    )
    answer = recognise(body, whole=True)
    assert answer == Status(status="Success", reference="9324443625", url=MIRROR)
    assert isinstance(answer, Status)
    assert answer.success


@pytest.mark.parametrize("word", ["Warn", "Fail"])
def test_a_failure_is_read_by_its_number(word: str) -> None:
    body = f"<FlexStatementResponse><Status>{word}</Status><ErrorCode>1019</ErrorCode></FlexStatementResponse>".encode()
    assert recognise(body, whole=True) == Status(status=word, number=1019)


@pytest.mark.parametrize("number", ["", "x", "-1", "１０１９"])
def test_a_number_that_is_none_is_zero(number: str) -> None:
    body = f"<FlexStatementResponse><Status>Fail</Status><ErrorCode>{number}</ErrorCode>"
    answer = recognise(f"{body}<ErrorMessage>New.</ErrorMessage></FlexStatementResponse>".encode(), whole=True)
    assert isinstance(answer, Status)
    assert (answer.number, answer.text) == (0, "New.")
    assert not answer.success


@pytest.mark.parametrize("inside", [b"<Status>Success</Status>", b"<Status>Fail</Status>", b"", b"<Code>1012</Code>"])
def test_neither_a_reference_nor_a_reason_is_nothing_to_go_by(inside: bytes) -> None:
    with pytest.raises(FlexError, match="unexpected_answer"):
        recognise(b"<FlexStatementResponse>" + inside + b"</FlexStatementResponse>", whole=True)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n  ", b'<?xml version="1.0" encoding="UTF-8"?>\n', b"<!-- x -->"])
def test_a_statement_is_told_by_its_root(start: bytes) -> None:
    body = start + b'<FlexQueryResponse queryName="My query" type="TCF"><FlexStatements>'
    assert recognise(body, whole=False) == Statement(type="TCF", query_name="My query")


def test_a_statement_that_speaks_of_errors_is_a_statement() -> None:
    body = b'<FlexQueryResponse queryName="&lt;FlexStatementResponse&gt;" type="AF"><FlexStatement note="1012 ErrorCode"/>'
    assert recognise(body, whole=False) == Statement(type="AF", query_name="<FlexStatementResponse>")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_answer"),
        (b" \r\n\t", "empty_answer"),
        (b"\xef\xbb\xbf", "empty_answer"),
        (b"<!DOCTYPE html><html></html>", "html_answer"),
        (b"<HTML><body>", "html_answer"),
        (b"<?xml version='1.0'?>\n<html xmlns='x'><head/>", "html_answer"),
        (b"<body>closed</body>", "html_answer"),
        (b'"ClientAccountID","Symbol"\n', "csv_answer"),
        (b"ClientAccountID,Symbol\n", "csv_answer"),
        (b"ClientAccountID|Symbol\n", "csv_answer"),
        (b"BOF|U1|", "csv_answer"),
        (b"Service unavailable", "unexpected_answer"),
        (b"\x1f\x8b\x08\x00garbage", "unexpected_answer"),
        (b"\x1f\x8b\x08\x00gar,ba|ge", "unexpected_answer"),
        (b'"Account"\t"Symbol"\r\n', "csv_answer"),
        (b"<!DOCTYPE FlexQueryResponse [<!ENTITY x 'y'>]><FlexQueryResponse/>", "unexpected_answer"),
        (b"<FlexStatement/>", "unexpected_answer"),
        (b"<FlexStatementResponse><Status>Fail</Status>", "truncated_answer"),
        (b"<FlexQueryRespon", "truncated_answer"),
        (b"<1>", "unexpected_answer"),
    ],
)
def test_everything_else_is_an_error_of_its_own(body: bytes, code: str) -> None:
    with pytest.raises(FlexError) as caught:
        recognise(body, whole=True)
    assert caught.value.code == code
    assert all(len(str(value)) <= 120 for value in caught.value.values.values())


def test_a_page_is_named_by_its_title() -> None:
    with pytest.raises(FlexError) as caught:
        recognise(b"<html><head><title>Service\n Unavailable</title></head></html>", whole=True)
    assert caught.value.values["excerpt"] == "Service Unavailable"


def test_a_status_that_never_ends_is_not_read_to_its_end() -> None:
    with pytest.raises(FlexError) as caught:
        recognise(b"<FlexStatementResponse>" + b"<a>" * 100, whole=False)
    assert caught.value.code == "unexpected_answer"


def test_real_answers(samples: Path) -> None:
    expected: dict[str, object] = {
        "fail_1001.xml": 1001,
        "fail_1003.xml": 1003,
        "fail_1012_docs.xml": 1012,
        "fail_1015_docs.xml": 1015,
        "fail_1020.xml": 1020,
        "getstatement_empty_tcf.xml": "TCF",
        "maintenance_like.html": "html_answer",
        "pending_1019_warn.xml": 1019,
        "success_2018_gdcdyn_legacy.xml": "1735268776",
        "success_2023_gdcdyn.xml": "9324443625",
        "success_docs_lowercase_url.xml": "1234567890",
        "warn_1018.xml": 1018,
        "warn_1025_lockout.xml": 1025,
    }
    found: dict[str, object] = {}
    for path in (samples / "responses").iterdir():
        try:
            answer = recognise(path.read_bytes(), whole=True)
        except FlexError as error:
            found[path.name] = error.code
            continue
        if isinstance(answer, Statement):
            check_complete(path)
            found[path.name] = answer.type
        else:
            found[path.name] = answer.reference or answer.number
            if answer.reference:
                assert answer.url.startswith("https://"), "the element's case does not matter, line ends around it are cut"
    assert found == expected


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b"<FlexQueryResponse></FlexQueryResponse>", True),
        (b"<FlexQueryResponse></FlexQueryResponse> \r\n", True),
        (b"<FlexQueryResponse type='AF'/>", True),
        (b"<FlexQueryResponse><FlexStatement/>", False),
        (b"<FlexQueryResponse></FlexQueryRespon", False),
        (b"<FlexQueryResponse>" + b"<x/>" * 10_000 + b"</FlexQueryResponse>", True),
    ],
)
def test_a_report_ends_as_it_began(tmp_path: Path, content: bytes, whole: bool) -> None:
    path = tmp_path / "report.xml"
    path.write_bytes(content)
    if whole:
        check_complete(path)
        return
    with pytest.raises(FlexError) as caught:
        check_complete(path)
    assert caught.value.code == "truncated_answer"


@pytest.mark.parametrize(
    ("url", "broker", "loopback"),
    [
        (BASE_URL, True, False),
        (MIRROR, True, False),
        ("https://ndcdyn.interactivebrokers.com:443/x", True, False),
        ("https://NDCDYN.InteractiveBrokers.COM/x", True, False),
        ("https://interactivebrokers.com/x", False, False),
        ("https://a.interactivebrokers.com:99999/x", False, False),
        ("https://a.interactivebrokers.com./x", False, False),
        ("https://a\u3002interactivebrokers.com/x", False, False),
        ("https://a.interactivebrokers.com /x", False, False),
        ("http://a.interactivebrokers.com/x", False, False),
        ("http://127.0.0.1:8080/x", False, True),
        ("http://localhost/x", False, True),
        ("http://[::1]:1/x", False, True),
        ("https://[::1/x", False, False),
        ("http://127.0.0.1@evil.example/", False, False),
        ("http://evil@127.0.0.1/", False, False),
        ("file:///etc/passwd", False, False),
        ("", False, False),
    ],
)
def test_where_the_token_may_go(url: str, broker: bool, loopback: bool) -> None:
    assert (is_broker(url), is_loopback(url)) == (broker, loopback)


def test_the_mirror_is_a_second_way() -> None:
    assert fallback_url(MIRROR, base=BASE_URL) == MIRROR
    assert fallback_url(f"{MIRROR}?t=1#x", base=BASE_URL) == MIRROR
    assert fallback_url("", base=BASE_URL) is None


def test_ibkrs_address_is_no_way_for_a_service_on_this_computer() -> None:
    with pytest.raises(FlexError) as caught:
        fallback_url(MIRROR, base="http://127.0.0.1:8080/x")
    assert (caught.value.code, caught.value.values) == ("hostile_url", {"host": "gdcdyn.interactivebrokers.com"})


def test_this_computer_is_no_way_for_ibkr() -> None:
    with pytest.raises(FlexError):
        fallback_url("http://127.0.0.1/GetStatement", base=BASE_URL)
    with pytest.raises(FlexError):
        fallback_url("not an address", base=BASE_URL)

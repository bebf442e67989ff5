from __future__ import annotations

from pathlib import Path

import pytest

from ibjournal.domain.errors import FlexError
from ibjournal.flex.answers import HEAD, Statement, Status, check_complete, fallback_url, is_broker, is_loopback, recognise
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


@pytest.mark.parametrize("status", ["Fail", "Warn", "success", ""])
def test_a_reference_without_success_is_no_promise(status: str) -> None:
    answer = Status(status=status, reference="1234567890")
    assert not answer.success
    assert not Status(status="Success").success
    assert Status(status="Success", reference="1").success


def test_a_report_without_its_attributes_has_empty_ones() -> None:
    assert recognise(b"<FlexQueryResponse/>", whole=True) == Statement(type="", query_name="")


@pytest.mark.parametrize(
    ("body", "code", "excerpt"),
    [
        (b"Service  is\nnot here", "unexpected_answer", "Service is not here"),
        (b"word " * 100, "unexpected_answer", ("word " * 24).strip()),
        (b"<Other><a/></Other>", "unexpected_answer", "Other"),
        (b"<" + b"ab." * 100 + b"c/>", "unexpected_answer", "ab." * 40),
        (b"<!DOCTYPE x><FlexQueryResponse/>", "unexpected_answer", "DOCTYPE"),
        (b"<?xml version='1.0'?><!ENTITY x 'y'>", "unexpected_answer", "DOCTYPE"),
        (b"<1 no name>", "unexpected_answer", "<1 no name>"),
        (b"<FlexStatementResponse><Status>Fail</Status></FlexStatementResponse>", "unexpected_answer", "FlexStatementResponse"),
        (b"<!doctype HTML PUBLIC 'x'><title>Down</title>", "html_answer", "Down"),
        (b"<head><title>Down</title></head>", "html_answer", "Down"),
        (b"<body>closed</title><title></body>", "html_answer", ""),
        (b"<html><title></title></html>", "html_answer", ""),
        (b"<html>no title</html>", "html_answer", ""),
    ],
)
def test_what_came_is_told_in_a_few_words(body: bytes, code: str, excerpt: str) -> None:
    with pytest.raises(FlexError) as caught:
        recognise(body, whole=True)
    assert (caught.value.code, caught.value.values) == (code, {"excerpt": excerpt})


@pytest.mark.parametrize(
    ("body", "csv"),
    [
        (b'"quoted"\n', True),
        (b"BOF alone", True),
        (b"tab\there", True),
        (b"comma, in the first line\nx", True),
        (b"none in the first\ncomma, in the second", False),
        (b"a\x1fb,c", False),
        (b"a b,c", True),
    ],
)
def test_what_looks_like_csv(body: bytes, csv: bool) -> None:
    with pytest.raises(FlexError) as caught:
        recognise(body, whole=True)
    assert caught.value.code == ("csv_answer" if csv else "unexpected_answer")


def test_a_head_that_ends_within_an_element_is_not_yet_cut_off() -> None:
    for whole, code in ((True, "truncated_answer"), (False, "unexpected_answer")):
        with pytest.raises(FlexError, match=code):
            recognise(b"<FlexQueryResponse type='A", whole=whole)


def test_entities_of_others_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TYPE")
    padding = b" " * 600  # beyond where a declaration is looked for
    body = (
        b"<?xml version='1.0'?>" + padding + f"<!DOCTYPE x [<!ENTITY s SYSTEM '{secret.as_uri()}'>]>".encode()
        + b"<FlexStatementResponse><Status>Fail</Status><ErrorMessage>words &s;</ErrorMessage></FlexStatementResponse>"
    )  # fmt: skip
    answer = recognise(body, whole=True)
    assert isinstance(answer, Status)
    assert "TYPE" not in answer.text


def test_a_report_of_one_element_is_complete_only_where_it_is_short(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_bytes(b"<FlexQueryResponse a='" + b"x" * (HEAD - 25) + b"'/>")
    assert path.stat().st_size == HEAD
    with pytest.raises(FlexError) as caught:
        check_complete(path)
    assert (caught.value.code, caught.value.values) == ("truncated_answer", {"size": HEAD})
    for content in (b"<FlexQueryResponse>", b"x</FlexQueryResponse>x"):
        path.write_bytes(content)
        with pytest.raises(FlexError):
            check_complete(path)

"""What IBKR and the way to it can do to us, in words: code -> title, what happened, what to do, button."""

from __future__ import annotations

from ibjournal.gui.error_words import QT_TRANSLATE_NOOP, Words

_WAIT = QT_TRANSLATE_NOOP("Errors", "Everything here still works. Please try again in a few minutes.")
_PORTAL_QUERY = QT_TRANSLATE_NOOP(
    "Errors", "Please look up the query ids under Performance & Reports → Flex Queries and correct them."
)

FLEX: dict[str, Words] = {
    # what the token needs
    "token_expired": Words(
        QT_TRANSLATE_NOOP("Errors", "The token has expired."),
        QT_TRANSLATE_NOOP("Errors", "IBKR no longer accepts the token of {depot} (code 1012)."),
        QT_TRANSLATE_NOOP("Errors", "Generate a new token at IBKR and enter it here; the query ids stay valid."),
        "renew",
    ),
    "token_invalid": Words(
        QT_TRANSLATE_NOOP("Errors", "The token is not valid."),
        QT_TRANSLATE_NOOP(
            "Errors", "IBKR does not know the token of {depot} (code 1015): it is mistyped, or a newer one has replaced it."
        ),
        QT_TRANSLATE_NOOP("Errors", "Copy the current token at IBKR, or generate a new one, and enter it here."),
        "renew",
    ),
    "ip_restricted": Words(
        QT_TRANSLATE_NOOP("Errors", "The token is tied to another address."),
        QT_TRANSLATE_NOOP("Errors", "IBKR accepts this token only from the IP address that was entered with it (code 1013)."),
        QT_TRANSLATE_NOOP("Errors", "Generate a token without an IP address at IBKR, or with the address of this connection."),
        "renew",
    ),
    "service_inactive": Words(
        QT_TRANSLATE_NOOP("Errors", "The Flex Web Service is switched off."),
        QT_TRANSLATE_NOOP("Errors", "IBKR says that the service is not active for this login (code 1011)."),
        QT_TRANSLATE_NOOP(
            "Errors", "Switch it on under Performance & Reports → Flex Queries → Flex Web Service, then generate a token."
        ),
        "renew",
    ),
    "locked_out": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR has locked the token."),
        QT_TRANSLATE_NOOP(
            "Errors", "There were too many failed requests (code 1025). Each further request prolongs the lock, so we stop asking."
        ),
        QT_TRANSLATE_NOOP("Errors", "Check the query ids, then generate a new token at IBKR and enter it here."),
        "renew",
    ),
    "too_many_failures": Words(
        QT_TRANSLATE_NOOP("Errors", "We stopped asking IBKR for today."),
        QT_TRANSLATE_NOOP("Errors", "{failures} requests with this token failed; IBKR locks a token that fails too often."),
        QT_TRANSLATE_NOOP("Errors", "Check token and query ids. The next request is possible from {retry_at}."),
        "edit_depot",
    ),
    "too_many_troubles": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR has trouble, so we ask no more for now."),
        QT_TRANSLATE_NOOP(
            "Errors",
            "IBKR could not make the report {failures} times within a day, for reasons of its own."
            " It locks a token that goes on asking.",
        ),
        QT_TRANSLATE_NOOP(
            "Errors",
            "Nothing of yours is wrong, and there is nothing to mend. ibjournal rests until {retry_at};"
            " everything here still works.",
        ),
    ),
    # what the queries need
    "query_invalid": Words(
        QT_TRANSLATE_NOOP("Errors", "A query id is wrong."),
        QT_TRANSLATE_NOOP("Errors", "IBKR does not know the query {query} of {depot} (code 1014)."),
        _PORTAL_QUERY,
        "edit_depot",
    ),
    "legacy_query": Words(
        QT_TRANSLATE_NOOP("Errors", "The query is of an old kind."),
        QT_TRANSLATE_NOOP("Errors", "IBKR no longer serves legacy Flex queries (code 1010)."),
        QT_TRANSLATE_NOOP("Errors", "Create an Activity Flex Query at IBKR and enter its id."),
        "edit_depot",
    ),
    "account_invalid": Words(
        QT_TRANSLATE_NOOP("Errors", "The query names an account that is not valid."),
        QT_TRANSLATE_NOOP("Errors", "IBKR refuses an account of the query {query} (code 1016)."),
        QT_TRANSLATE_NOOP("Errors", "Open the query at IBKR, choose its accounts again and save it."),
        "edit_depot",
    ),
    "invalid_request": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR did not accept the request."),
        QT_TRANSLATE_NOOP(
            "Errors", "It could not be validated (code 1020). This happens with a token or a query made minutes ago."
        ),
        QT_TRANSLATE_NOOP("Errors", "Please wait ten minutes and try again; then check token and query ids."),
        "try_again",
    ),
    "csv_answer": Words(
        QT_TRANSLATE_NOOP("Errors", "The query delivers text instead of XML."),
        QT_TRANSLATE_NOOP("Errors", "The answer to the query {query} is a CSV file."),
        QT_TRANSLATE_NOOP("Errors", "Open the query at IBKR, set its format to XML and save it."),
        "edit_depot",
    ),
    # what passes by itself
    "cannot_generate": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR cannot make the report now."),
        QT_TRANSLATE_NOOP("Errors", "The service answered that it cannot generate the statement at this time (code 1001)."),
        _WAIT,
        "try_again",
    ),
    "not_available": Words(
        QT_TRANSLATE_NOOP("Errors", "The report is not available."),
        QT_TRANSLATE_NOOP("Errors", "IBKR has no statement for the days asked for (code 1003)."),
        QT_TRANSLATE_NOOP("Errors", "Reports of a day appear the next morning, New York time. Please try again then."),
        "try_again",
    ),
    "incomplete": Words(
        QT_TRANSLATE_NOOP("Errors", "The report is not complete yet."),
        QT_TRANSLATE_NOOP("Errors", "IBKR is still putting the statement together (code 1004)."),
        _WAIT,
        "try_again",
    ),
    "settlement_not_ready": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's settlement data is not ready."),
        QT_TRANSLATE_NOOP("Errors", "The report needs data that IBKR has not finished yet (code 1005)."),
        _WAIT,
        "try_again",
    ),
    "fifo_not_ready": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's profit and loss data is not ready."),
        QT_TRANSLATE_NOOP("Errors", "The report needs data that IBKR has not finished yet (code 1006)."),
        _WAIT,
        "try_again",
    ),
    "mtm_not_ready": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's valuation is not ready."),
        QT_TRANSLATE_NOOP("Errors", "The report needs data that IBKR has not finished yet (code 1007)."),
        _WAIT,
        "try_again",
    ),
    "mtm_fifo_not_ready": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's valuation is not ready."),
        QT_TRANSLATE_NOOP("Errors", "The report needs data that IBKR has not finished yet (code 1008)."),
        _WAIT,
        "try_again",
    ),
    "heavy_load": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR is busy."),
        QT_TRANSLATE_NOOP("Errors", "The service is under heavy load (code 1009)."),
        _WAIT,
        "try_again",
    ),
    "reference_invalid": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR lost the request."),
        QT_TRANSLATE_NOOP("Errors", "The service no longer knows the report it promised (code 1017)."),
        _WAIT,
        "try_again",
    ),
    "throttled": Words(
        QT_TRANSLATE_NOOP("Errors", "Too many requests with this token."),
        QT_TRANSLATE_NOOP(
            "Errors", "IBKR allows one request a second and ten a minute (code 1018). Another program may use the same token."
        ),
        _WAIT,
        "try_again",
    ),
    "in_progress": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR is still making the report."),
        QT_TRANSLATE_NOOP("Errors", "The statement is being generated (code 1019)."),
        _WAIT,
        "try_again",
    ),
    "not_retrieved": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR could not hand over the report."),
        QT_TRANSLATE_NOOP("Errors", "The statement could not be retrieved at this time (code 1021)."),
        _WAIT,
        "try_again",
    ),
    "not_ready": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR did not finish the report in time."),
        QT_TRANSLATE_NOOP("Errors", "We waited {seconds} seconds for it."),
        _WAIT,
        "try_again",
    ),
    "unknown_code": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR answered with an error we do not know."),
        QT_TRANSLATE_NOOP("Errors", "Code {number}: {text}"),
        QT_TRANSLATE_NOOP("Errors", "Please try again later. What is stored here is not affected."),
        "try_again",
    ),
    # the way to IBKR
    "no_network": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR cannot be reached."),
        QT_TRANSLATE_NOOP("Errors", "There is no connection to the service."),
        QT_TRANSLATE_NOOP("Errors", "Check the network connection. Everything here still works without it."),
        "try_again",
    ),
    "name_lookup_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR cannot be reached."),
        QT_TRANSLATE_NOOP("Errors", "The address of the service could not be looked up; the computer seems to be offline."),
        QT_TRANSLATE_NOOP("Errors", "Check the network connection. Everything here still works without it."),
        "try_again",
    ),
    "connection_lost": Words(
        QT_TRANSLATE_NOOP("Errors", "The connection to IBKR broke off."),
        QT_TRANSLATE_NOOP("Errors", "The service closed the connection before it had answered."),
        _WAIT,
        "try_again",
    ),
    "timed_out": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR did not answer."),
        QT_TRANSLATE_NOOP("Errors", "The answer did not come in time."),
        _WAIT,
        "try_again",
    ),
    "tls_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "The connection to IBKR is not secure."),
        QT_TRANSLATE_NOOP("Errors", "The certificate of the other side could not be verified, so nothing was sent."),
        QT_TRANSLATE_NOOP("Errors", "Check the computer's clock, and whether a proxy or a virus scanner opens secure connections."),
        "try_again",
    ),
    "proxy_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "The proxy refused the connection."),
        QT_TRANSLATE_NOOP("Errors", "The proxy of this computer did not let the request through."),
        QT_TRANSLATE_NOOP(
            "Errors",
            "Check the proxy in the system's network settings. A proxy that asks for a name and a password needs them in its "
            "address: http://name:password@proxy:port in the variable HTTPS_PROXY. SOCKS proxies are not supported.",
        ),
        "try_again",
    ),
    "service_down": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's service is down."),
        QT_TRANSLATE_NOOP("Errors", "It answered with HTTP status {status}."),
        _WAIT,
        "try_again",
    ),
    "http_status": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's service refused the request."),
        QT_TRANSLATE_NOOP("Errors", "It answered with HTTP status {status}."),
        _WAIT,
        "try_again",
    ),
    "redirected": Words(
        QT_TRANSLATE_NOOP("Errors", "The request was sent elsewhere."),
        QT_TRANSLATE_NOOP(
            "Errors", "The answer pointed to another address (HTTP status {status}). We do not follow it, to protect the token."
        ),
        QT_TRANSLATE_NOOP("Errors", "Are you in a network with a login page? Log in there first, then try again."),
        "try_again",
    ),
    "hostile_url": Words(
        QT_TRANSLATE_NOOP("Errors", "The answer names a foreign address."),
        QT_TRANSLATE_NOOP("Errors", "The token goes to interactivebrokers.com only, so nothing was sent there."),
        QT_TRANSLATE_NOOP("Errors", "Please try again later. If it happens again, check the network you are in."),
        "try_again",
    ),
    "html_answer": Words(
        QT_TRANSLATE_NOOP("Errors", "A web page came instead of a report."),
        QT_TRANSLATE_NOOP("Errors", "IBKR is under maintenance, or the network shows a login page."),
        _WAIT,
        "try_again",
    ),
    "empty_answer": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's answer was empty."),
        QT_TRANSLATE_NOOP("Errors", "The service answered without any content."),
        _WAIT,
        "try_again",
    ),
    "truncated_answer": Words(
        QT_TRANSLATE_NOOP("Errors", "The report arrived incomplete."),
        QT_TRANSLATE_NOOP("Errors", "The connection ended before the end of the report. Nothing of it was taken in."),
        _WAIT,
        "try_again",
    ),
    "unexpected_answer": Words(
        QT_TRANSLATE_NOOP("Errors", "IBKR's answer cannot be understood."),
        QT_TRANSLATE_NOOP("Errors", "It is neither a report nor one of the known messages."),
        _WAIT,
        "try_again",
    ),
    "oversized_answer": Words(
        QT_TRANSLATE_NOOP("Errors", "The report is too large."),
        QT_TRANSLATE_NOOP("Errors", "The answer is larger than we accept ({limit} bytes)."),
        QT_TRANSLATE_NOOP("Errors", "Choose a shorter period in the query at IBKR."),
        "edit_depot",
    ),
    "transport_failed": Words(
        QT_TRANSLATE_NOOP("Errors", "The request failed."),
        QT_TRANSLATE_NOOP("Errors", "The connection to IBKR failed for a technical reason ({kind})."),
        _WAIT,
        "try_again",
    ),
}

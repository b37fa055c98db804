"""The API as its OpenAPI document says: every call is held against the document by schemathesis."""

import json
from collections import Counter, defaultdict
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import schemathesis
from schemathesis import APIOperation, Case, CheckContext, CheckFunction, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi import checks



def has_null(value: Any) -> bool:
    """Whether there is a null in a request."""
    if isinstance(value, dict | list):
        return any(map(has_null, value.values() if isinstance(value, dict) else value))
    return value is None


def negative_data_rejection(context: CheckContext, response: Response, case: Case) -> bool | None:
    """What does not fit is refused, but for a null: in the JSON of protocol buffers it is a field that is not set."""
    refused = response.status_code == 414  # an address that is too long, which schemathesis does not expect
    return None if refused or has_null(case.body) else checks.negative_data_rejection(context, response, case)


CHECKS: list[CheckFunction] = [
    not_a_server_error,
    negative_data_rejection,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
SUCCESS = range(200, 300)
LONGEST_ANSWER = 30


@schemathesis.deserializer("application/x-ndjson")
def lines(_: object, response: Response) -> Any:
    """The last message of a stream: the document describes one line."""
    return json.loads(response.text.splitlines()[-1])


def tighten(node: Any) -> None:
    """Allow no properties but those that are named: the platform refuses unknown ones, and must not send any."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for child in node.values():
            tighten(child)
    elif isinstance(node, list):
        for child in node:
            tighten(child)


class Api:
    """Calls operations by their ids, and counts the answers."""

    def __init__(self, url: str, authority: str) -> None:
        self.url, self.http = url, requests.Session()
        self.http.trust_env = False  # neither its proxies nor its authorities
        self.http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # tokens alone say who calls
        self.options = {"session": self.http, "verify": authority, "timeout": LONGEST_ANSWER}
        answer = self.http.get(url + "/v1/openapi.json", verify=authority, timeout=LONGEST_ANSWER)
        answer.raise_for_status()
        document = answer.json()
        tighten(document)
        schema = schemathesis.openapi.from_dict(document)
        self.operations: dict[str, APIOperation] = {}
        for result in schema.get_all_operations():
            operation = result.ok()
            self.operations[operation.definition.raw["operationId"]] = operation
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)

    def send(self, case: Case, token: str | None, *more: CheckFunction) -> Response:
        """Send a request and hold the answer against the document."""
        headers = {"Authorization": "Bearer " + token} if token else {}
        response = case.call(base_url=self.url, headers=headers, **self.options)
        self.statuses[case.operation.definition.raw["operationId"]][response.status_code] += 1
        case.validate_response(response, checks=[*CHECKS, *more], headers=headers, transport_kwargs={"verify": self.options["verify"]})
        return response

    def call(self, operation: str, token: str | None, path: dict | None = None, query: dict | None = None, body: Any = NOT_SET,
             media_type: str | None = None) -> Any:
        """Call an operation, demand success, and refusal without credentials, and return the answer's JSON, or its bytes if it is none."""
        case = self.operations[operation].Case(path_parameters=path or {}, query=query or {}, body=body,
                                               media_type=media_type or (None if body is NOT_SET else "application/json"))
        response = self.send(case, token, checks.ignored_auth)
        if response.status_code not in SUCCESS:
            raise AssertionError(f"{operation} answered {response.status_code}: {response.text[:2000]}")
        kind = response.headers.get("content-type", [""])[0]
        return json.loads(response.content) if kind.startswith("application/json") else response.content

    def reached(self) -> set[str]:
        """The operations that have answered with success."""
        return {name for name, seen in self.statuses.items() if any(code in SUCCESS for code in seen)}

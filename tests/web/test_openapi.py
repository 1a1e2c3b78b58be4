"""The OpenAPI description is valid, and true to what is accepted and returned."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.public_web.calls import LEADS
from bot.public_web.fields import BY_FORM_NAME
from bot.public_web.openapi import describe
from handlers.leads.forms import lead_form
from tests.office import Office
from tests.web.outside import BODY, Outside

DOCUMENT = describe("leads from outside", (LEADS,), "INTAKE_SECRET", "https://genjin.example/")


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(DOCUMENT["components"]["schemas"][name])


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from refs(one)


class TestDocument:
    async def test_is_served_and_names_our_address(self, outside: Outside) -> None:
        answer = await outside.http.get("/intake/openapi.json")
        assert answer.json() == json.loads(json.dumps(DOCUMENT))
        assert answer.json()["servers"] == [{"url": "https://genjin.example"}]

    def test_follows_openapi_3_1(self) -> None:
        assert DOCUMENT["openapi"] == "3.1.0"
        assert {"openapi", "info", "paths", "components", "security", "servers"} == set(DOCUMENT)
        assert set(DOCUMENT["info"]) == {"title", "version"}
        for path, item in DOCUMENT["paths"].items():
            assert path.startswith("/")
            for operation in item.values():
                assert all(response["description"] for response in operation["responses"].values())
                for parameter in operation["parameters"]:
                    assert parameter["in"] == "header"
                    Draft202012Validator.check_schema(parameter["schema"])
        named = DOCUMENT["components"]["schemas"]
        for one in named.values():
            Draft202012Validator.check_schema(one)
        assert {ref.removeprefix("#/components/schemas/") for ref in refs(DOCUMENT)} == set(named)

    def test_its_examples_are_valid(self) -> None:
        operation = DOCUMENT["paths"]["/intake/leads"]["post"]
        schema("Lead").validate(operation["requestBody"]["content"]["application/json"]["example"])
        schema("Lead").validate(dict(BODY))

    def test_every_field_of_the_form_in_chat_can_be_sent(self, office: Office) -> None:
        with office.world.new_uow(read_only=True) as uow:
            form = lead_form(office.world.context(uow), None)
        assert {field.name for field in form.fields} == set(BY_FORM_NAME)


class TestTruth:
    async def test_its_example_is_taken(self, office: Office, outside: Outside) -> None:
        operation = DOCUMENT["paths"]["/intake/leads"]["post"]
        example = operation["requestBody"]["content"]["application/json"]["example"]
        answer = await outside.call(example)
        schema("Received").validate(answer.json())
        assert office.lead().customer == example["customer"]

    @pytest.mark.parametrize(
        ("body", "how"),
        [
            ({}, {}),
            (b"", {}),
            ({}, {"late": 900}),
            ({}, {"event": ""}),
            (b"x" * 1_000_001, {}),
            ({}, {"Content_Type": "text/plain"}),
            ({"hat": 1}, {}),
        ],
    )
    async def test_every_refusal_is_one_it_describes(
        self, outside: Outside, body: Any, how: dict[str, Any]
    ) -> None:
        answer = await outside.call(body, **how)
        assert str(answer.status_code) in DOCUMENT["paths"]["/intake/leads"]["post"]["responses"]
        schema("Problem").validate(answer.json())


class TestHooks:
    async def test_both_are_described_and_their_examples_are_taken(
        self, office: Office, outside: Outside
    ) -> None:
        office.log_lead("robin", owner="keep")
        document = (await outside.http.get("/hooks/openapi.json")).json()
        assert set(document["paths"]) == {"/hooks/behavior", "/hooks/esign"}
        named = document["components"]["schemas"]
        assert {ref.removeprefix("#/components/schemas/") for ref in refs(document)} == set(named)
        for path, item in document["paths"].items():
            told = item["post"]["requestBody"]["content"]["application/json"]
            name = told["schema"]["$ref"].rpartition("/")[2]
            Draft202012Validator.check_schema(named[name])
            Draft202012Validator(named[name]).validate(told["example"])
            answer = await outside.call(told["example"], to=path)
            assert answer.status_code == 200, answer.text
            missing = await outside.call(told["example"] | {"lead": "LX404"}, to=path)
            assert str(missing.status_code) in item["post"]["responses"]

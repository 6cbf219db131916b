"""Pasted examples yield their keys; plain values and placeholders do not."""

from __future__ import annotations

import pytest

from reviewdesk.domain.capabilities import RateLimit
from reviewdesk.services.accounts import known_specs
from reviewdesk.ui.accounts.estimate import in_words, load_seconds, total_of
from reviewdesk.ui.accounts.pasting import recognise

SPECS = {spec.id: spec for spec in known_specs()}

PHP = """<?php require_once "vendor/autoload.php";
$apiURL = "https://api.example/v1/feedback"; $apiKey = "RK1234567"; $customerId = "C-77";
$client = new GuzzleHttp\\Client(); $feedbackData = [ "k" => $apiKey, "u" => $customerId ];
"""


@pytest.mark.parametrize(
    ("provider", "text", "wanted"),
    [
        ("retargeting", PHP, {"rest_key": "RK1234567", "customer_id": "C-77"}),
        (
            "retargeting",
            "https://api.example/v1/feedback?k=RK1234567&u=C%2D77",
            {"rest_key": "RK1234567", "customer_id": "C-77"},
        ),
        (
            "trustpilot",
            '{"apiKey": "key-aaaa", "apiSecret": "sec\\"ret", "businessUnitId": "58cf9880b3a522f0699bc6d3"}',
            {"api_key": "key-aaaa", "api_secret": 'sec"ret', "business_unit": "58cf9880b3a522f0699bc6d3"},
        ),
        (
            "trustpilot",
            "curl -u key-aaaa:secret-bbbb -d 'grant_type=client_credentials' https://api.example/token",
            {"api_key": "key-aaaa", "api_secret": "secret-bbbb"},
        ),
        (
            "trustpilot",
            "Authorization: Basic a2V5LWFhYWE6c2VjcmV0LWJiYmI=",
            {"api_key": "key-aaaa", "api_secret": "secret-bbbb"},
        ),
        (
            "sitejabber",
            'curl -H \'client_token: ct-5922b0ad\' -d "email=shop@example.org&password=pa%26ss" ""',
            {"client_token": "ct-5922b0ad", "email": "shop@example.org", "password": "pa&ss"},
        ),
        (
            "sitejabber",
            "$post = [\n'email' => 'shop@example.org',\n'password' => 'it\\'s'\n];",
            {"email": "shop@example.org", "password": "it's"},
        ),
        (
            "guaranteed-reviews",
            "define('PUBLIC_KEY', 'pub-1');\ndefine('PRIVATE_KEY', '1234/fr/abcdef');",
            {"public_key": "pub-1", "private_key": "1234/fr/abcdef"},
        ),
        (
            "guaranteed-reviews",
            "PUBLIC_KEY=pub-1\nexport PRIVATE_KEY=1234/fr/abcdef\n",
            {"public_key": "pub-1", "private_key": "1234/fr/abcdef"},
        ),
        ("retargeting", PHP.replace("RK1234567", "REST_KEY").replace("C-77", "CUSTOMER_ID"), {}),
        ("retargeting", "RK1234567", {}),
        ("retargeting", "a=b", {}),
        ("sitejabber", "p&ss?w=rd", {}),
        ("trustpilot", "https://shop.example/back", {}),
        ("trustpilot", '{"grant": "no such grant", "apiKey": "YOUR_API_KEY"}', {}),
        ("trustpilot", "x" * 100_000, {}),
    ],
)
def test_recognise(provider: str, text: str, wanted: dict[str, str]) -> None:
    assert recognise(SPECS[provider], text) == wanted


def test_the_estimate_follows_page_size_and_limits() -> None:
    limits = (RateLimit(10, 10), RateLimit(1000, 3600))
    assert load_seconds(50, 100, limits) < 1
    assert load_seconds(10_000, 100, limits) == pytest.approx(90.5), (
        "100 calls are nine whole windows of 10 s"
    )
    assert load_seconds(150_000, 100, limits) == pytest.approx(3600.5), "the hour is the narrower limit"
    assert load_seconds(1_000_000, 0, limits) < 1, "one call brings everything"
    assert total_of("One review of 1234 was read.") == 1234
    assert total_of("There are no reviews yet.") is None
    assert in_words(SPECS["sitejabber"], 10_000).endswith("about 2 min")
    assert in_words(SPECS["sitejabber"], 10_000, days=90).startswith("At most 10,000 reviews")
    assert "one call" in in_words(SPECS["retargeting"], None)

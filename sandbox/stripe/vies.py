"""A stand-in for the EU's register of VAT numbers, for development and tests. It decides by the number's last digit:

9 is not registered, 8 the country's register does not answer, everything else is a business.
"""

from typing import Any

from flask import Blueprint, request

blueprint = Blueprint("vies", __name__, url_prefix="/_vies")


@blueprint.post("/check-vat-number")
def check() -> tuple[dict[str, Any], int]:
    asked = request.get_json()
    country, number = str(asked.get("countryCode", "")), str(asked.get("vatNumber", ""))
    if number.endswith("8"):
        return {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}, 500
    is_known = not number.endswith("9")
    answer = {
        "countryCode": country,
        "vatNumber": number,
        "valid": is_known,
        "name": f"Business {number} Ltd" if is_known else "---",
        "address": f"1 Market Street, {country}" if is_known else "---",
    }
    if asked.get("requesterNumber") and is_known:
        answer["requestIdentifier"] = f"WAPIAAA{country}{number}"
    return answer, 200

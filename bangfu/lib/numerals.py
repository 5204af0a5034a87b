"""Numbers as a spreadsheet shows them."""

from decimal import Decimal


def plain_number(number: float) -> str:
    """The digits of a number without exponent or idle zeros: 3000.0 -> "3000", 5.30000198304186e17 -> "530000198304186000".

    Excel keeps 15 significant digits, so a float is written with at most 15: 0.1 + 0.2 -> "0.3".
    """
    if isinstance(number, int):
        return str(number)
    if number != number or number in (float("inf"), float("-inf")):
        return "#NUM!"
    text = f"{Decimal(f'{number:.15g}'):f}"
    return "0" if text == "-0" else text

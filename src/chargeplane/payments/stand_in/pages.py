"""The hosted page of a checkout session, where a driver pays with no money."""

from __future__ import annotations

from html import escape
from string import Template
from typing import Final

from chargeplane.payments.stand_in.objects import Session

PAGE: Final = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Test payment</title>
<style>
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
body { max-width: 26rem; margin: 0 auto; padding: 1rem }
.mark { background: #8a4b00; color: #fff; padding: .5rem 1rem; font-weight: 600 }
.amount { font-size: 2rem; margin: .5rem 0 }
.wrong { color: #b00020; font-weight: 600 }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
input, button { padding: .75rem; margin: .25rem 0 1rem; min-height: 3rem }
</style></head><body>
<p class="mark">Test payments: no money moves here.</p>
<h1>$product</h1>
<p class="amount">$amount</p>
$body
</body></html>
""")
FORM: Final = """<form method="post">
<label for="email">E-mail for the receipt</label>
<input id="email" name="email" type="email" value="driver@example.com">
<button name="action" value="pay">Pay with a good test card</button>
<button name="action" value="decline">Pay with a card that is declined</button>
<button name="action" value="cancel">Go back without paying</button>
</form>"""


def page(session: Session, wrong: str = "") -> str:
    """The page of a session; with what went wrong."""
    said = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    over = f"<p>This checkout is {escape(session.status)}.</p>"
    return PAGE.substitute(
        product=escape(session.product),
        amount=f"{session.amount / 100:.2f} {escape(session.currency.upper())}",
        body=said + (FORM if session.status == "open" else over),
    )

"""Signed tokens: the link by which one alert is followed, and the ticket of one form."""

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

# As long as a report may matter to whoever made it; afterwards its link opens nothing.
FOLLOWED_S = 180 * 86_400
FORM_S = 12 * 3_600


@dataclass(frozen=True, slots=True)
class Ticket:
    """One form that was shown.

    Attributes:
        alert_id: of the alert that it will become, so that sending it twice makes one alert.
        visitor: to whose browser it was shown.
    """

    alert_id: str
    visitor: str


class Links:
    """Makes and reads tokens; nobody else can make one.

    Args:
        secret: what they are signed with.
    """

    def __init__(self, secret: str) -> None:
        self._follow_up = URLSafeTimedSerializer(secret, salt="follow-up")
        self._form = URLSafeTimedSerializer(secret, salt="form")

    def follow_up(self, alert_id: str) -> str:
        """The token by which an alert is followed."""
        return str(self._follow_up.dumps(alert_id))

    def followed(self, token: str) -> str | None:
        """The alert of a token; None where it is no token of this page, or too old."""
        try:
            alert_id = self._follow_up.loads(token, max_age=FOLLOWED_S)
        except BadData:
            return None
        return alert_id if isinstance(alert_id, str) else None

    def ticket(self, ticket: Ticket) -> str:
        """The hidden field of a form."""
        return str(self._form.dumps([ticket.alert_id, ticket.visitor]))

    def ticket_of(self, token: str, visitor: str) -> Ticket | None:
        """The ticket of a form that comes from the browser to which it was shown; None otherwise."""
        try:
            alert_id, shown_to = self._form.loads(token, max_age=FORM_S)
        except (BadData, ValueError, TypeError):
            return None
        return Ticket(alert_id, shown_to) if visitor and shown_to == visitor else None

"""What departments that are people read: one alert in a few lines, in their language."""

from serving.desk.languages import N_, Language
from serving.desk.view.words import in_words
from serving.forwarding.handover import Handover, Words

_CHANNELS = {
    "application": N_("through the application"),
    "telephone": N_("by telephone"),
    "email": N_("by e-mail"),
    "web": N_("through the web site"),
}
_TAGS = {"added": N_("Addition"), "withdrawn": N_("Withdrawn")}
_NEWS = {
    "added": N_("Its reporter added something to this alert, which you have already."),
    "withdrawn": N_("Its reporter has withdrawn this alert, which you have: nothing is to be done any more."),
}
_MOST_OF_PLACE = 120


class Writer:
    """Writes handovers.

    Args:
        words: what the city calls codes, in the same language.
        language: of the messages.
    """

    def __init__(self, words: Words, language: Language) -> None:
        self._words = words
        self._language = language

    def text(self, handover: Handover) -> str:
        """What the resident wrote, with masks in words."""
        return in_words(handover.text, self._language.gettext)

    def subject(self, handover: Handover) -> str:
        """The alert in one line without line breaks."""
        alert, words = handover.alert, self._words
        priority = words.priority(alert.priority)
        where = self.place(handover)[:_MOST_OF_PLACE]
        what = ", ".join(filter(None, (words.category(alert.category), where)))
        tags = [f"[{priority}]"] if priority else []
        if handover.news:
            tags.insert(0, f"[{self._said(_TAGS[handover.news])}]")
        if handover.is_test:
            tags.insert(0, "[" + self._said(N_("Test")) + "]")
        return " ".join(" ".join((*tags, f"{what} ({alert.id})")).split())

    def title(self, handover: Handover) -> str:
        """What it is and how pressing."""
        alert, words = handover.alert, self._words
        parts = [words.category(alert.category)]
        if alert.priority:
            parts.append(self._said(N_("priority: %(name)s")) % {"name": words.priority(alert.priority)})
        return " · ".join(filter(None, parts))

    def place(self, handover: Handover) -> str:
        """Where it is, as far as words say so."""
        alert = handover.alert
        named = [part for part in (alert.address, alert.commune) if part]
        return " ".join(self._in_words(", ".join(named)).split())

    def notes(self, handover: Handover) -> list[str]:
        """What there is to say beside the text: a line each."""
        alert, say = handover.alert, self._said
        lines = []
        if handover.is_test:
            lines.append(say(N_("This is a test: there is no such alert, and nothing is to be done.")))
        if handover.news:
            lines.append(say(_NEWS[handover.news]))
        if handover.news and handover.known_as:
            lines.append(say(N_("You know it as %(reference)s.")) % {"reference": handover.known_as})
        if handover.earlier:
            lines.append(self._duplicate(handover.earlier.alert_id, handover.earlier.reference))
        if handover.due_at and handover.news != "withdrawn":
            when = self._language.moment(handover.due_at)
            lines.append(say(N_("First action expected by %(when)s")) % {"when": when})
        lines.append(say(N_("Place: %(place)s")) % {"place": self._whole_place(handover)})
        lines.append(self._received(handover))
        if alert.photos:
            number = len(alert.photos)
            lines.append(
                self._language.ngettext("%(num)d photo at the review desk", "%(num)d photos at the review desk", number)
                % {"num": number}
            )
        if handover.is_original:
            lines.append(say(N_("The text holds personal data; that you got it is logged.")))
        return lines

    def body(self, handover: Handover) -> str:
        """A whole mail. What a resident wrote stands behind > signs, so that it is never taken for ours."""
        alert, words, say = handover.alert, self._words, self._said
        quoted = [f"> {line}" for line in self.text(handover).splitlines()] or [say(N_("(a photo without words)"))]
        department = words.department(handover.department)
        parts = [[self.title(handover)], quoted, self.notes(handover)]
        if handover.link:
            parts.append([say(N_("Open the alert at the review desk:")), handover.link])
        whose = say(N_("Alert %(id)s, for %(department)s.")) % {"id": alert.id, "department": department}
        parts.append(
            [whose, say(N_("If it is not yours, say so at the review desk: staff will then find whose it is."))]
        )
        return "\n\n".join("\n".join(part) for part in parts) + "\n"

    def _whole_place(self, handover: Handover) -> str:
        alert = handover.alert
        parts = [self.place(handover)]
        if alert.lat is not None and alert.lon is not None:
            parts.append(f"{alert.lat:.6f}, {alert.lon:.6f} (geo:{alert.lat:.6f},{alert.lon:.6f})")
        return " – ".join(filter(None, parts)) or self._said(N_("not known"))

    def _received(self, handover: Handover) -> str:
        alert, when = handover.alert, self._language.moment(handover.alert.received_at)
        way = _CHANNELS.get(alert.channel or "")
        if way is None:
            return self._said(N_("Received on %(when)s")) % {"when": when}
        return self._said(N_("Received on %(when)s, %(way)s")) % {"when": when, "way": self._said(way)}

    def _duplicate(self, alert_id: str, reference: str | None) -> str:
        if reference is None:
            return self._said(N_("Likely the same problem as alert %(id)s, which you have already.")) % {"id": alert_id}
        message = self._said(N_("Likely the same problem as alert %(id)s, which you have already as %(reference)s."))
        return message % {"id": alert_id, "reference": reference}

    def _said(self, message: str) -> str:
        return self._language.gettext(message)

    def _in_words(self, text: str) -> str:
        return in_words(text, self._language.gettext)

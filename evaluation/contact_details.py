"""Sentences in which residents leave a number, an address or a name: no label depends on them.

The wordings of training are others (`training/contact_details.py`), so that a model cannot know these by heart.
"""

import random

# Masked as redaction leaves them, since models read nothing else.
BEFORE = (
    "Bonjour, je m'appelle <NOM>, mon portable est le <TEL>.",
    "Je m'appelle <NOM>.",
    "Mon téléphone : <TEL>.",
    "Mail : <EMAIL>.",
    "Vous pouvez m'avoir au <TEL>.",
    "Message laissé depuis le <TEL> :",
)
AFTER = (
    "Rappelez-moi au <TEL>.",
    "Rappelez le <TEL>",
    "tel <TEL>",
    "<TEL>",
    "On peut me joindre le matin au <TEL>.",
    "Si besoin de précisions : <EMAIL>.",
    "Répondez-moi à <EMAIL> svp.",
    "Je m'appelle <NOM>, joignable au <TEL>.",
    "Contactez la gardienne au <TEL>.",
    "Me prévenir par SMS, <TEL>.",
)


def with_contact(text: str, generator: random.Random) -> str:
    """The text with one such sentence before or after it."""
    if generator.random() < 0.5:
        return f"{generator.choice(BEFORE)} {text}"
    return f"{text} {generator.choice(AFTER)}"

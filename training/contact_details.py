"""How residents leave a number, an address or a name around what they report, for training.

Such a sentence changes no label; yet a model that rarely reads one takes it for the message itself, and a short alert
with a telephone number for a request to be called. The wordings of the report (`evaluation/contact_details.py`) and of
`tests/behaviour` are others.
"""

import random

CONTACT_RATE = 0.15

# Masked as redaction leaves them.
_BEFORE = (
    "Je m'appelle <NOM> et j'habite à côté.", "Je m'appelle <NOM>, portable <TEL>,", "Allô ? Je m'appelle <NOM>.",
    "Je m'appelle <NOM>, voici mon numéro : <TEL>.", "Mon mail, <EMAIL>.", "Coordonnées : <TEL>, <EMAIL>.",
    "<TEL>", "<EMAIL>", "De la part de <EMAIL> :", "Suite à mon appel du <TEL> :", "Tél. <TEL> –",
    "N° de portable <TEL>,", "Ici le gardien de l'immeuble (<TEL>).", "Je vous écris de <EMAIL>.",
    "Je vous ai appelés depuis le <TEL>.", "Je suis dans ma voiture, immatriculée <PLAQUE>.",
)  # fmt: skip
_AFTER = (
    "Merci de me rappeler au <TEL>.", "Vous pouvez me rappeler au <TEL>.", "Appelez moi <TEL>", "Mon numéro : <TEL>.",
    "Mon 06 : <TEL>", "Joignable au <TEL> après 18 h.", "Je suis joignable au <TEL>.", "Pour plus d'infos : <TEL>.",
    "Rappel souhaité au <TEL>.", "Rappelez svp <TEL>", "Me tenir au courant au <TEL>.", "Un SMS au <TEL> suffit.",
    "Tel : <TEL>", "Tél <TEL>.", "portable <TEL>", "<TEL> merci", "contact <TEL>", "Numéro du voisin : <TEL>.",
    "Appelez avant de passer, <TEL>.", "Voir avec le gardien, <TEL>.", "Le syndic est au <TEL>.",
    "Écrivez-moi à <EMAIL>.", "Mon e-mail : <EMAIL>.", "Réponse par mail <EMAIL>", "mail perso <EMAIL>",
    "Merci de répondre à <EMAIL>.", "Photos sur demande à <EMAIL>.", "<EMAIL> ou <TEL>.", "Moi, je m'appelle <NOM>.",
    "Signé : je m'appelle <NOM>, <TEL>.", "Cordialement, <EMAIL>.", "Coordonnées : <EMAIL>, <TEL>.",
    "Je suis garé devant, <PLAQUE>.", "Ma voiture : <PLAQUE>.", "My phone is <TEL>.", "please call <TEL>",
)  # fmt: skip
# Many end a text without a mark of punctuation, and go on as if they had set one.
_JOINTS = (" ", " ", ". ", ", ", " - ")
_ENDS = (".", "!", "?", "…", ":", ",")


def with_contact(text: str, generator: random.Random) -> str:
    """The text, with a sentence before or after it now and then."""
    if generator.random() >= CONTACT_RATE:
        return text
    if generator.random() < 0.4:
        return f"{generator.choice(_BEFORE)} {text}"
    joint = " " if text.rstrip().endswith(_ENDS) else generator.choice(_JOINTS)
    sentence = generator.choice(_AFTER)
    return f"{text}{joint}{sentence[0].lower() + sentence[1:] if joint == ', ' else sentence}"

"""Other ways in which an alert could have been typed, for training: manners, contact details, accents, case, slips."""

import random
from collections.abc import Callable

from evaluation.typing_noise import add_typos, change_between_marks, spaced_without_punctuation, strip_accents
from training.contact_details import with_contact

# What changes no label by the guide: greetings, polite or angry formulas, names and threats of complaint.
_MANNERS_RATE = 0.15
_OPENINGS = (
    "Bonjour,", "Bonsoir,", "Madame, Monsieur,", "Bonjour à toute l'équipe,", "Coucou la mairie !", "Allô ?", "Hello,",
    "Encore moi :", "Petit signalement :", "Pour info,", "Je me permets de vous écrire :", "À qui de droit :", "Salut,",
    "Dites,", "Franchement,", "C'est honteux !", "J'en ai marre :", "Bon,", "Objet : signalement.",
)  # fmt: skip
_CLOSINGS = (
    "Merci.", "Merci d'avance pour votre aide.", "Bien à vous.", "Cordialement, une habitante.", "Bonne journée.",
    "C'est inadmissible !", "Vous attendez quoi ?", "Je paie mes impôts.", "Je vais écrire au maire.", "Bon courage.",
    "Sincères salutations.", "Marre !!!", "On se moque de nous.", "Merci pour ce que vous faites.", "Dans l'attente.",
    "Voilà, c'est tout.", "A vous de voir.", "Pouvez-vous faire quelque chose ?", "Respectueusement.", "Belle soirée.",
)  # fmt: skip


def augment(text: str, generator: random.Random) -> str:
    """One way in which another person could have typed the text; often the text itself.

    Redaction marks such as `<TEL>` stay as they are, since serving never changes them.
    """
    changes = _draw_changes(generator)
    return " ".join(change_between_marks(_with_manners(with_contact(text, generator), generator), changes).split())


def _with_manners(text: str, generator: random.Random) -> str:
    opening = f"{generator.choice(_OPENINGS)} " if generator.random() < _MANNERS_RATE else ""
    closing = f" {generator.choice(_CLOSINGS)}" if generator.random() < _MANNERS_RATE else ""
    return f"{opening}{text}{closing}"


def _draw_changes(generator: random.Random) -> list[Callable[[str], str]]:
    changes: list[Callable[[str], str]] = []
    if generator.random() < 0.25:
        changes.append(strip_accents)
    if generator.random() < 0.2:
        changes.append(spaced_without_punctuation)
    if generator.random() < 0.2:
        changes.append(lambda piece: add_typos(piece, 0.15, generator))
    case = generator.random()
    if case < 0.15:
        changes.append(str.upper)
    elif case < 0.4:
        changes.append(str.lower)
    return changes

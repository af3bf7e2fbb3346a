"""What bundles in one process share: it is the same for all of them, or often is."""

from dataclasses import dataclass, field

from models.language import LanguageReader
from models.tokenization import Tokenizers


@dataclass(frozen=True, slots=True)
class SharedParts:
    """Half a second to load, 60 MB and the longest pause of other threads that a second bundle need not cost."""

    languages: LanguageReader = field(default_factory=LanguageReader)
    tokenizers: Tokenizers = field(default_factory=Tokenizers)

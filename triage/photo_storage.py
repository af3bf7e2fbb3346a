"""Keeps the photos that reviewers look at, without any metadata, in a folder or wherever fsspec reaches."""

import contextlib
import hashlib
import io
import re
import uuid
from collections.abc import Iterator

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from PIL import Image

from triage.errors import InvalidConfiguration, PhotoMissing, PhotoStorageFailed

JPEG_QUALITY = 85

_KEY = re.compile(r"[0-9a-f]{64}")


class PhotoStorage:
    """Photos under the SHA-256 of their bytes: the same picture is kept once, and a damaged one is noticed."""

    def __init__(self, url: str) -> None:
        """Find the storage; nothing is written before the first photo.

        Args:
            url: a folder, or a URL of any protocol that fsspec knows, such as `s3://bucket/photos`. Access keys
                come from where the protocol's package looks for them, never from the URL.

        Raises:
            InvalidConfiguration: no such protocol, or its package is not installed; the message says which.
        """
        self._name = _shown(url)
        self._files, self._root = _connect(url)

    def put(self, image: Image.Image) -> str:
        """Keep a picture as JPEG and give its key; the same picture again gives the same key.

        Args:
            image: any mode and size; what it holds beside its pixels is left out.

        Raises:
            PhotoStorageFailed: the storage cannot be written.
        """
        plain = Image.new("RGB", image.size)
        plain.paste(image)
        buffer = io.BytesIO()
        plain.save(buffer, "JPEG", quality=JPEG_QUALITY)
        content = buffer.getvalue()
        key = hashlib.sha256(content).hexdigest()
        with self._explained("write a photo to"):
            self._write(self._path(key), content)
        return key

    def restore(self, key: str, content: bytes) -> None:
        """Put back what was kept under a key, as a backup holds it.

        Raises:
            PhotoMissing: no photo can have this key.
            PhotoStorageFailed: these are other bytes, or the storage cannot be written.
        """
        path = self._path(key)
        if hashlib.sha256(content).hexdigest() != key:
            raise PhotoStorageFailed(f"The photo {key} is not what was kept under this key; use another backup.")
        with self._explained("write a photo to"):
            self._write(path, content)

    def get(self, key: str) -> bytes:
        """The JPEG kept under a key.

        Raises:
            PhotoMissing: no photo has this key.
            PhotoStorageFailed: the storage cannot be read, or gives other bytes than were kept.
        """
        path = self._path(key)
        with self._explained("read a photo from"):
            try:
                content: bytes = self._files.cat_file(path)
            except FileNotFoundError as error:
                raise PhotoMissing(f"No photo has the key {key}; it was erased, or never kept here.") from error
        if hashlib.sha256(content).hexdigest() != key:
            raise PhotoStorageFailed(
                f"The photo {key} in {self._name} was changed since it was kept; restore it from a backup or erase it."
            )
        return content

    def delete(self, key: str) -> None:
        """Erase a photo; one that is not there is erased already.

        Raises:
            PhotoMissing: no photo can have this key.
            PhotoStorageFailed: the storage cannot be written.
        """
        path = self._path(key)
        with self._explained("erase a photo from"), contextlib.suppress(FileNotFoundError):
            self._files.rm_file(path)

    def _path(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise PhotoMissing("No photo has this key; a key is 64 hexadecimal digits, as `put` gave it.")
        return f"{self._root}/{key[:2]}/{key[2:4]}/{key}.jpg"

    def _write(self, path: str, content: bytes) -> None:
        if not getattr(self._files, "local_file", False):
            self._files.pipe_file(path, content)  # an object store shows an object whole or not at all
            return
        unfinished = f"{path}.{uuid.uuid4().hex}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            self._files.pipe_file(unfinished, content)
            self._files.mv(unfinished, path)
        except BaseException:
            with contextlib.suppress(OSError):
                self._files.rm_file(unfinished)
            raise

    @contextlib.contextmanager
    def _explained(self, purpose: str) -> Iterator[None]:
        try:
            yield
        except PhotoStorageFailed:
            raise
        except Exception as error:  # each protocol's package raises its own
            raise PhotoStorageFailed(
                f"Cannot {purpose} {self._name}: {error or type(error).__name__}. Check that it exists, that the "
                "service may read and write it, and that it has room."
            ) from error


def _connect(url: str) -> tuple[AbstractFileSystem, str]:
    try:
        files, root = url_to_fs(url)
    except ImportError as error:  # fsspec's own words say which package to install
        raise InvalidConfiguration(f"Photos cannot be kept in {_shown(url)} yet: {error}.") from error
    except Exception as error:  # as above
        raise InvalidConfiguration(
            f"Photos cannot be kept in {_shown(url)}: {error}. Give a folder, or a URL such as s3://bucket/photos."
        ) from error
    return files, root.rstrip("/")


def _shown(url: str) -> str:
    """A URL as messages may show it: some hold a password."""
    return re.sub(r"//[^/]*@", "//…@", url)

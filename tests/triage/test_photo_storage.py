"""Photos are kept once, without metadata, under the digest of their bytes; and no key leads out of the storage."""

import hashlib
import io
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from triage.errors import InvalidConfiguration, PhotoMissing, PhotoStorageFailed, TriageError
from triage.photo import decode_photo
from triage.photo_storage import PhotoStorage
from triage.settings import PROJECT_ROOT


@pytest.fixture(params=["folder", "url", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A storage of each kind that needs no network."""
    return {
        "folder": str(tmp_path / "new" / "photos"),
        "url": (tmp_path / "photos").as_uri(),
        "memory": f"memory://{uuid.uuid4().hex}/photos",
    }[request.param]


@pytest.fixture
def picture() -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise((64, 48), sigma) for sigma in (30, 60, 90)])


def test_a_photo_comes_back_as_the_jpeg_that_its_key_names(url: str, picture: Image.Image) -> None:
    storage = PhotoStorage(url)
    key = storage.put(picture)
    content = storage.get(key)
    assert hashlib.sha256(content).hexdigest() == key
    image = decode_photo(content).image
    assert image.size == picture.size


def test_a_photo_of_a_backup_is_put_back_and_no_other(url: str, picture: Image.Image) -> None:
    storage = PhotoStorage(url)
    key = storage.put(picture)
    content = storage.get(key)
    storage.delete(key)
    with pytest.raises(PhotoStorageFailed, match="another backup"):
        storage.restore(key, content + b"x")
    with pytest.raises(PhotoMissing):
        storage.restore("../escape", content)
    storage.restore(key, content)
    assert storage.get(key) == content


def test_another_process_finds_a_photo_by_its_key(tmp_path: Path, picture: Image.Image) -> None:
    key = PhotoStorage(str(tmp_path)).put(picture)
    assert PhotoStorage(tmp_path.as_uri()).get(key)


def test_the_same_picture_is_kept_once(tmp_path: Path, picture: Image.Image) -> None:
    storage = PhotoStorage(str(tmp_path))
    keys = {storage.put(picture) for _ in range(3)}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(keys) == len(files) == 1


def test_photos_are_spread_over_folders(tmp_path: Path, picture: Image.Image) -> None:
    key = PhotoStorage(str(tmp_path)).put(picture)
    assert (tmp_path / key[:2] / key[2:4] / f"{key}.jpg").is_file()


def test_no_metadata_is_kept(url: str, picture: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker of telephones"
    buffer = io.BytesIO()
    notes = {"exif": exif, "icc_profile": b"profile", "comment": b"a comment", "dpi": (300, 300), "xmp": b"<x/>"}
    picture.save(buffer, "JPEG", **notes)
    with Image.open(buffer) as noted:
        storage = PhotoStorage(url)
        content = storage.get(storage.put(noted))
    markers = set(re.findall(rb"\xff([\xe0-\xef\xfe])", content[: content.index(b"\xff\xda")]))
    assert markers == {b"\xe0"}
    assert not re.search(rb"Maker|profile|comment|<x/>", content)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK"])
def test_a_picture_of_another_mode_is_kept_in_colours(url: str, mode: str) -> None:
    storage = PhotoStorage(url)
    with Image.open(io.BytesIO(storage.get(storage.put(Image.new(mode, (9, 9)))))) as image:
        assert image.mode == "RGB"


def test_an_erased_photo_is_gone_and_may_be_erased_again(url: str, picture: Image.Image) -> None:
    storage = PhotoStorage(url)
    key = storage.put(picture)
    storage.delete(key)
    storage.delete(key)
    with pytest.raises(PhotoMissing, match=f"No photo has the key {key}"):
        storage.get(key)


def test_a_photo_that_was_changed_is_noticed_and_put_right_by_keeping_it_again(
    tmp_path: Path, picture: Image.Image
) -> None:
    storage = PhotoStorage(str(tmp_path))
    key = storage.put(picture)
    (file,) = (path for path in tmp_path.rglob("*.jpg"))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(PhotoStorageFailed, match="was changed since it was kept; restore it"):
        storage.get(key)
    assert storage.put(picture) == key
    assert storage.get(key)


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 32 + "/" + "a" * 31]
)
def test_a_key_that_no_photo_can_have_leads_nowhere(url: str, key: str) -> None:
    storage = PhotoStorage(url)
    for use in (storage.get, storage.delete):
        with pytest.raises(PhotoMissing, match="64 hexadecimal digits"):
            use(key)


def test_many_threads_may_keep_and_read_the_same_photo(url: str, picture: Image.Image) -> None:
    storage = PhotoStorage(url)
    key = storage.put(picture)
    with ThreadPoolExecutor(8) as threads:
        kept = [threads.submit(storage.put, picture) for _ in range(40)]
        read = [threads.submit(storage.get, key) for _ in range(40)]
        assert {future.result() for future in kept} == {key}
        assert len({future.result() for future in read}) == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("s3://bucket/photos", "s3fs"),
        ("simplecache::s3://bucket/photos", "s3fs"),
        ("gs://bucket/photos", "gcsfs"),
        ("unknown://bucket", "Protocol not known: unknown"),
    ],
)
def test_a_url_that_cannot_be_used_says_what_to_install_or_to_give(wanted: str, words: str) -> None:
    with pytest.raises(InvalidConfiguration, match=re.escape(wanted) + ".*" + words):
        PhotoStorage(wanted)


def test_a_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        PhotoStorage("unknown://user:secret@host/photos")
    assert "secret" not in caught.value.message


def put(storage: PhotoStorage, image: Image.Image) -> None:
    storage.put(image)


def get(storage: PhotoStorage, _image: Image.Image) -> None:
    storage.get("0" * 64)


@pytest.mark.parametrize("use", [put, get])
def test_a_storage_that_fails_says_what_to_check(
    tmp_path: Path, picture: Image.Image, use: Callable[[PhotoStorage, Image.Image], None]
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(TriageError, match=r"file/photos: .*Check that it exists") as caught:
        use(PhotoStorage(str(tmp_path / "file" / "photos")), picture)
    assert caught.value.code == "photo_storage_failed"


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path) -> None:
    code = f"""
import resource
from PIL import Image
from triage.errors import PhotoStorageFailed
from triage.photo_storage import PhotoStorage
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    PhotoStorage({str(tmp_path)!r}).put(Image.effect_noise((64, 48), 50))
except PhotoStorageFailed as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    assert "that it has room" in done.stdout
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

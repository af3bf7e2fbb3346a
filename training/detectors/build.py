"""Writes the detectors of a bundle: two small networks and how to use them."""

from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, helper, version_converter

from models.privacy.description import DESCRIPTION, Description, Faces, Pass, Plates, Street
from training.detectors.sources import CENTERFACE, COPYRIGHT, NANODET, NANODET_GRAPH, read_source
from training.detectors.tfjs import convert_graph
from training.detectors.weights import store_as_int8
from triage.settings import PROJECT_ROOT

ARCHIVES = PROJECT_ROOT / "work" / "archives"
NOTICE = "NOTICE"
# Thresholds and the recall of plates were chosen and measured as docs/privacy.md tells.
SETTINGS = Description(
    faces=Faces(file="faces.onnx", short_side=640, long_side=1280, threshold=0.3, source=CENTERFACE),
    street=Street(
        file="street.onnx",
        passes=(Pass(long_side=416, person=0.3, vehicle=0.25), Pass(long_side=640, person=0.35, vehicle=0.35)),
        source=NANODET,
    ),
    plates=Plates(per_vehicle=8, recall=0.73),
)
_OPSET = 17
_IR_VERSION = 10
# CenterFace's names of what it takes and gives; its landmarks (540) are not needed.
_FACE_NAMES = {"input.1": "picture", "537": "heat", "538": "size", "539": "offset"}
_FACE_CHANNELS = {"heat": 1, "size": 2, "offset": 2}
_LANDMARKS = "540"


def build_detectors(folder: Path, archives: Path = ARCHIVES) -> Description:
    """Write `faces.onnx`, `street.onnx`, `description.json` and `NOTICE`; the same bytes each time.

    Args:
        folder: made if need be; files of the same names are replaced.
        archives: where fetched packages (150 MB) are kept for the next time.

    Raises:
        InvalidConfiguration: a package cannot be fetched, or a file in it is not the one that was measured.
    """
    faces = name_faces(onnx.load_from_string(read_source(CENTERFACE, archives)))
    street = convert_graph(read_source(NANODET_GRAPH, archives), read_source(NANODET, archives))
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in ((SETTINGS.faces.file, faces), (SETTINGS.street.file, street)):
        small = store_as_int8(model)
        onnx.checker.check_model(small, full_check=True)
        (folder / name).write_bytes(small.SerializeToString(deterministic=True))
    (folder / DESCRIPTION).write_text(SETTINGS.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / NOTICE).write_text(_notice(), encoding="utf-8")
    return SETTINGS


def name_faces(model: ModelProto) -> ModelProto:
    """CenterFace for pictures of any size (multiples of 32), without landmarks, with names that say what they are."""
    graph = version_converter.convert_version(model, _OPSET).graph
    nodes = [node for node in graph.node if node.output[0] != _LANDMARKS]
    for node in nodes:
        for names in (node.input, node.output):
            names[:] = [_FACE_NAMES.get(name, name) for name in names]
    used = {name for node in nodes for name in node.input}
    weights = [item for item in graph.initializer if item.name in used]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, "height", "width"])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "rows", "columns"])
        for name, channels in _FACE_CHANNELS.items()
    ]
    named = helper.make_graph(nodes, "faces", [picture], outputs, weights)
    return helper.make_model(named, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)


def _notice() -> str:
    sources = [
        f"{source.network}\n  from {source.file} of {source.package} {source.version} ({source.registry}),"
        f" licence of the package {source.licence}, SHA-256 {source.sha256}\n"
        for source in (CENTERFACE, NANODET)
    ]
    first = "The networks in this folder were taken from published packages, renamed and stored as int8.\n"
    return "\n".join([first, *sources, COPYRIGHT])

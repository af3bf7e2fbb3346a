"""What is found in a picture, what the blur leaves, and which pictures wait for a person."""

import time
from pathlib import Path

import numpy as np
import pytest
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

from models.bundle import load_bundle
from models.privacy import PrivacyDetector, Region, blur
from models.privacy.plates import find_plates
from models.privacy.regions import best_of_overlapping, to_regions
from training.detectors import build_detectors
from triage.errors import InvalidBundle
from triage.settings import PROJECT_ROOT

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
FOLDERS = (SHIPPED / "detectors", PROJECT_ROOT / "work" / "detectors")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The detectors of the shipped bundle, or those just built and not yet shipped, or new ones."""
    for folder in FOLDERS:
        if (folder / "description.json").is_file():
            return folder
    folder = tmp_path_factory.mktemp("detectors")
    build_detectors(folder)
    return folder


@pytest.fixture(scope="module")
def detector(folder: Path) -> PrivacyDetector:
    return PrivacyDetector(folder, threads=1)


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    """A photo of Grace Hopper that matplotlib carries: one person, whose face is at (190–330, 110–300)."""
    with Image.open(Path(get_data_path()) / "sample_data" / "grace_hopper.jpg") as image:
        return image.convert("RGB")


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def kinds(regions: tuple[Region, ...]) -> set[str]:
    return {region.kind for region in regions}


def car_with_plate(size: tuple[int, int], plate: tuple[int, int, int, int]) -> Image.Image:
    image = Image.new("RGB", size, (150, 30, 30))
    draw = ImageDraw.Draw(image)
    draw.rectangle(plate, fill=(240, 240, 235), outline=(20, 20, 20))
    font = ImageFont.load_default(plate[3] - plate[1] - 6)
    draw.text((plate[0] + 4, plate[1]), "AB-123-CD", fill=(10, 10, 10), font=font)
    return image


class TestFinding:
    def test_a_portrait_has_one_face_at_its_place_and_a_person(
        self, detector: PrivacyDetector, portrait: Image.Image
    ) -> None:
        regions = detector.find(portrait)
        faces = [region for region in regions if region.kind == "face"]
        assert len(faces) == 1
        assert faces[0].score > 0.7
        assert faces[0].left < 230
        assert faces[0].right > 290
        assert faces[0].top < 160
        assert faces[0].bottom > 270
        assert "person" in kinds(regions)
        assert not {"vehicle", "plate"} & kinds(regions)

    def test_a_face_a_twelfth_as_wide_as_the_picture_is_found(
        self, detector: PrivacyDetector, portrait: Image.Image
    ) -> None:
        street = Image.new("RGB", (800, 600), (120, 125, 130))
        street.paste(portrait.resize((256, 300)), (500, 250))
        face = next(region for region in detector.find(street) if region.kind == "face")
        assert face.left < 500 + 130 < face.right
        assert face.top < 250 + 105 < face.bottom

    def test_nothing_is_found_where_nothing_is(self, detector: PrivacyDetector) -> None:
        assert detector.find(Image.new("RGB", (400, 300), (128, 128, 128))) == ()

    @pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
    def test_other_colour_modes_are_read_as_rgb(
        self, detector: PrivacyDetector, portrait: Image.Image, mode: str
    ) -> None:
        assert "face" in kinds(detector.find(portrait.convert(mode)))

    @pytest.mark.parametrize("size", [(1, 1), (3, 2), (5000, 8), (8, 5000), (1, 900), (4032, 3024)])
    def test_pictures_of_any_size_and_shape_are_answered_in_time(
        self, detector: PrivacyDetector, size: tuple[int, int]
    ) -> None:
        picture = noise(*size)
        start = time.perf_counter()
        regions = detector.find(picture)
        # Ten times what a slow core needs; without the limits in the description it would be minutes.
        assert time.perf_counter() - start < 20
        assert all(0 <= region.left < region.right <= size[0] for region in regions)
        assert all(0 <= region.top < region.bottom <= size[1] for region in regions)

    def test_the_answer_is_the_same_each_time(self, detector: PrivacyDetector, portrait: Image.Image) -> None:
        assert detector.find(portrait) == detector.find(portrait)


class TestPlates:
    @pytest.mark.parametrize("place", [(120, 150, 220, 172), (30, 170, 130, 192), (150, 110, 270, 138)])
    def test_a_drawn_plate_is_covered(self, place: tuple[int, int, int, int]) -> None:
        image = car_with_plate((320, 220), place)
        covered = np.zeros((220, 320), dtype=bool)
        for region in find_plates(image, Region("vehicle", 0, 0, 320, 220, 1.0), most=8):
            covered[region.top : region.bottom, region.left : region.right] = True
        assert covered[place[1] : place[3], place[0] : place[2]].mean() > 0.5

    def test_a_vehicle_gives_no_more_places_than_asked_for_and_none_outside_of_the_picture(self) -> None:
        vehicle = Region("vehicle", 10, 10, 310, 210, 1.0)
        found = find_plates(noise(320, 220), vehicle, most=3)
        assert len(found) <= 3
        assert all(region.left >= 0 and region.right <= 320 for region in found)

    @pytest.mark.parametrize("box", [(0, 0, 10, 10), (0, 0, 200, 4), (0, 0, 24, 16)])
    def test_tiny_vehicles_are_no_trouble(self, box: tuple[int, int, int, int]) -> None:
        assert isinstance(find_plates(noise(220, 30), Region("vehicle", *box, 1.0), most=8), list)


class TestBlur:
    def test_everything_but_the_regions_stays_as_it_was(self) -> None:
        image = noise(120, 100)
        after = np.asarray(blur(image, [Region("face", 40, 40, 60, 60, 0.9)]))
        before = np.asarray(image)
        assert np.array_equal(before[:30], after[:30])
        assert np.array_equal(before[:, 70:], after[:, 70:])
        assert not np.array_equal(before[40:60, 40:60], after[40:60, 40:60])

    @pytest.mark.parametrize("kind", ["face", "person", "plate"])
    def test_pixels_of_a_cell_can_be_shuffled_without_a_trace(self, kind: str) -> None:
        # What does not depend on the order of pixels cannot tell it: the detail is gone for good.
        region = Region(kind, 0, 0, 240, 240, 0.9)  # type: ignore[arg-type]
        cells = {"face": 4, "person": 6, "plate": 2}[kind]
        size = 240 // cells
        pixels = np.asarray(noise(240, 240))
        grid = pixels.reshape(cells, size, cells, size, 3).transpose(0, 2, 1, 3, 4).reshape(cells, cells, -1, 3)
        shuffled = np.random.default_rng(1).permutation(grid, axis=2).reshape(cells, cells, size, size, 3)
        other = Image.fromarray(shuffled.transpose(0, 2, 1, 3, 4).reshape(240, 240, 3))
        first, second = (np.asarray(blur(image, [region])) for image in (Image.fromarray(pixels), other))
        assert np.array_equal(first, second)

    def test_two_plates_with_other_characters_look_alike(self) -> None:
        results = []
        for text in ("AB-123-CD", "XW-908-KM"):
            image = Image.new("RGB", (260, 60), (245, 245, 245))
            ImageDraw.Draw(image).text((8, 2), text, fill=(0, 0, 0), font=ImageFont.load_default(46))
            results.append(np.asarray(blur(image, [Region("plate", 0, 0, 260, 60, 0.9)]), dtype=int))
        assert np.abs(results[0] - results[1]).max() <= 32

    def test_no_edge_is_left_inside(self, detector: PrivacyDetector, portrait: Image.Image) -> None:
        regions = detector.find(portrait)
        face = next(region for region in regions if region.kind == "face")
        box = face.left, face.top, face.right, face.bottom
        before, after = (
            np.abs(np.diff(np.asarray(image.crop(box).convert("L"), dtype=float))).mean()
            for image in (portrait, blur(portrait, [face]))
        )
        assert after < before / 4
        assert "face" not in kinds(detector.find(blur(portrait, regions)))

    def test_vehicles_stay_readable(self) -> None:
        image = noise(80, 60)
        assert np.array_equal(np.asarray(blur(image, [Region("vehicle", 0, 0, 80, 60, 0.9)])), np.asarray(image))

    def test_a_small_region_shows_no_more_of_a_larger_one_below_it(self) -> None:
        image = noise(240, 240)
        person, face = Region("person", 0, 0, 240, 240, 0.9), Region("face", 100, 20, 130, 50, 0.9)
        alone = np.asarray(blur(image, [person]))
        assert np.array_equal(np.asarray(blur(image, [person, face])), alone)
        assert np.array_equal(np.asarray(blur(image, [face, person])), alone)

    @pytest.mark.parametrize(
        "box", [(-50, -50, 30, 30), (90, 70, 400, 400), (200, 200, 300, 300), (-9, -9, 999, 999), (50, 50, 50, 50)]
    )
    def test_regions_outside_of_the_picture_or_empty_are_no_trouble(self, box: tuple[int, int, int, int]) -> None:
        assert blur(noise(100, 80), [Region("person", *box, 0.9)]).size == (100, 80)

    def test_the_given_picture_is_not_changed(self) -> None:
        image = noise(50, 50)
        before = image.tobytes()
        blur(image, [Region("person", 0, 0, 50, 50, 0.9)])
        assert image.tobytes() == before


class TestHolding:
    CAR = Region("vehicle", 0, 0, 9, 9, 0.4)
    FACE = Region("face", 0, 0, 9, 9, 0.4)

    def test_a_picture_with_a_vehicle_waits_for_a_person(self, detector: PrivacyDetector) -> None:
        assert detector.description.plates.recall < 0.8
        assert not detector.shareable([self.FACE, self.CAR])
        assert detector.shareable([self.FACE])
        assert detector.shareable([])

    def test_an_operator_can_choose_not_to_hold(self, folder: Path) -> None:
        assert PrivacyDetector(folder, threads=1, hold_vehicles=False).shareable([self.CAR])


class TestLoading:
    def test_a_bundle_without_detectors_is_refused(self) -> None:
        bundle = load_bundle(SHIPPED)
        bundle.manifest.files.pop("detectors/description.json", None)
        with pytest.raises(InvalidBundle, match=r"detectors/description\.json"):
            PrivacyDetector.from_bundle(bundle)

    def test_a_missing_description_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidBundle, match=r"python -m training\.detectors"):
            PrivacyDetector(tmp_path)

    def test_a_foreign_description_is_refused_by_field(self, tmp_path: Path) -> None:
        (tmp_path / "description.json").write_text('{"faces": {"file": 3}}', encoding="utf-8")
        with pytest.raises(InvalidBundle, match=r"faces\.file"):
            PrivacyDetector(tmp_path)


class TestRegions:
    def test_of_overlapping_boxes_the_best_is_kept(self) -> None:
        boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]], dtype=float)
        assert best_of_overlapping(boxes, np.array([0.5, 0.9, 0.1]), 0.5).tolist() == [1, 2]

    def test_no_boxes_are_no_trouble(self) -> None:
        assert best_of_overlapping(np.empty((0, 4)), np.empty(0), 0.5).size == 0

    def test_boxes_are_cut_to_the_picture_and_dropped_outside_of_it(self) -> None:
        boxes = np.array([[-5.2, -1, 3.1, 4], [50, 50, 60, 60]])
        assert to_regions("face", boxes, np.array([0.4, 1.2]), (20, 20)) == [Region("face", 0, 0, 4, 4, 0.4)]

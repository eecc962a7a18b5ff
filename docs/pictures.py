"""Draw the pictures of the gallery into docs/images: a frame of each movie, and a sheet of eight.

python docs/pictures.py                    # all of them
python docs/pictures.py sealevel seafloor  # these, and the sheet
"""

import sys
from pathlib import Path

import yaml
from PIL import Image, ImageOps

from parallel_animate.pipeline.preview_movie import preview_movie

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
# Frames that show what the movie is about; those of the sheet first, in its order.
SHOWN = {
    "google": 70,
    "daylight": 22,
    "mri": 26,
    "bootstrap": 118,
    "rain": 120,
    "sealevel": 20,
    "seafloor": 65,
    "shuffled": 10,
    "zoom": 60,
    "focus": 64,
    "eeg": 150,
    "terrain": 100,
    "stocks": 110,
}
N_COLUMNS, N_ROWS = 4, 2
CELL = (280, 210)  # pixels
MARGIN = 6
# The header of the README is wider than the pictures of the gallery, and noise makes a large PNG.
LARGEST = {"terrain": (960, 540), "daylight": (460, 440), "rain": (430, 440), "zoom": (480, 360)}
LARGEST_OTHERS = (600, 450)


def main() -> None:
    """Draw the pictures of the movies that were asked for, or of all."""
    for name in sys.argv[1:] or SHOWN:
        _save(picture(name), name)
    _save(_sheet(), "gallery")


def picture(name: str) -> Image.Image:
    """Return a frame of a movie in the size of its picture."""
    ((_, frame),) = preview_movie(name, _movies()[name], ROOT / "work", [SHOWN[name]])
    return ImageOps.contain(frame, LARGEST.get(name, LARGEST_OTHERS))


def _movies() -> dict[str, dict[str, object]]:
    files = (ROOT / "examples/gallery.yaml", ROOT / "config/config.yaml")
    return {k: v for file in files for k, v in yaml.safe_load(file.read_text())["movies"].items()}


def _sheet() -> Image.Image:
    sheet = Image.new("RGB", (N_COLUMNS * CELL[0], N_ROWS * CELL[1]), "white")
    inner = (CELL[0] - 2 * MARGIN, CELL[1] - 2 * MARGIN)
    for place, name in enumerate(list(SHOWN)[: N_COLUMNS * N_ROWS]):
        with Image.open(IMAGES / f"{name}.png") as image:
            small = ImageOps.pad(image.convert("RGB"), inner, color="white")
        row, column = divmod(place, N_COLUMNS)
        sheet.paste(small, (column * CELL[0] + MARGIN, row * CELL[1] + MARGIN))
    return sheet


def _save(image: Image.Image, name: str) -> None:
    image.quantize(256, kmeans=2).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()

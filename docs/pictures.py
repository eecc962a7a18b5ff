"""Make the pictures of the docs from the examples into docs/images.

A frame of each movie, a sheet of eight, a small movie that plays in the docs, and the animated
picture of the README.

python docs/pictures.py                    # all of them
python docs/pictures.py sealevel seafloor  # the pictures of these
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

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
# The picture of the terrain is wider than the others, and noise makes a large PNG.
LARGEST = {"terrain": (960, 540), "daylight": (460, 440), "rain": (430, 440), "zoom": (480, 360)}
LARGEST_OTHERS = (600, 450)
# The movie on the landing page is the one of its code.
LANDING = "wave"
FRAME_OF_LANDING = 30
# Small files that are still clear: every second frame, and a third to two thirds of the size.
OF_LOOPS: dict[str, Any] = {
    "every": 2,
    "scale": 0.6,
    "video_mode": "cpu",
    "video_quality": 30,
    "video_preset": "slow",
}
# Of large figures, and of those in which most pixels change.
OF_LOOP: dict[str, dict[str, Any]] = {
    "google": {"video_quality": 34},
    "daylight": {"scale": 0.5},
    "rain": {"scale": 0.5, "video_quality": 38},
    "sealevel": {"video_quality": 34},
    "seafloor": {"video_quality": 34},
    "zoom": {"scale": 0.5},
    "eeg": {"scale": 0.45, "video_quality": 34},
    "terrain": {"scale": 0.3, "video_quality": 34},
    "stocks": {"scale": 0.45},
}
# The README's picture: code hosts play animated pictures, but no videos of a repository.
README = "stocks"
OF_README: dict[str, Any] = {"every": 2, "scale": 0.7, "output": "webp"}


def main() -> None:
    """Make the pictures of the movies that were asked for, or of all."""
    names = sys.argv[1:] or [LANDING, *SHOWN]
    movies = {name: movie for name, movie in _movies().items() if name in names}
    for name in movies:
        _save(picture(name), name)
    _save(_sheet(), "gallery")
    wanted = {
        name: {**movie, **OF_LOOPS, **OF_LOOP.get(name, {})} for name, movie in movies.items()
    }
    if README in names:
        wanted["readme"] = {**movies[README], **OF_README}
    _render(wanted)


def picture(name: str) -> Image.Image:
    """Return a frame of a movie in the size of its picture."""
    shown = {LANDING: FRAME_OF_LANDING, **SHOWN}
    ((_, frame),) = preview_movie(name, _movies()[name], ROOT / "work", [shown[name]])
    return ImageOps.contain(frame, LARGEST.get(name, LARGEST_OTHERS))


def _render(movies: dict[str, dict[str, Any]]) -> None:
    """Render movies as a user does, and move the results to the other pictures."""
    config = {f"{name}-picture": movie for name, movie in movies.items()}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump({"movies": config}, file)
        file.flush()
        program = [sys.executable, "-m", "parallel_animate", "run", file.name]
        subprocess.run([*program, "--directory", str(ROOT)], cwd=ROOT, check=True)
    for name, movie in movies.items():
        suffix = movie.get("output", "mp4")
        shutil.copy(ROOT / f"results/{name}-picture.{suffix}", IMAGES / f"{name}.{suffix}")


def _movies() -> dict[str, dict[str, Any]]:
    files = (ROOT / "examples/gallery.yaml", ROOT / "config/config.yaml")
    movies = {k: v for file in files for k, v in yaml.safe_load(file.read_text())["movies"].items()}
    return {LANDING: _landing_movie(), **movies}


def _landing_movie() -> dict[str, Any]:
    """Return the movie of the landing page's code, which is written into a file of its own."""
    code = (ROOT / "docs/index.md").read_text(encoding="utf-8").partition("```python\n")[2]
    file = ROOT / "work/wave.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(code.partition("```")[0], encoding="utf-8")
    target = file.relative_to(ROOT)
    return {"animator": f"{target}:Wave", "params": f"{target}:phases", "fps": 30}


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

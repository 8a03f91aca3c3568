"""Recognizes the text of one image with Tesseract."""

import io
import subprocess

from PIL import Image

LANGUAGES = ("eng",)

MAX_IMAGE_BYTES = 8 << 20
# A sheet of A4 at 600 dots per inch has 35 million pixels.
MAX_PIXELS = 36_000_000
MAX_SIDE = 20_000

# For one image; together with the memory of the server, WORKERS times this fits
# the container's limit.
TESSERACT_SECONDS = 120
TESSERACT_MEMORY_BYTES = 768 << 20

# What Tesseract does not know as an image it reads as a list of files to open.
# So the first bytes must be those of an image to Tesseract too; Pillow takes more.
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")


class RecognitionError(Exception):
    """Tesseract did not read the image."""


def check_image(data: bytes) -> None:
    """Raises ValueError unless data looks like one image within the limits.

    It reads the image's header only: a small file can hold a huge image.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise ValueError(f"the image is larger than {MAX_IMAGE_BYTES} bytes")
    if not data.startswith(SIGNATURES):
        raise ValueError("the image is not PNG, JPEG or TIFF")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF")) as image:
            width, height = image.size
            frames = getattr(image, "n_frames", 1)
    except Image.DecompressionBombError:
        raise ValueError(f"the image has more than {MAX_PIXELS} pixels") from None
    except Exception:
        # Pillow raises many types for a header that it cannot read.
        raise ValueError("the image's header cannot be read") from None
    if frames != 1:
        raise ValueError("the image has several pages; send each as a task of its own")
    if width * height > MAX_PIXELS:
        raise ValueError(f"the image has more than {MAX_PIXELS} pixels")
    if max(width, height) > MAX_SIDE:
        raise ValueError(f"the image is longer than {MAX_SIDE} pixels on one side")


def recognize(data: bytes, language: str) -> dict:
    """Returns the text of an image that check_image accepted.

    Raises RecognitionError when Tesseract cannot read it or takes too long.
    """
    command = [
        "prlimit", f"--as={TESSERACT_MEMORY_BYTES}", f"--cpu={TESSERACT_SECONDS}", "--core=0", "--",
        "tesseract", "stdin", "stdout", "-l", language, "tsv",
    ]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TESSERACT_SECONDS)
    except subprocess.TimeoutExpired:
        raise RecognitionError(f"Tesseract takes longer than {TESSERACT_SECONDS} seconds") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise RecognitionError(f"Tesseract ended with status {done.returncode}: {said}")
    return read_tsv(done.stdout.decode(errors="replace"))


def read_tsv(tsv: str) -> dict:
    """Turns Tesseract's table into the function's result.

    The table has a row for the page, and one for each block, paragraph, line and
    word; a row's level says which. A word's row names the line that it is in.
    """
    result = {"text": "", "words": [], "width": 0, "height": 0}
    lines: dict[tuple, list[str]] = {}
    for row in tsv.splitlines()[1:]:
        fields = row.split("\t", 11)
        if len(fields) != 12:
            raise RecognitionError("Tesseract's table has a row that is not understood")
        level, _, block, paragraph, line, _, left, top, width, height = map(int, fields[:10])
        if level == 1:
            result["width"], result["height"] = width, height
        text = fields[11].strip()
        if level != 5 or not text:
            continue
        lines.setdefault((block, paragraph, line), []).append(text)
        result["words"].append({
            "text": text,
            "confidence": round(float(fields[10]), 1),
            "left": left, "top": top, "width": width, "height": height,
        })
    if result["width"] == 0:
        raise RecognitionError("Tesseract found no page in the image")
    result["text"] = join_lines(lines)
    return result


def join_lines(lines: dict[tuple, list[str]]) -> str:
    """Joins words to lines, and sets paragraphs apart by an empty line."""
    text = ""
    before = None
    for (block, paragraph, _), words in lines.items():
        if before is not None:
            text += "\n" if before == (block, paragraph) else "\n\n"
        text += " ".join(words)
        before = (block, paragraph)
    return text

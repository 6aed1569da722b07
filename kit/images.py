"""Pictures from strangers: is it really one, is it safe to open, and what is left when all but the picture is gone."""

import hashlib
import io
import warnings
from dataclasses import dataclass, replace

from PIL import Image, ImageOps, UnidentifiedImageError

from kit.errors import TooLarge, WrongMediaType
from kit.i18n import _

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
PIXELS_MAX = 40_000_000  # what a file unfolds to in memory counts, not its own size
SIDE_MAX = 2560  # larger originals are scaled down
WIDTHS = (160, 320, 480, 640, 960, 1280)
DERIVED = ("avif", "webp", "jpg")


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture: re-encoded, upright, without a word about camera or place. `digest` names its content."""

    body: bytes
    extension: str
    width: int
    height: int
    digest: str


def clean(data: bytes, *, limit: int) -> Picture:
    """The picture in `data`, or a refusal: TooLarge (bytes or pixels), WrongMediaType (anything that is none).

    With transparency it becomes PNG, else JPEG. Of an animation the first frame stays.
    """
    if len(data) > limit:
        raise TooLarge(_("The file may have %(limit)s MB at most.", limit=limit // (1024 * 1024)))
    image = _upright(_open(data))
    if max(image.size) > SIDE_MAX:
        image.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    is_clear = _has_transparency(image)
    extension = "png" if is_clear else "jpg"
    body = encode(image.convert("RGBA" if is_clear else "RGB"), extension)
    return Picture(body, extension, *image.size, digest=hashlib.blake2b(body, digest_size=16).hexdigest())


def clean_narrow(data: bytes, *, limit: int, width: int) -> Picture:
    """The same for a place that shows one size of it: `width` at most. `digest` is the whole picture's."""
    picture = clean(data, limit=limit)
    if picture.width <= width:
        return picture
    small = resized(picture.body, width)
    return replace(picture, body=encode(small, picture.extension), width=small.width, height=small.height)


def widths_for(width: int) -> list[int]:
    """The widths to make of an original: none is larger than it, and its own is the last where it is small."""
    found = [w for w in WIDTHS if w <= width]
    return found if found and (found[-1] == WIDTHS[-1] or found[-1] == width) else [*found, width]


def resized(body: bytes, width: int) -> Image.Image:
    """A clean picture at this width, in its proportions."""
    with Image.open(io.BytesIO(body)) as opened:
        image = opened.convert("RGBA" if _has_transparency(opened) else "RGB")
    if image.width <= width:
        return image
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def encode(image: Image.Image, extension: str) -> bytes:
    out = io.BytesIO()
    if extension == "jpg":
        _on_white(image).save(out, "JPEG", quality=82, optimize=True, progressive=True)
    elif extension == "webp":
        image.save(out, "WEBP", quality=78, method=4)
    elif extension == "avif":
        image.save(out, "AVIF", quality=60, speed=9)
    else:
        image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _open(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is stricter
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > PIXELS_MAX:
                raise TooLarge(_("The picture has too many pixels: %(limit)s million at most.",
                                 limit=PIXELS_MAX // 1_000_000))  # fmt: skip
            image.load()
    except Image.DecompressionBombError as error:
        raise TooLarge(_("The picture has too many pixels: %(limit)s million at most.",
                         limit=PIXELS_MAX // 1_000_000)) from error  # fmt: skip
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        raise WrongMediaType(
            _("This is no JPEG, PNG, WebP, GIF or AVIF picture, or a damaged one.")
        ) from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held, and in plain colours; metadata does not survive the conversion."""
    turned = ImageOps.exif_transpose(image)
    plain = turned.convert("RGBA" if _has_transparency(turned) else "RGB")
    plain.info = {}
    return plain


def _has_transparency(image: Image.Image) -> bool:
    if image.mode in {"RGBA", "LA", "PA"}:
        return image.getchannel("A").histogram()[255] < image.width * image.height
    return image.mode == "P" and "transparency" in image.info


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    rgba = image.convert("RGBA")
    ground = Image.new("RGB", rgba.size, "white")
    ground.paste(rgba, mask=rgba.getchannel("A"))
    return ground

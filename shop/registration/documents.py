"""Files that applicants give us: what they are is read from their content, never from their name."""

from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image

LARGEST = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
PDF = "application/pdf"
IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg"}
EXTENSIONS = {PDF: "pdf", "image/png": "png", "image/jpeg": "jpg"}
ACCEPT = ",".join(EXTENSIONS)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was looked at and found to be a PDF, PNG or JPEG."""

    content: bytes
    media_type: str


def read(file: UploadedFile) -> Document:
    """Return the file as a document; raises ValidationError, which says what to send instead."""
    if (file.size or 0) > LARGEST:
        raise ValidationError(_("The file is larger than 5 MB. Scan it with fewer dots per inch and try again."))
    content = file.read()
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise ValidationError(_("This PDF is cut off. Save it again and try once more."))
        return Document(content, PDF)
    return Document(content, _image_type(content))


def _image_type(content: bytes) -> str:
    try:
        with Image.open(BytesIO(content), formats=list(IMAGES)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise ValidationError(_("The picture has more than 40 million pixels. Make it smaller and try again."))
            image.verify()
            return IMAGES[str(image.format)]
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(_("This is not a PDF, PNG or JPEG that we can open. Send one of these.")) from error

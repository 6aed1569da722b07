"""How the store looks, and the templates to choose from."""

from flask import request

from api.catalog._answers import cacheable
from api.contract import Created, Patch, actor, endpoint
from api.schemas.tenants import BrandingOut, ThemeOut, UploadedOut
from kit.actor import Role
from kit.drafts import Draft
from kit.errors import Invalid, NotFound, WrongMediaType
from kit.i18n import _
from services import branding, tenants, themes
from services.branding import BrandingDraft
from web.access import PUBLIC

GROUP = "Branding"


class BrandUpload(Draft):
    """`file` (or `image`): JPEG, PNG, WebP, GIF or AVIF by its content, 5 MB at most."""

    file: bytes | None = None
    image: bytes | None = None


@endpoint("GET", "/templates", allow=PUBLIC, group="Templates", answer=ThemeOut, many=True, platform=True)
def list_templates():
    """The templates a store can wear."""
    return cacheable(themes.list_themes(), ThemeOut)


@endpoint("GET", "/templates/<slug>", allow=PUBLIC, group="Templates", answer=ThemeOut, platform=True)
def get_template(slug: str):
    """One template."""
    return cacheable(themes.get_theme(slug), ThemeOut)


@endpoint("GET", "/branding", allow=Role.ADMIN, group=GROUP, answer=BrandingOut)
def get_branding():
    """The store's look."""
    return tenants.row()


@endpoint("PUT", "/branding", allow=Role.ADMIN, group=GROUP, body=BrandingDraft, partial=True, versioned=True,
          answer=BrandingOut, errors=("stale-version",))  # fmt: skip
def update_branding(patch: Patch):
    """Change the look. A colour must reach AA contrast with its text colour, which is white unless it is given."""
    draft = patch.onto(BrandingDraft.of(tenants.row()))
    return branding.update_branding(draft, actor=actor(), version=patch.version)


@endpoint("POST", "/branding/upload/<image_type>", allow=Role.ADMIN, group=GROUP, files=BrandUpload, answer=UploadedOut,
          status=201)  # fmt: skip
def upload(image_type: str):
    """Upload the logo, banner or hero picture. It is re-encoded without its metadata and put up at once."""
    if request.mimetype != "multipart/form-data":
        raise WrongMediaType(_("Send the picture as multipart/form-data."))
    if image_type not in branding.IMAGE_KINDS:
        raise NotFound(_("There are logo, banner and hero."))
    if unknown := (set(request.files) - {"file", "image"}) | set(request.form):
        raise Invalid.field(min(unknown), "unknown_field", _("There is no such field."))
    sent = request.files.get("file") or request.files.get("image")
    if sent is None:
        raise Invalid.field("file", "required", _("Choose a file."))
    url = branding.upload_image(image_type, sent.stream.read(branding.UPLOAD_MAX + 1), actor=actor())
    return Created(UploadedOut(url=url, image_type=image_type), "/api/branding")

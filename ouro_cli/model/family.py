"""Broad families of files: `image`, `audio`, `atomic structure` (contract section 3.11)."""

from ouro_cli.model.asset import Asset

# A family's media types; a file from Python may come as octet-stream, so extensions count too.
_FAMILIES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "audio": (
        frozenset(
            f"audio/{kind}"
            for kind in (
                *("mpeg", "wav", "x-wav", "ogg", "flac", "x-flac", "aac", "x-aiff", "aiff", "midi"),
                *("x-ms-wma", "amr", "mp4"),
            )
        ),
        frozenset({"mp3", "wav", "ogg", "flac", "aac", "aiff", "aif", "mid", "midi", "wma", "amr"}),
    ),
    "video": (
        frozenset(
            f"video/{kind}"
            for kind in (
                *("mp4", "webm", "ogg", "avi", "x-msvideo", "mpeg", "quicktime", "x-ms-wmv"),
                *("x-flv",),
            )
        ),
        frozenset({"mp4", "webm", "ogv", "avi", "mpeg", "mpg", "mov", "wmv", "flv"}),
    ),
    "image": (
        frozenset(
            f"image/{kind}"
            for kind in (
                *("png", "jpeg", "webp", "gif", "svg+xml", "bmp", "tiff"),
                *("vnd.microsoft.icon", "x-icon"),
            )
        ),
        frozenset({"png", "jpg", "jpeg", "webp", "gif", "svg", "bmp", "tif", "tiff", "ico"}),
    ),
    "pdf": (frozenset({"application/pdf"}), frozenset({"pdf"})),
    "3d model": (frozenset({"model/obj"}), frozenset({"obj"})),
    "atomic structure": (
        frozenset(
            {
                *("chemical/x-cif", "chemical/x-pdb", "chemical/x-sdf", "chemical/x-mdl-sdfile"),
                *("chemical/x-mdl-molfile", "text/cif"),
            }
        ),
        frozenset({"cif", "pdb", "sdf", "mol"}),
    ),
}


def family_of(family: str) -> tuple[frozenset[str], frozenset[str]]:
    """The media types and the file extensions of a broad family of files."""
    return _FAMILIES.get(family, (frozenset(), frozenset()))


def is_of_family(asset: Asset, family: str) -> bool:
    """Whether a file is of a broad family, by its media type or else its extension."""
    media_types, extensions = family_of(family)
    return asset.media_type in media_types or asset.extension in extensions

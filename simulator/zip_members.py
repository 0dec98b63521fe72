"""Members of zip files that people put into the data folder, refused where they unpack to too much."""

import zipfile

MEMBER_LIMIT = 128_000_000  # bytes: event files have half a million, a sheet of odds four
TOTAL_LIMIT = 512_000_000


def check_unpacked_size(archive: zipfile.ZipFile) -> None:
    """Raise BadZipFile where a member, or all together, would unpack to more than any real file does.

    A member never gives more bytes than the size that its header names, which is what is looked at here.
    """
    members = archive.infolist()
    for one in members:
        if one.file_size > MEMBER_LIMIT:
            raise zipfile.BadZipFile(
                f"{one.filename} of {one.file_size:,} bytes: expected at most {MEMBER_LIMIT:,}"
            )
    if (total := sum(one.file_size for one in members)) > TOTAL_LIMIT:
        raise zipfile.BadZipFile(f"{total:,} bytes in all: expected at most {TOTAL_LIMIT:,}")

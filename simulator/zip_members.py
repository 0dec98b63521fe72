"""A size limit on zip files from the data folder, against decompression bombs."""

import zipfile

MEMBER_LIMIT = 128_000_000  # bytes; an event file has half a million, a workbook of odds four million
TOTAL_LIMIT = 512_000_000


def check_unpacked_size(archive: zipfile.ZipFile) -> None:
    """Raise BadZipFile if a member, or all together, would decompress to more than any real file.

    The sizes in the headers are enough: zipfile never yields more bytes of a member than its header names.
    """
    members = archive.infolist()
    for member in members:
        if member.file_size > MEMBER_LIMIT:
            raise zipfile.BadZipFile(
                f"{member.filename} has {member.file_size:,} bytes: expected at most {MEMBER_LIMIT:,}"
            )
    if (total := sum(member.file_size for member in members)) > TOTAL_LIMIT:
        raise zipfile.BadZipFile(f"{total:,} bytes in all: expected at most {TOTAL_LIMIT:,}")

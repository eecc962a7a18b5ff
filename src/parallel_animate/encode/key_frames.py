"""Whether a packet of an MP4 file is a frame at which a player can begin, by its first bytes.

NAL units are those of ITU-T H.264, table 7-1, and H.265, table 7-1; each has its length in 4 bytes
in front. VP9's header is in the "VP9 Bitstream Specification", 6.2, and the units (OBUs) of AV1 in
the "AV1 Bitstream & Decoding Process Specification", 5.3 and 5.9.
"""

from collections.abc import Callable

# The packet's first bytes are enough; parameter sets and texts may come before the first slice.
HEAD = 65_536
# H.264: slices are units 1 to 5. H.265: slices are units 0 to 31.
H264_SLICES, H264_IDR = range(1, 6), (5,)
HEVC_SLICES, HEVC_IDR = range(32), (19, 20)
# In the first byte of a VP9 frame: frame marker, profile 0, then show_existing_frame and
# frame_type, which are 0 in a key frame.
VP9_HEADER, VP9_KEY_FRAME = 0b11111100, 0b10000000
# AV1: kinds of units, and the first bits of a frame: show_existing_frame, frame_type (2 bits; 0 is
# a key frame) and show_frame.
AV1_FRAME_HEADER, AV1_FRAME = 3, 6
AV1_HEADER, AV1_KEY_FRAME = 0b11110000, 0b00010000


def _is_idr_frame(packet: bytes) -> bool:
    return _slice_type(packet, H264_SLICES, lambda first: first & 0x1F) in H264_IDR


def _is_hevc_idr_frame(packet: bytes) -> bool:
    return _slice_type(packet, HEVC_SLICES, lambda first: first >> 1 & 0x3F) in HEVC_IDR


def _slice_type(packet: bytes, slices: range, type_of: Callable[[int], int]) -> int | None:
    """Return the type of the first slice of a packet; None if there is none."""
    start = 0
    while start + 4 < len(packet):
        kind = type_of(packet[start + 4])
        if kind in slices:
            return kind
        start += 4 + int.from_bytes(packet[start : start + 4])
    return None


def _is_vp9_key_frame(packet: bytes) -> bool:
    return packet[0] & VP9_HEADER == VP9_KEY_FRAME


def _is_av1_key_frame(packet: bytes) -> bool:
    start = 0
    while start < len(packet):
        kind, has_extension, has_size = (
            packet[start] >> 3 & 0xF,
            packet[start] & 4,
            packet[start] & 2,
        )
        start += 2 if has_extension else 1
        size, n_bytes = _leb128(packet, start) if has_size else (len(packet) - start, 0)
        start += n_bytes
        if kind in (AV1_FRAME_HEADER, AV1_FRAME):
            return packet[start] & AV1_HEADER == AV1_KEY_FRAME
        start += size
    return False


def _leb128(packet: bytes, start: int) -> tuple[int, int]:
    """Return a number of 7 bits a byte, and its number of bytes."""
    value = 0
    for position in range(8):
        byte = packet[start + position]
        value |= (byte & 0x7F) << 7 * position
        if not byte & 0x80:
            return value, position + 1
    raise ValueError("a number of more than 8 bytes")


# The type of the sample entry in the file -> the check, and the box with the codec's extradata.
# Every frame of the last three codecs is coded alone, so they need no check.
SAMPLE_ENTRIES: dict[bytes, tuple[Callable[[bytes], bool] | None, bytes | None]] = {
    b"avc1": (_is_idr_frame, b"avcC"),
    b"hvc1": (_is_hevc_idr_frame, b"hvcC"),
    b"vp09": (_is_vp9_key_frame, b"vpcC"),
    b"av01": (_is_av1_key_frame, b"av1C"),
    b"FFV1": (None, b"glbl"),
    b"ap4h": (None, None),
    b"png ": (None, None),
}

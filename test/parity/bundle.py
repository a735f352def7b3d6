"""Writes the index of a V2 checkpoint by hand, so that a test may claim any shape and size without the bytes."""
import struct

from tensorflow.core.framework import types_pb2, versions_pb2
from tensorflow.core.protobuf import tensor_bundle_pb2

MAGIC = bytes.fromhex("57fb808b247547db")


def crc32c(data):
    table = []
    for i in range(256):
        for _ in range(8):
            i = (i >> 1) ^ (0x82F63B78 if i & 1 else 0)
        table.append(i)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def block(entries):
    """A table block of [(key, value)], every key whole, with its trailer (no compression, checksum)."""
    body, restarts = b"", []
    for key, value in entries:
        restarts.append(len(body))
        body += varint(0) + varint(len(key)) + varint(len(value)) + key + value
    restarts = restarts or [0]
    body += struct.pack("<%dI" % len(restarts), *restarts) + struct.pack("<I", len(restarts))
    return body, body + b"\0" + struct.pack("<I", masked(body + b"\0"))


def write_index(path, entries, shards=1):
    """entries: {key: BundleEntryProto}."""
    header = tensor_bundle_pb2.BundleHeaderProto(num_shards=shards, version=versions_pb2.VersionDef(producer=1))
    rows = [(b"", header.SerializeToString())] + sorted((k.encode(), e.SerializeToString()) for k, e in entries.items())
    data, data_bytes = block(rows)
    meta, meta_bytes = block([])
    index, index_bytes = block([(rows[-1][0], varint(0) + varint(len(data)))])
    handles = (varint(len(data_bytes)) + varint(len(meta))
               + varint(len(data_bytes) + len(meta_bytes)) + varint(len(index)))
    with open(path, "wb") as f:
        f.write(data_bytes + meta_bytes + index_bytes + handles.ljust(40, b"\0") + MAGIC)


def entry(shape, offset=0, dtype=types_pb2.DT_FLOAT, bytes_each=4, crc=0):
    """An entry of `shape` at `offset` of shard 0."""
    made = tensor_bundle_pb2.BundleEntryProto(dtype=dtype, offset=offset, size=bytes_each, crc32c=crc)
    for dim in shape:
        made.shape.dim.add(size=dim)
        made.size *= dim
    return made

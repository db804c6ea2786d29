#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print the BTF of a kernel image: btf.py VMLINUZ >BTF.

Takes a bzImage (x86) apart by its boot header; any other image (arm64) is searched as it is.
Knows BTF's header and nothing of its types.
"""
import lzma
import struct
import subprocess
import sys
import zlib

BTF_HEADER = struct.Struct("<HBBIIIII")	# magic version flags hdr_len type_off,len str_off,len
BTF_START = bytes.fromhex("9feb010018000000")


def payload(image):
    """The compressed kernel inside a bzImage, by Documentation/arch/x86/boot.rst."""
    setup_sects = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sects + 1) * 512 + offset
    return image[start:start + length - 4]	# four bytes of size follow the stream


def decompress(data):
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31).decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE,
                              check=True).stdout
    sys.exit("btf.py: unknown compression of the kernel image: " + data[:8].hex())


def sections(kernel):
    """All that looks like BTF: a module's may be built in, and so may the magic itself."""
    at = kernel.find(BTF_START)
    while at >= 0:
        hdr_len, _, _, str_off, str_len = BTF_HEADER.unpack_from(kernel, at)[3:]
        yield kernel[at:at + hdr_len + str_off + str_len]
        at = kernel.find(BTF_START, at + 1)


def main():
    with open(sys.argv[1], "rb") as file:
        image = file.read()
    if image[0x202:0x206] == b"HdrS":
        image = decompress(payload(image))
    found = max(sections(image), key=len, default=None)
    if found is None:
        sys.exit(f"btf.py: {sys.argv[1]} holds no BTF")
    sys.stdout.buffer.write(found)


main()

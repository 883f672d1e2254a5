"""The scene of a QR code or a link: which village or account manager brought a customer."""

import argparse
import re

SCENE_BYTES_MAX = 64
_SCENE = re.compile(r"(village|manager):\w[\w·-]*")


def read_scene(text: str) -> str | None:
    """The scene, as `village:青山镇` or `manager:zhang`; None for anything else."""
    is_scene = _SCENE.fullmatch(text) and len(text.encode()) <= SCENE_BYTES_MAX
    return text if is_scene else None


def require_scene(text: str) -> str:
    """The scene in an argument of a command."""
    scene = read_scene(text)
    if scene is None:
        raise argparse.ArgumentTypeError("a scene is village:NAME or manager:NAME, at most 64 bytes")
    return scene

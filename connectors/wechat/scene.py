"""Scenes of QR codes: the village or account manager a customer came by."""

import re

SCENE_BYTES_MAX = 64
_SCENE = re.compile(r"(village|manager):\w[\w·-]*")


def read_scene(text: str) -> str | None:
    """The scene, as `village:青山镇` or `manager:zhang`; None for anything else."""
    is_scene = _SCENE.fullmatch(text) and len(text.encode()) <= SCENE_BYTES_MAX
    return text if is_scene else None

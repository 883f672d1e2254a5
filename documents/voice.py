"""A voice message as it is kept: MP3, which every browser plays; platforms send AMR and Opus."""

import asyncio
import contextlib

import imageio_ffmpeg

from kit.errors import RequestError

MEDIA_TYPE = "audio/mpeg"
SECONDS_MAX = 300  # what is longer is cut
DECODING_SECONDS = 20.0
NOT_A_VOICE = "这段语音打不开，请再说一次，或者打字告诉我们"
# What customers' phones record. No other reader of ffmpeg sees bytes from outside.
_FORMATS = "amr,ogg,mp3,wav,mov,aac"
_READ = ("-nostdin", "-v", "error", "-protocol_whitelist", "pipe", "-format_whitelist", _FORMATS, "-i", "pipe:0")
_WRITE = ("-map", "0:a:0", "-map_metadata", "-1", "-t", f"{SECONDS_MAX}", "-ac", "1", "-ar", "16000", "-b:a", "32k")
_BARE = ("-write_xing", "0", "-id3v2_version", "0")  # of no sound there are no bytes


async def clean_voice(content: bytes) -> bytes:
    """The MP3 of a recording, by a process of its own that is ended after some seconds. RequestError 422."""
    command = imageio_ffmpeg.get_ffmpeg_exe(), *_READ, *_WRITE, *_BARE, "-threads", "1", "-f", "mp3", "pipe:1"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(DECODING_SECONDS):
            written, _ = await process.communicate(content)
    except TimeoutError:
        written = b""
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode or not written:
        raise RequestError(422, "not_a_voice", NOT_A_VOICE)
    return written

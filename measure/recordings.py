"""Long recordings made of short ones."""

import pathlib
import subprocess

import clips


def long_recording(folder, seconds):
    """An MP3 of about that length: read English clips one after the other, 0.4 s apart."""
    chosen, total = [], 0.0
    pool = [c for c in clips.load("librispeech_test_other", "ljspeech") if c.path.suffix != ".mp3"]
    while total < seconds:
        clip = pool[len(chosen) % len(pool)]
        chosen.append(clip)
        total += clip.seconds + 0.4
    inputs = [argument for clip in chosen for argument in ("-i", str(clip.path))]
    parts = "".join(f"[{i}:a]aresample=16000,aformat=channel_layouts=mono,apad=pad_dur=0.4[a{i}];" for i in range(len(chosen)))
    joined = "".join(f"[a{i}]" for i in range(len(chosen)))
    path = pathlib.Path(folder) / f"{seconds}s.mp3"
    graph = f"{parts}{joined}concat=n={len(chosen)}:v=0:a=1"
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, "-b:a", "64k", str(path)], check=True)
    return path

"""Reference voiceprints for the tests of crates/speech, by SpeechBrain itself.

    python training/voice_reference.py embedding_model.ckpt RECORDINGS > crates/speech/tests/fixtures/voiceprints.tsv

`embedding_model.ckpt` is the file that models/ecapa-voxceleb.toml names, RECORDINGS the folder of the
installed `test-recordings`. Needs torch and speechbrain (made with 1.13.1 and 1.1.2); nothing else
here does, so they are not in requirements.txt.
"""

import sys
import wave

import numpy
import torch
from speechbrain.lobes.features import Fbank
from speechbrain.lobes.models.ECAPA_TDNN import ECAPA_TDNN

CLIPS = [
    ("jfk.wav", 0, 48_000),
    ("jfk.wav", 100_000, 164_000),
    ("beckett.wav", 8_000, 56_000),
    ("sample.wav", 16_000, 24_000),
]
# Every so many of the statistics is kept.
STEP = 56


def load(checkpoint):
    network = ECAPA_TDNN(
        80,
        channels=[1024, 1024, 1024, 1024, 3072],
        kernel_sizes=[5, 3, 3, 3, 1],
        dilations=[1, 2, 3, 4, 1],
        attention_channels=128,
        lin_neurons=192,
    ).eval()
    network.load_state_dict(torch.load(checkpoint, map_location="cpu"))
    return network


def voiceprint(network, samples):
    features = Fbank(n_mels=80).eval()(torch.from_numpy(samples)[None])
    features = features - features.mean(1, keepdim=True)
    embedding = network(features)[0, 0]
    x, outputs, statistics = features.transpose(1, 2), [], []
    for block in network.blocks:
        x = block(x)
        outputs.append(x)
        statistics += [x.mean(2), x.std(2)]
    x = network.mfa(torch.cat(outputs[1:], 1))
    statistics += [x.mean(2), x.std(2)]
    return embedding / embedding.norm(), torch.cat(statistics, 1)[0]


def main():
    network = load(sys.argv[1])
    print(f"# recording, first and last sample; embedding; every {STEP}th of the statistics")
    for name, start, end in CLIPS:
        with wave.open(f"{sys.argv[2]}/{name}") as file:
            samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
        samples = samples[start:end].astype(numpy.float32) / 32_768
        with torch.no_grad():
            embedding, statistics = voiceprint(network, samples)
        numbers = [" ".join(f"{x:.6g}" for x in part) for part in (embedding, statistics[::STEP])]
        print(name, start, end, *numbers, sep="\t")


if __name__ == "__main__":
    main()

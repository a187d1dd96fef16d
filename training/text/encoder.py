"""MiniLM's layer means, as crates/speech/src/tags/text computes them."""

import os
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

LAYERS, WIDTH = 6, 384


def folder():
    """The newest installed version of the model `minilm`."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    root = os.environ.get("WHISSLE_MODELS") or Path(cache) / "whissle-gateway" / "models"
    found = sorted(Path(root, "minilm").glob("*/encoder.onnx"), key=os.path.getmtime)
    if not found:
        raise SystemExit("no minilm: run `cargo run -p model-store --bin models -- fetch minilm`")
    return found[-1].parent


class Encoder:
    """Texts to rows of LAYERS * WIDTH numbers; each text is embedded once."""

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(folder() / "encoder.onnx", options)
        self.tokenizer = Tokenizer.from_file(str(folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)
        self.known = {}

    def __call__(self, texts):
        """[texts, LAYERS * WIDTH] float32."""
        new = sorted({text for text in texts if text not in self.known}, key=len)
        for at in range(0, len(new), 32):
            batch = new[at : at + 32]
            for text, means in zip(batch, self.run(batch)):
                self.known[text] = means
        return np.array([self.known[text] for text in texts], np.float32)

    def run(self, texts):
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        longest = max(map(len, encoded))
        ids = np.array([row + [0] * (longest - len(row)) for row in encoded])
        mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in encoded])
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
        names = [f"layer_{layer}" for layer in range(1, LAYERS + 1)]
        weight = mask[:, :, None] / mask.sum(1)[:, None, None]
        layers = self.session.run(names, inputs)
        return np.concatenate([(layer * weight).sum(1) for layer in layers], axis=1).astype(np.float32)

    def features(self, rows):
        """[rows, 2 * LAYERS * WIDTH]: the sentence, the turn before; no numbers where there is none."""
        sentences = self([row.text for row in rows])
        before = self([row.previous for row in rows])
        before[[not row.previous for row in rows]] = np.nan
        return np.concatenate([sentences, before], axis=1)

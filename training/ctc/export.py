"""The trained head as the recipe `moonshine-ctc` wants it: PREFIX.safetensors and PREFIX.tokens.txt.

    export.py WORK PREFIX
"""

import json
import struct
import sys

import numpy
import torch

from texts import TOKENS


def gates(matrix, hidden):
    """torch's order of gates, reset, update, new, as ONNX's: update, reset, new."""
    reset, update, new = matrix[:hidden], matrix[hidden : 2 * hidden], matrix[2 * hidden :]
    return numpy.concatenate([update, reset, new])


def recurrence(state, name):
    """Weights of both directions: w [2, 3H, inputs], r [2, 3H, H], b [2, 6H]."""
    hidden = state[f"{name}.weight_hh_l0"].shape[1]
    both = {"w": [], "r": [], "b": []}
    for way in ("", "_reverse"):
        of = lambda kind: gates(state[f"{name}.{kind}_l0{way}"], hidden)
        both["w"].append(of("weight_ih"))
        both["r"].append(of("weight_hh"))
        both["b"].append(numpy.concatenate([of("bias_ih"), of("bias_hh")]))
    return {key: numpy.stack(value) for key, value in both.items()}


def main(work, prefix):
    kept = torch.load(f"{work}/head.pt", map_location="cpu")
    state = {name: value.numpy().astype("f8") for name, value in kept["net"].items()}
    mean, deviation = (norm.numpy().astype("f8") for norm in kept["norms"])
    # The normalisation of the states goes into the first matrix.
    first = state["inp.weight"] / deviation
    tensors = {
        "in.weight": first.T,
        "in.bias": state["inp.bias"] - first @ mean,
        "norm.weight": state["ln.weight"],
        "norm.bias": state["ln.bias"],
        "conv.weight": state["conv.weight"],
        "conv.bias": state["conv.bias"],
        "out.weight": state["out.weight"].T,
        "out.bias": state["out.bias"],
    }
    for name, short in (("gru1", "g1"), ("gru2", "g2")):
        tensors |= {f"{name}.{key}": value for key, value in recurrence(state, short).items()}
    write(f"{prefix}.safetensors", tensors)
    with open(f"{prefix}.tokens.txt", "w", encoding="utf-8") as out:
        out.writelines(f"{token} {i}\n" for i, token in enumerate(TOKENS))


def write(path, tensors):
    """The safetensors format: a length, a JSON header, the bytes."""
    header, data = {}, b""
    for name, value in sorted(tensors.items()):
        raw = numpy.ascontiguousarray(value).astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Trains the head on one thread; writes WORK/head.pt every four minutes.

    train.py DATA WORK [--minutes 60] [--resume]
"""

import argparse
import json
import random
import time

import numpy
import torch
from torch import nn

from corpus import clips, distance, held_out, speaker_tags, transcripts
from network import WIDTH, Head, greedy
from texts import TOKENS, ids, tagged, words

BATCH = 16


def stored(work, name):
    """(frames [F, 576], row) of every clip of a set."""
    states = numpy.memmap(f"{work}/feat.{name}.bin", dtype="f2", mode="r").reshape(-1, WIDTH)
    with open(f"{work}/feat.{name}.jsonl", encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield states[row["off"] : row["off"] + row["n"]], row


def load(data, work):
    """Clips to train on and held out ones: (frames, token ids)."""
    training, held = [], []
    said, known = transcripts(data, work), {row["path"]: row for row in clips(data)}
    for frames, row in stored(work, "real"):
        text = said.get(row["key"])
        if text is None:
            continue
        tags = speaker_tags(known[row["key"]])
        target = ids(" ".join([text, *(f"{{{tag}}}" for tag in tags)]))
        if len(target) + 5 > len(frames):
            continue
        if not held_out(known[row["key"]]):
            training.append((frames, target))
        elif row["kind"] == "clean":
            held.append((frames, target))
    with open(f"{work}/flite.jsonl", encoding="utf-8") as file:
        read = {row["path"]: row for row in map(json.loads, file)}
    for frames, row in stored(work, "flite"):
        text, intent = tagged(read[row["key"]]["text"]), read[row["key"]]["intent"]
        target = ids(f"{text} {{{intent}}}" if intent else text or "")
        if text and len(target) + 5 <= len(frames):
            training.append((frames, target))
    return training, held


def batch(chosen, norms):
    """Normalised, masked in time and in channels (Park et al. 2019), with a little noise."""
    length = max(len(frames) for frames, _ in chosen)
    x = torch.zeros(len(chosen), length, WIDTH)
    for i, (frames, _) in enumerate(chosen):
        one = normal(frames, norms)
        for _ in range(1 + len(one) // 120):
            width = random.randint(1, 8)
            start = random.randint(0, max(0, len(one) - width))
            one[start : start + width] = 0
        if random.random() < 0.5:
            width = random.randint(8, 60)
            start = random.randint(0, WIDTH - width)
            one[:, start : start + width] = 0
        x[i, : len(one)] = one + torch.randn_like(one) * 0.1
    lengths = torch.tensor([len(frames) for frames, _ in chosen])
    targets = [target for _, target in chosen]
    return x, lengths, torch.tensor(sum(targets, [])), torch.tensor([len(it) for it in targets])


def normal(frames, norms):
    return (torch.from_numpy(numpy.array(frames, dtype="f4")) - norms[0]) / norms[1]


def evaluate(head, held, norms):
    """(character, word error rate) of the likeliest tokens."""
    head.eval()
    counts = numpy.zeros(4)
    with torch.no_grad():
        for frames, target in held:
            said, meant = words(greedy(head(normal(frames, norms)[None])[0])), words(target)
            counts += [distance(said, meant), len(meant), distance(said.split(), meant.split()), len(meant.split())]
    head.train()
    return counts[0] / counts[1], counts[2] / counts[3]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data")
    arguments.add_argument("work")
    arguments.add_argument("--minutes", type=float, default=60)
    arguments.add_argument("--resume", action="store_true")
    args = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random.seed(0)
    training, held = load(args.data, args.work)
    hours = sum(len(frames) for frames, _ in training) * 0.024 / 3600
    print(f"{len(training)} clips, {hours:.2f} h; {len(held)} held out", flush=True)
    sample = numpy.concatenate([numpy.array(frames, dtype="f4") for frames, _ in training[::7]])
    norms = (torch.tensor(sample.mean(0)), torch.tensor(sample.std(0) + 1e-3))
    head = Head()
    if args.resume:
        kept = torch.load(f"{args.work}/head.pt")
        head.load_state_dict(kept["net"])
        norms = kept["norms"]
    optimiser = torch.optim.AdamW(head.parameters(), 2e-3, weight_decay=1e-2, betas=(0.9, 0.98))
    loss_of = nn.CTCLoss(zero_infinity=True)
    began, saved, step, smooth = time.time(), time.time(), 0, None

    def save():
        torch.save({"net": head.state_dict(), "norms": norms, "V": TOKENS}, f"{args.work}/head.pt")

    while (done := (time.time() - began) / (60 * args.minutes)) < 1:
        order = sorted(training, key=lambda clip: len(clip[0]) + random.uniform(-20, 20))
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        if step == 0 and not args.resume:
            # The longest quarter teaches little before letters are known at all.
            batches = batches[: len(batches) * 3 // 4]
        random.shuffle(batches)
        for chosen in batches:
            if (done := (time.time() - began) / (60 * args.minutes)) >= 1:
                break
            rate = (1.2e-3 if args.resume else 2e-3) * min(1, (step + 1) / 60) * max(0.02, (1 - done) ** 0.7)
            for group in optimiser.param_groups:
                group["lr"] = rate
            x, lengths, targets, target_lengths = batch(chosen, norms)
            loss = loss_of(head(x).transpose(0, 1), targets, lengths, target_lengths)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
            step += 1
            smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
            if step % 50 == 0:
                print(f"step {step}, loss {smooth:.3f}", flush=True)
            if time.time() - saved > 240:
                saved = time.time()
                save()
                print("held out: CER {:.3f}, WER {:.3f}".format(*evaluate(head, held[:40], norms)), flush=True)
    save()
    print("held out: CER {:.3f}, WER {:.3f}".format(*evaluate(head, held, norms)))


if __name__ == "__main__":
    main()

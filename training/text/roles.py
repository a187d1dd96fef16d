"""Roles of whole talks, as crates/speech/src/tags/text/roles.rs infers them: each dialogue is judged
by a head that was trained without it. `python training/text/roles.py`"""

import tomllib

import numpy as np
import sentences
from encoder import Encoder
from head import fit_temperature
from train import OUT, Set

FLOOR = 0.02


def beliefs(said, damping, same_role):
    """Speaker to probabilities of the roles; `said`: speaker to the distributions of his sentences."""
    found = {}
    for speaker, rows in said.items():
        scores = damping * np.log(np.maximum(rows, FLOOR) * rows.shape[1]).sum(0)
        found[speaker] = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    leads = sorted(said, key=lambda speaker: -len(said[speaker]))[:2]
    if len(leads) == 2:
        one, other = (found[speaker] for speaker in leads)
        for speaker, mine, theirs in ((leads[0], one, other), (leads[1], other, one)):
            weights = mine * (same_role * theirs + 1 - theirs)
            found[speaker] = weights / weights.sum()
    return found


def main():
    encoder = Encoder()
    with (OUT / "labels.toml").open("rb") as file:
        vocabulary = tomllib.load(file)
    talks = []
    for name, kind in (("role_interview", "interview"), ("role_call", "call")):
        labels = list(vocabulary[name])
        rows, borrowed = sentences.read(name) + sentences.extra(name), sentences.borrowed(name)
        dialogues = sentences.dialogues(kind)
        for fold in range(4):
            out = [talk for at, talk in enumerate(sorted(dialogues)) if at % 4 == fold]
            train = [row for talk in dialogues if talk not in out for _, row in dialogues[talk]]
            seen = Set(name, rows + train, labels, encoder, augment=True, borrowed=borrowed)
            head = seen.fit(name, labels, np.ones(len(seen.rows), bool))
            for talk in out:
                turns = dialogues[talk]
                logits = head.logits(encoder.features([row for _, row in turns]))
                truth = np.array([labels.index(row.label) for _, row in turns])
                talks.append((kind, talk, [speaker for speaker, _ in turns], logits, truth))
    for kind in ("interview", "call"):
        of_kind = [talk for talk in talks if talk[0] == kind]
        logits, truth = (np.concatenate([talk[at] for talk in of_kind]) for at in (3, 4))
        temperature = fit_temperature(logits, truth, np.ones(len(truth)))
        print(f"{kind}: {len(of_kind)} talks, single sentences right {(logits.argmax(1) == truth).mean():.3f}")
        # The crate's, and others for comparison.
        for damping, same_role in ((0.5, 0.05), (0.5, 1.0), (0.2, 0.05), (0.8, 0.05)):
            print(f"  damping {damping}, same role {same_role}: {score(of_kind, temperature, damping, same_role)}")


def score(talks, temperature, damping, same_role):
    """Share of speakers whose role is right after the whole talk and after its first six turns, the
    mean log-likelihood of the truth, and who is wrong."""
    shares, surprise, wrong = [], [], []
    for length in (1000, 6):
        right = []
        for _, name, speakers, logits, truth in talks:
            e = np.exp((logits - logits.max(1, keepdims=True)) / temperature)
            probabilities = (e / e.sum(1, keepdims=True))[:length]
            said = {who: probabilities[[s == who for s in speakers[:length]]] for who in dict.fromkeys(speakers[:length])}
            for speaker, belief in beliefs(said, damping, same_role).items():
                role = truth[speakers.index(speaker)]
                right.append(belief.argmax() == role)
                if length == 1000:
                    surprise.append(-np.log(belief[role] + 1e-9))
                    wrong += [] if right[-1] else [f"{name}/{speaker}"]
        shares.append(np.mean(right))
    return f"whole {shares[0]:.3f}, six turns {shares[1]:.3f}, surprise {np.mean(surprise):.3f}, wrong {wrong}"


if __name__ == "__main__":
    main()

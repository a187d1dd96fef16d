"""The head: a projection, a convolution, two recurrences both ways, letters and action tokens."""

import torch
from torch import nn

from texts import TOKENS

WIDTH = 576
PROJECTED, HIDDEN = 224, 192


class Head(nn.Module):
    """[B, F, 576] normalised encoder states -> log probabilities [B, F, tokens]."""

    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(WIDTH, PROJECTED)
        self.ln = nn.LayerNorm(PROJECTED)
        self.conv = nn.Conv1d(PROJECTED, PROJECTED, 5, padding=2)
        self.g1 = nn.GRU(PROJECTED, HIDDEN, bidirectional=True, batch_first=True)
        self.g2 = nn.GRU(2 * HIDDEN, HIDDEN, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * HIDDEN, len(TOKENS))
        self.drop = nn.Dropout(0.15)

    def forward(self, x):
        x = self.ln(self.inp(x))
        x = self.drop(x + torch.relu(self.conv(x.transpose(1, 2)).transpose(1, 2)))
        x = self.drop(self.g1(x)[0])
        x = self.drop(self.g2(x)[0])
        return self.out(x).log_softmax(-1)


def greedy(log_probs):
    """Token ids of [F, tokens], repeats and blanks taken out."""
    found, before = [], 0
    for token in log_probs.argmax(-1).tolist():
        if token not in (before, 0):
            found.append(token)
        before = token
    return found

//! What the recipes write computes what the authors' graphs compute.

mod ecapa;
mod format;
mod kokoro;
mod kokoro_half;
mod miniature;
mod moonshine;
mod silero;
mod support;
mod turn;
mod whisper;

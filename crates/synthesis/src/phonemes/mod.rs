//! Words to phonemes in Kokoro's alphabet (IPA with a few letters of its own).

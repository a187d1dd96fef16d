//! Hotwords in a finished text and its words, written as their user wrote them.

use crate::Word;
use crate::decode::hotwords::{Hotwords, replaced};

/// Rewrites both alike; words that become one have the start of the first, the end of the last and
/// the confidence of the least sure.
pub(crate) fn respell(hotwords: &Hotwords, text: &mut String, words: &mut Vec<Word>) {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let found = hotwords.respell(&parts);
    if found.is_empty() {
        return;
    }
    let written = replaced(&parts, &found);
    let written: Vec<&str> = written.iter().map(|(_, text)| text.as_str()).collect();
    *text = written.join(" ");
    let parts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let merged = replaced(&parts, &hotwords.respell(&parts));
    *words = merged
        .into_iter()
        .filter_map(|(range, text)| {
            let of = &words[range];
            let least = of
                .iter()
                .min_by(|a, b| a.confidence.total_cmp(&b.confidence))?;
            Some(Word {
                text,
                start_s: of.first()?.start_s,
                end_s: of.last()?.end_s,
                ..least.clone()
            })
        })
        .collect();
}

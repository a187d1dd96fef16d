//! Which tokens go on with a hotword: they may be far from the likeliest, and are tried all the same.

use super::hotwords::{Bias, Hotwords};
use super::spelling::fold;

/// The tokens of a vocabulary by their folded text, ascending.
pub(crate) struct Continuations(Vec<(Box<str>, u32)>);

impl Continuations {
    /// For tokens with these bytes; parts of characters and lone punctuation are left out.
    pub fn new<'a>(tokens: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all: Vec<(Box<str>, u32)> = tokens
            .zip(0..)
            .filter_map(|(bytes, token)| {
                let mut text = String::new();
                for c in std::str::from_utf8(bytes).ok()?.chars() {
                    fold(c, |c| text.push(c));
                }
                (!text.trim().is_empty()).then(|| (text.into_boxed_str(), token))
            })
            .collect();
        all.sort_unstable();
        Self(all)
    }

    /// The tokens after which a text that has come so far is within a hotword.
    pub fn of(&self, hotwords: &Hotwords, bias: Bias) -> Vec<u32> {
        let all = 0..self.0.len();
        let mut found = Vec::new();
        let mut open: Vec<_> = hotwords
            .next(bias)
            .filter_map(|(c, node)| Some((node, self.narrow(&all, 0, c)?, c.len_utf8())))
            .collect();
        while let Some((node, range, depth)) = open.pop() {
            let whole = self.0[range.clone()]
                .iter()
                .take_while(|(text, _)| text.len() == depth);
            found.extend(
                whole
                    .filter(|_| !Hotwords::is_start(node))
                    .map(|&(_, token)| token),
            );
            open.extend(hotwords.children(node).iter().filter_map(|&(c, child)| {
                Some((child, self.narrow(&range, depth, c)?, depth + c.len_utf8()))
            }));
        }
        found
    }

    /// Those of a range with a common beginning of `depth` bytes that go on with `c`.
    fn narrow(
        &self,
        range: &std::ops::Range<usize>,
        depth: usize,
        c: char,
    ) -> Option<std::ops::Range<usize>> {
        let part = &self.0[range.clone()];
        let next = |text: &str| text[depth..].chars().next();
        let from = part.partition_point(|(text, _)| next(text) < Some(c));
        let count = part[from..].partition_point(|(text, _)| next(text) == Some(c));
        let from = range.start + from;
        (count > 0).then_some(from..from + count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: [&str; 9] = [" the", " Go", " go", "bo", "b", "ult", " G", "B", "."];

    fn after(text: &str) -> Vec<&'static str> {
        let hotwords = Hotwords::new(&["GoBoult".into()]).expect("a good word");
        let continuations = Continuations::new(TOKENS.iter().map(|it| it.as_bytes()));
        let (bias, _) = hotwords.advance(Hotwords::begin(), text);
        let mut found: Vec<&str> = continuations
            .of(&hotwords, bias)
            .into_iter()
            .map(|token| TOKENS[token as usize])
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn a_hotword_may_begin_after_any_word() {
        assert_eq!(after(" call"), [" G", " Go", " go"]);
    }

    #[test]
    fn a_hotword_goes_on_in_pieces_of_any_length_and_casing() {
        assert_eq!(after(" Go"), [" G", " Go", " go", "B", "b", "bo"]);
        assert_eq!(after(" gobo"), [" G", " Go", " go", "ult"]);
    }
}

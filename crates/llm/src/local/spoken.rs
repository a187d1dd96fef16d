//! From bytes of tokens to text that may be said: whole characters, nothing of a stop word or of the
//! mark before a call.

/// Words as they come, up to where they stop.
pub struct Spoken {
    /// Bytes that are not a whole character yet.
    bytes: Vec<u8>,
    /// Text that may be the beginning of a mark.
    held: String,
    marks: Vec<String>,
}

/// A part of what was said.
#[derive(Debug, PartialEq)]
pub struct Part {
    /// May be said now; possibly empty.
    pub text: String,
    /// The mark that was reached, by its place in the list. The text ends before it.
    pub reached: Option<usize>,
}

impl Spoken {
    /// Up to one of these texts; empty ones are left out.
    pub fn until(marks: Vec<String>) -> Self {
        Spoken {
            bytes: Vec::new(),
            held: String::new(),
            marks,
        }
    }

    /// Takes bytes in. Nothing may be taken in after a mark was reached.
    pub fn hear(&mut self, bytes: &[u8]) -> Part {
        self.bytes.extend_from_slice(bytes);
        self.take_characters();
        let found = self
            .marks
            .iter()
            .enumerate()
            .filter(|(_, mark)| !mark.is_empty());
        let found = found.filter_map(|(at, mark)| Some((self.held.find(mark.as_str())?, at)));
        if let Some((start, at)) = found.min() {
            self.held.truncate(start);
            return Part {
                text: std::mem::take(&mut self.held),
                reached: Some(at),
            };
        }
        let keep = self
            .marks
            .iter()
            .map(|mark| overlap(&self.held, mark))
            .max();
        let rest = self.held.split_off(self.held.len() - keep.unwrap_or(0));
        Part {
            text: std::mem::replace(&mut self.held, rest),
            reached: None,
        }
    }

    /// What is left when nothing more comes.
    pub fn rest(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.held);
        rest.push_str(&String::from_utf8_lossy(&std::mem::take(&mut self.bytes)));
        rest
    }

    /// Moves whole characters on; bytes that can never become one turn into U+FFFD.
    fn take_characters(&mut self) {
        loop {
            let (valid, broken) = match std::str::from_utf8(&self.bytes) {
                Ok(_) => (self.bytes.len(), None),
                Err(error) => (error.valid_up_to(), Some(error.error_len())),
            };
            let rest = self.bytes.split_off(valid);
            self.held.push_str(&String::from_utf8_lossy(&self.bytes));
            self.bytes = rest;
            match broken {
                Some(Some(bad)) => {
                    self.bytes.drain(..bad);
                    self.held.push('\u{fffd}');
                }
                _ => return,
            }
        }
    }
}

/// Bytes at the end of `text` that are the beginning of `mark`.
fn overlap(text: &str, mark: &str) -> usize {
    let most = mark.len().saturating_sub(1).min(text.len());
    let fits = |length: &usize| {
        let at = text.len() - length;
        text.is_char_boundary(at) && mark.starts_with(&text[at..])
    };
    (1..=most).rev().find(fits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stop_word_over_several_tokens_is_never_said() {
        let mut spoken = Spoken::until(vec!["STOP".into()]);
        assert_eq!(spoken.hear(b"one S").text, "one ");
        assert_eq!(spoken.hear(b"T").text, "");
        let part = spoken.hear(b"OP two");
        assert_eq!((part.text.as_str(), part.reached), ("", Some(0)));
        let mut spoken = Spoken::until(vec!["STOP".into()]);
        assert_eq!(spoken.hear(b"STAND").text, "STAND");
    }

    #[test]
    fn characters_come_whole_and_broken_ones_are_marked() {
        let mut spoken = Spoken::until(Vec::new());
        assert_eq!(spoken.hear(&[0xe2, 0x82]).text, "");
        assert_eq!(spoken.hear(&[0xac]).text, "\u{20ac}");
        assert_eq!(spoken.hear(&[0xff, b'a']).text, "\u{fffd}a");
        spoken.hear(&[0xe2]);
        assert_eq!(spoken.rest(), "\u{fffd}");
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_words_are_the_same(text in "[a-d€]{0,40}", cuts in prop::collection::vec(1_usize..4, 0..40), mark in "[a-d]{1,3}") {
            let mut spoken = Spoken::until(vec![mark.clone()]);
            let mut said = String::new();
            let mut bytes = text.as_bytes();
            let mut cuts = cuts.into_iter();
            let mut reached = false;
            while !bytes.is_empty() && !reached {
                let (now, rest) = bytes.split_at(cuts.next().unwrap_or(1).min(bytes.len()));
                let part = spoken.hear(now);
                said.push_str(&part.text);
                reached = part.reached.is_some();
                bytes = rest;
            }
            if !reached {
                said.push_str(&spoken.rest());
            }
            let expected = text.find(&mark).map_or(text.as_str(), |at| &text[..at]);
            prop_assert_eq!(said, expected);
        }
    }
}

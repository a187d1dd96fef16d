//! What models write for themselves before they answer.

/// Leaves out what models write between `<think>` and `</think>`, as it comes.
#[derive(Debug, Default)]
pub struct Thoughts {
    held: String,
    is_thinking: bool,
}

impl Thoughts {
    /// More text; gives what of it is certainly not a thought.
    pub fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let mut out = String::new();
        loop {
            let mark = if self.is_thinking {
                "</think>"
            } else {
                "<think>"
            };
            let Some(at) = self.held.find(mark) else {
                break;
            };
            if !self.is_thinking {
                out.push_str(&self.held[..at]);
            }
            self.held.drain(..at + mark.len());
            self.is_thinking = !self.is_thinking;
        }
        let mark = if self.is_thinking {
            "</think>"
        } else {
            "<think>"
        };
        // The end may be the beginning of a mark.
        let may_be = (1..mark.len())
            .rev()
            .find(|length| self.held.ends_with(&mark[..*length]));
        let certain = self.held.len() - may_be.unwrap_or(0);
        let text: String = self.held.drain(..certain).collect();
        if !self.is_thinking {
            out.push_str(&text);
        }
        out
    }

    /// The text is complete; gives what was held back.
    pub fn finish(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if self.is_thinking {
            String::new()
        } else {
            held
        }
    }
}

//! Words to listen for: a prefix trie over their spellings that rewards text which follows one.
//!
//! A match begins where a word begins. Every letter of it is worth one at once, so that a rare
//! name outlives its first pieces; when the text leaves the trie before the word is complete, all
//! of it is taken back (Aho and Corasick's failure links find a shorter match that still holds).

mod forms;
mod respell;

use super::spelling::{fold, is_unspaced};
use crate::SpeechError;
use forms::{Form, forms};
pub(crate) use respell::replaced;
use std::collections::VecDeque;

/// Most hotwords of one request.
pub const MAX_HOTWORDS: usize = 1000;
/// Most characters of one hotword.
pub const MAX_HOTWORD_CHARS: usize = 100;

/// Words and phrases to listen for. Casing, punctuation and accents make no difference; plurals
/// and possessives match as well, verbs (written in lower case) in their `-ed` and `-ing` forms too.
#[derive(Debug)]
pub struct Hotwords {
    nodes: Vec<Node>,
    /// As the user spelled them.
    written: Vec<String>,
}

/// How far the end of a text has come into a hotword.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bias {
    node: u32,
    /// Letters that stay rewarded, whatever follows: of a shorter hotword within a longer one.
    secured: u16,
}

#[derive(Debug, Clone)]
struct Node {
    /// By character, ascending.
    children: Vec<(char, u32)>,
    /// The longest match that is left when this one fails.
    fail: u32,
    /// Letters rewarded up to here; those of an inflection are not.
    letters: u16,
    /// Letters of the longest hotword that is complete here: perhaps the last words of a longer one.
    whole: u16,
    /// The hotword that is complete here, and the letters of its inflection, where they only follow.
    end: Option<(u32, Option<u8>)>,
    /// The last character.
    last: char,
}

/// In the middle of a word that is none of ours.
const OUT: u32 = 0;
/// Where a word begins.
const ROOT: u32 = 1;

impl Hotwords {
    /// Empty ones and repetitions are left out.
    ///
    /// # Errors
    /// More than [`MAX_HOTWORDS`], one longer than [`MAX_HOTWORD_CHARS`], or one without a letter
    /// or digit.
    pub fn new(hotwords: &[String]) -> Result<Self, SpeechError> {
        let mut written: Vec<String> = Vec::new();
        for hotword in hotwords.iter().map(|it| it.trim()) {
            if !hotword.is_empty() && !written.iter().any(|it| it == hotword) {
                written.push(hotword.to_owned());
            }
            if written.len() > MAX_HOTWORDS {
                return Err(SpeechError::TooManyHotwords {
                    given: hotwords.len(),
                    most: MAX_HOTWORDS,
                });
            }
        }
        let mut trie = Self {
            nodes: vec![Node::new(' '), Node::new(' ')],
            written,
        };
        for index in 0..trie.written.len() {
            let hotword = &trie.written[index];
            if hotword.chars().count() > MAX_HOTWORD_CHARS {
                let start = hotword.chars().take(20).collect();
                let most = MAX_HOTWORD_CHARS;
                return Err(SpeechError::LongHotword { start, most });
            }
            let forms = forms(hotword);
            if forms.is_empty() {
                let hotword = hotword.clone();
                return Err(SpeechError::SilentHotword { hotword });
            }
            for form in &forms {
                trie.insert(index as u32, form);
            }
        }
        trie.link();
        Ok(trie)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.written.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// Before any text.
    pub fn begin() -> Bias {
        Bias {
            node: ROOT,
            secured: 0,
        }
    }

    /// After more text, as the recogniser writes it; with how many letters more are rewarded now
    /// (below zero: taken back).
    pub fn advance(&self, bias: Bias, text: &str) -> (Bias, f32) {
        let (mut bias, mut gained) = (bias, 0);
        for c in text.chars() {
            fold(c, |c| bias = self.step(bias, c, &mut gained));
        }
        (bias, gained as f32)
    }

    /// Letters to take back (never above zero) if the text ends here.
    pub fn finish(&self, bias: Bias) -> f32 {
        let Node { letters, whole, .. } = *self.node(bias.node);
        f32::from(whole.max(bias.secured)) - f32::from(letters)
    }

    /// Letters that are rewarded in advance: of a hotword that is not complete.
    pub fn open_letters(&self, bias: Bias) -> f32 {
        f32::from(self.node(bias.node).letters.saturating_sub(bias.secured))
    }

    /// Whether a hotword is complete here, if the word ends.
    pub fn is_complete(&self, bias: Bias) -> bool {
        self.node(bias.node).whole > 0
    }

    /// Where a hotword may go on or begin: with which character, and the place in the trie.
    pub(super) fn next(&self, bias: Bias) -> impl Iterator<Item = (char, u32)> + '_ {
        let node = self.node(bias.node);
        // Several spaces are one; scripts without them may begin anywhere.
        let inside = bias.node == OUT || node.last != ' ';
        let after_space = if inside { ROOT } else { bias.node };
        let roots = self.children(ROOT).iter().copied();
        let anywhere = roots.filter(move |(c, _)| inside && is_unspaced(*c));
        node.children
            .iter()
            .copied()
            .chain(anywhere)
            .chain([(' ', after_space)])
    }

    /// The places after one, by character.
    pub(super) fn children(&self, node: u32) -> &[(char, u32)] {
        &self.node(node).children
    }

    /// Whether nothing of a hotword is spelled at this place.
    pub(super) fn is_start(node: u32) -> bool {
        matches!(node, OUT | ROOT)
    }

    fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    fn child(&self, node: u32, c: char) -> Option<u32> {
        let children = &self.node(node).children;
        let place = children.binary_search_by_key(&c, |&(c, _)| c).ok()?;
        Some(children[place].1)
    }

    /// One folded character more.
    fn step(&self, bias: Bias, c: char, gained: &mut i32) -> Bias {
        let Bias {
            mut node,
            mut secured,
        } = bias;
        // Several spaces are one.
        if c == ' ' && node != OUT && self.node(node).last == ' ' {
            return bias;
        }
        let letters = |node: u32| self.node(node).letters;
        let parts = c == ' ' || is_unspaced(c);
        loop {
            if parts {
                secured = secured.max(self.node(node).whole);
            }
            if let Some(child) = self.child(node, c) {
                *gained += i32::from(letters(child)) - i32::from(letters(node));
                let secured = match is_unspaced(c) {
                    true => secured.max(self.node(child).whole),
                    false => secured,
                };
                return Bias {
                    node: child,
                    secured,
                };
            }
            *gained -= i32::from(letters(node)) - i32::from(secured);
            if node == OUT {
                let node = match c {
                    ' ' => ROOT,
                    c if is_unspaced(c) => return self.enter(c, gained),
                    _ => OUT,
                };
                return Bias { node, secured: 0 };
            }
            (node, secured) = (self.node(node).fail, 0);
            *gained += i32::from(letters(node));
        }
    }

    /// A character that begins a word without a space before it.
    fn enter(&self, c: char, gained: &mut i32) -> Bias {
        let Some(node) = self.child(ROOT, c) else {
            return Bias {
                node: OUT,
                secured: 0,
            };
        };
        let Node { letters, whole, .. } = *self.node(node);
        *gained += i32::from(letters);
        Bias {
            node,
            secured: whole,
        }
    }

    fn insert(&mut self, hotword: u32, form: &Form) {
        let mut node = ROOT;
        let mut letters = 0;
        let rewarded = form.text.chars().count() - form.unrewarded;
        for (place, c) in form.text.chars().enumerate() {
            letters += u16::from(c != ' ' && place < rewarded);
            let next = self.child(node, c).unwrap_or_else(|| {
                let fresh = self.nodes.len() as u32;
                self.nodes.push(Node::new(c));
                let children = &mut self.nodes[node as usize].children;
                let place = children.partition_point(|&(other, _)| other < c);
                children.insert(place, (c, fresh));
                fresh
            });
            node = next;
            let entry = &mut self.nodes[node as usize];
            entry.letters = entry.letters.max(letters);
        }
        // Of two hotwords that are spelled alike the first is written.
        let end = &mut self.nodes[node as usize].end;
        *end = end.or(Some((hotword, form.suffix)));
    }

    /// Finds the failure links, breadth first.
    fn link(&mut self) {
        let mut queue = VecDeque::from([ROOT]);
        while let Some(parent) = queue.pop_front() {
            for (c, child) in self.node(parent).children.clone() {
                let fail = match parent {
                    ROOT => OUT,
                    _ => self.target(self.node(parent).fail, c),
                };
                let shorter = self.node(fail).whole;
                let entry = &mut self.nodes[child as usize];
                entry.fail = fail;
                entry.whole = entry.end.map_or(shorter, |_| entry.letters);
                queue.push_back(child);
            }
        }
    }

    /// Where `c` leads from `node`, rewards aside.
    fn target(&self, node: u32, c: char) -> u32 {
        let from = Bias { node, secured: 0 };
        self.step(from, c, &mut 0).node
    }
}

impl Node {
    fn new(last: char) -> Self {
        Self {
            children: Vec::new(),
            fail: OUT,
            letters: 0,
            whole: 0,
            end: None,
            last,
        }
    }
}

#[cfg(test)]
mod tests;

//! The vocabulary of a CTC model: what each output stands for: text, the blank, or an action token
//! such as `EMOTION_HAPPY`, `ENTITY_PERSON_NAME` or `END`.

use super::settings::{Blank, Settings};
use super::vocabularies;
use crate::SpeechError;
use crate::vocabulary::Vocabulary;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// What an output stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// Nothing: it parts repeats.
    Blank,
    /// A piece of text, as bytes: a space belongs to the word that follows.
    Text(Box<[u8]>),
    /// A tag of the whole utterance: the category `emotion` and the label `EMOTION_HAPPY`.
    Tag { category: Arc<str>, label: Arc<str> },
    /// From here on it is an entity of this type, as `PERSON_NAME`.
    Open(Arc<str>),
    /// The entity ends.
    Close,
    /// Names that carry neither text nor meaning here, as `<unk>` and `<s>`.
    Silent(Arc<str>),
}

/// All outputs, by id.
#[derive(Debug)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
    blank: u32,
    /// By category, the tokens that compete for it.
    categories: BTreeMap<Arc<str>, Vec<u32>>,
}

/// Names of the blank in use, likeliest first. CTC models of Hugging Face take the padding for it.
const BLANKS: [&str; 8] = [
    "<blank>", "<blk>", "[blank]", "<ctc>", "<pad>", "[PAD]", "<eps>", "_",
];
/// Names without text.
const SILENT: [&str; 10] = [
    "<s>",
    "</s>",
    "<unk>",
    "[UNK]",
    "<pad>",
    "[PAD]",
    "<sos/eos>",
    "<eos>",
    "<sos>",
    "<mask>",
];
/// What an entity's token begins with.
const ENTITY: &str = "ENTITY_";
/// What ends one.
const END: &str = "END";

impl Tokens {
    /// Reads the vocabulary in `dir` as the settings want it.
    pub fn load(dir: &Path, settings: &Settings) -> Result<Self, SpeechError> {
        let (path, names) = vocabularies::read(dir)?;
        Self::build(names, settings).map_err(|reason| SpeechError::ModelFile { path, reason })
    }

    /// Token `i` is called `names[i]`.
    pub fn build(names: Vec<String>, settings: &Settings) -> Result<Self, String> {
        let mut seen = HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(format!("two tokens are called `{twice}`"));
        }
        let blank = blank(&names, settings)?;
        let has_entities = names.iter().any(|name| bare(name).starts_with(ENTITY));
        let delimiter = match &settings.word_delimiter {
            Some(name) if !names.contains(name) => {
                return Err(format!("no token `{name}`, the `word_delimiter`"));
            }
            Some(name) => Some(name.as_str()),
            None if names.iter().any(|it| it == " " || it.starts_with('▁')) => None,
            None => Some("|"),
        };
        let token = |(id, name): (usize, &String)| {
            let action = bare(name);
            if id == blank {
                Token::Blank
            } else if Some(name.as_str()) == delimiter {
                Token::Text(Box::from(*b" "))
            } else if SILENT.contains(&name.as_str()) || name.is_empty() {
                Token::Silent(name.as_str().into())
            } else if let Some(kind) = action.strip_prefix(ENTITY).filter(|it| !it.is_empty()) {
                Token::Open(kind.into())
            } else if has_entities && action == END {
                Token::Close
            } else if let Some(category) = category(action) {
                Token::Tag {
                    category: category.into(),
                    label: action.into(),
                }
            } else {
                Token::Text(vocabularies::bytes(name, settings.lowercase))
            }
        };
        let mut tokens: Vec<Token> = names.iter().enumerate().map(token).collect();
        if blank == tokens.len() {
            tokens.push(Token::Blank);
        }
        let mut categories: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
        let mut labels = HashSet::new();
        for (id, token) in tokens.iter().enumerate() {
            let label = match token {
                Token::Tag { category, label } => {
                    categories
                        .entry(category.clone())
                        .or_default()
                        .push(id as u32);
                    label
                }
                Token::Open(kind) => kind,
                _ => continue,
            };
            if !labels.insert(label.clone()) {
                return Err(format!("two tokens stand for `{label}`"));
            }
        }
        if !tokens.iter().any(|it| matches!(it, Token::Text(_))) {
            return Err("no token has any text".into());
        }
        Ok(Self {
            tokens,
            blank: blank as u32,
            categories,
        })
    }

    /// How many outputs there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Id of the blank.
    pub fn blank(&self) -> u32 {
        self.blank
    }

    /// What an output stands for.
    pub fn get(&self, id: u32) -> &Token {
        self.tokens.get(id as usize).unwrap_or(&Token::Blank)
    }

    /// What the search must know of the text: an action token parts words.
    pub fn spelling(&self, id: u32) -> &[u8] {
        match self.get(id) {
            Token::Text(bytes) => bytes,
            Token::Tag { .. } | Token::Open(_) | Token::Close => b" ",
            Token::Blank | Token::Silent(_) => b"",
        }
    }

    /// Name of an action token.
    pub fn action(&self, id: u32) -> Option<String> {
        match self.get(id) {
            Token::Tag { label, .. } => Some(label.to_string()),
            Token::Open(kind) => Some(format!("{ENTITY}{kind}")),
            Token::Close => Some(END.into()),
            _ => None,
        }
    }

    /// By category, the tokens that compete for it.
    pub fn categories(&self) -> &BTreeMap<Arc<str>, Vec<u32>> {
        &self.categories
    }

    /// Types of the entities it can mark.
    pub fn entity_types(&self) -> Vec<String> {
        let kind = |token: &Token| match token {
            Token::Open(kind) => Some(kind.to_string()),
            _ => None,
        };
        self.tokens.iter().filter_map(kind).collect()
    }

    /// The text tokens as the rest of the house spells them; all others are silent.
    pub fn vocabulary(&self) -> Vocabulary {
        let bytes = |token: &Token| match token {
            Token::Text(bytes) => bytes.clone(),
            _ => Box::default(),
        };
        Vocabulary::of_bytes(self.tokens.iter().map(bytes).collect())
    }
}

/// An action token's name without its dress: `▁EMOTION_HAPPY`, `<EMOTION_HAPPY>`, `[EMOTION_HAPPY]`.
fn bare(name: &str) -> &str {
    name.trim_matches(['▁', '<', '>', '[', ']', '|', ' '])
}

/// The category of a tag: `emotion` of `EMOTION_HAPPY`. Capitals, an underscore, and more of that.
fn category(action: &str) -> Option<String> {
    let (category, label) = action.split_once('_')?;
    let capitals = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_+-".contains(c);
    let is_tag = capitals(category) && category.len() > 1 && !label.is_empty();
    (is_tag && action.chars().all(plain)).then(|| category.to_ascii_lowercase())
}

/// Id of the blank; one past the vocabulary where it has none of its own, as NeMo's.
fn blank(names: &[String], settings: &Settings) -> Result<usize, String> {
    let find = |name: &str| names.iter().position(|it| it == name);
    match &settings.blank {
        Some(Blank::Id(id)) if *id as usize <= names.len() => Ok(*id as usize),
        Some(Blank::Id(id)) => Err(format!(
            "`blank` is {id}, but there are {} tokens",
            names.len()
        )),
        Some(Blank::Name(name)) => {
            find(name).ok_or_else(|| format!("no token `{name}`, the `blank`"))
        }
        None => BLANKS.into_iter().find_map(find).ok_or_else(|| {
            format!(
                "no blank: none of {} is a token; name it in ctc.json, or its id {} where it follows them all",
                BLANKS.join(" "),
                names.len()
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(names: &[&str], json: &str) -> Result<Tokens, String> {
        let settings = serde_json::from_str(json).expect("settings");
        Tokens::build(names.iter().map(|it| (*it).to_owned()).collect(), &settings)
    }

    #[test]
    fn action_tokens_are_known_by_their_names() {
        let names = [
            "<blank>",
            "▁a",
            "END",
            "EMOTION_HAPPY",
            "<AGE_60+>",
            "▁ENTITY_PERSON_NAME",
            "<unk>",
        ];
        let tokens = build(&names, "{}").expect("a vocabulary");
        assert_eq!(tokens.get(1), &Token::Text(Box::from(*b" a")));
        assert_eq!(tokens.get(2), &Token::Close);
        assert_eq!(tokens.action(3).as_deref(), Some("EMOTION_HAPPY"));
        assert_eq!(tokens.action(4).as_deref(), Some("AGE_60+"));
        assert_eq!(tokens.get(5), &Token::Open("PERSON_NAME".into()));
        assert!(tokens.spelling(6).is_empty());
        let categories: Vec<_> = tokens
            .categories()
            .keys()
            .map(|it| it.to_string())
            .collect();
        assert_eq!(categories, ["age", "emotion"]);
    }

    #[test]
    fn capital_letters_are_not_tags() {
        let tokens = build(&["<pad>", "|", "A", "E", "END"], "{}").expect("as wav2vec 2.0 has it");
        assert!(tokens.categories().is_empty());
        assert_eq!(tokens.spelling(1), b" ");
        assert_eq!(tokens.spelling(4), b"END");
    }

    #[test]
    fn a_blank_may_follow_the_vocabulary() {
        let tokens = build(&["a", " "], r#"{"blank": 2}"#).expect("as NeMo has it");
        assert_eq!((tokens.blank(), tokens.len()), (2, 3));
    }

    #[test]
    fn faults_are_named() {
        for (names, json, said) in [
            (
                &["<blank>", "a", "a"][..],
                "{}",
                "two tokens are called `a`",
            ),
            (&["a", "b"], "{}", "no blank"),
            (&["a"], r#"{"blank": 7}"#, "`blank` is 7"),
            (&["a"], r#"{"blank": "<b>"}"#, "no token `<b>`"),
            (
                &["<blank>", "AGE_1", "<AGE_1>", "a"],
                "{}",
                "two tokens stand for `AGE_1`",
            ),
            (&["<blank>", "AGE_1"], "{}", "no token has any text"),
        ] {
            let error = build(names, json).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
    }
}

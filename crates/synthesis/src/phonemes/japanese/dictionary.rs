//! A dictionary in MeCab's binary form (Kudo 2004; `mecab-dict-index`): words in a double array, the
//! cost of each, of their neighbourhood, and of characters that nobody has listed.

use std::path::{Path, PathBuf};

use crate::SynthesisError;

/// What a word is, as far as its sounds depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Numeral,
    /// Counts what the numeral before it says.
    Counter,
    /// A verb or an adjective.
    Inflected,
    /// What verbs end in: auxiliaries, `て`, `ば`.
    Ending,
    /// The `う` of しよう, which only makes its vowel long.
    Lengthening,
    Other,
}

/// A word of the dictionary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub left: u16,
    pub right: u16,
    pub cost: i16,
    pub class: Class,
    length: u8,
    sounds: u32,
}

/// How characters of a kind make unknown words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    kinds: u32,
    default: usize,
    /// Words of up to so many characters.
    pub length: usize,
    /// Whether a whole run of the kind is a word.
    pub group: bool,
    /// Whether to try unknown words where the dictionary has some.
    pub invoke: bool,
}

impl Kind {
    pub fn is_like(&self, other: &Self) -> bool {
        self.kinds & other.kinds != 0
    }
}

/// The dictionary in memory: about half of its files' size.
pub(super) struct Dictionary {
    words: Words,
    unknown: Words,
    /// Names of the kinds of characters, for `unknown`.
    names: Vec<String>,
    kinds: Vec<u32>,
    left_size: usize,
    costs: Vec<i16>,
}

/// Words in a double array (Aoe 1989) with what is known of each.
struct Words {
    /// Pairs of base and check.
    units: Vec<(i32, u32)>,
    entries: Vec<Entry>,
    sounds: String,
}

impl Dictionary {
    /// Reads `sys.dic`, `unk.dic`, `matrix.bin` and `char.bin` of a folder; UTF-8, with the columns
    /// of naist-jdic.
    pub fn load(folder: &Path) -> Result<Self, SynthesisError> {
        let matrix = File::read(folder.join("matrix.bin"))?;
        let (left_size, right_size) = (matrix.u16(0)?, matrix.u16(2)?);
        let count = usize::from(left_size) * usize::from(right_size);
        let costs = matrix.slice(4, 2 * count)?.chunks_exact(2);
        let costs = costs
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let limit = (left_size, right_size);

        let characters = File::read(folder.join("char.bin"))?;
        let names = usize::try_from(characters.u32(0)?).unwrap_or(usize::MAX);
        if names > 32 {
            return Err(characters.bad("too many kinds of characters"));
        }
        let name = |at: usize| {
            let name = characters.slice(4 + 32 * at, 32)?;
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(32);
            Ok(String::from_utf8_lossy(&name[..end]).into_owned())
        };
        let kinds = characters
            .slice(4 + 32 * names, 4 * 0xffff)?
            .chunks_exact(4);
        let kinds = kinds.map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        Ok(Self {
            words: Words::load(&File::read(folder.join("sys.dic"))?, limit)?,
            unknown: Words::load(&File::read(folder.join("unk.dic"))?, limit)?,
            names: (0..names)
                .map(name)
                .collect::<Result<_, SynthesisError>>()?,
            kinds: kinds.collect(),
            left_size: usize::from(left_size),
            costs,
        })
    }

    /// What it costs that `right` follows `left`.
    pub fn cost(&self, left: u16, right: u16) -> i64 {
        let at = usize::from(left) + self.left_size * usize::from(right);
        self.costs.get(at).copied().map_or(0, i64::from)
    }

    /// The words that a text begins with: how many bytes, and which.
    pub fn prefixes<'a, 't>(
        &'a self,
        text: &'t str,
    ) -> impl Iterator<Item = (usize, &'a [Entry])> + use<'a, 't> {
        self.words.prefixes(text.as_bytes())
    }

    /// The words written exactly so.
    pub fn exactly<'a>(&'a self, text: &str) -> &'a [Entry] {
        let found = self.words.prefixes(text.as_bytes());
        let exact = found.filter(|(length, _)| *length == text.len());
        exact.map(|(_, entries)| entries).last().unwrap_or_default()
    }

    /// What kind of character it is.
    pub fn kind(&self, character: char) -> Kind {
        let code = usize::try_from(u32::from(character)).unwrap_or(0);
        let info = self
            .kinds
            .get(code)
            .or(self.kinds.first())
            .copied()
            .unwrap_or(0);
        Kind {
            kinds: info & 0x3ffff,
            default: usize::try_from(info >> 18 & 0xff).unwrap_or(0),
            length: usize::try_from(info >> 26 & 0xf).unwrap_or(0),
            group: info >> 30 & 1 == 1,
            invoke: info >> 31 & 1 == 1,
        }
    }

    /// What an unknown word of a kind may be.
    pub fn unknown(&self, kind: &Kind) -> &[Entry] {
        let name = self.names.get(kind.default).map_or("", String::as_str);
        let found = self.unknown.prefixes(name.as_bytes());
        let exact = found.filter(|(length, _)| *length == name.len());
        exact.map(|(_, entries)| entries).last().unwrap_or_default()
    }

    /// How a word is said, in katakana; empty where the dictionary does not say.
    pub fn sounds(&self, entry: &Entry) -> &str {
        let from = usize::try_from(entry.sounds).unwrap_or(usize::MAX);
        let end = from.saturating_add(usize::from(entry.length));
        self.words.sounds.get(from..end).unwrap_or("")
    }
}

impl Words {
    fn load(file: &File, limit: (u16, u16)) -> Result<Self, SynthesisError> {
        const HEADER: usize = 72;
        let size = |at: usize| {
            Ok::<_, SynthesisError>(usize::try_from(file.u32(at)?).unwrap_or(usize::MAX))
        };
        let magic = file.u32(0)? ^ 0xef71_8f77;
        if usize::try_from(magic) != Ok(file.bytes.len()) {
            return Err(file.bad("is not a dictionary of MeCab's"));
        }
        if !file.slice(40, 32)?.to_ascii_lowercase().starts_with(b"utf") {
            return Err(file.bad("is not in UTF-8"));
        }
        let (units, tokens, features) = (size(24)?, size(28)?, size(32)?);
        let units_at = HEADER;
        let tokens_at = units_at.saturating_add(units);
        let features_at = tokens_at.saturating_add(tokens);
        let features = file.slice(features_at, features)?;
        let u32_of = |four: &[u8]| u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let units = file.slice(units_at, units)?.chunks_exact(8);
        let units = units.map(|unit| (u32_of(unit).cast_signed(), u32_of(&unit[4..])));
        let mut entries = Vec::with_capacity(tokens / 16);
        let mut sounds = String::new();
        for token in file.slice(tokens_at, tokens)?.chunks_exact(16) {
            let two = |at: usize| u16::from_le_bytes([token[at], token[at + 1]]);
            let from = usize::try_from(u32_of(&token[8..])).unwrap_or(usize::MAX);
            let feature = features.get(from..).unwrap_or_default();
            let end = feature.iter().position(|byte| *byte == 0).unwrap_or(0);
            let (class, said) = described(&feature[..end]);
            if two(0) >= limit.1 || two(2) >= limit.0 {
                return Err(file.bad("has words that its table of costs lacks"));
            }
            let start = sounds.len();
            // The sign for whispered vowels is not of the voice's alphabet.
            sounds.extend(said.chars().filter(|c| !matches!(c, '’' | '\'')));
            let entry = Entry {
                left: two(0),
                right: two(2),
                cost: two(6).cast_signed(),
                class,
                length: u8::try_from(sounds.len() - start).unwrap_or(0),
                sounds: u32::try_from(start).unwrap_or(u32::MAX),
            };
            entries.push(entry);
        }
        sounds.shrink_to_fit();
        Ok(Self {
            units: units.collect(),
            entries,
            sounds,
        })
    }

    fn prefixes<'a, 't>(
        &'a self,
        text: &'t [u8],
    ) -> impl Iterator<Item = (usize, &'a [Entry])> + use<'a, 't> {
        let unit = |at: Option<usize>| at.and_then(|at| self.units.get(at)).copied();
        let mut base = unit(Some(0)).map(|(base, _)| base);
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let here = base?;
                let node = usize::try_from(here).ok();
                let found = unit(node)
                    .filter(|(value, check)| i64::from(*check) == i64::from(here) && *value < 0);
                let length = at;
                // Step on to the next byte, or stop behind this one.
                base = text.get(at).and_then(|byte| {
                    let next = node?.checked_add(usize::from(*byte) + 1);
                    let (value, check) = unit(next)?;
                    (i64::from(check) == i64::from(here)).then_some(value)
                });
                at += 1;
                if let Some((value, _)) = found {
                    let value = usize::try_from(-(i64::from(value)) - 1).ok()?;
                    let (from, count) = (value >> 8, value & 0xff);
                    let entries = self.entries.get(from..from.saturating_add(count));
                    return Some((length, entries.unwrap_or_default()));
                }
                base?;
            }
        })
    }
}

/// The class and the sounds of a word by its columns.
fn described(feature: &[u8]) -> (Class, String) {
    let feature = std::str::from_utf8(feature).unwrap_or("");
    let column = |at: usize| feature.split(',').nth(at).unwrap_or("");
    let class = match (column(0), column(1)) {
        ("名詞", "数") => Class::Numeral,
        ("名詞", "接尾") if column(2) == "助数詞" => Class::Counter,
        ("動詞", "接尾") => Class::Ending,
        ("動詞" | "形容詞", _) => Class::Inflected,
        ("助動詞", _) if column(6) == "う" => Class::Lengthening,
        ("助動詞", _) if !matches!(column(4), "特殊・デス" | "特殊・ダ") => {
            Class::Ending
        }
        ("助詞", "接続助詞") if matches!(column(6), "て" | "で" | "ば" | "ちゃ" | "たり") => {
            Class::Ending
        }
        _ => Class::Other,
    };
    let said = match (column(8), column(0)) {
        ("*", _) => String::new(),
        // うれしい is pronounced ウレシー: the ending only makes the vowel long.
        ("イイ", _) => "イー".to_owned(),
        (said, "形容詞" | "動詞") => match said.strip_suffix('イ') {
            Some(stem) if stem.ends_with(|c| "イキギシジチニヒビミリ".contains(c)) => {
                format!("{stem}ー")
            }
            _ => said.to_owned(),
        },
        (said, _) => said.to_owned(),
    };
    (class, said)
}

/// A file's bytes, with its name for errors.
struct File {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl File {
    fn read(path: PathBuf) -> Result<Self, SynthesisError> {
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Self { path, bytes }),
            Err(error) => Err(SynthesisError::ModelFile {
                path,
                reason: error.to_string(),
            }),
        }
    }

    fn bad(&self, reason: &str) -> SynthesisError {
        SynthesisError::ModelFile {
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }

    fn slice(&self, from: usize, length: usize) -> Result<&[u8], SynthesisError> {
        let end = from.saturating_add(length);
        self.bytes
            .get(from..end)
            .ok_or_else(|| self.bad("ends too early"))
    }

    fn u16(&self, at: usize) -> Result<u16, SynthesisError> {
        self.slice(at, 2)
            .map(|two| u16::from_le_bytes([two[0], two[1]]))
    }

    fn u32(&self, at: usize) -> Result<u32, SynthesisError> {
        let four = self.slice(at, 4)?;
        Ok(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    }
}
